# SPDX-License-Identifier: BSD-3-Clause
"""An sFlow version 5 decoder that shares nothing with the generator it checks."""

import collections
import ipaddress
import struct


class Bad(Exception):
    """A datagram or sample that breaks the format."""


def u16(b, at):
    return struct.unpack_from('>H', b, at)[0]


def u32(b, at):
    return struct.unpack_from('>I', b, at)[0]


def internet_sum(data):
    if len(data) % 2:
        data += b'\0'
    s = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    return s


def read_pcap(path):
    """Yield (seconds, frame) of a little-endian microsecond capture."""
    with open(path, 'rb') as f:
        data = f.read()
    magic, _, _, _, _, _, link = struct.unpack_from('<IHHiIII', data, 0)
    if magic != 0xA1B2C3D4 or link != 1:
        raise Bad('not an Ethernet capture')
    at = 24
    while at < len(data):
        sec, usec, caplen, length = struct.unpack_from('<IIII', data, at)
        if caplen != length:
            raise Bad('a frame is cut')
        yield sec + usec / 1e6, data[at + 16:at + 16 + caplen]
        at += 16 + caplen


class Wire:
    """Ethernet, IP and UDP, with fragments; every checksum is verified."""

    def __init__(self):
        self.pieces = collections.defaultdict(dict)
        self.fragments = 0

    def payload(self, frame):
        """The UDP payload that a frame completes, or None."""
        kind = u16(frame, 12)
        if kind == 0x0800:
            return self.ipv4(frame[14:])
        if kind == 0x86DD:
            return self.ipv6(frame[14:])
        raise Bad('EtherType %04x' % kind)

    def ipv4(self, ip):
        if ip[0] != 0x45 or internet_sum(ip[:20]) != 0xFFFF:
            raise Bad('IPv4 header')
        length, ident, frag = u16(ip, 2), u16(ip, 4), u16(ip, 6)
        key = (ip[12:20], ident)
        return self.join(key, (frag & 0x1FFF) * 8, bool(frag & 0x2000), ip[20:length], ip[12:20])

    def ipv6(self, ip):
        length, following = u16(ip, 4), ip[6]
        body = ip[40:40 + length]
        if len(body) != length:
            raise Bad('IPv6 length')
        if following == 17:
            return self.udp(body, ip[8:40])
        if following != 44 or body[0] != 17:
            raise Bad('IPv6 next header')
        offset = u16(body, 2)
        key = (ip[8:40], u32(body, 4))
        return self.join(key, offset & ~7, bool(offset & 1), body[8:], ip[8:40])

    def join(self, key, offset, more, data, addresses):
        if offset == 0 and not more:
            return self.udp(data, addresses)
        self.fragments += 1
        pieces = self.pieces[key]
        pieces[offset] = (data, more)
        whole, at = b'', 0
        while at in pieces:
            data, more = pieces[at]
            whole += data
            at += len(data)
            if not more:
                del self.pieces[key]
                return self.udp(whole, addresses)
        return None

    def udp(self, data, addresses):
        length = u16(data, 4)
        if length != len(data):
            raise Bad('UDP length')
        if internet_sum(addresses + struct.pack('>II', 17, length) + data) != 0xFFFF:
            raise Bad('UDP checksum')
        if u16(data, 2) != 6343:
            raise Bad('UDP port')
        return data[8:]


def tlvs(b, at, end, count):
    """Yield (tag, start, end) of `count` structures; all must lie before `end`."""
    for _ in range(count):
        if end - at < 8:
            raise Bad('structures are missing')
        tag, length = u32(b, at), u32(b, at + 4)
        at += 8
        if length > end - at:
            raise Bad('a structure runs past its container')
        yield tag, at, at + length
        at += length + (-length & 3)


Datagram = collections.namedtuple('Datagram', 'agent sub sequence uptime flows counters dropped')
FlowSample = collections.namedtuple(
    'FlowSample', 'source sequence rate pool input output length header tags')
CounterSample = collections.namedtuple('CounterSample', 'source sequence records')

FIXED = {1: 32, 2: 12, 3: 44, 4: 16}


def source_of(b, at, expanded):
    if expanded:
        return (u32(b, at), u32(b, at + 4)), at + 8
    v = u32(b, at)
    return (v >> 24, v & 0xFFFFFF), at + 4


