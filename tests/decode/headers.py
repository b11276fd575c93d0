# SPDX-License-Identifier: BSD-3-Clause
"""What sflowtool tells of a sampled header (section 6.4 of the reference), put right.

Only what lies within the header is read. `lines` are (name, value) in the order of printing, or
(None, line) for lines that never get a prefix; `facts` are what the columns of -l come from.
"""

import struct

from text_values import ip4, ip6, mac, oui, signed32

ETHERNET, IPV4, IPV6, WIFI = 1, 11, 12, 15
KNOWN_PROTOCOLS = range(1, 19)
VLAN_TYPES = (0x8100, 0x88A8, 0x9100, 0x9200, 0x9300)
IPX_TYPES = (0x0200, 0x0201, 0x0600)
EXTENSIONS = (0, 43, 44, 51, 60)


def u16(data, at=0):
    return struct.unpack_from(">H", data, at)[0]


class Header:
    """One sampled header, decoded when it is made. `length`: what is said of it, if that lies."""

    def __init__(self, protocol, frame_length, stripped, data, length=None):
        self.lines, self.facts = [], {}
        self.frame_length, self.stripped, self.data = frame_length, stripped, data
        self.length = len(data) if length is None else length
        self.ip_at, self.ip_length = 0, 0
        self.decode(protocol)

    def line(self, name, value):
        self.lines.append((name, str(value)))

    def fact(self, **facts):
        self.facts.update(facts)

    def decode(self, protocol):
        if protocol == ETHERNET:
            self.ethernet()
        elif protocol == IPV4:
            self.note_ip(0x0800, 0)
            self.ip4(0)
        elif protocol == IPV6:
            self.note_ip(0x86DD, 0)
            self.ip6(0)
        elif protocol == WIFI:
            self.wifi()
        else:
            word = "NO_DECODE" if protocol in KNOWN_PROTOCOLS else "UNKNOWN"
            self.lines.append((None, f"{word} headerProtocol={signed32(protocol)}"))

    # ---- link ----

    def ethernet(self):
        data = self.data
        if len(data) < 14:
            return
        self.line("dstMAC", mac(data[:6]))
        self.line("srcMAC", mac(data[6:12]))
        self.fact(dst_mac=data[:6], src_mac=data[6:12])
        kind, at, depth = u16(data, 12), 14, 0
        while kind in VLAN_TYPES:
            if len(data) - at < 4:
                return
            tag, kind = struct.unpack_from(">2H", data, at)
            dot = f".{depth}" if depth else ""
            self.line("decodedVLAN" + dot, tag & 0xFFF)
            self.line("decodedPriority" + dot, tag >> 13)
            self.fact(in_vlan=tag & 0xFFF)
            at, depth = at + 4, depth + 1
        if len(data) < 20:
            return
        kind, at = self.link(kind, at)
        if kind is None:
            return
        self.line("ethernet_type", kind)
        self.fact(eth_type=kind)
        self.network(kind, at)

    def link(self, kind, at):
        """The EtherType behind an 802.3 length, and where its packet starts; or None."""
        data = self.data[at:]
        if kind in IPX_TYPES and data[:2] == b"\xff\xff" and len(data) >= 4 \
                and 30 <= u16(data, 2) <= 576:
            return None, at
        if kind > 1500:
            return kind, at
        if data[:3] == b"\xaa\xaa\x03":
            if len(data) < 6:
                return None, at
            if data[3:6] != bytes(3):
                self.line("VSNAP_OUI", oui(data[3:6]))
                return None, at
            return (u16(data, 6), at + 8) if len(data) >= 8 else (None, at)
        if data[:2] == b"\x06\x06" and len(data) >= 3 and data[2] & 1:
            return 0x0800, at + 3
        return None, at

    def network(self, kind, at):
        data = self.data[at:]
        self.note_ip(kind, at)
        if kind == 0x0800 and len(data) >= 20 and data[0] >> 4 == 4 and data[0] & 15 >= 5:
            self.ip4(at)
        elif kind == 0x86DD and data and data[0] >> 4 == 6:
            self.ip6(at)

    def wifi(self):
        """802.11: data frames have three addresses or four, and two bits say which is whose."""
        data = self.data
        if len(data) < 24 or data[0] >> 2 & 3 != 2:
            return
        first, second, third, fourth = (data[n:n + 6] for n in (4, 10, 16, 24))
        to_ds, from_ds = data[1] & 1, data[1] >> 1 & 1
        source = {(0, 0): second, (0, 1): third, (1, 0): second, (1, 1): fourth}[to_ds, from_ds]
        target = third if to_ds else first
        if len(source) == 6:
            self.line("srcMAC", mac(source))
            self.fact(src_mac=source)
        self.line("dstMAC", mac(target))
        self.fact(dst_mac=target)
        self.line("txMAC", mac(second))
        self.line("rxMAC", mac(first))

    # ---- network ----

    def note_ip(self, kind, at):
        """How long the IP packet says that it is."""
        data = self.data[at:]
        if len(data) < 6:
            return
        if kind == 0x0800 and data[0] >> 4 == 4:
            self.ip_at, self.ip_length = at, u16(data, 2)
        elif kind == 0x86DD and data[0] >> 4 == 6 and u16(data, 4):
            self.ip_at, self.ip_length = at, 40 + u16(data, 4)

    def meant_strip(self):
        """`stripped`, or 4 where it counts what was cut off the packet's end (section 1.9)."""
        if self.strips_tail():
            return 4
        return self.stripped

    def strips_tail(self):
        if self.stripped <= 4 or self.stripped + self.length != self.frame_length:
            return False
        if not self.ip_length:  # an FCS and four tags are no tail
            return self.stripped > 20
        return self.ip_at + self.ip_length > self.length

    def length_below_ip(self):
        return self.ip_length > self.frame_length

    def ip_size(self, at):
        self.line("IPSize", signed32(self.frame_length - self.meant_strip() - at))

    def ip4(self, at):
        data = self.data[at:]
        self.fact(offset4=at)
        self.ip_size(at)
        if len(data) < 20:
            return
        self.fact(src_ip=data[12:16], dst_ip=data[16:20], protocol=data[9], tos=data[1],
                  ttl=data[8])
        for name, value in (("ip.tot_len", u16(data, 2)), ("srcIP", ip4(data[12:16])),
                            ("dstIP", ip4(data[16:20])), ("IPProtocol", data[9]),
                            ("IPTOS", data[1]), ("IPTTL", data[8]), ("IPID", u16(data, 4))):
            self.line(name, value)
        offset = u16(data, 6) & 0x1FFF
        if offset:
            self.line("IPFragmentOffset", offset)
        else:
            self.transport(data[9], data[4 * (data[0] & 15):])

    def ip6(self, at):
        data = self.data[at:]
        self.ip_size(at)
        if len(data) < 40:
            return
        if data[0] >> 4 != 6:
            version = data[0] >> 4
            self.lines.append((None, f"header decode error: unexpected IP version: {version}"))
            return
        self.fact(src_ip=data[8:24], dst_ip=data[24:40], ttl=data[7], tos=u16(data) >> 4 & 255)
        label = struct.unpack_from(">I", data)[0] & 0xFFFFF
        for name, value in (("IPTOS", u16(data) >> 4 & 255), ("IP6_label", f"0x{label:x}"),
                            ("IPV6_payloadLen", u16(data, 4) or "<jumbo>"), ("IPTTL", data[7]),
                            ("srcIP6", ip6(data[8:24])), ("dstIP6", ip6(data[24:40]))):
            self.line(name, value)
        self.extensions(data[6], data[40:])

    def extensions(self, kind, data):
        later = False  # a fragment that is not the first: what follows is no header
        while kind in EXTENSIONS:
            self.line("IP6HeaderExtension", kind)
            if len(data) < 2:
                return
            size = {44: 8, 51: 4 * (data[1] + 2)}.get(kind, 8 * (data[1] + 1))
            if kind == 44:
                later = later or len(data) < 4 or u16(data, 2) >> 3 != 0
            kind = data[0]
            if size > len(data):
                return
            data = data[size:]
        self.fact(protocol=kind)
        self.line("IPProtocol", kind)
        if not later:
            self.transport(kind, data)

    # ---- transport ----

    def transport(self, protocol, data):
        if len(data) < 8:
            return
        if protocol == 1:
            self.line("ICMPType", data[0])
            self.line("ICMPCode", data[1])
            self.fact(sport=data[0], dport=data[1])
        elif protocol in (6, 17):
            self.ports("TCP" if protocol == 6 else "UDP", data)

    def ports(self, word, data):
        source, target, length = struct.unpack_from(">3H", data)
        self.line(word + "SrcPort", source)
        self.line(word + "DstPort", target)
        self.fact(sport=source, dport=target)
        if word == "UDP":
            self.line("UDPBytes", length)
        elif len(data) > 13:
            self.line("TCPFlags", data[13])
            self.fact(tcp_flags=data[13])


def of_record(record):
    """The header of a record that has one."""
    values = record.values
    return Header(values["header_protocol"], values["frame_length"], values["stripped"],
                  values["header"], record.header_length)


def deviations(record):
    """Names of the deviations that a record 0:1 shows."""
    header = of_record(record)
    if record.values["header_protocol"] not in KNOWN_PROTOCOLS:
        yield "header_protocol"
    if header.length > len(header.data):
        yield "header_cut"
    if header.strips_tail():
        yield "stripped_tail"
    if header.length_below_ip():
        yield "length_below_ip"
