# SPDX-License-Identifier: BSD-3-Clause
"""A datagram as `weirctl decode --json` has to show it, and what differs from what it shows."""

import decimal
import ipaddress
import json
import math
import struct
import time

import enumerations
from notation import List, Opaque, Text, tag_text
from structures import CONTENTS, VALUE_TYPES

MOST_ERRORS = 64  # of a datagram, that are shown


class Real:
    """A number that has to come back bit by bit; none that is not finite."""

    def __init__(self, value, form):
        self.value, self.form = value, form

    def differs(self, got):
        if not math.isfinite(self.value):
            return got is not None
        if not isinstance(got, (int, decimal.Decimal)):
            return True
        return struct.pack(self.form, float(got)) != struct.pack(self.form, self.value)

    def __repr__(self):
        return repr(self.value)


class Percent:
    """Hundredths as a number, or null for -1."""

    def __init__(self, hundredths):
        self.hundredths = hundredths

    def differs(self, got):
        if self.hundredths == -1:
            return got is not None
        return not isinstance(got, (int, decimal.Decimal)) or got * 100 != self.hundredths

    def __repr__(self):
        return "null" if self.hundredths == -1 else f"{self.hundredths / 100:.2f}"


class Mac:
    """Twelve hex digits of either case."""

    def __init__(self, data):
        self.text = data.hex()

    def differs(self, got):
        return not isinstance(got, str) or got.lower() != self.text

    def __repr__(self):
        return repr(self.text)


class Address:
    """An address in any of its spellings."""

    def __init__(self, data):
        self.address = ipaddress.ip_address(data)

    def differs(self, got):
        try:
            return not isinstance(got, str) or ipaddress.ip_address(got) != self.address
        except ValueError:
            return True

    def __repr__(self):
        return repr(str(self.address))


class Layers:
    """The layers of a sampled header: each begins in it, and not before the one around it."""

    def __init__(self, header):
        self.size = len(header)

    def __repr__(self):
        return f"layers of {self.size} bytes"

    def differs(self, got):
        if not isinstance(got, list):
            return True
        offsets = [layer["offset"] for layer in got]
        return offsets != sorted(offsets) or any(
            not 0 <= layer["offset"] <= self.size or set(layer) != {"layer", "offset", "fields"}
            for layer in got)


class Omitted:
    """How many layers are not shown, where there are any."""
    optional = True

    def __repr__(self):
        return "a number of layers"

    def differs(self, got):
        return not isinstance(got, int) or got < 1


class Stack:
    """The names of the layers; not there where there are none."""
    optional = True

    def __repr__(self):
        return "names of layers"

    def differs(self, got):
        return not isinstance(got, str)


# ---- values ----

def text(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"hex": data.hex()}


def uuid(data):
    found = data.hex()
    return "-".join((found[:8], found[8:12], found[12:16], found[16:20], found[20:]))


def value(kind, found):
    """JSON of a value, with the classes above where more than one spelling is right."""
    if isinstance(kind, List):
        return [fields(kind.of, v) if isinstance(kind.of, tuple) else value(kind.of, v)
                for v in found]
    if isinstance(kind, Text):
        return text(found)
    if isinstance(kind, Opaque) or kind == "rest":
        return found.hex()
    if kind == "pdus":
        return [{"records": [record(r) for r in pdu]} for pdu in found]
    if kind == "ifindex":
        return {"format": 0, "value": found}
    if kind in ("if32", "if64") and found["format"] == 1:
        return {**found, **enumerations.reason(found["value"])}
    ways = {"f32": lambda v: Real(v, ">f"), "f64": lambda v: Real(v, ">d"), "pct": Percent,
            "mac": Mac, "ip4": Address, "ip6": Address, "uuid": uuid,
            "addr": lambda v: v if v is None else Address(v)}
    return ways[kind](found) if kind in ways else found


def fields(wanted, values):
    return {f.name: value(f.type, values[f.name]) for f in wanted if f.name in values}


# ---- structures ----

def record(found):
    """A record's object."""
    made = {"tag": tag_text(found.tag), "type": found.structure and found.structure.name,
            "length": found.length}
    if found.raw is not None:
        return {**made, "data": found.raw.hex()}
    made["fields"] = fields(found.structure.fields, found.values)
    made["fields"].update(enumerations.names(found))
    if found.extra:
        made["extra"] = found.extra.hex()
    if found.header_length is not None:
        made["header_length"] = found.header_length
    if found.is_header() and "header" in found.values:
        made["layers"], made["stack"] = Layers(found.values["header"]), Stack()
        made["layers_omitted"] = Omitted()
    return made


def entry(types, found):
    name, number, what = found
    word, kind = types[number]
    return {"name": text(name), "type": word, "value": value(kind, what)}


def sample(found):
    """A sample's object."""
    made = {"tag": tag_text(found.tag), "type": found.structure and found.structure.name}
    if found.length is not None:
        made["length"] = found.length
    if found.wrapper:
        made["wrapper"] = {"tag": "1991:1", "flags": found.wrapper["flags"],
                           "group": found.wrapper["group"]}
    if not found.complete:
        made["complete"] = False
    if found.length is None:
        return made
    if not found.structure:
        return {**made, "data": found.raw.hex()}
    made.update(fields(found.structure.fields, found.values))
    if "reason" in found.values:
        made.update(enumerations.reason(found.values["reason"]))
    contents = CONTENTS[found.structure.tag]
    if contents in VALUE_TYPES:
        made[contents] = [entry(VALUE_TYPES[contents], e) for e in found.entries]
    else:
        made["records"] = [record(r) for r in found.records]
    return made


def moment(seconds, nanoseconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) \
        + f".{nanoseconds // 1000:06d}Z"


def datagram(found):
    """A datagram's object, as far as its header can be read."""
    made = {"time": moment(*found.time), "source": Address(found.source[0]),
            "source_port": found.source[1], "size": found.size}
    for name, what in found.head.items():
        made[name] = value("addr", what) if name == "agent_address" else what
    made["samples"] = [sample(s) for s in found.samples]
    if found.errors:
        made["errors"] = found.errors[:MOST_ERRORS]
    if len(found.errors) > MOST_ERRORS:
        made["errors_omitted"] = len(found.errors) - MOST_ERRORS
    if found.deviations:
        made["deviations"] = found.deviations
    return made


# ---- comparison ----

def load(line):
    """JSON with its numbers as they are written."""
    return json.loads(line, parse_float=decimal.Decimal)


def is_name(key, got):
    """The word of an enumerated field comes beside its number."""
    return key.endswith("_name") and isinstance(got[key], str) and key[:-len("_name")] in got


def differences(want, got, path=""):
    """Lines that tell what in `got` is not as in `want`."""
    if hasattr(want, "differs"):
        if want.differs(got):
            yield f"{path}: {got!r} is not {want!r}"
    elif isinstance(want, dict) and isinstance(got, dict):
        for key in want.keys() | got.keys():
            if key not in got:
                if hasattr(want[key], "optional"):
                    continue
                yield f"{path}.{key}: missing, {want[key]!r}"
            elif key not in want:
                if not is_name(key, got):
                    yield f"{path}.{key}: not expected: {got[key]!r}"
            else:
                yield from differences(want[key], got[key], f"{path}.{key}")
    elif isinstance(want, list) and isinstance(got, list):
        if len(want) != len(got):
            yield f"{path}: {len(got)} elements, not {len(want)}"
        for i, (a, b) in enumerate(zip(want, got)):
            yield from differences(a, b, f"{path}[{i}]")
    elif type(want) is not type(got) or want != got:
        yield f"{path}: {got!r} is not {want!r}"
