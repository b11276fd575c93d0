# SPDX-License-Identifier: BSD-3-Clause
"""The parts of docs/performance.rst that are made of figures, and its plots."""
import growth
import model
import plot
import rst
import targets
from figures import spread, text
from targets import FURTHER, SETS

STAGES = ("touch", "walk", "records", "fields", "key", "hash", "table")
COUNTS = (1, 2, 4, 8, 16, 32)


def where(figures):
    m = figures.machine
    return f"{m['cpu']}, {m['cpus']} CPUs, commit {m['commit']}, {m['date']}"


def table(figures, head, rows, digits=text):
    """Each row is its first cell, and a name of a figure for each of the others."""
    return rst.table(head, [[row[0]] + [spread(figures, name, digits) for name in row[1:]]
                            for row in rows])


def about(figures):
    m = figures.machine
    return (f"Commit {m['commit']}, {m['date']}; {m['cpu']}, {m['cpus']} CPUs, {m['hugepages']} hugepages of "
            f"2 MiB, load of {m['load']:.1f} before; {m['build']}. Medians, with the least and the most of "
            "several runs in brackets; where there are no brackets, it was run once, or all were alike.\n")


def collector(figures):
    whats = ("receive-only, M datagrams/s", "M datagrams/s", "M samples/s", "ratio to receive-only")
    return table(figures, ["case", "receive-only, M datagrams/s", "weir, M datagrams/s",
                           "weir, M samples/s", "ratio"],
                 [[name] + [f"collector {i}, {what}" for what in whats] for i, name in enumerate(
                     ("1,000 datagrams, in cache", "100,000 flows, Zipf 1.1", "1,000,000 keys, uniform"))])


def stages(figures):
    rows = [[s] + [f"{where} {s}, ns" for where in SETS] + [f"{s}, instructions"] for s in STAGES]
    rows += [[s] + [f"{where} {s}, ns" for where in SETS] + [""] for s in ("merge", "close", "clear")]
    return table(figures, ["stage", *SETS, "instructions"], rows)


def definitions(figures):
    rows = [[f"{n} definitions, M samples/s"] + [f"{where} {n} definitions, M samples/s" for where in SETS]
            for n in FURTHER]
    rows += [[f"each further of {n}, ns"] + [f"{where} {n} definitions, each further, ns"
                                              for where in SETS] for n in FURTHER]
    rows += [[f"each further of {n} with tables of their own, ns"]
             + [f"{where} {n} tables, each further, ns" for where in SETS]
             for n in FURTHER if figures.find(f"{SETS[0]} {n} tables")]
    rows.append(["a filter that fails, ns"] + [f"{where} a filter that fails, ns" for where in SETS])
    return table(figures, ["definitions of one key", *SETS], rows)


def sfacctd(figures):
    return table(figures, ["program", "µs of CPU a sample", "sfacctd takes … times as much"],
                 [["sfacctd", "sfacctd, us of CPU a sample", ""],
                  ["weir, the file", "weir, us of CPU a sample", "sfacctd to weir, ratio"],
                  ["weir, from memory", "weir from memory, us of CPU a sample",
                   "sfacctd to weir from memory, ratio"]])


def values(figures):
    rows = [[name.split(", ns a sample")[0][7:], name, name.replace("a sample", "a flow")]
            for name in figures.find("values ") if name.endswith(", ns a sample")]
    return table(figures, ["definition", "ns a sample", "ns a flow, merged and closed"], rows)


def by_count(figures, prefix):
    first = f", {COUNTS[0]} definitions, ns"
    names = [name[len(prefix):-len(first)] for name in figures.find(prefix) if name.endswith(first)]
    return table(figures, ["definitions", *map(str, COUNTS)],
                 [[name] + [f"{prefix}{name}, {n} definitions, ns" for n in COUNTS] for name in names])


