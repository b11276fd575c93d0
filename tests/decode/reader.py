# SPDX-License-Identifier: BSD-3-Clause
"""A reader of datagrams of the tests' own, also of damaged ones, written from the reference.

Slow and plain. Every part is read against the end of its own container; a part that is cut ends
there, and what comes behind its container is read all the same. How errors are called and placed is
what docs/decode.rst says: the offset is where the first thing starts that is not all there.
"""

import struct

from notation import Text
from record_reader import RecordReader
from structures import CONTENTS, RECORDS, SAMPLES, VALUE_TYPES, WRAPPER
from tree import HEAD_FIELDS, Datagram, Record, Sample
from wire import Cursor, Cut, Untyped, address, span, value

# What ends a sample, and the names of the counts at the end of their fixed parts.
BREAKS = ("sample_overrun", "sample_short", "record_overrun", "records_missing", "record_length",
          "value_type")
COUNTS = {"flow": "flow_records", "counter": "counter_records", "metrics": "count",
          "fields": "count"}


def wraps(cursor, length, size):
    """Whether 1991:1 goes around a sample (section 2.6): inside it, or right behind.

    One within the other, and one with something else inside, is a sample of an unknown tag.
    """
    if size is None or 8 < length < 16 or length < 8:
        return False
    inner = struct.unpack_from(">I", cursor.data, cursor.at + 12)[0] if length >= 16 else 0
    return length == 8 or span(inner, size - 16) is not None


