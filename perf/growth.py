# SPDX-License-Identifier: BSD-3-Clause
"""What it costs when something grows: the points of each curve, and what is drawn of them."""
import collections

TUPLE = "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport"
MACS = "macsource,macdestination"
PER_SECOND = 500000  # samples of the windows of the curve "window"

# A run of bench_growth: `line` of which curve, where on it, with which options.
Point = collections.namedtuple("Point", "line x flags")
# `lines` is {name of a line: (what of a point, of which of the curve's lines)}.
Plot = collections.namedtuple("Plot", "name title y lines")
Curve = collections.namedtuple("Curve", "name x points plots")


def flags(**options):
    """Options of the program; True: one without a value."""
    out = []
    for name, value in options.items():
        out += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    return out


def flow_points():
    for line, zipf, each in (("uniform", 0, 1.5), ("Zipf 1.1", 1.1, 1)):
        for n in (1000, 10000, 100000, 1000000, 10000000):
            yield Point(line, n, flags(flows=n, zipf=zipf, agents=100, window=max(350000, int(each * n))))


def definition_points():
    for line in ("one key", "different keys"):
        for n in (1, 2, 4, 8, 16, 32, 64):
            options = {"different": True} if line == "different keys" else {"tables": True}
            yield Point(line, n, flags(definitions=n, flows=10000, datagrams=20000, **options))


def key_points():
    """By the bytes that these keys take, which add() checks."""
    more = f"{TUPLE},{MACS},tcpseqno,tcpackno"
    for length, keys in ((4, "ipsource"), (8, "ipsource,ipdestination"), (13, TUPLE),
                         (25, f"{TUPLE},{MACS}"), (33, more),
                         (59, f"{more},inputifindex,agent,stack,ethernetprotocol")):
        yield Point("", length, flags(keys=keys))


def window_points():
    for seconds in (0.1, 0.25, 1, 5, 15, 60):
        yield Point("", seconds, flags(window=int(seconds * PER_SECOND), datagrams=7143))


CURVES = (
    Curve("flows", "flows that the samples are drawn from", list(flow_points()), (
        Plot("flows", "RX core, by flows", "ns a sample",
             {"uniform": ("rx, ns a sample", "uniform"), "Zipf 1.1": ("rx, ns a sample", "Zipf 1.1")}),
        Plot("merge", "Aggregation core, by flows", "ns a flow of the window",
             {"merge": ("merge, ns a flow", "uniform"), "close": ("close, ns a flow", "uniform"),
              "clear": ("clear, ns a flow", "uniform")}),
        Plot("memory", "Memory, by flows", "bytes a flow",
             {"one window": ("window, bytes a flow", "uniform"),
              "merged": ("merged, bytes a flow", "uniform")}))),
    Curve("agents", "agents", [Point("", n, flags(agents=n, datagrams=100000))
                               for n in (1, 10, 100, 1000, 10000, 100000)], (
        Plot("agents", "RX core, by agents", "ns a sample", {"RX core": ("rx, ns a sample", "")}),)),
    Curve("definitions", "definitions", list(definition_points()), (
        Plot("definitions", "RX core, by definitions", "ns a sample",
             {"one key": ("rx, ns a sample", "one key"),
              "different keys": ("rx, ns a sample", "different keys")}),)),
    Curve("key", "key, bytes", list(key_points()), (
        Plot("key", "By the length of the key", "ns",
             {"RX core, a sample": ("rx, ns a sample", ""),
              "merge, a flow": ("merge, ns a flow", "")}),)),
    Curve("samples", "samples in a datagram",
          [Point("", n, flags(samples=n, datagrams=350000 // n)) for n in (1, 2, 4, 7, 10, 15, 20)], (
              Plot("samples", "RX core, by samples in a datagram", "ns a sample",
                   {"RX core": ("rx, ns a sample", "")}),)),
    Curve("window", "window, seconds, at 500,000 samples/s of 100,000 flows", list(window_points()), (
        Plot("window", "By the length of the window", "ns a sample",
             {"RX core": ("rx, ns a sample", ""),
              "aggregation core": ("aggregation, ns a sample", "")}),)),
)


def name_of(curve, point, what):
    line = f" {point.line}" if point.line else ""
    return f"growth {curve.name}{line} {point.x}, {what}"


def add(figures, curve, point, output):
    """Take in what bench_growth printed of a point."""
    got = {name: float(value) for name, value in
           (line.split() for line in output.splitlines() if len(line.split()) == 2)}
    if curve.name == "key" and got["key"] != point.x:
        raise ValueError(f"a key of {got['key']} bytes, not {point.x}")
    per_sample = got["flows"] / got["samples"]
    for what, value in (
            ("rx, ns a sample", got["rx"]),
            ("merge, ns a flow", got["merge"]),
            ("close, ns a flow", got["close"]),
            ("clear, ns a flow", got["clear"]),
            ("aggregation, ns a sample", (got["merge"] + got["close"] + got["clear"]) * per_sample),
            ("window, bytes a flow", got["window_bytes"]),
            ("merged, bytes a flow", got["kept_bytes"]),
            ("flows of a window", got["flows"])):
        figures.add(name_of(curve, point, what), value)


def run(figures, output, program):
    """All points once; `output(command...)` runs a program and ends where it fails."""
    for curve in CURVES:
        for point in curve.points:
            add(figures, curve, point, output(program, *point.flags))