def prefixes(figures):
    whats = ("s to build", "bytes each", "ns", "ns of 1,000")
    ends = f", {whats[0]}"
    return table(figures, ["prefixes", *whats],
                 [[name[len("prefix "):-len(ends)]] + [name.replace(ends, f", {what}") for what in whats]
                  for name in figures.find("prefix ") if name.endswith(ends)])


def decode(figures):
    whats = ("us a sample", "bytes a sample", "memcpy us")
    rows = [[f] + [f"decode {f}, {what}" for what in whats] for f in ("text", "grep", "csv", "json")]
    return (table(figures, ["format", "µs a sample", "bytes a sample", "memcpy, µs"], rows) +
            f"\nPeak memory was {spread(figures, 'decode, peak KiB before')} KiB before the first pass (64 MiB "
            "of it the benchmark's own) and "
            f"{spread(figures, 'decode, peak KiB after')} KiB after the last.\n")


def listed(figures, prefix, head):
    """All figures of a name, one a row."""
    return table(figures, [head, "figure"], [[name[len(prefix):], name] for name in figures.find(prefix)])


def publish(figures):
    largest, ends = "publish n 20, ", ", commands a second"
    parts = [name[len(largest):] for name in figures.find(largest)]
    clients = [name[:-len(ends)] for name in figures.find("publish ") if name.endswith(ends)]
    rows = [[part] + [f"publish n {n}, {part}" for n in (20, 100000)] for part in parts]
    rates = [[name[len("publish "):]] + [f"{name}, {what}" for what in
                                         ("commands a second", "us of the client", "us of Redis")]
             for name in clients]
    return (table(figures, ["part", "20 published", "100,000 published"], rows) + "\n" +
            table(figures, ["client", "commands a second", "µs of it, each", "µs of Redis, each"], rates))


def merge(figures):
    whats = ("sample, ns", "merge, ns", "close, ns", "report, ns", "clear, ns", "M flows/s",
             "resident bytes", "tables, bytes", "merged, bytes")
    ends = f", {whats[0]}"
    rows = [[name[len("merge "):-len(ends)].replace(" 1 cores", " 1 core")] +
            [name.replace(ends, f", {what}") for what in whats]
            for name in figures.find("merge ") if name.endswith(ends)]
    return table(figures, ["", *whats], rows)


def query(figures):
    whats = ("without", "with", "max", "sum", "filter", "key")
    ends = ", without ms"
    rows = [[name[len("query "):-len(ends)].replace(" ", " keys, ") + " sightings"] +
            [name.replace(ends, f", {what} ms") for what in whats]
            for name in figures.find("query ") if name.endswith(ends)]
    return table(figures, ["ms", *whats], rows)


def metrics(figures):
    ends = ", ms"
    return table(figures, ["query", "ms", "ms of CPU", "ratio"],
                 [[name[len("metrics "):-len(ends)], name, f"{name} of CPU",
                   name.replace(ends, ", ratio")]
                  for name in figures.find("metrics ") if name.endswith(ends)])


# ---- curves ----

def lines_of(figures, curve, drawn):
    """[(name, [(x, median, least, most)])]"""
    out = []
    for name, (what, line) in drawn.lines.items():
        names = [(p.x, growth.name_of(curve, p, what)) for p in curve.points if p.line == line]
        out.append((name, [(x, figures.median(n), *figures.limits(n)) for x, n in names]))
    return out


def curve_table(figures, curve, drawn):
    by_x = {}
    for name, (what, line) in drawn.lines.items():
        for p in curve.points:
            if p.line == line:
                by_x.setdefault(p.x, {})[name] = growth.name_of(curve, p, what)
    return table(figures, [curve.x, *drawn.lines],
                 [[f"{x:,}"] + [row[name] for name in drawn.lines] for x, row in by_x.items()])


def growth_part(figures, curve, drawn):
    return (f".. image:: performance/{drawn.name}.svg\n   :alt: {drawn.title}, {drawn.y}\n\n"
            f"{drawn.title}, {drawn.y}:\n\n{curve_table(figures, curve, drawn)}")