def flow_sample(b, at, end, expanded):
    sequence = u32(b, at)
    source, at = source_of(b, at + 4, expanded)
    rate, pool = u32(b, at), u32(b, at + 4)
    at += 12
    if expanded:
        inp, out = u32(b, at + 4), u32(b, at + 12)
        at += 16
    else:
        inp, out = u32(b, at), u32(b, at + 4)
        at += 8
    length, header, tags = 0, b'', []
    for tag, start, stop in list(tlvs(b, at + 4, end, min(u32(b, at), 100000))):
        tags.append(tag)
        if tag == 1:
            protocol, length, _, n = struct.unpack_from('>IIII', b, start)
            header = b[start + 16:min(start + 16 + n, stop)]
            if protocol != 1:
                raise Bad('header protocol')
    return FlowSample(source, sequence, rate, pool, inp, out, length, header, tags)


def counter_sample(b, at, end, expanded):
    sequence = u32(b, at)
    source, at = source_of(b, at + 4, expanded)
    records = {tag: b[start:stop] for tag, start, stop in
               tlvs(b, at + 4, end, min(u32(b, at), 100000))}
    return CounterSample(source, sequence, records)


def datagram(b):
    """Decode a payload. Raises Bad where the datagram as a whole is no good."""
    if len(b) < 8 or u32(b, 0) != 5:
        raise Bad('version')
    size = {1: 4, 2: 16}.get(u32(b, 4))
    if size is None or len(b) < 24 + size:
        raise Bad('agent address')
    agent = str(ipaddress.ip_address(b[8:8 + size])).upper()
    sub, sequence, uptime, count = struct.unpack_from('>IIII', b, 8 + size)
    flows, counters, dropped = [], [], 0
    for tag, start, end in list(tlvs(b, 24 + size, len(b), min(count, 100000))):
        try:
            if tag not in FIXED or end - start < FIXED[tag]:
                raise Bad('sample')
            if tag in (1, 3):
                flows.append(flow_sample(b, start, end, tag == 3))
            else:
                counters.append(counter_sample(b, start, end, tag == 4))
        except Bad:
            dropped += 1
    return Datagram(agent, sub, sequence, uptime, flows, counters, dropped)


def text(address):
    return str(ipaddress.ip_address(address)).upper()


def packet(header):
    """The fields of a sampled header, the n-th layer of a kind as NAME.n."""
    fields = {}

    def put(name, value):
        n = 0
        while name + ('.%d' % n if n else '') in fields:
            n += 1
        fields[name + ('.%d' % n if n else '')] = value

    def transport(protocol, b):
        if protocol == 6 and len(b) >= 4:
            put('tcpsourceport', str(u16(b, 0)))
            put('tcpdestinationport', str(u16(b, 2)))
        elif protocol == 17 and len(b) >= 4:
            put('udpsourceport', str(u16(b, 0)))
            put('udpdestinationport', str(u16(b, 2)))
            if u16(b, 2) == 4789 and len(b) >= 16:
                put('vxlanvni', str(u32(b, 12) >> 8))
                ethernet(b[16:])

    def ethernet(b):
        if len(b) < 14:
            return
        put('macdestination', b[0:6].hex().upper())
        put('macsource', b[6:12].hex().upper())
        kind, b = u16(b, 12), b[14:]
        if kind == 0x8100:
            put('vlan', str(u16(b, 0) & 0xFFF))
            kind, b = u16(b, 2), b[4:]
        put('ethernetprotocol', str(kind))
        if kind == 0x0800 and len(b) >= 20:
            if internet_sum(b[:20]) != 0xFFFF:
                raise Bad('checksum of a sampled IPv4 header')
            put('ipsource', text(b[12:16]))
            put('ipdestination', text(b[16:20]))
            put('ipprotocol', str(b[9]))
            transport(b[9], b[20:])
        elif kind == 0x86DD and len(b) >= 40:
            put('ip6source', text(b[8:24]))
            put('ip6destination', text(b[24:40]))
            put('ip6nexthdr', str(b[6]))
            transport(b[6], b[40:])

    ethernet(header)
    return fields


def totals(samples, keys):
    """{key: [bytes, frames, samples]} of (datagram, flow sample) pairs that have all keys."""
    table = collections.defaultdict(lambda: [0, 0, 0])
    cache = {}
    for dg, s in samples:
        fields = cache.get(s.header)
        if fields is None:
            fields = cache[s.header] = packet(s.header)
        own = {'agent': dg.agent, 'inputifindex': str(s.input), 'outputifindex': str(s.output),
               'datasource': str(s.source[1])}
        values = [fields.get(k, own.get(k)) for k in keys]
        if None in values:
            continue
        total = table[','.join(values)]
        total[0] += s.length * s.rate
        total[1] += s.rate
        total[2] += 1
    return dict(table)
