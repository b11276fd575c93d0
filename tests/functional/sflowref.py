# SPDX-License-Identifier: BSD-3-Clause
"""An sFlow version 5 reader of its own, to check weir against: slow, short, and written from the
published structures alone. It knows what the definitions of config/weir.yaml need, no more.
"""

import collections
import ipaddress
import struct

UDP_PORT = 6343
SAMPLES = {1: "flow", 2: "counter", 3: "flow", 4: "counter", 5: "discard"}
FIXED = {1: 32, 2: 12, 3: 44, 4: 16, 5: 32}
LEAST = {1: 16, 2: 24, 3: 32, 4: 56, 1001: 16}  # bytes of the fixed part of flow records
INTERNAL = (0x3FFFFFFF, 0xFFFFFFFF)


def address(packed):
    """Text of an IP address: IPv6 compressed, upper case."""
    return str(ipaddress.ip_address(packed)).upper()


class Damaged(Exception):
    """The bytes do not hold what they say."""


def words(data, at, count):
    if at + 4 * count > len(data):
        raise Damaged
    return struct.unpack_from(f">{count}I", data, at)


# ---- capture files ----

def frames(path):
    """(time in s, frame) of each packet of a pcap file with Ethernet frames."""
    with open(path, "rb") as f:
        data = f.read()
    order = {0xA1B2C3D4: "<", 0xD4C3B2A1: ">"}[struct.unpack_from("<I", data)[0]]
    if struct.unpack_from(order + "I", data, 20)[0] != 1:
        raise ValueError(f"{path}: not Ethernet")
    at = 24
    while at + 16 <= len(data):
        seconds, us, length, _ = struct.unpack_from(order + "4I", data, at)
        yield seconds + us / 1e6, data[at + 16:at + 16 + length]
        at += 16 + length


def udp_payload(frame):
    """What a datagram to the sFlow port carries, or None."""
    kind, at = struct.unpack_from(">H", frame, 12)[0], 14
    if kind == 0x0800:
        protocol, at = frame[23], at + 4 * (frame[14] & 15)
    elif kind == 0x86DD:
        protocol, at = frame[20], at + 40
    else:
        return None
    _, port, length = struct.unpack_from(">3H", frame, at)
    if protocol != 17 or port != UDP_PORT:
        return None
    return frame[at + 8:at + length]


# ---- datagrams ----

Sample = collections.namedtuple("Sample", "kind agent sub_agent source rate input output records")
Datagram = collections.namedtuple("Datagram", "agent sub_agent sequence uptime samples")


