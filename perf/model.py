# SPDX-License-Identifier: BSD-3-Clause
"""What more cores and a 100 GbE port would give, from the costs that were measured on this machine.

Arithmetic, no measurement: each part of the machine is asked which share of it would be busy at a given
rate, and the part with the largest share is what breaks first.
"""
import collections
import math

# ---- assumptions, which docs/performance.rst names from here ----

PORT_GBIT = 100
PAYLOAD = 1400              # bytes of a datagram
ON_THE_WIRE = 8 + 20 + 18 + 20  # UDP, IPv4, Ethernet with FCS, preamble and gap
SAMPLES = 7                 # of a datagram
WINDOW = 1.0                # seconds
MERGE_SHARE = 0.5           # of a window, at most, that a merge may take
LINE = 64                   # bytes of a cache line
MEMORY_GBYTE = 100          # bytes/s that a socket's memory gives, 1e9: half of 8 channels DDR4-3200
TOP = 20                    # flows that a definition publishes
COMMANDS_FLOW = 2           # for each of these, and window
CORES = (1, 8, 16, 64)
FLOWS = (1000000, 10000000)

ASSUMPTIONS = (
    ("Datagrams", f"{PAYLOAD:,} bytes of UDP payload, {PAYLOAD + ON_THE_WIRE:,} on the wire with preamble "
                  f"and gap, {SAMPLES} samples each"),
    ("RX", "cores do not slow each other down: they share no cache line that is written; queues of the port "
           "by the address of the agent, which are many and of like rate; a flow is seen by one RX core"),
    ("CPU", "each core is as fast as those that were measured; memory of the same latency, on the core's "
            "own node"),
    ("Aggregation", f"cores share the merge evenly; there are as many as it takes to merge in "
                    f"{MERGE_SHARE:.0%} of a window of {WINDOW:g} s"),
    ("Memory", f"{MEMORY_GBYTE} GB/s; of each sample: its share of the datagram is written by the NIC and "
               "read by the core, and the lines of index and entry are read and written back"),
    ("Redis", f"{COMMANDS_FLOW} commands for each of {TOP} flows a definition and window, from what one "
              "core of Redis was measured to take"),
    ("Else", "main, publisher, API, and Redis run on CPUs that are not counted"),
)

# What was measured: `rx` seconds a sample, `flow` seconds a flow of a window that has so many (merge, close,
# clear), `commands` that Redis takes for a CPU second.
Costs = collections.namedtuple("Costs", "rx flow commands")
Point = collections.namedtuple("Point", "cores flows rx_cores merge_cores samples port merge memory "
                                        "redis breaks")


def costs(figures, flows):
    """Of a window with so many flows, one of FLOWS."""
    flow = sum(figures.median(f"growth flows uniform {flows}, {what}, ns a flow")
               for what in ("merge", "close", "clear"))
    return Costs(rx=1e-6 / figures.median("collector 1, M samples/s"), flow=flow * 1e-9,
                 commands=figures.median("metric_publish, commands for a CPU second of Redis"))


def updates(figures):
    """Counter samples of interfaces a second that one core of Redis takes."""
    each = figures.median("metric_publish, commands a second") / \
        figures.median("metric_publish, updates a second")
    return figures.median("metric_publish, commands for a CPU second of Redis") / each


def line_rate():
    """Datagrams a second that fill the port."""
    return PORT_GBIT * 1e9 / 8 / (PAYLOAD + ON_THE_WIRE)


def memory_of_sample():
    """Bytes to and from memory."""
    return 2 * PAYLOAD / SAMPLES + 2 * 2 * LINE


def share_out(cores, flows, c):
    """(RX cores, aggregation cores): as few of these as keep up; (1, 0): one core does both in turn."""
    if cores == 1:
        return 1, 0
    merging = math.ceil(flows * c.flow / (MERGE_SHARE * WINDOW))
    merging = min(max(merging, 1), cores - 1)
    return cores - merging, merging


def redis_share(definitions, c):
    """Of one core of Redis."""
    return definitions * TOP * COMMANDS_FLOW / WINDOW / c.commands


def point(cores, flows, c, definitions=1):
    """What so many cores give, and what breaks first when the rate grows from there."""
    rx_cores, merging = share_out(cores, flows, c)
    merge = flows * c.flow / max(merging, 1)
    spare = 1 - merge / WINDOW if merging == 0 else 1  # of the core that does both
    full = line_rate() * SAMPLES
    could = max(spare, 0) * rx_cores / c.rx
    bandwidth = MEMORY_GBYTE * 1e9 / memory_of_sample()
    samples = min(could, full, bandwidth)
    redis = redis_share(definitions, c)
    if merge > WINDOW or redis > 1:  # behind at any rate
        breaks = "aggregation" if merge / WINDOW > redis else "Redis"
    else:
        breaks = min((could, "RX cores"), (full, "the port"), (bandwidth, "memory"))[1]
    return Point(cores, flows, rx_cores, merging, samples, samples / full, merge,
                 samples * memory_of_sample() / 1e9, redis, breaks)


def points(figures):
    return [point(cores, flows, costs(figures, flows)) for flows in FLOWS for cores in CORES]


def cores_for_port(c):
    """RX cores that keep up with the port."""
    return math.ceil(line_rate() * SAMPLES * c.rx)
