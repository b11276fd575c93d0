# SPDX-License-Identifier: BSD-3-Clause
"""What weir is to reach on one RX core, and whether figures say that it does."""
import collections

import rst
from figures import text

# `names(figures)` are those of series, the worst of whose medians counts. A pair is one to be divided by another.
Target = collections.namedtuple("Target", "what least most names", defaults=(None, None, None))


def one(*names):
    return lambda figures: [name for name in names if pair(name)[0] in figures.series]


def ending(*ends):
    """All series whose names end so."""
    return lambda figures: [name for name in figures.series if name.endswith(ends)]


def pair(name):
    return name if isinstance(name, tuple) else (name, None)


UNIFORM = "growth flows uniform {}, rx, ns a sample"

TARGETS = (
    Target("1,000 datagrams, in cache, M samples/s", least=10, names=one("collector 0, M samples/s")),
    Target("100,000 flows, M samples/s", least=7, names=one("collector 1, M samples/s")),
    Target("100,000 flows, ratio to receive-only", least=0.55, names=one("collector 1, ratio to receive-only")),
    Target("1,000,000 keys, M samples/s", least=5.5, names=one("collector 2, M samples/s")),
    Target("1,000,000 keys, ratio to receive-only", least=0.45, names=one("collector 2, ratio to receive-only")),
    Target("CPU a sample, sfacctd's to weir's", least=30,
           names=one("sfacctd to weir, ratio", "sfacctd to weir from memory, ratio")),
    Target("each further definition of one key, ns", most=20,
           names=ending("definitions, each further, ns", "tables, each further, ns")),
    Target("a filter that fails, ns", most=5, names=ending("a filter that fails, ns")),
    Target("16 definitions, M samples/s", least=3,
           names=ending(" 16 definitions, M samples/s", " 16 tables, M samples/s")),
    Target("100,000 flows, 20 of them published, from the seal on, ms", most=100, names=one("publish n 20, all, ms")),
    Target("merge, M flows/s of a core", least=5, names=ending(" 1 cores, M flows/s")),
    Target("10,000,000 flows, resident bytes of each", most=128,
           names=ending(" 10000000 flows, 1 cores, resident bytes")),
    Target("a sample of 10,000,000 flows to one of 100,000", most=2,
           names=one((UNIFORM.format(10000000), UNIFORM.format(100000)))),
    Target("2 RX cores to one", least=1.8, names=one("cores 2 to 1, ratio")),
)


def value(figures, name):
    over, under = pair(name)
    return figures.median(over) / (figures.median(under) if under else 1)


def reached(figures, target):
    """@return (the worst of its medians, whether that is enough); None: it was not measured"""
    values = [value(figures, name) for name in target.names(figures)]
    if not values:
        return None
    if target.least is not None:
        return min(values), min(values) >= target.least
    return max(values), max(values) <= target.most


def row(figures, target):
    bound = f"at least {target.least:g}" if target.least is not None else f"at most {target.most:g}"
    got = reached(figures, target)
    return [target.what, bound] + ([text(got[0]), "yes" if got[1] else "no"] if got else ["–", "–"])


def table(figures):
    return rst.table(["", "to be", "is", "reached"], [row(figures, target) for target in TARGETS])
