# SPDX-License-Identifier: BSD-3-Clause
"""Records from their bytes, also from too few of them."""

import struct

from headers import deviations
from notation import List, least_size
from structures import OTHER_FORMS, RECORDS
from tree import AGGREGATION_TAG, Datagram, Record
from wire import Cursor, Cut, Untyped, span, value

# Lengths that records with bare MAC addresses have (section 1.9): 0:2 of flows and what is made
# as that, 0:7 of counters.
BARE = {("flow", 2): 20, ("flow", 1021): 20, ("flow", 1022): 20, ("counter", 7): 52}


def filled(structure, body):
    """Whether the fields of a structure take all of a body."""
    cursor = Cursor(body, 0, len(body))
    try:
        for f in structure.fields:
            value(f.type, cursor)
    except (Cut, Untyped):
        return False
    return not cursor.left()


def type_of(fields, name):
    return next(f.type for f in fields if f.name == name)


class RecordReader:
    """Reads records, and notes errors and deviations in a datagram."""

    def __init__(self, datagram):
        self.datagram = datagram
        self.start, self.place = 0, {}  # of the record at hand
        self.within = Datagram()  # what is found wrong with the records in it

    def wrong(self, reason, offset, place=None, field=None):
        self.datagram.errors.append({"reason": reason, "offset": offset, **(place or {}),
                                     **({"field": field} if field else {})})

    def fields(self, wanted, cursor, bare=False):
        """(values, what went wrong or None, the field where it did, its offset)."""
        values = {}
        for f in wanted:
            start = cursor.at
            try:
                values[f.name] = (self.pdus(cursor) if f.type == "pdus" else
                                  value(f.type, cursor, bare))
            except (Cut, Untyped) as e:
                return values, e, f.name, start
        return values, None, None, cursor.at

    def whole_fields(self, found, body):
        """Fill in a record of a known structure; (what went wrong, field, offset in the body)."""
        bare = BARE.get((found.space, found.tag)) == len(body)
        if bare:
            self.datagram.deviates("mac_unpadded")
        self.choose_form(found, body)
        cursor = Cursor(body, 0, len(body))
        found.values, error, field, at = self.fields(found.structure.fields, cursor, bare)
        if error and found.is_header() and field == "header" and at + 4 <= len(body):
            # Section 1.10: as much of the header as is there.
            found.header_length = struct.unpack_from(">I", body, at)[0]
            found.values["header"] = body[at + 4:]
        if error is None:
            found.extra = body[cursor.at:]
        else:
            found.beginning = self.beginning(found.structure, field, Cursor(body, at, len(body)))
        return error, field, at

    def choose_form(self, found, body):
        """Another form of a record counts where that fills it, and the published one does not."""
        forms = [(deviation, form) for tag, deviation, form in OTHER_FORMS
                 if found.space == "flow" and tag == found.tag and filled(form, body)]
        if forms and not filled(found.structure, body):
            deviation, found.structure = forms[0]
            self.datagram.deviates(deviation)

    def beginning(self, structure, name, cursor):
        """What there is of a list of groups of fields that is cut: (count, groups)."""
        kind = type_of(structure.fields, name)
        if not isinstance(kind, List) or not isinstance(kind.of, tuple) or cursor.left() < 4:
            return None
        count, groups = cursor.u32(), []
        while cursor.left():
            values, error, field, at = self.fields(kind.of, cursor)
            groups.append(values)
            if error:
                self.beginning_within(type_of(kind.of, field), field, values,
                                      Cursor(cursor.data, at, cursor.end))
                break
        return count, groups

    @staticmethod
    def beginning_within(kind, field, values, cursor):
        """The same of a list within a group; its count goes there, too."""
        if isinstance(kind, List) and cursor.left() >= 4:
            values["count"], values[field] = cursor.u32(), []
            while cursor.left() >= least_size(kind.of):
                values[field].append(value(kind.of, cursor))

    def record(self, space, tag, body, start, place):
        """A record from its body, which begins at offset `start`."""
        found = Record(space, tag, structure=RECORDS[space].get(tag), length=len(body))
        if not found.structure:
            found.raw = body
            return found
        self.start, self.place, self.within = start, place, Datagram()
        error, field, at = self.whole_fields(found, body)
        if error is None:
            self.datagram.add(self.within)
        tail = found.structure.tail
        if error is None or found.header_length is not None:
            self.note_header(found)
        elif not (tail and len(found.values) >= tail and at == len(body)):
            reason = "record_addr_type" if isinstance(error, Untyped) else "record_short"
            self.wrong(reason, start + at, place, field)
        return found

    def note_header(self, found):
        """Deviations of a record 0:1."""
        if found.is_header():
            for name in deviations(found):
                self.datagram.deviates(name)

    def pdus(self, cursor):
        """The units of 0:1016."""
        return [self.pdu(cursor) for _ in range(cursor.count(4))]

    def pdu(self, cursor):
        """The flow records of one unit of 0:1016; one within another is not looked into."""
        found = []
        for _ in range(cursor.count(8)):
            tag, length = cursor.u32(), cursor.u32()
            size = span(length, cursor.left())
            if size is None:
                raise Cut
            start, body = self.start + cursor.at, cursor.take(size)[:length]
            if tag == AGGREGATION_TAG:
                found.append(Record("flow", tag, structure=RECORDS["flow"][tag], raw=body,
                                    length=length))
            else:
                inner = RecordReader(self.within)
                found.append(inner.record("flow", tag, body, start, self.place))
        return found
