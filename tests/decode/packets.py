# SPDX-License-Identifier: BSD-3-Clause
"""Sampled headers: packets of many kinds as an agent cuts them, from a random generator."""

import struct

from xdr import u32

TAG_TYPES = (0x8100, 0x88A8, 0x9100, 0x9200, 0x9300)
OTHER_TYPES = (0x0806, 0x8847, 0x8864, 0x88CC, 0x88F7, 0x88E5, 0x0601, 0xFFFF)


class Packets:
    """Makes packets from a random.Random."""

    def __init__(self, rng):
        self.rng = rng

    def bytes(self, size):
        return self.rng.randbytes(size)

    def u16(self, *numbers):
        return struct.pack(f">{len(numbers)}H", *numbers)

    # ---- transport ----

    def tcp(self):
        ports = self.u16(self.rng.getrandbits(16), self.rng.getrandbits(16))
        flags = self.rng.getrandbits(8)
        return (ports + self.bytes(8) + bytes([self.rng.choice((0x50, 0x80, 0xF0)), flags])
                + self.bytes(self.rng.choice((6, 18, 40))))

    def udp(self):
        body = self.bytes(self.rng.randrange(0, 60))
        ports = (self.rng.getrandbits(16), self.rng.choice((53, 4789, 6343, 8080, 65535)))
        return self.u16(*ports, 8 + len(body), self.rng.getrandbits(16)) + body

    def icmp(self):
        return bytes([self.rng.getrandbits(8), self.rng.getrandbits(8)]) + self.bytes(30)

    def transport(self):
        """(protocol, bytes)."""
        kind = self.rng.randrange(6)
        if kind == 0:
            return 1, self.icmp()
        if kind in (1, 2):
            return 6, self.tcp()
        if kind == 3:
            return 17, self.udp()
        return self.rng.choice((2, 47, 50, 58, 89, 132, 255)), self.bytes(40)

    # ---- network ----

    def ip4(self):
        protocol, body = self.transport()
        options = 4 * self.rng.choice((0, 0, 0, 1, 10))
        fragment = self.rng.choice((0, 0, 0x4000, 0x2000, 0x2000 | 185, 1))
        first = 0x40 | 5 + options // 4
        return (bytes([first, self.rng.getrandbits(8)])
                + self.u16(20 + options + len(body), self.rng.getrandbits(16), fragment)
                + bytes([self.rng.getrandbits(8), protocol]) + self.bytes(10)
                + self.bytes(options) + body)

    def extension(self, kind, following):
        """One extension header, whose type is `kind`."""
        if kind == 44:
            offset = self.rng.choice((0, 0, 185 << 3, 1 << 3))
            return bytes([following, 0]) + self.u16(offset | self.rng.randrange(2)) + self.bytes(4)
        if kind == 51:
            length = self.rng.choice((1, 4, 5))
            return bytes([following, length]) + self.bytes(4 * (length + 2) - 2)
        length = self.rng.choice((0, 0, 1, 3))
        return bytes([following, length]) + self.bytes(8 * (length + 1) - 2)

    def ip6(self):
        protocol, body = self.transport()
        kinds = [self.rng.choice((0, 43, 44, 51, 60)) for _ in range(self.rng.choice((0, 0, 1, 3)))]
        following = protocol
        for kind in reversed(kinds):
            body = self.extension(kind, following) + body
            following = kind
        length = self.rng.choice((len(body), len(body), 0))
        return (u32(0x60000000 | self.rng.getrandbits(28)) + self.u16(length)
                + bytes([following, self.rng.getrandbits(8)]) + self.bytes(32) + body)

    # ---- link ----

    def after_length(self):
        """What follows an 802.3 length: SNAP, a vendor's SNAP, IP over 802.2, anything."""
        return self.rng.choice((
            lambda: b"\xaa\xaa\x03\0\0\0\x08\0" + self.ip4(),
            lambda: b"\xaa\xaa\x03\0\0\0\x86\xdd" + self.ip6(),
            lambda: b"\xaa\xaa\x03\0\0\x0c\x20\0" + self.bytes(30),
            lambda: b"\xaa\xaa\x03" + self.bytes(40),
            lambda: b"\x06\x06\x03" + self.ip4(),
            lambda: b"\x06\x06\x02" + self.ip4(),
            lambda: b"\x42\x42\x03" + self.bytes(35)))()

    def typed(self):
        """An EtherType or 802.3 length, and what follows."""
        kind = self.rng.randrange(12)
        if kind < 4:
            return 0x0800, self.ip4()
        if kind < 7:
            return 0x86DD, self.ip6()
        if kind == 7:
            body = self.after_length()
            return self.rng.choice((len(body), 1500, 0x600 - 100)), body
        if kind == 8:  # IPX, and what only has its type
            return self.rng.choice((0x0200, 0x0201, 0x0600)), self.rng.choice((
                b"\xff\xff\0\x1e", b"\xff\xff\x02\x40", b"\xff\xff\x02\x41", b"\0\0\0\x1e",
            )) + self.bytes(40)
        if kind == 9:  # a type that the packet belies
            return self.rng.choice(((0x0800, self.ip6()), (0x86DD, self.ip4()),
                                    (0x0800, b"\x44" + self.bytes(40))))
        return self.rng.choice(OTHER_TYPES), self.bytes(self.rng.randrange(0, 80))

    def ethernet(self):
        tags = b"".join(
            self.u16(self.rng.choice(TAG_TYPES), self.rng.getrandbits(16))
            for _ in range(self.rng.choice((0, 0, 0, 1, 1, 2, 3))))
        kind, body = self.typed()
        return self.bytes(12) + tags + self.u16(kind) + body

    def wifi(self):
        control = self.rng.choice((0x08, 0x08, 0x88, 0x80, 0xB4, 0x48, 0x0C))
        return bytes([control, self.rng.getrandbits(8)]) + self.bytes(self.rng.choice((60, 28, 22)))

    # ---- the record ----

    def of_protocol(self, protocol):
        if protocol == 1:
            return self.ethernet()
        if protocol == 11:
            return self.rng.choice((self.ip4, self.ip4, self.ip4, self.ip6))()
        if protocol == 12:
            return self.rng.choice((self.ip6, self.ip6, self.ip6, self.ip4))()
        if protocol == 15:
            return self.wifi()
        return self.bytes(self.rng.randrange(0, 90))

    def header(self):
        """Values of 0:1."""
        protocol = self.rng.choice((1,) * 12 + (11, 11, 12, 12, 15, 15, 13, 14, 18,
                                                self.rng.randrange(20),
                                                self.rng.choice((0, 19, 2**31 - 1))))
        packet = self.of_protocol(protocol)
        whole = len(packet)
        cut = self.rng.choice((whole, whole, whole, 128, 64, self.rng.randrange(whole + 1)))
        stripped = self.rng.choice((4, 4, 4, 8, 0))
        beyond = self.rng.choice((0, 0, self.rng.randrange(1500)))
        return {"header_protocol": protocol, "frame_length": whole + stripped + beyond,
                "stripped": stripped, "header": packet[:cut]}
