# SPDX-License-Identifier: BSD-3-Clause
"""Values to bytes: the XDR subset of sFlow, and the containers around it."""

import struct

from notation import List, Opaque, Text
from structures import CONTENTS, VALUE_TYPES, WRAPPER
from tree import Record

NUMBERS = {"u8": ">B", "u32": ">I", "ifindex": ">I", "i32": ">i", "pct": ">i", "u64": ">Q",
           "f32": ">f", "f64": ">d"}


def u32(*numbers):
    return struct.pack(f">{len(numbers)}I", *numbers)


def pad(data):
    return data + bytes(-len(data) % 4)


def opaque(data):
    return u32(len(data)) + pad(data)


def address(value):
    """None, 4 or 16 bytes, with the type word before."""
    if value is None:
        return u32(0)
    return u32(1 if len(value) == 4 else 2) + value


def encode(kind, value, bare=False):
    """One value. `bare`: MAC addresses without their padding."""
    if isinstance(kind, List):
        return u32(len(value)) + b"".join(element(kind.of, v, bare) for v in value)
    if isinstance(kind, Text) or kind == Opaque(None):
        return opaque(value)
    if kind in NUMBERS:
        return struct.pack(NUMBERS[kind], value)
    if kind == "mac":
        return value if bare else value + b"\0\0"
    if kind == "addr":
        return address(value)
    if kind == "ds32":
        return u32(value["class"] << 24 | value["index"])
    if kind == "if32":
        return u32(value["format"] << 30 | value["value"])
    if kind == "ds64":
        return u32(value["class"], value["index"])
    if kind == "if64":
        return u32(value["format"], value["value"])
    if kind == "pdus":
        return u32(len(value)) + b"".join(records(pdu) for pdu in value)
    return value  # ip4 ip6 uuid rest, opaque of a fixed size


def element(kind, value, bare):
    return fields(kind, value, bare) if isinstance(kind, tuple) else encode(kind, value, bare)


def fields(wanted, values, bare=False):
    """The fields that `values` has, in wire order."""
    return b"".join(encode(f.type, values[f.name], bare) for f in wanted if f.name in values)


def tlv(tag, body, length=None):
    """Tag, length and body; the length word may lie."""
    return u32(tag, len(body) if length is None else length) + pad(body)


def record(made: Record, bare=False):
    """A record; sets its length."""
    body = made.raw
    if body is None:
        body = fields(made.structure.fields, made.values, bare) + made.extra
    made.length = len(body)
    return tlv(made.tag, body)


def records(made):
    return u32(len(made)) + b"".join(record(r) for r in made)


def entries(made, contents):
    """Names and values of 4300:1002 and 4300:1003."""
    types = VALUE_TYPES[contents]
    return u32(len(made)) + b"".join(
        opaque(name) + u32(number) + encode(types[number][1], value)
        for name, number, value in made)


def sample_body(made):
    if made.raw is not None:
        return made.raw
    contents = CONTENTS[made.structure.tag]
    rest = entries(made.entries, contents) if contents in VALUE_TYPES else records(made.records)
    return fields(made.structure.fields, made.values) + rest


def sample(made, body=None):
    """A sample; sets its length. `body` takes the place of what would be made."""
    body = sample_body(made) if body is None else body
    made.length = len(body)
    whole = tlv(made.tag, body)
    if made.wrapper:
        head = u32(made.wrapper["flags"], made.wrapper["group"])
        # One reading has the inner sample within the wrapper, the other has it behind.
        inside = made.wrapper["inside"]
        return tlv(WRAPPER, head + whole) if inside else tlv(WRAPPER, head) + whole
    return whole


def head(values):
    """The header of a datagram up to its number of samples."""
    return (u32(values["version"]) + address(values["agent_address"])
            + u32(*(values[n] for n in ("sub_agent_id", "sequence_number", "uptime",
                                        "sample_count"))))


def datagram(made, parts=None):
    """A datagram; sets its size. `parts`: the samples, where they are not what would be made."""
    parts = [sample(s) for s in made.samples] if parts is None else parts
    payload = head(made.head) + b"".join(parts)
    made.size = len(payload)
    return payload
