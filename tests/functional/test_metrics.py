#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Metrics of every counter structure, and of sequences of samples that go wrong."""

import collections
import json
import struct

import metricmodel  # finds the modules of tests/decode
import weirtest

import captures
import generate
import structures
import xdr
from values import Values

AGENT = "192.0.2.7"
PERIOD = 10000  # ms between two polls


class Metrics(weirtest.Case):

    def setUp(self):
        super().setUp()
        self.store = self.redis()
        self.client = self.store.client()
        self.addCleanup(self.client.close)

    def decoded(self, path):
        return [json.loads(line)
                for line in self.weirctl("decode", "--json", path).wait().splitlines()]

    def published(self, path):
        """{(agent, data source): {metric: text}} that weir leaves in Redis."""
        self.client.flushall()
        self.once([path], url=self.store.url)
        found = {}
        for key in self.client.keys("weir:metric:*"):
            agent, source = key[len("weir:metric:{"):].split("}:")
            fields = self.client.hgetall(key)
            found[agent, source] = {k: v for k, v in fields.items() if k not in metricmodel.SAMPLING}
        return {k: v for k, v in found.items() if v}

    def compare(self, path):
        """All that weir publishes of a capture is what the model says; the model."""
        model = metricmodel.Model(self.decoded(path))
        want, got = model.hashes(), self.published(path)
        self.assertEqual(set(got), set(want))
        for source, metrics in want.items():
            with self.subTest(source=source):
                metricmodel.check(self, got[source], metrics)
        return model


def sample(source, sequence, records):
    """0:4 of a data source (class, index); records are (tag, body)."""
    body = xdr.u32(sequence, *source, len(records))
    body += b"".join(xdr.tlv(tag, data) for tag, data in records)
    return xdr.tlv(4, body)


def datagram(uptime, samples, sub_agent=0, sequence=1, agent=AGENT):
    return xdr.u32(5, 1) + captures.packed(agent) \
        + xdr.u32(sub_agent, sequence, uptime % 2**32, len(samples)) + b"".join(samples)


