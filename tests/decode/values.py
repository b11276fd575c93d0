# SPDX-License-Identifier: BSD-3-Clause
"""Values for fields: pseudo-random from a seed, ordinary ones and extreme ones."""

import random
import struct

from notation import List, Opaque, Text, tag_number
from packets import Packets
from structures import FLOW
from tree import AGGREGATION_TAG, HEADER_TAG, Record

WIDTHS = {"u8": 8, "u32": 32, "ifindex": 32, "u64": 64}
ALPHABET = "abcdefghijklmnopqrstuvwxyz ABC0123456789-_./:"
INFINITY, NAN = float("inf"), float("nan")
LARGEST_F32 = struct.unpack(">f", b"\x7f\x7f\xff\xff")[0]

# Texts that a decoder has to carry whole, and a line must not: controls, quotes, what is no UTF-8.
EXTREME_TEXTS = (
    b"", b"x", b"ab", b"abc", b"abcd", b"\0", b"\0hidden", b"seen\0hidden",
    "gr\u00fc\u00dfe \u4e16\u754c \U0001f600".encode(), "\u00e9".encode() * 150,
    b"\xff\xfe", b"caf\xe9", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xc0\xaf",
    b"\xf4\x90\x80\x80", b"a\xe2\x82b", b'say "hi" \\ there', b"two\nlines\r\n",
    b"tab\there", b"\x1b[31mred\x1b[0m",
    b"\x7f\x01\x1f", "\u0080\u0085\u009f\u00a0".encode(), b" ", b"%s%n%u", b"</script>", b"a,b;c",
    "\u2028\ufeff\ufffd\uffff".encode(), b"k/e%y +\xc3\xa9\xff\t1")


class Values:
    """Values of one seed. `extreme`: those at the edges instead of those of every day."""

    def __init__(self, seed, extreme=False):
        self.rng = random.Random(f"{seed}/{extreme}")
        self.extreme = extreme
        self.packets = Packets(self.rng)

    def number(self, bits):
        if self.extreme:
            return self.rng.choice((0, 1, 2**bits - 1, 2**(bits - 1), 2**(bits - 1) - 1,
                                    self.rng.getrandbits(bits)))
        return self.rng.choice((self.rng.randrange(12), self.rng.randrange(256),
                                self.rng.getrandbits(bits)))

    def signed(self):
        if self.extreme:
            return self.rng.choice((0, 1, -1, -2**31, 2**31 - 1, -2))
        return self.rng.randrange(-40000, 100000)

    def percent(self):
        if self.extreme:
            return self.rng.choice((0, -1, 1, 10000, 2**31 - 1, 33333, -2**31, -2))
        return self.rng.randrange(-1, 10001)

    def real(self, double):
        if not self.extreme:
            found = self.rng.choice((0.5, -1.0, self.rng.random() * 100, self.rng.expovariate(0.1)))
        elif double:
            found = self.rng.choice((0.0, -0.0, 5e-324, 1e150, -1e150, INFINITY, -INFINITY, NAN,
                                     0.1, 1 / 3))
        else:
            found = self.rng.choice((0.0, -0.0, 1.4e-45, LARGEST_F32, INFINITY, -INFINITY, NAN,
                                     0.1, 16777217.0))
        return found if double else struct.unpack(">f", struct.pack(">f", found))[0]

    def text(self, most):
        """A text of up to its published maximum, or beyond: that does not bind a decoder."""
        most = most or 300
        if self.extreme:
            kind = self.rng.randrange(4)
            if kind == 0:
                size = self.rng.choice((most - 1, most, most + 1, 253, 254, 255, 256, 200, 199))
                return bytes(self.rng.choices(b"abcXYZ09", k=size))
            if kind == 1:
                return self.rng.randbytes(self.rng.randrange(most))
            return self.rng.choice(EXTREME_TEXTS)
        size = self.rng.randrange(min(most, 40))
        return "".join(self.rng.choices(ALPHABET, k=size)).encode()

    def size(self):
        """Of a list."""
        if self.extreme:
            return self.rng.choice((0, 0, 1, 2, 70))
        return self.rng.randrange(5)

    def bytes(self, size):
        if self.extreme:
            return self.rng.choice((bytes(size), b"\xff" * size, self.rng.randbytes(size)))
        return self.rng.randbytes(size)

    def address(self):
        return self.bytes(self.rng.choice((4, 4, 16))) if self.rng.randrange(6) else None

    def halves(self, kind):
        """A data source or an interface."""
        names = ("class", "index") if kind.startswith("ds") else ("format", "value")
        if kind.endswith("64"):
            if names[0] == "format" and not self.extreme:
                return {"format": self.rng.choice((0, 0, 1, 2, 3)), "value": self.number(32)}
            return {name: self.number(32) for name in names}
        bits = 24 if kind == "ds32" else 30
        return {names[0]: self.rng.choice((0, 0, 1, 2, 3)), names[1]: self.number(bits)}

    def sized(self, kind):
        """A value of a type that has a size of its own."""
        if isinstance(kind, Text):
            return self.text(kind.most)
        if isinstance(kind, Opaque):
            return self.bytes(kind.size or self.rng.choice((0, 1, 5, 64, 201)))
        if isinstance(kind.of, tuple):
            return [self.fields(kind.of) for _ in range(self.size())]
        return [self.value(kind.of) for _ in range(self.size())]

    def value(self, kind):
        if isinstance(kind, (Text, Opaque, List)):
            return self.sized(kind)
        if kind in WIDTHS:
            return self.number(WIDTHS[kind])
        simple = {
            "i32": self.signed, "pct": self.percent, "addr": self.address, "pdus": self.pdus,
            "f32": lambda: self.real(False), "f64": lambda: self.real(True),
            "mac": lambda: self.bytes(6), "ip4": lambda: self.bytes(4),
            "ip6": lambda: self.bytes(16), "uuid": lambda: self.bytes(16),
            "rest": lambda: self.bytes(self.rng.choice((0, 20, 24)))}
        return simple[kind]() if kind in simple else self.halves(kind)

    def fields(self, wanted):
        return {f.name: self.value(f.type) for f in wanted}

    def pdus(self):
        """Units of 0:1016 with records of many kinds, one of them 0:1016 again."""
        tags = [t for t in FLOW if t != AGGREGATION_TAG]
        units = [[self.record("flow", FLOW[self.rng.choice(tags)])
                  for _ in range(self.rng.randrange(3))] for _ in range(self.rng.randrange(3))]
        if units and self.rng.randrange(2):
            units[0].append(Record("flow", AGGREGATION_TAG, structure=FLOW[AGGREGATION_TAG],
                                   raw=bytes(8)))
        return units

    def header(self):
        """Values of 0:1: a packet, and at the edges numbers that no agent should send."""
        values = self.packets.header()
        if self.extreme and not self.rng.randrange(3):
            name = self.rng.choice(("frame_length", "stripped", "header_protocol"))
            values[name] = self.number(31 if name == "header_protocol" else 32)
        if self.extreme and not self.rng.randrange(4):
            values["header"] += self.bytes(self.rng.choice((600, 682, 683, 900)))
        return values

    def record(self, space, structure, whole=True):
        """A record of a structure; not `whole`: without the tail that agents added later."""
        tag = tag_number(structure.tag)
        if (space, tag) == ("flow", HEADER_TAG):
            return Record(space, tag, self.header(), structure)
        fields = structure.fields if whole else structure.fields[:structure.tail]
        return Record(space, tag, self.fields(fields), structure)
