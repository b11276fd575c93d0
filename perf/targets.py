# SPDX-License-Identifier: BSD-3-Clause
"""What weir is to reach on one RX core, and whether figures say that it does."""
import collections
import itertools

import rst
from figures import text

SETS = ("warm", "cold", "fabric")
FURTHER = (2, 4, 8, 16)
TABLES = ("definitions", "tables")  # those that have one together, and one each
MERGED = (1000, 10000, 100000, 1000000, 10000000)
UNIFORM = "growth flows uniform {}, rx, ns a sample"

# `names` are those of series, the worst of whose medians counts. A pair is one to be divided by another.
Target = collections.namedtuple("Target", "what least most names", defaults=(None, None, ()))

TARGETS = (
    Target("1,000 datagrams, in cache, M samples/s", least=10, names=("collector 0, M samples/s",)),
    Target("100,000 flows, M samples/s", least=7, names=("collector 1, M samples/s",)),
    Target("100,000 flows, ratio to receive-only", least=0.55, names=("collector 1, ratio to receive-only",)),
    Target("1,000,000 keys, M samples/s", least=5.5, names=("collector 2, M samples/s",)),
    Target("1,000,000 keys, ratio to receive-only", least=0.45, names=("collector 2, ratio to receive-only",)),
    Target("CPU a sample, sfacctd's to weir's", least=30,
           names=("sfacctd to weir, ratio", "sfacctd to weir from memory, ratio")),
    Target("each further definition of one key, ns", most=20,
           names=tuple(f"{s} {n} {kind}, each further, ns"
                       for s, n, kind in itertools.product(SETS, FURTHER, TABLES))),
    Target("a filter that fails, ns", most=5, names=tuple(f"{s} a filter that fails, ns" for s in SETS)),
    Target("16 definitions, M samples/s", least=3,
           names=tuple(f"{s} 16 {kind}, M samples/s" for s, kind in itertools.product(SETS, TABLES))),
    Target("100,000 flows, 20 of them published, from the seal on, ms", most=100, names=("publish n 20, all, ms",)),
    Target("merge, M flows/s of a core", least=5,
           names=tuple(f"merge {n} flows, 1 cores, M flows/s" for n in MERGED)),
    Target("10,000,000 flows, resident bytes of each", most=128,
           names=("merge 10000000 flows, 1 cores, resident bytes",)),
    Target("a sample of 10,000,000 flows to one of 100,000", most=2,
           names=((UNIFORM.format(10000000), UNIFORM.format(100000)),)),
    Target("2 RX cores to one", least=1.8, names=("cores 2 to 1, ratio",)),
)


def value(figures, name):
    over, under = name if isinstance(name, tuple) else (name, None)
    return figures.median(over) / (figures.median(under) if under else 1)


def reached(figures, target):
    """@return (the worst of its medians, whether that is enough); None: not all of them were measured"""
    try:
        values = [value(figures, name) for name in target.names]
    except KeyError:
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