def tlvs(data, at, count, end):
    """`count` times tag, length and body; lengths that are no multiple of 4 are rounded up."""
    for _ in range(count):
        if at + 8 > end:
            raise Damaged
        tag, length = struct.unpack_from(">2I", data, at)
        at += 8
        if length > end - at:
            raise Damaged
        yield tag, data[at:at + length]
        at = min(at + (length + 3) // 4 * 4, end)


def interface(form, value):
    if form == 0:
        return "internal" if value in INTERNAL else str(value)
    return {1: "discard", 2: "multiple"}.get(form, "unknown")


def source_text(kind, index):
    return f"{kind}.{index}" if kind else str(index)


def sample(datagram_head, tag, body):
    """One sample, or None where weir has to count it as dropped."""
    if tag not in SAMPLES or len(body) < FIXED[tag]:
        return None
    rate, inward, outward = 1, None, None
    if tag == 1:
        _, source, rate, _, _, i, o, count = words(body, 0, 8)
        inward, outward = (interface(v >> 30, v & 0x3FFFFFFF) for v in (i, o))
    elif tag == 2:
        _, source, count = words(body, 0, 3)
    if tag in (1, 2):
        kind, index = source >> 24, source & 0xFFFFFF
    elif tag == 3:
        _, kind, index, rate, _, _, *i_o, count = words(body, 0, 11)
        inward, outward = interface(*i_o[:2]), interface(*i_o[2:])
    elif tag == 4:
        _, kind, index, count = words(body, 0, 4)
    else:
        _, kind, index, _, _, _, _, count = words(body, 0, 8)
    try:
        records = list(tlvs(body, FIXED[tag], count, len(body)))
    except Damaged:
        return None
    if SAMPLES[tag] == "flow" and any(len(b) % 4 and len(b) < LEAST.get(t, 0) for t, b in records):
        return None  # a wrong length word: where the record ends is not known
    return Sample(SAMPLES[tag], *datagram_head, source_text(kind, index), rate or 1,
                  inward, outward, records)


def datagram(payload):
    """A datagram with the samples that can be used, or None where it is none of version 5."""
    try:
        version, family = words(payload, 0, 2)
        size = {1: 4, 2: 16}.get(family)
        if version != 5 or not size:
            return None
        agent = address(payload[8:8 + size])
        sub_agent, sequence, uptime, count = words(payload, 8 + size, 4)
    except (Damaged, ValueError):
        return None
    samples = []
    try:
        for tag, body in tlvs(payload, 24 + size, count, len(payload)):
            found = sample((agent, sub_agent), tag, body)
            if found:
                samples.append(found)
    except Damaged:
        pass  # the samples before the break count
    return Datagram(agent, sub_agent, sequence, uptime, samples)


# ---- sampled headers: only what the captures and the definitions need ----

def mac(data):
    return data.hex().upper()


def ip4_fields(data, out):
    if len(data) < 20 or data[0] >> 4 != 4 or (data[0] & 15) < 5:
        return
    out.setdefault("ipsource", address(data[12:16]))
    out.setdefault("ipdestination", address(data[16:20]))
    out.setdefault("ipprotocol", str(data[9]))
    if struct.unpack_from(">H", data, 6)[0] & 0x1FFF == 0:
        transport_fields(data[9], data[4 * (data[0] & 15):], out)


def ip6_fields(data, out):
    if len(data) < 40 or data[0] >> 4 != 6:
        return
    out.setdefault("ip6source", address(data[8:24]))
    out.setdefault("ip6destination", address(data[24:40]))
    following, at = data[6], 40
    while following in (0, 43, 60) and at + 2 <= len(data):
        following, at = data[at], at + 8 * (data[at + 1] + 1)
    transport_fields(following, data[at:], out)


def transport_fields(protocol, data, out):
    name = {6: "tcp", 17: "udp"}.get(protocol)
    if name and len(data) >= 4:
        ports = struct.unpack_from(">2H", data)
        out.setdefault(f"{name}sourceport", str(ports[0]))
        out.setdefault(f"{name}destinationport", str(ports[1]))


def network_fields(kind, data, out):
    if kind == 0x0800:
        ip4_fields(data, out)
    elif kind == 0x86DD:
        ip6_fields(data, out)


def ethernet_fields(data, out):
    if len(data) >= 6:
        out["macdestination"] = mac(data[:6])
    if len(data) >= 12:
        out["macsource"] = mac(data[6:12])
    if len(data) < 14:
        return
    kind, at = struct.unpack_from(">H", data, 12)[0], 14
    while kind in (0x8100, 0x88A8, 0x9100, 0x9200, 0x9300) and at + 4 <= len(data):
        tag, kind = struct.unpack_from(">2H", data, at)
        out.setdefault("vlan", str(tag & 0xFFF))
        at += 4
    if kind <= 1500:
        if data[at:at + 6] not in (b"\xaa\xaa\x03\0\0\0", b"\xaa\xaa\x03\0\0\xf8"):
            return
        kind, at = struct.unpack_from(">H", data, at + 6)[0], at + 8
    out["ethernetprotocol"] = str(kind)
    network_fields(kind, data[at:], out)


def header_fields(body, out):
    protocol, _, _, length = words(body, 0, 4)
    data = body[16:16 + length]
    if protocol == 1:
        ethernet_fields(data, out)
    elif protocol == 11:
        ip4_fields(data, out)
    elif protocol == 12:
        ip6_fields(data, out)


def substitute_fields(records, out):
    """Records 0:2, 0:3 and 0:4 tell of packets whose header was not sampled."""
    if 2 in records:
        body = records[2]
        out["macsource"], out["macdestination"] = mac(body[4:10]), mac(body[12:18])
        kind = words(body, 20, 1)[0] & 0xFFFF
        if kind > 1500:
            out["ethernetprotocol"] = str(kind)
    if 3 in records:
        _, protocol, source, target, sport, dport = words(records[3], 0, 6)
        out["ipsource"] = address(source)
        out["ipdestination"] = address(target)
        out["ipprotocol"] = str(protocol)
        name = {6: "tcp", 17: "udp"}.get(protocol)
        if name:
            out[f"{name}sourceport"], out[f"{name}destinationport"] = str(sport), str(dport)


def flow(found):
    """(fields, length or None) of a flow sample; of several records with one tag the first counts."""
    records = {}
    for tag, body in found.records:
        if tag in LEAST and len(body) >= LEAST[tag]:
            records.setdefault(tag, body)
    fields = {"agent": found.agent, "inputifindex": found.input, "outputifindex": found.output}
    if 1 in records:
        header_fields(records[1], fields)
    else:
        substitute_fields(records, fields)
    for tag, word in ((1, 1), (3, 0), (4, 0), (2, 0)):
        if tag in records:
            return fields, words(records[tag], 4 * word, 1)[0]
    return fields, None


# ---- definitions ----

# Those of config/weir.yaml: name, keys, value, n.
DEFINITIONS = {
    "pairs": ("ipsource,ipdestination", "bytes", 20),
    "pairs6": ("ip6source,ip6destination", "bytes", 20),
    "tcp": ("ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport", "bytes", 20),
    "udp": ("ipsource,ipdestination,ipprotocol,udpsourceport,udpdestinationport", "bytes", 20),
    "ports": ("agent,inputifindex,outputifindex", "bytes", 50),
    "protocols": ("ethernetprotocol", "frames", 20),
    "vlans": ("vlan", "bytes", 20),
    "macs": ("macsource,macdestination", "frames", 20),
}


class Count:
    """What one definition makes of samples."""

    def __init__(self, keys, value, n):
        self.keys, self.value, self.n = keys.split(","), value, n
        self.total, self.samples = 0, 0
        self.flows = collections.defaultdict(lambda: collections.defaultdict(int))

    def add(self, found, fields, length):
        key = [fields.get(k) for k in self.keys]
        if None in key or (self.value == "bytes" and length is None):
            return
        value = found.rate * (length if self.value == "bytes" else 1)
        self.total += value
        self.samples += 1
        self.flows[",".join(key)][(found.agent, found.sub_agent, found.source)] += value

    def largest(self):
        """Flow key -> value, of the data source that saw most."""
        return {key: max(sources.values()) for key, sources in self.flows.items()}


class Capture:
    """All that weir should find in capture files."""

    def __init__(self, *paths):
        self.payloads, self.datagrams, self.flow_samples, self.counter_samples = 0, [], [], []
        self.discarded = []
        self.definitions = {n: Count(*d) for n, d in DEFINITIONS.items()}
        for path in paths:
            for _, frame in frames(path):
                self.frame(frame)

    def frame(self, frame):
        payload = udp_payload(frame)
        if payload is None:
            return
        self.payloads += 1
        found = datagram(payload)
        if not found:
            return
        self.datagrams.append(found)
        for s in found.samples:
            {"flow": self.flow_samples, "counter": self.counter_samples,
             "discard": self.discarded}[s.kind].append(s)
            if s.kind == "flow":
                fields, length = flow(s)
                for definition in self.definitions.values():
                    definition.add(s, fields, length)