class Made(Metrics):
    """Datagrams that the test makes, at times that it says."""

    def capture(self, datagrams):
        """A file of (ms, payload)."""
        path = self.path(weirtest.unique("made") + ".pcap")
        with open(path, "wb") as f:
            f.write(captures.pcap(
                (generate.START + ms // 1000, ms % 1000 * 1000000, captures.ethernet(payload))
                for ms, payload in datagrams))
        return path


class Structures(Made):
    """Every counter structure that has metrics, those that the corpus lacks among them."""

    def counter(self, rng, bits):
        """Two counts, the second before or behind the first's wrap."""
        first = rng.choice((rng.getrandbits(bits), 2**bits - rng.randrange(2, 1000)))
        return first, (first + rng.randrange(2**20)) % 2**bits

    def bodies(self, tag, made):
        """The bodies of two records of a structure, one polling interval apart."""
        structure = structures.COUNTER[tag]
        counts = {name: (kind, counter) for name, kind, _, counter
                  in metricmodel.Counters(structure).fields}
        values = [made.fields(structure.fields) for _ in range(2)]
        for f in structure.fields:
            kind, counter = counts.get(f.name, (None, False))
            if counter:
                values[0][f.name], values[1][f.name] = self.counter(
                    made.rng, 32 if kind == "u32" else 64)
            elif structure.tag == "0:2101" and f.name == "state":
                for v in values:
                    v[f.name] = 1  # running: others say that the guest has gone
            elif f.name == "queueIndex":
                for v in values:
                    v[f.name] = structure.fields.index(f)
            elif f.name in ("hostname", "os_release", "vm_name", "vm_vendor", "vm_version",
                            "application", "name"):
                for v in values:
                    v[f.name] = bytes(made.rng.choices(b"abcxyz.-01", k=made.rng.randrange(30)))
        return [xdr.fields(structure.fields, v) for v in values]

    def source(self, tag, number):
        """Guests are of class 3, where 0:2000 has other names as well."""
        return (3 if tag & 0xFFF >= 2100 else 2 if tag & 0xFFF >= 2000 else 0, number)

    def two_polls(self, records):
        """records: [((class, index), tag, (body, body))], one sample each, and several a datagram."""
        out = []
        for poll in range(2):
            ms = poll * PERIOD
            samples = [sample(source, 1 + poll, [(tag, bodies[poll])])
                       for source, tag, bodies in records]
            out += [(ms, datagram(50000 + ms, samples[i:i + 5], sequence=1 + poll * 100 + i))
                    for i in range(0, len(samples), 5)]
        return self.capture(out)

    def test_each_structure(self):
        for seed in range(3):
            made, records = Values(f"metrics {seed}"), []
            for tag, structure in structures.COUNTER.items():
                if structure.tag in metricmodel.ROWS:
                    records.append((self.source(tag, len(records) + 1), tag,
                                    self.bodies(tag, made)))
            records.append(((3, 999), structures.tag_number("0:2000"),
                            self.bodies(structures.tag_number("0:2000"), made)))
            with self.subTest(seed=seed):
                model = self.compare(self.two_polls(records))
                self.assertEqual(model.tags, set(metricmodel.ROWS))
                self.assertEqual(len(model.hashes()), len(records))

    def queue(self, index, dropped):
        """The record of a queue; all its counters are the same."""
        return structures.tag_number("0:1003"), xdr.u32(index, 64, 1000, *[dropped] * 10)

    def test_queues(self):
        """One record for each queue of an interface: its index says which, not where it stands."""
        polls = [[self.queue(i, 0) for i in (3, 0, 15, 1)],
                 [self.queue(15, 160), self.queue(16, 1), self.queue(1, 20), self.queue(3, 40),
                  self.queue(3, 900), self.queue(2**32 - 1, 1), self.queue(0, 10)]]
        path = self.capture((i * PERIOD, datagram(50000 + i * PERIOD, [sample((0, 7), 1 + i, p)],
                                                  sequence=1 + i)) for i, p in enumerate(polls))
        (metrics,) = self.compare(path).hashes().values()
        self.assertEqual({name: value for name, value in metrics.items() if "dropped" in name},
                         {f"queue_{i}_dropped": 1 + i for i in (0, 1, 3, 15)})
        self.assertEqual(len(metrics), 4 * 12)
        collector = self.client.hgetall(self.client.keys("weir:collector:*")[0])
        self.assertEqual(collector["metric_queue_index"], "2")

    def test_no_structure_is_left_out(self):
        tags = {s.tag for s in structures.COUNTER.values()}
        self.assertEqual(tags, set(metricmodel.ROWS) | metricmodel.WITHOUT)

    def test_unknown_is_absent(self):
        """All ones, of every structure: nothing is known but what is no number."""
        records = []
        for tag, structure in structures.COUNTER.items():
            if structure.tag in metricmodel.ROWS:
                values = {f.name: {"u32": 2**32 - 1, "u64": 2**64 - 1, "i32": 2**31 - 1, "pct": -1,
                                   "f32": -1.0, "f64": -1.0, "uuid": bytes(16)}.get(f.type)
                          for f in structure.fields if isinstance(f.type, str)}
                if None in values.values() or len(values) < len(structure.fields):
                    continue
                body = xdr.fields(structure.fields, values)
                records.append((self.source(tag, len(records) + 1), tag, (body, body)))
        self.assertGreater(len(records), 30)
        got = self.published(self.two_polls(records))
        words = {"iftype", "ifdirection", "ifadminstatus", "ifoperstatus", "machine_type",
                 "os_name", "vir_cpu_state"}
        self.assertEqual(set().union(*got.values()) - words, set())
        self.assertEqual(self.compare(self.two_polls(records)).tags,
                         {structures.COUNTER[tag].tag for _, tag, _ in records})


S = collections.namedtuple("S", "t sequence since up base late sub ones", defaults=(
    None, 0, (0, 0), 0, 0, False))
S.__doc__ = """A counter sample of an interface, and what is known once it has come.

t: when its agent took it, in ms of a clock that does not stop
sequence: its number
since: the rates are those since then; None: there are none that are new; KEPT: those before stand
up: uptime of the agent less t
base: what the counters had at t = 0: octets (64 bits), packets (32 bits); a restart changes it
late: ms on the way
sub: sub-agent, which has an interface of its own
ones: packets are all ones, unknown
"""
KEPT = -1
START_AGAIN = {"up": -20000, "base": (-20400000, -20080)}  # at 20 s: what was counted by then is gone

SEQUENCES = {
    "steady": [S(0, 1), S(10000, 2, 0), S(20000, 3, 10000), S(30000, 4, 20000)],
    "no even intervals": [S(0, 1), S(10000, 2, 0), S(10500, 3, 10000), S(90000, 4, 10500)],
    "wraps": [S(t * 10000, t + 1, (t - 1) * 10000 if t else None, base=(-15000000, -15000))
              for t in range(5)],
    "uptime wraps": [S(0, 1, up=-15000), S(10000, 2, 0, up=-15000), S(20000, 3, 10000, up=-15000),
                     S(30000, 4, 20000, up=-15000)],
    "sequence wraps": [S(0, 2**32 - 2), S(10000, 2**32 - 1, 0), S(20000, 0, 10000),
                       S(30000, 1, 20000)],
    "lost": [S(0, 1), S(10000, 2, 0), S(50000, 6, 10000), S(60000, 7, 50000)],
    "late on the way": [S(0, 1), S(10000, 2, 0, late=8000), S(20000, 3, 10000),
                        S(30000, 4, 20000, late=4000)],
    "twice": [S(0, 1), S(0, 1), S(10000, 2, 0), S(10000, 2, KEPT), S(20000, 3, 10000)],
    "out of order": [S(0, 1), S(20000, 3, 0), S(10000, 2, KEPT), S(30000, 4, 20000),
                     S(50000, 6, 30000), S(40000, 5, KEPT), S(60000, 7, 50000)],
    "far out of order": [S(0, 1), S(40000, 5, 0), S(10000, 2, KEPT), S(30000, 4, KEPT),
                         S(50000, 6, 40000)],
    "restart": [S(0, 70), S(10000, 71, 0), S(22000, 1, **START_AGAIN),
                S(32000, 2, 22000, **START_AGAIN), S(42000, 3, 32000, **START_AGAIN)],
    "restart, numbers go on": [S(0, 70, up=9000000), S(10000, 71, 0, up=9000000),
                               S(22000, 72, **START_AGAIN), S(32000, 73, 22000, **START_AGAIN)],
    "restart after a long time": [S(0, 500), S(10000, 501, 0), S(900000, 3, up=-890000),
                                  S(910000, 4, 900000, up=-890000)],
    "numbers start again": [S(0, 70), S(10000, 71, 0), S(20000, 1, base=(-20400000, -20080)),
                            S(30000, 2, 20000, base=(-20400000, -20080))],
    "counters start again": [S(0, 70), S(10000, 71, 0), S(22000, 72, base=(-20400000, -20080)),
                             S(32000, 73, 22000, base=(-20400000, -20080))],
    "not known for a while": [S(0, 1), S(10000, 2, 0), S(20000, 3, 10000, ones=True),
                              S(30000, 4, 20000)],
    "sub-agents": [S(0, 1000), S(100, 5, up=-3600000, sub=1), S(10000, 1001, 0),
                   S(10100, 6, 100, up=-3600000, sub=1), S(20000, 1002, 10000),
                   S(20100, 7, 10100, up=-3600000, sub=1)],
}


class Sequences(Made):
    """Rates are the truth whatever happens to datagrams, agents and counters."""

    UPTIME = 100000  # ms at t = 0, where nothing else is said

    def octets(self, t):
        """What an interface has counted by t; the rate grows, so that it is known when it was."""
        return 1000 * t + t * t // 1000

    def packets(self, t):
        return t + t * t // 5000

    def payload(self, agent, number, step):
        packets = (self.packets(step.t) + step.base[1]) % 2**32
        record = xdr.u32(1 + step.sub, 6, 2, 0x540BE400, 1, 3) \
            + struct.pack(">Q", (self.octets(step.t) + step.base[0]) % 2**64) \
            + xdr.u32(2**32 - 1 if step.ones else packets) + bytes(52)
        return datagram(self.UPTIME + step.t + step.up, [sample(
            (0, 1 + step.sub), step.sequence, [(1, record)])], step.sub, number, agent)

    def want(self, steps):
        """{interface: [(rate of octets, of packets)] that are right, the newest last}."""
        want = {}
        for step in steps:
            rates = want.setdefault(str(1 + step.sub), [])
            if step.since == KEPT:
                continue
            if step.since is None:
                rates.append(None)
                continue
            seconds = (step.t - step.since) / 1000
            rates.append(((self.octets(step.t) - self.octets(step.since)) / seconds,
                          None if self.missing(steps, step) else
                          (self.packets(step.t) - self.packets(step.since)) / seconds))
        return want

    def missing(self, steps, step):
        """Whether packets were unknown at one end of the time of a rate."""
        return any(s.ones for s in steps if s.t in (step.t, step.since))

    def check_rate(self, got, rates, i):
        """The newest rate, or none."""
        if rates[-1] and rates[-1][i] is not None:
            self.assertIsNotNone(got)
            self.assert_near(float(got), rates[-1][i], 1e-6)
        else:
            self.assertIsNone(got)

    def test_after_each_sample(self):
        """Each beginning of each sequence is sent by an agent of its own."""
        cases, sent = {}, []
        for name, steps in SEQUENCES.items():
            for length in range(1, len(steps) + 1):
                agent = f"10.1.{len(cases) // 200}.{1 + len(cases) % 200}"
                cases[agent] = (name, steps[:length])
                sent += [(max(s.t for s in steps[:i + 1]) + s.late, self.payload(agent, i + 1, s))
                         for i, s in enumerate(steps[:length])]
        got = self.published(self.capture(sorted(sent, key=lambda d: d[0])))
        for agent, (name, steps) in cases.items():
            for source, rates in self.want(steps).items():
                with self.subTest(sequence=name, samples=len(steps), interface=source):
                    fields = got[agent, source]
                    self.check_rate(fields.get("ifinoctets"), rates, 0)
                    self.check_rate(fields.get("ifinucastpkts"), rates, 1)


if __name__ == "__main__":
    weirtest.main()
