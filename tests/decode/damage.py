# SPDX-License-Identifier: BSD-3-Clause
"""Datagrams that are not as they should be: what real agents get wrong, and what attackers try.

Those with names come from sections 1.9, 1.10 and 7 of the reference; random_damage() spoils the
datagrams of a seed. What can still be read of them tells reader.py.
"""

import struct

import datagrams
import xdr
from notation import tag_number
from structures import COUNTER, FLOW, SAMPLES
from tree import Sample
from xdr import u32

V1 = bytes.fromhex("0000000500000001c000020a00000001000000020000000300000000")
V2 = bytes.fromhex(
    "0000000500000001c000020a00000001000000020000000300000001000000010000004800000009010000640000"
    "02000000140000000001000000078000000300000002000003e9000000100000006400000001ffffffff00000000"
    "000003e7000000060102030405060000")
V3 = bytes.fromhex(
    "000000050000000220010db80000000000000000000000100000000000000001000003e800000001000000020000"
    "0044000000010200000a00000002000003ed0000000c00000006657468302f310000000003e90000001c000004d2"
    "ffffffff0000271000000000000000080000000000000004")
V4 = bytes.fromhex(
    "0000000500000001c000020a000000010000000400000005000000010000000300000078000000030000000001000"
    "001000003e800000bb800000000000000003fffffff000000010000010200000001000003eb0000004400000001c6"
    "3364010000fbf40000fbf50000fbf60000000200000002000000020000fbfe0000fbff00000001000000020000fc08"
    "0000fc0900000001fbf4000700000096")
V5 = bytes.fromhex(
    "0000000500000001c000020a000186a0000000060000000700000001000000050000004400000005000000000000"
    "00020000000400000002000000000000012100000002000004060000000400001389""0000040e000000100000000a"
    "7463705f76345f7263760000")
VECTORS = {"v1": V1, "v2": V2, "v3": V3, "v4": V4, "v5": V5}

MAC_A, MAC_B = bytes.fromhex("020000000001"), bytes.fromhex("0200000000ff")
IP4_HEADER = bytes.fromhex("450005dc1234400040060000c0000201c0000202")
SMALL_IP4 = IP4_HEADER[:2] + b"\0\x28" + IP4_HEADER[4:]
TCP_START = bytes.fromhex("115c01bb0000000100000002501810000000000000")


def patched(data, at, replacement):
    return data[:at] + replacement + data[at + len(replacement):]


def datagram(*samples, count=None, agent=b"\x01\x02\x03\x04", version=5):
    """A datagram around encoded samples."""
    return u32(version) + xdr.address(agent) + u32(0, 1, 1000, len(samples) if count is None
                                                   else count) + b"".join(samples)


def flow(*records, count=None, rate=512, tag=1, surplus=b"", length=None):
    """A flow sample around encoded records."""
    count = len(records) if count is None else count
    if tag == 1:
        head = u32(9, 100, rate, 5120, 1, 7, 8, count)
    else:
        head = u32(9, 0, 1 << 24, rate, 5120, 1, 0, 0x3FFFFFFF, 0, 0xFFFFFFFF, count)
    return xdr.tlv(tag, head + b"".join(records) + surplus, length)


def counters(*records, count=None):
    return xdr.tlv(2, u32(9, 100, len(records) if count is None else count) + b"".join(records))


def header(protocol, frame_length, stripped, data):
    return xdr.tlv(1, u32(protocol, frame_length, stripped) + xdr.opaque(data))


SWITCH = xdr.tlv(1001, u32(100, 1, 200, 2))
ETHERNET = MAC_B + MAC_A + b"\x08\0"
TAGGED = MAC_B + MAC_A + b"\x81\0\x20\x64\x08\0"


def vectors():
    """Section 7: the five, and what it says to make of them."""
    yield from VECTORS.items()
    longer = patched(V2, 32, u32(0x4C))
    yield "v2_surplus", longer + bytes(4)
    yield "v2_grown", (patched(longer, 72, u32(0x14))[:92] + u32(0xABCD) + V2[92:])
    yield "v4_segments", patched(V4, 100, u32(0xFFFFFFFF))
    yield "v4_communities", patched(V4, 136, u32(0x40000001))
    yield "v4_asns", patched(V4, 108, u32(0xFFFFFFFF))
    yield "v5_string", patched(V5, 88, u32(0xFFFFFFFE))
    yield "v1_samples", patched(V1, 24, u32(0xFFFFFFFF))
    for size in range(len(V2)):
        yield f"v2_cut_{size}", V2[:size]
    for size in range(len(V3) - 4, 40, -4):
        yield f"v3_cut_{size}", V3[:size]


