# SPDX-License-Identifier: BSD-3-Clause
"""Whole datagrams with every structure of the reference, made from a seed, and what is in them."""

from headers import deviations
from notation import tag_number
from structures import CONTENTS, COUNTER, FLOW, SAMPLES, VALUE_TYPES
from tree import HEADER_TAG, PAYLOAD_TAG, Datagram, Record, Sample
from values import Values
import xdr

MOST_BYTES = 60000  # of a payload: IPv4 has no room for much more
UNKNOWN_RECORDS = [tag_number(t) for t in ("0:999", "0:1044", "0:1045", "0:4095", "4413:9",
                                           "8800:2", "1048575:4095")]
UNKNOWN_SAMPLES = [tag_number(t) for t in ("0:6", "1991:9", "4300:1001", "1048575:1")]
# Records that end where they end: what follows would be a part of them, or make them another's.
NO_GROWTH = (PAYLOAD_TAG,)


class Maker:
    """Makes the datagrams of one seed."""

    def __init__(self, seed, extreme=False):
        self.values = Values(seed, extreme)
        self.rng, self.extreme = self.values.rng, extreme

    # ---- records ----

    def record(self, space, structure, whole=True):
        """A record, sometimes one that has grown."""
        made = self.values.record(space, structure, whole)
        open_end = structure.fields[-1].type == "rest" or made.tag in NO_GROWTH or not whole
        if not open_end and not self.rng.randrange(5):
            made.extra = self.values.bytes(self.rng.choice((4, 4, 8, 40, 3)))
        return made

    def unknown_record(self, space):
        data = self.values.bytes(self.rng.choice((0, 1, 4, 6, 30)))
        return Record(space, self.rng.choice(UNKNOWN_RECORDS), raw=data)

    def records(self, space, table):
        """Every structure of a name space, in any order, some of them twice."""
        made = [self.record(space, s) for s in table.values()]
        made += [self.record(space, s, whole=False) for s in table.values() if s.tail]
        made += [self.unknown_record(space) for _ in range(3)]
        if space == "flow":
            made += [self.record(space, table[HEADER_TAG]) for _ in range(24)]
        self.rng.shuffle(made)
        return made

    def split(self, items, most):
        """Lists of one to `most` items; now and then one of none."""
        while items:
            size = self.rng.randrange(1, most + 1)
            yield items[:size]
            items = items[size:]
            if not self.rng.randrange(12):
                yield []

    # ---- samples ----

    def sample(self, tag, records=()):
        structure = SAMPLES[tag_number(tag)]
        return Sample(tag_number(tag), self.values.fields(structure.fields), structure,
                      records=list(records))

    def entries(self, contents):
        """Every type of value of 4300:1002 or 4300:1003."""
        found = []
        for number, (_, kind) in enumerate(VALUE_TYPES[contents]):
            for _ in range(2):
                name = self.values.text(64) if self.extreme else b"name_%d" % len(found)
                found.append((name, number, self.values.value(kind)))
        self.rng.shuffle(found)
        return found

    def listed(self, tag):
        """A sample of values with names; or of none."""
        made = self.sample(tag)
        if self.rng.randrange(4):
            made.entries = self.entries(CONTENTS[tag])
        return made

    def samples(self):
        flow, counter = ("0:1", "0:3", "0:5"), ("0:2", "0:4")
        made = [self.sample(self.rng.choice(flow), records)
                for records in self.split(self.records("flow", FLOW), 5)]
        made += [self.sample(self.rng.choice(counter), records)
                 for records in self.split(self.records("counter", COUNTER), 5)]
        made += [self.listed(tag) for tag in ("4300:1002", "4300:1003") * 2]
        made += [self.sample(tag) for tag in flow + counter]
        for tag in UNKNOWN_SAMPLES:
            data = self.values.bytes(self.rng.choice((0, 3, 8, 40)))
            made.append(Sample(tag, raw=data))
        for sample in self.rng.sample(made, 4):
            sample.wrapper = {"flags": self.values.number(32), "group": self.values.number(32),
                              "inside": bool(self.rng.randrange(2))}
        self.rng.shuffle(made)
        return made

    # ---- datagrams ----

    def head(self, count):
        head = {name: self.values.number(32)
                for name in ("sub_agent_id", "sequence_number", "uptime")}
        return {"version": 5, "agent_address": self.values.address(), **head,
                "sample_count": count}

    def datagram(self, samples):
        made = Datagram(head=self.head(len(samples)), samples=samples)
        for sample in samples:
            note_deviations(made, sample)
        return made, xdr.datagram(made)

    def datagrams(self):
        """(what is in it, payload) of each datagram."""
        made = []
        for samples in self.split(self.samples(), 6):
            found = self.datagram(samples)
            if found[0].size > MOST_BYTES:
                made += [self.datagram([sample]) for sample in samples]
            else:
                made.append(found)
        return [self.timed(m) for m in made if m[0].size <= MOST_BYTES]

    def timed(self, made):
        made[0].time = (self.rng.randrange(1, 2**31), self.rng.randrange(10**6) * 1000)
        return made


def note_deviations(datagram, sample):
    """What of a sample a decoder has to count as a deviation, although it understands it."""
    if sample.wrapper:
        datagram.deviates("sample_wrapped")
    if sample.structure and CONTENTS[sample.structure.tag] == "flow" \
            and sample.values.get("sampling_rate") == 0:
        datagram.deviates("rate_zero")
    for record in sample.records:
        if record.is_header():
            for name in deviations(record):
                datagram.deviates(name)
