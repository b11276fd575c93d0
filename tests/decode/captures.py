# SPDX-License-Identifier: BSD-3-Clause
"""Capture files: written in several formats, and read where they are pcap with Ethernet frames."""

import struct

ETHERNET, LINUX_SLL = 1, 113
SOURCE, TARGET = "192.0.2.1", "192.0.2.99"
SOURCE6, TARGET6 = "2001:db8::1", "2001:db8::99"
SOURCE_PORT, SFLOW_PORT = 50123, 6343
SNAP_LENGTH = 262144


def packed(text):
    """An address as bytes."""
    if ":" not in text:
        return bytes(map(int, text.split(".")))
    left, _, right = text.partition("::")
    groups = [[int(g, 16) for g in half.split(":") if g] for half in (left, right)]
    zeros = [0] * (8 - len(groups[0]) - len(groups[1]))
    return struct.pack(">8H", *groups[0], *zeros, *groups[1])


# ---- frames ----

def checksum(data):
    words = struct.unpack(f">{len(data) // 2}H", data)
    total = sum(words)
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def udp(payload, source, target):
    length = 8 + len(payload)
    pseudo = packed(source) + packed(target) + struct.pack(">2I", length, 17)
    head = struct.pack(">3H", SOURCE_PORT, SFLOW_PORT, length)
    summed = pseudo + head + b"\0\0" + payload
    return head + struct.pack(">H", checksum(summed + b"\0" * (len(summed) % 2)) or 0xFFFF) \
        + payload


def ip4(payload):
    body = udp(payload, SOURCE, TARGET)
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0x4000, 64, 17, 0) \
        + packed(SOURCE) + packed(TARGET)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def ip6(payload):
    body = udp(payload, SOURCE6, TARGET6)
    return struct.pack(">IHBB", 6 << 28, len(body), 17, 64) + packed(SOURCE6) + packed(TARGET6) \
        + body


def ethernet(payload, tags=(), v6=False):
    """A frame as on the wire, with its least size of 60 bytes."""
    kind, body = (0x86DD, ip6(payload)) if v6 else (0x0800, ip4(payload))
    middle = b"".join(struct.pack(">2H", 0x8100, tag) for tag in tags)
    return (b"\x02\0\0\0\0\x63\x02\0\0\0\0\x01" + middle + struct.pack(">H", kind)
            + body).ljust(60, b"\0")


def cooked(payload):
    """Linux SLL: as captured on the interface `any`."""
    return struct.pack(">HHH", 0, 1, 6) + b"\x02\0\0\0\0\x01\0\0" + struct.pack(">H", 0x0800) \
        + ip4(payload)


# ---- files ----

def pcap(frames, order="<", nano=False, link=ETHERNET, snap=SNAP_LENGTH):
    """Bytes of a pcap file with frames (seconds, nanoseconds, frame)."""
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, link)]
    for seconds, nanoseconds, frame in frames:
        fraction = nanoseconds if nano else nanoseconds // 1000
        kept = frame[:snap]
        out.append(struct.pack(order + "4I", seconds, fraction, len(kept), len(frame)) + kept)
    return b"".join(out)


def block(kind, body, order):
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def pcapng(frames, order="<", link=ETHERNET):
    """Bytes of a pcapng file: a section, an interface with times in us, the packets."""
    out = [block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order),
           block(1, struct.pack(order + "HHI", link, 0, SNAP_LENGTH), order)]
    for seconds, nanoseconds, frame in frames:
        time = seconds * 1000000 + nanoseconds // 1000
        head = struct.pack(order + "5I", 0, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame))
        out.append(block(6, head + frame, order))
    return b"".join(out)


# ---- reading ----

def payload_of(frame):
    """(source address, UDP payload) of an Ethernet frame, without its padding; or None."""
    kind, at = struct.unpack_from(">H", frame, 12)[0], 14
    if kind == 0x0800:
        protocol, source, at = frame[23], frame[26:30], at + 4 * (frame[14] & 15)
    elif kind == 0x86DD:
        protocol, source, at = frame[20], frame[22:38], at + 40
    else:
        return None
    if protocol != 17:
        return None
    return source, frame[at + 8:at + struct.unpack_from(">H", frame, at + 4)[0]]


def packets(path):
    """(seconds, nanoseconds, source, UDP payload) of each datagram of a pcap file."""
    with open(path, "rb") as f:
        data = f.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, length, _ = struct.unpack_from(order + "4I", data, at)
        found = payload_of(data[at + 16:at + 16 + length])
        if found:
            yield seconds, fraction * 1000, *found
        at += 16 + length