def deviations():
    """Section 1.9: what agents send, and what they mean."""
    ip = ETHERNET + IP4_HEADER + TCP_START
    yield "trailing", V2 + bytes(20)
    yield "bare_macs", datagram(flow(xdr.tlv(2, u32(60) + MAC_A + MAC_B + u32(0x0800)), SWITCH))
    yield "bare_lag", datagram(counters(xdr.tlv(
        7, MAC_A + MAC_B + u32(3, 0x3D3D3F3F) + u32(*range(8))), xdr.tlv(1005, xdr.opaque(b"x"))))
    yield "stripped_tail", datagram(flow(header(1, 1518, 1518 - len(ip), ip)))
    whole = ETHERNET + SMALL_IP4 + TCP_START
    yield "stripped_whole", datagram(flow(header(1, len(whole) + 8, 8, whole)))
    yield "below_ip", datagram(flow(header(1, 132, 4, ip)))
    yield "rate_millions", datagram(flow(SWITCH, rate=50_000_000))
    yield "rate_zero", datagram(flow(SWITCH, rate=0), flow(SWITCH, rate=0, tag=3))
    for protocol in (0, 2, 14, 16, 18, 19, 2**31 - 1):
        yield f"header_protocol_{protocol}", datagram(flow(header(protocol, 64, 4, ip), SWITCH))
    for cut in range(len(TAGGED + IP4_HEADER), len(TAGGED + IP4_HEADER + TCP_START) + 1):
        whole = TAGGED + IP4_HEADER + TCP_START
        yield f"tcp_cut_{cut}", datagram(flow(header(1, 1522, 4, whole[:cut])))
    macs = MAC_A + MAC_B
    for name, llc in (("llc_ip", b"\x06\x06\x03"), ("llc_other", b"\x06\x06\x02"),
                      ("snap", b"\xaa\xaa\x03\0\0\0\x08\0")):
        data = macs + b"\x02\0" + llc + IP4_HEADER + TCP_START
        yield name, datagram(flow(header(1, 512 + 18, 4, data)))
        yield name + "_stripped", datagram(flow(header(1, 1500, 1500 - len(data), data)))
        yield name + "_below_ip", datagram(flow(header(1, 100, 4, data)))
    vendor = macs + b"\x02\0\xaa\xaa\x03\0\0\x0c\x20\0" + bytes(8)
    for cut in range(14, len(vendor)):
        yield f"vendor_snap_{cut}", datagram(flow(header(1, 512, 4, vendor[:cut])))
    yield "internal_expanded", datagram(flow(SWITCH, tag=3))
    yield "vlan_unknown", datagram(flow(xdr.tlv(1001, b"\xff" * 16)))
    yield "two_headers", datagram(flow(header(1, 1518, 4, ip), header(13, 100, 0, bytes(40)),
                                       header(1, 64, 4, MAC_A + MAC_B + b"\x08\x06" + bytes(30))))
    yield "header_and_more", datagram(flow(
        SWITCH, header(1, 200, 4, ip), xdr.tlv(2, u32(182) + MAC_A + b"\0\0" + MAC_B + b"\0\0"
                                               + u32(0x0800)),
        xdr.tlv(3, u32(182, 17, 0x0A000001, 0x0A000002, 53, 54, 0, 0))))
    bare = xdr.tlv(2, u32(182) + MAC_A + MAC_B + u32(0x0800))
    cut = patched(header(0, 1518, 4, ip), 20, u32(300))
    yield "header_cut", datagram(flow(cut, SWITCH))
    yield "in_aggregation", datagram(flow(SWITCH, xdr.tlv(1016, u32(
        2, 3) + bare + cut + xdr.tlv(1001, u32(1, 2)) + u32(1) + SWITCH)))
    yield "no_padding", datagram(flow(xdr.tlv(999, b"abcdef")[:-2]))
    yield "no_padding_text", datagram(xdr.tlv(5, u32(9, 0, 2, 0, 1, 2, 258, 1) + xdr.tlv(
        1038, u32(6) + b"foobar")[:-2])[:-2])
    texts = b"".join(map(xdr.opaque, (b"/index", b"host", b"", b"agent")))
    yield "http_first_draft", datagram(flow(xdr.tlv(
        2201, u32(2) + texts + xdr.opaque(b"user") + u32(1000, 20, 200))))
    yield "http_second_draft", datagram(flow(xdr.tlv(
        2201, u32(4) + texts + b"".join(map(xdr.opaque, (b"xff", b"user", b"text/html")))
        + u32(0, 100, 0, 2000, 20, 404))))
    yield "payload_as_header", datagram(flow(xdr.tlv(
        1013, u32(0x000FAC04, 1, 1518, 4) + xdr.opaque(ip)), SWITCH))


