# SPDX-License-Identifier: BSD-3-Clause
"""The notation in which the structures of sFlow are written down here, and what it stands for.

A field is `name` (a u32) or `name:type`. Types:

    u8 u32 i32 u64 f32 f64      numbers
    pct                         i32, hundredths of a percent, -1 unknown
    mac ip4 ip6 addr uuid       addresses; addr says its own type
    string, string<N>           u32 length, text, padding; N is the published maximum
    opaque, opaque[N]           bytes that are no text, with a length word or without one
    list<T>                     u32 count, then so many T
    [field field ...]           u32 count, then so many groups of these fields
    ds32 ds64 if32 if64 ifindex  data source and interface, compact and expanded
    pdus rest                   u32 count of lists of flow records; all that follows

A `|` stands before fields that agents added later: a record may end there.
"""

import collections
import re

Structure = collections.namedtuple("Structure", "tag name least fields tail")
Field = collections.namedtuple("Field", "name type")
List = collections.namedtuple("List", "of")  # a type, or a tuple of Fields
Text = collections.namedtuple("Text", "most")  # published maximum, or None
Opaque = collections.namedtuple("Opaque", "size")  # None: a length word goes before

SIZES = {"u8": 1, "u32": 4, "i32": 4, "u64": 8, "f32": 4, "f64": 8, "pct": 4, "mac": 8, "ip4": 4,
         "ip6": 16, "uuid": 16, "ds32": 4, "ds64": 8, "if32": 4, "if64": 8, "ifindex": 4,
         "addr": 4, "pdus": 4, "rest": 0}

TOKEN = re.compile(r"\s*(\[|\]|\||[^\s\[\]|:]+(?::(?:\[|[^\s\[\]|]+(?:\[\d+\])?))?)")


def tag_number(text):
    """0:1001 as it stands on the wire."""
    enterprise, form = text.split(":")
    return int(enterprise) << 12 | int(form)


def tag_text(number):
    return f"{number >> 12}:{number & 0xFFF}"


def plain_type(text):
    """The type that a word stands for."""
    for pattern, make in ((r"string(?:<(\d+)>)?", Text), (r"opaque(?:\[(\d+)\])?", Opaque)):
        found = re.fullmatch(pattern, text)
        if found:
            return make(int(found.group(1)) if found.group(1) else None)
    found = re.fullmatch(r"list<(.+)>", text)
    if found:
        return List(plain_type(found.group(1)))
    if text not in SIZES:
        raise ValueError(f"no type {text}")
    return text


def read_fields(tokens):
    """Fields up to the end or a closing bracket, and how many of them come before a `|`."""
    fields, tail = [], None
    while tokens:
        token = tokens.pop(0)
        if token == "]":
            break
        if token == "|":
            tail = len(fields)
        elif token.endswith(":["):
            inner, _ = read_fields(tokens)
            fields.append(Field(token[:-2], List(inner)))
        else:
            name, _, kind = token.partition(":")
            fields.append(Field(name, plain_type(kind or "u32")))
    return tuple(fields), tail


def structure(tag, name, least, text):
    """One structure. `least` is its size as published, without what may be missing."""
    fields, tail = read_fields(TOKEN.findall(text))
    if len({f.name for f in fields}) != len(fields):
        raise ValueError(f"{name}: a field twice")
    return Structure(tag, name, least, fields, tail)


def least_size(kind):
    """Bytes that a value of a type takes at least."""
    if isinstance(kind, Opaque):
        return kind.size or 4
    if isinstance(kind, (List, Text)):
        return 4
    return SIZES[kind]