class Walk(RecordReader):
    """One pass over a datagram, that fills it in."""

    def __init__(self, datagram):
        super().__init__(datagram)
        self.runs_over = False  # the sample at hand: what breaks it is that the datagram ends

    def breaks(self, reason, offset, place, field=None):
        """The sample at hand ends here."""
        self.wrong("sample_overrun" if self.runs_over else reason, offset, place, field)

    # ---- records ----

    def partial(self, space, cursor, offset, place):
        """What there is of a record that runs past its sample; what is missing breaks that."""
        at = cursor.at
        if cursor.left() < 4:
            self.breaks("record_overrun", offset + at, place, "tag")
            return None
        found = Record(space, cursor.u32(), raw=b"")
        found.structure = RECORDS[space].get(found.tag)
        if cursor.left() < 4:
            self.breaks("record_overrun", offset + at + 4, place, "length")
            found.length = None
            return found
        found.length = cursor.u32()
        start, body = cursor.at, cursor.take(cursor.left())
        if not found.structure:
            self.breaks("record_overrun", offset + start, place, "data")
            return found
        error, field, at = RecordReader(Datagram()).whole_fields(found, body)
        if error is None:
            at = len(body)
        self.breaks("record_overrun", offset + start + at, place, field)
        return found

    def records(self, found, cursor, space, number, sample, offset):
        """Fill in the records of a sample, up to where it breaks."""
        for i in range(number):
            at, place = cursor.at, {"sample": sample, "record": i}
            if not cursor.left():
                self.breaks("records_missing", offset + at, place, "tag")
                return
            head = cursor.data[at:at + 8]
            length = struct.unpack_from(">I", head, 4)[0] if len(head) == 8 else 0
            size = span(length, cursor.left() - 8)
            if len(head) < 8 or size is None:
                found.partial = self.partial(space, cursor, offset, place)
                return
            tag = cursor.u32()
            cursor.u32()
            known = RECORDS[space].get(tag)
            body = cursor.take(size)[:length]
            if known and length % 4 and length < known.least:
                self.breaks("record_length", offset + at + 4, place, "length")
                found.partial = RecordReader(Datagram()).record(space, tag, body, 0, {})
                return
            found.records.append(self.record(space, tag, body, offset + at + 8, place))

    def entries(self, found, cursor, contents, number, place, offset):
        """Fill in names and values, until there are no more or one cannot be read."""
        types = VALUE_TYPES[contents]
        for i in range(number):
            where, field, at = {**place, "record": i}, "name", cursor.at
            try:
                name = value(Text(64), cursor)
                field, at = "type", cursor.at
                kind = cursor.u32()
                if kind >= len(types):
                    self.breaks("value_type", offset + at, where, field)
                    return
                field, at = "value", cursor.at
                found.entries.append((name, kind, value(types[kind][1], cursor)))
            except Cut:
                self.breaks("records_missing", offset + at, where, field)
                return

    # ---- samples ----

    def sample(self, tag, length, cursor, number, offset):
        """A sample from its body at `cursor`, that ends where that does, padding included."""
        found = Sample(tag, structure=SAMPLES.get(tag), length=length)
        errors, place = len(self.datagram.errors), {"sample": number}
        if not found.structure:
            found.raw = cursor.take(cursor.left())[:length]
            if self.runs_over:
                self.breaks("", offset, place, "data")
        else:
            self.contents(found, cursor, number, offset)
        broken = any(e["reason"] in BREAKS for e in self.datagram.errors[errors:])
        if self.runs_over and not broken:
            self.breaks("", offset + cursor.at, place)
        found.complete = not (broken or self.runs_over)
        if found.structure:
            self.note_sample(found, cursor)
        return found

    def note_sample(self, found, cursor):
        if found.complete and cursor.at < found.length:
            self.datagram.deviates("sample_surplus")
        is_flow = CONTENTS[found.structure.tag] == "flow"
        if is_flow and found.complete and found.values.get("sampling_rate") == 0:
            self.datagram.deviates("rate_zero")

    def contents(self, found, cursor, number, offset):
        """The fixed part of a sample, and its records or values."""
        place, contents = {"sample": number}, CONTENTS[found.structure.tag]
        padded, cursor.end = cursor.end, min(cursor.end, found.length)
        found.values, error, field, at = self.fields(found.structure.fields, cursor)
        if error is None and cursor.left() < 4:
            error, field, at = Cut(), COUNTS[contents], cursor.at
        if error is not None:
            found.headed = False
            self.breaks("sample_short", offset + at, place, field)
            return
        many = cursor.u32()
        cursor.end = padded
        if contents in VALUE_TYPES:
            self.entries(found, cursor, contents, many, place, offset)
        else:
            self.records(found, cursor, contents, many, number, offset)

    def take_sample(self, cursor, number, wrapper=None):
        """The next sample, out of its wrapper if it has one; None where there is none."""
        place, at = {"sample": number}, cursor.at
        if not cursor.left() and not wrapper:
            self.wrong("samples_missing", at, place)
            return None
        if cursor.left() < 4:
            self.wrong("sample_overrun", at, place, "tag")
            return None
        tag = cursor.u32()
        if cursor.left() < 4:
            self.wrong("sample_overrun", at + 4, place, "length")
            return Sample(tag, structure=SAMPLES.get(tag), length=None, complete=False,
                          headed=False)
        length = cursor.u32()
        size = span(length, cursor.left())
        if tag == WRAPPER and not wrapper and wraps(cursor, length, size):
            return self.unwrap(cursor, length, size, number)
        self.runs_over = size is None
        start, body = cursor.at, cursor.take(cursor.left() if size is None else size)
        return self.sample(tag, length, Cursor(body, 0, len(body)), number, start)

    def unwrap(self, cursor, length, size, number):
        """The sample that 1991:1 goes around."""
        start, end, inside = cursor.at, cursor.at + size, length >= 16
        wrapper = {"flags": cursor.u32(), "group": cursor.u32(), "inside": inside}
        inner = Cursor(cursor.data, cursor.at, end if inside else cursor.end)
        found = self.take_sample(inner, number, wrapper)
        self.datagram.deviates("sample_wrapped")
        if inside and inner.at < start + length:
            self.datagram.deviates("sample_surplus")
        cursor.at = end if inside else inner.at
        if found:
            found.wrapper = wrapper
        return found

    # ---- datagram ----

    def head(self, cursor):
        """The header; False where it ends the datagram."""
        head = self.datagram.head
        for name in HEAD_FIELDS:
            at = cursor.at
            try:
                head[name] = address(cursor) if name == "agent_address" else cursor.u32()
            except (Cut, Untyped) as e:
                self.wrong("short" if isinstance(e, Cut) else "agent_type", at,
                           field="samples" if name == "sample_count" else name)
                return False
            if name == "version" and head[name] != 5:
                self.wrong("version", at, field=name)
                return False
        return True

    def run(self, payload):
        cursor = Cursor(payload, 0, len(payload))
        if not self.head(cursor):
            return
        for number in range(self.datagram.head["sample_count"]):
            self.runs_over = False
            found = self.take_sample(cursor, number)
            if found:
                self.datagram.samples.append(found)
            if not found or self.runs_over or found.length is None:
                return
        if cursor.left():
            self.datagram.deviates("trailing_bytes")


def read(payload):
    """The datagram that a payload holds."""
    found = Datagram(size=len(payload))
    Walk(found).run(payload)
    return found