def wrappers():
    """1991:1 in both readings of section 2.6, and in none."""
    inner = flow(SWITCH)
    yield "wrapper_inside", datagram(xdr.tlv(tag_number("1991:1"), u32(1, 2) + inner), inner)
    yield "wrapper_behind", datagram(xdr.tlv(tag_number("1991:1"), u32(1, 2)) + inner, inner)
    yield "wrapper_surplus", datagram(
        xdr.tlv(tag_number("1991:1"), u32(1, 2) + inner + bytes(4)), inner)
    for size in (0, 4, 12):
        yield f"wrapper_{size}", datagram(xdr.tlv(tag_number("1991:1"), bytes(size)), inner)
    wrapper = tag_number("1991:1")
    yield "wrapper_last", datagram(inner, xdr.tlv(wrapper, u32(1, 2)))
    yield "wrapper_overrun", datagram(xdr.tlv(wrapper, u32(1, 2)) + patched(inner, 4, u32(999)))
    yield "wrapper_cut", datagram(xdr.tlv(wrapper, u32(1, 2)) + inner[:4])
    yield "wrapper_of_none", datagram(xdr.tlv(wrapper, u32(1, 2) + patched(inner, 4, u32(999))),
                                      inner)
    yield "wrapper_twice", datagram(xdr.tlv(wrapper, u32(1, 2) + xdr.tlv(wrapper, u32(3, 4)
                                                                         + inner)), inner)
    yield "wrapper_broken", datagram(xdr.tlv(wrapper, u32(1, 2) + flow(SWITCH, count=3)), inner)
    yield "wrapper_counter", datagram(
        xdr.tlv(tag_number("1991:1"), u32(1, 2) + counters(xdr.tlv(1005, xdr.opaque(b"eth0")))))


def hostile():
    """Section 1.10: lengths, counts and types that lie."""
    good = flow(SWITCH)
    for version in (0, 2, 4, 6, 0x50001):
        yield f"version_{version}", datagram(good, version=version)
    yield "agent_none", datagram(good, agent=None)
    yield "agent_type", u32(5, 3) + datagram(good)[8:]
    yield "sample_overrun", datagram(good, flow(SWITCH, length=200))
    yield "sample_length_max", datagram(good, flow(SWITCH, length=0xFFFFFFFF))
    yield "sample_length_wraps", datagram(good, flow(SWITCH, length=0xFFFFFFFD))
    yield "samples_missing", datagram(good, good, count=3)
    yield "samples_fewer", datagram(good, good, count=1)
    yield "samples_rest", datagram(good, count=2) + bytes(6)
    for tag, structure in SAMPLES.items():
        for size in range(0, structure.least + 4, 4):
            yield f"sample_short_{structure.name}_{size}", datagram(
                xdr.tlv(tag, bytes(size)), good)
    yield "records_missing", datagram(flow(SWITCH, SWITCH, count=3), good)
    yield "records_max", datagram(flow(SWITCH, count=0xFFFFFFFF), good)
    yield "records_fewer", datagram(flow(SWITCH, SWITCH, count=1), good)
    yield "record_overrun", datagram(flow(SWITCH, patched(SWITCH, 4, u32(20))), good)
    yield "record_wraps", datagram(flow(SWITCH, patched(SWITCH, 4, u32(0xFFFFFFFD))), good)
    yield "record_rest", datagram(flow(SWITCH, surplus=bytes(4), count=2), good)
    yield "record_length", datagram(flow(SWITCH, xdr.tlv(1001, bytes(6)), SWITCH), good)
    yield "record_length_at_end", datagram(good, flow(SWITCH, xdr.tlv(1001, bytes(6)), length=200))
    yield "record_address", datagram(flow(xdr.tlv(1002, u32(7, 1, 2, 3)), SWITCH))
    yield "address_overrun", datagram(flow(patched(xdr.tlv(1002, u32(7, 1, 2, 3)), 4, u32(64))),
                                      good)
    yield "address_none", datagram(flow(xdr.tlv(1002, u32(0, 24, 16)), SWITCH))
    for tag, structure in FLOW.items():
        for size in range(0, min(structure.least, 60), 4):
            yield f"flow_short_{structure.tag}_{size}", datagram(
                flow(xdr.tlv(tag, bytes(size)), SWITCH))
    for tag, structure in COUNTER.items():
        for size in range(0, structure.least, 8):
            yield f"counter_short_{structure.tag}_{size}", datagram(
                counters(xdr.tlv(tag, bytes(size)), xdr.tlv(1002, u32(1, 2, 3))))
    yield "header_length", datagram(flow(xdr.tlv(1, u32(1, 64, 4, 200) + bytes(64)), SWITCH))
    yield "string_length", datagram(flow(xdr.tlv(1038, u32(200) + b"abcd"), SWITCH))
    yield "list_count", datagram(flow(xdr.tlv(1012, u32(0x40000001, 5)), SWITCH))
    yield "lanes_count", datagram(counters(xdr.tlv(10, u32(1, 4, 3300, 20000, 0x66666667)
                                                   + bytes(40)), xdr.tlv(1002, bytes(12))))
    yield "value_type", datagram(xdr.tlv(tag_number("4300:1002"), xdr.opaque(b"ds") + u32(2)
                                         + xdr.opaque(b"a") + u32(1, 5) + xdr.opaque(b"b")
                                         + u32(7, 5)), good)
    yield "value_cut", datagram(xdr.tlv(tag_number("4300:1003"), xdr.opaque(b"ds") + u32(1, 2, 2)
                                        + xdr.opaque(b"a") + u32(4, 5) + xdr.opaque(b"b")
                                        + u32(5, 5)), good)


