#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What went into a datagram comes out of `weirctl decode --json`: every field, under its name."""

import json
import unittest

import captures
import damage
import datagrams
import decodetest
import expected
import generate
import reader
from structures import COUNTER, FLOW, SAMPLES

try:
    import jsonschema
except ImportError:
    jsonschema = None


def sourced(made, number):
    """A datagram as received: when, and from whom."""
    made.time, made.source = generate.moment(number), (
        captures.packed(captures.SOURCE), captures.SOURCE_PORT)
    return made


def made_of(seed, extreme):
    """(what is in it, payload) of the datagrams of a seed."""
    made = datagrams.Maker(seed, extreme).datagrams()
    return [(sourced(d, i), payload) for i, (d, payload) in enumerate(made)]


class Maker(unittest.TestCase):
    """The tests' own reader reads what the tests' own maker made: who checks the checkers."""

    def test_reader(self):
        for seed in decodetest.SEEDS:
            for extreme in (False, True):
                for number, (made, payload) in enumerate(made_of(seed, extreme)):
                    found = sourced(reader.read(payload), number)
                    with self.subTest(seed=seed, extreme=extreme, datagram=number):
                        self.assertEqual(plain(expected.datagram(found)),
                                         plain(expected.datagram(made)))

    def test_same_seed_same_bytes(self):
        self.assertEqual(list(generate.payloads("7")), list(generate.payloads("7")))
        self.assertNotEqual(list(generate.ordinary("7")), list(generate.ordinary("8")))

    def test_every_structure(self):
        """Each structure of the reference occurs in the datagrams of each seed."""
        for seed in decodetest.SEEDS:
            tags = {"sample": set(), "flow": set(), "counter": set()}
            for made, _ in made_of(seed, False):
                for sample in made.samples:
                    tags["sample"].add(sample.tag)
                    for record in sample.records:
                        tags[record.space].add(record.tag)
            with self.subTest(seed=seed):
                self.assertLessEqual(set(SAMPLES), tags["sample"])
                self.assertLessEqual(set(FLOW), tags["flow"])
                self.assertLessEqual(set(COUNTER), tags["counter"])


def plain(what):
    """Something that can be compared: values of several spellings as the text that shows them."""
    if isinstance(what, dict):
        return {k: plain(v) for k, v in what.items()}
    if isinstance(what, list):
        return [plain(v) for v in what]
    return repr(what)


class Roundtrip(decodetest.Case):

    def check(self, made, form="pcap"):
        """Datagrams as they were made, from a capture of that format."""
        path = self.path("some.pcap", generate.capture([p for _, p in made], form))
        names = [f"datagram {n}" for n in range(len(made))]
        self.assert_same_objects([expected.datagram(d) for d, _ in made], self.objects(path),
                                 names)

    def test_ordinary(self):
        for seed in decodetest.SEEDS:
            with self.subTest(seed=seed):
                self.check(made_of(seed, extreme=False))

    def test_extreme(self):
        for seed in decodetest.SEEDS:
            with self.subTest(seed=seed):
                self.check(made_of(seed, extreme=True))

    def test_formats(self):
        """The format of the file and the frames makes no difference."""
        for form in generate.FORMATS:
            made = made_of("formats", extreme=False)
            if form == "ipv6":
                for found, _ in made:
                    found.source = (captures.packed(captures.SOURCE6), captures.SOURCE_PORT)
            with self.subTest(format=form):
                self.check(made, form)


class Damaged(decodetest.Case):
    """What the tests' own reader makes of damaged datagrams is what weirctl makes of them."""

    def check(self, cases):
        path = self.path("damaged.pcap", generate.capture([p for _, p in cases]))
        wanted = [expected.datagram(sourced(reader.read(p), n)) for n, (_, p) in enumerate(cases)]
        self.assert_same_objects(wanted, self.objects(path), [name for name, _ in cases])

    def test_named(self):
        for source in (damage.vectors, damage.deviations, damage.wrappers, damage.hostile,
                       damage.long_lists):
            with self.subTest(source=source.__name__):
                self.check(list(source()))

    def test_spoilt(self):
        for seed in decodetest.SEEDS:
            with self.subTest(seed=seed):
                self.check(list(generate.spoilt(seed)))


class Schema(decodetest.Case):

    @unittest.skipUnless(jsonschema, "python3-jsonschema is not installed")
    def test_valid(self):
        """Each line fits the schema that weirctl prints, and the schema fits its own rules."""
        schema = json.loads(self.decode("--schema")[0])
        validator = jsonschema.validators.validator_for(schema)
        validator.check_schema(schema)
        check = validator(schema)
        bodies = [p for _, p in generate.payloads("schema") if len(p) <= datagrams.MOST_BYTES]
        path = self.path("all.pcap", generate.capture(bodies))
        for number, line in enumerate(decodetest.lines_of(self.text("--json", path))):
            errors = [f"{list(e.absolute_path)}: {e.message[:300]}"
                      for e in check.iter_errors(json.loads(line))]
            with self.subTest(datagram=number):
                self.assertEqual(errors, [])


if __name__ == "__main__":
    decodetest.main()
