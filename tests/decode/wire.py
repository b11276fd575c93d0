# SPDX-License-Identifier: BSD-3-Clause
"""Bytes to values: the other way round of xdr.py, each value against the end of its container."""

import struct

from notation import List, Opaque, Text, least_size
from xdr import NUMBERS


class Cut(Exception):
    """The container ends within a value."""


class Untyped(Exception):
    """The extent of a value is not known, since its type is not."""


class Cursor:
    """Where reading has come to, between a start and an end."""

    def __init__(self, data, at, end):
        self.data, self.at, self.end = data, at, end

    def left(self):
        return self.end - self.at

    def take(self, size):
        if size > self.left():
            raise Cut
        self.at += size
        return self.data[self.at - size:self.at]

    def padded(self, size):
        """Bytes, and their padding as far as there is any."""
        data = self.take(size)
        self.at = min(self.at + -size % 4, self.end)
        return data

    def u32(self):
        return struct.unpack(">I", self.take(4))[0]

    def count(self, least):
        """A number of elements of `least` bytes or more, that can be there."""
        number = self.u32()
        if number > self.left() // max(least, 1):
            raise Cut
        return number


def halves(kind, cursor):
    """Data sources and interfaces."""
    names = ("class", "index") if kind.startswith("ds") else ("format", "value")
    if kind.endswith("64"):
        return {name: cursor.u32() for name in names}
    word, bits = cursor.u32(), 24 if kind == "ds32" else 30
    return {names[0]: word >> bits, names[1]: word & (1 << bits) - 1}


def address(cursor):
    kind = cursor.u32()
    if kind > 2:
        raise Untyped
    return cursor.take((0, 4, 16)[kind]) if kind else None


def plain(kind, cursor, bare):
    """A value of a type that is one word."""
    if kind in NUMBERS:
        size = struct.calcsize(NUMBERS[kind])
        return struct.unpack(NUMBERS[kind], cursor.take(size))[0]
    if kind == "mac":
        return cursor.take(6) if bare else cursor.take(8)[:6]
    if kind == "addr":
        return address(cursor)
    if kind == "ip4":
        return cursor.take(4)
    if kind in ("ip6", "uuid"):
        return cursor.take(16)
    if kind == "rest":
        return cursor.take(cursor.left())
    return halves(kind, cursor)


def value(kind, cursor, bare=False):
    """One value."""
    if isinstance(kind, Opaque) and kind.size:
        return cursor.take(kind.size)
    if isinstance(kind, (Text, Opaque)):
        return cursor.padded(cursor.u32())
    if not isinstance(kind, List):
        return plain(kind, cursor, bare)
    if isinstance(kind.of, tuple):
        least = sum(least_size(f.type) for f in kind.of)
        return [{f.name: value(f.type, cursor, bare) for f in kind.of}
                for _ in range(cursor.count(least))]
    return [value(kind.of, cursor, bare) for _ in range(cursor.count(least_size(kind.of)))]


def span(length, left):
    """Bytes that a body takes of those left: padded, or up to the end; None if it runs over."""
    padded = length + -length % 4
    if padded <= left:
        return padded
    return left if length == left else None