def cores_lines(figures):
    names = [(n, f"cores {n}, M samples/s") for n in (1, 2)]
    return [("RX cores", [(x, figures.median(n), *figures.limits(n)) for x, n in names])]


def cores(figures):
    return (".. image:: performance/cores.svg\n   :alt: Samples a second, by RX cores\n\n" +
            table(figures, ["RX cores", "M samples/s"],
                  [[str(n), f"cores {n}, M samples/s"] for n in (1, 2)] +
                  [["2 to 1", "cores 2 to 1, ratio"]]))


def plots(figures):
    """{file name: SVG}"""
    note = where(figures)
    out = {f"{drawn.name}.svg": plot.svg(f"{drawn.title}, {drawn.y}", curve.x, drawn.y,
                                         lines_of(figures, curve, drawn), note)
           for curve in growth.CURVES for drawn in curve.plots}
    out["cores.svg"] = plot.svg("Samples a second, by RX cores", "RX cores", "M samples/s",
                                cores_lines(figures), note)
    return out


# ---- the model ----

def assumptions(_):
    return "\n".join(f"{name}\n   {sentence}." for name, sentence in model.ASSUMPTIONS) + "\n"


def model_costs(figures):
    c, rate = model.costs(figures, model.FLOWS[0]), model.line_rate()
    flow = [f"{model.costs(figures, n).flow * 1e9:.0f} ns" for n in model.FLOWS]
    return rst.table(["what", "figure"], [
        ["a sample on an RX core", f"{c.rx * 1e9:.0f} ns"],
        *[[f"a flow on an aggregation core, where a window has {n:,}", ns]
          for n, ns in zip(model.FLOWS, flow)],
        ["memory traffic of a sample", f"{model.memory_of_sample():.0f} bytes"],
        ["commands that Redis takes", f"{text(c.commands)} for a CPU second"],
        ["counter samples of interfaces that one core of Redis takes",
         f"{text(model.updates(figures))} a second"],
        ["a port that is full", f"{rate / 1e6:.2f} M datagrams/s, {rate * model.SAMPLES / 1e6:.1f} M "
                                "samples/s"],
        ["RX cores that keep up with it", str(model.cores_for_port(c))]])


def model_points(figures):
    rows = [[f"{p.cores}", f"{p.flows:,}", f"{p.rx_cores} + {p.merge_cores}",
             f"{p.samples / 1e6:.1f}", f"{p.port:.0%}", f"{p.merge * 1000:,.0f}", f"{p.memory:.1f}",
             f"{p.redis:.2%}", p.breaks] for p in model.points(figures)]
    return rst.table(["cores", "flows", "RX + aggregation", "M samples/s", "of the port", "merge, ms",
                      "memory, GB/s", "Redis", "breaks first"], rows)


PARTS = {
    "machine": about, "targets": targets.table, "collector": collector, "stages": stages, "stages-definitions": definitions,
    "sfacctd": sfacctd, "cores": cores, "values": values,
    "values-further": lambda f: by_count(f, "values of "), "kinds": lambda f: by_count(f, "kind "),
    "prefix": prefixes, "decode": decode, "fabric": lambda f: listed(f, "fabric, ", "fabric"),
    "query": query, "metrics": metrics,
    "publish": publish, "merge": merge,
    "metric-publish": lambda f: listed(f, "metric_publish, ", "metrics to Redis"),
    "model-assumptions": assumptions, "model-costs": model_costs, "model": model_points,
    **{f"growth-{drawn.name}": (lambda f, c=curve, d=drawn: growth_part(f, c, d))
       for curve in growth.CURVES for drawn in curve.plots},
}


def fill(figures, page):
    """The page with all its parts of these figures."""
    return rst.fill(page, {name: PARTS[name](figures) for name in rst.names(page)})