def numbers(count, word=0xFFFFFFFF):
    """A list of u32."""
    return u32(count, *(word - i for i in range(count)))


def long_lists():
    """More than sflowtool has room for."""
    path = xdr.address(b"\x01\x01\x01\x01") + u32(1, 2, 3)
    yield "long_path", datagram(flow(xdr.tlv(
        1003, path + u32(1, 2) + numbers(300) + numbers(400) + u32(100))))
    yield "long_set", datagram(flow(xdr.tlv(
        1003, path + u32(2, 1) + numbers(186, 1410065407) + u32(2) + numbers(3, 9) + u32(0, 7))))
    yield "long_path_of_sets", datagram(flow(xdr.tlv(
        1003, path + u32(100) + (u32(1) + numbers(2, 70000)) * 100 + u32(0, 7))))
    yield "long_labels", datagram(flow(xdr.tlv(
        1006, xdr.address(None) + numbers(200) + numbers(137))))
    yield "long_tags", datagram(flow(xdr.tlv(1012, numbers(300))))
    yield "long_header", datagram(flow(header(1, 9000, 4, bytes(9000))), flow(SWITCH))
    yield "many_errors", datagram(flow(*[xdr.tlv(1001, u32(i)) for i in range(70)]))
    yield "many_samples", datagram(*[flow() for _ in range(600)])


def named():
    """(name, payload) of each."""
    for source in (vectors, deviations, wrappers, hostile, long_lists):
        yield from source()


# ---- spoilt at random ----

def shorter(made, rng):
    """A record whose body ends early, at a word."""
    record = xdr.record(made)
    body = record[8:]
    return xdr.tlv(made.tag, body[:4 * rng.randrange(len(body) // 4 + 1)])


def with_short_records(sample: Sample, rng):
    if not sample.structure or sample.wrapper or not sample.records:
        return xdr.sample(sample)
    records = b"".join(shorter(r, rng) if rng.randrange(2) else xdr.record(r)
                       for r in sample.records)
    head = xdr.fields(sample.structure.fields, sample.values)
    return xdr.sample(sample, head + u32(len(sample.records)) + records)


def random_damage(seed, extreme=False):
    """(name, payload) of spoilt datagrams of a seed."""
    maker = datagrams.Maker(f"{seed}/damage", extreme)
    rng = maker.rng
    for number, (made, payload) in enumerate(maker.datagrams()):
        if number % 3 == 0:
            yield f"short_records_{number}", xdr.datagram(
                made, [with_short_records(s, rng) for s in made.samples])
        elif number % 3 == 1:
            yield f"cut_{number}", payload[:rng.randrange(len(payload) + 1)]
        else:
            spoilt = bytearray(payload)
            for _ in range(rng.randrange(1, 4)):
                at = rng.randrange(len(payload) // 4) * 4
                word = rng.choice((0, 1, 3, 7, 2**32 - 1, rng.getrandbits(32),
                                   struct.unpack_from(">I", payload, at)[0] + 1))
                struct.pack_into(">I", spoilt, at, word & 0xFFFFFFFF)
            yield f"words_{number}", bytes(spoilt)
