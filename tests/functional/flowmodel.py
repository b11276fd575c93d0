# SPDX-License-Identifier: BSD-3-Clause
"""A plain model of flow definitions, over the JSON of `weirctl decode`, to check weir against.

It reads the text of keys and filters by itself, looks each key up in a decoded sample, and adds up
in dictionaries. It is slow, exact, and knows nothing of how weir does it. A key is None where a
sample lacks it; else a number, or its text.
"""

import collections
import ipaddress
import re
import urllib.parse

KINDS = {"flow_sample": False, "flow_sample_expanded": False, "discarded_packet": True}
INTERNAL = (0x3FFFFFFF, 0xFFFFFFFF)
UNKNOWN = 0xFFFFFFFF
OPERATIONS = ("http_request", "memcache_operation", "app_operation")
LENGTHS = ("sampled_header", "sampled_ipv4", "sampled_ipv6", "sampled_ethernet")

# Keys of the header by the layer that holds them, as far as definitions here ask for an inner one.
LAYERS = {"ip": ("ipsource", "ipdestination", "ipprotocol", "ipttl", "iptos", "ipecn"),
          "eth": ("macsource", "macdestination", "ethernetprotocol"),
          "tcp": ("tcpsourceport", "tcpdestinationport", "tcpflags"),
          "udp": ("udpsourceport", "udpdestinationport"), "vlan": ("vlan", "priority")}
LAYER_OF = {key: layer for layer, keys in LAYERS.items() for key in keys}

# Keys of records: structure and field, and what stands for unknown.
RECORDS = {
    "vlansource": ("extended_switch", "src_vlan", UNKNOWN),
    "vlandestination": ("extended_switch", "dst_vlan", UNKNOWN),
    "prioritysource": ("extended_switch", "src_priority", UNKNOWN),
    "prioritydestination": ("extended_switch", "dst_priority", UNKNOWN),
    "ipnexthoprouter": ("extended_router", "nexthop", None),
    "ipsourcemaskbits": ("extended_router", "src_mask_len", None),
    "ipdestinationmaskbits": ("extended_router", "dst_mask_len", None),
    "bgpas": ("extended_gateway", "as", UNKNOWN),
    "bgpsourceas": ("extended_gateway", "src_as", UNKNOWN),
    "bgpsourcepeeras": ("extended_gateway", "src_peer_as", UNKNOWN),
    "bgpnexthop": ("extended_gateway", "nexthop", "0.0.0.0"),
    "bgplocalpref": ("extended_gateway", "localpref", None),
    "url": ("extended_url", "url", ""), "usersource": ("extended_user", "src_user", ""),
    "inputvni": ("extended_vni_ingress", "vni", UNKNOWN),
    "inputipsource": ("extended_ipv4_tunnel_ingress", "src_ip", "0.0.0.0"),
    "inputipdestination": ("extended_ipv4_tunnel_ingress", "dst_ip", "0.0.0.0"),
    "queuedepth": ("extended_queue", "depth", None),
    "queueindex": ("extended_egress_queue", "queue", UNKNOWN),
    "function": ("extended_function", "symbol", ""),
    "linuxreason": ("extended_linux_drop_reason", "reason", ""),
    "tcprtt": ("extended_tcp_info", "rtt", UNKNOWN),
    "tcpretrans": ("extended_tcp_info", "retrans", UNKNOWN),
    "tcpdirection": ("extended_tcp_info", "dir_name", None),
    "duration": ("http_request", "uS", UNKNOWN), "resp_bytes": ("http_request", "resp_bytes", None),
    "httpurl": ("http_request", "uri", ""), "httphost": ("http_request", "host", ""),
    "httpstatus": ("http_request", "status", UNKNOWN),
    "httpmethod": ("http_request", "method_name", None),
    "httpmimetype": ("http_request", "mime_type", ""),
    "clientaddress": ("extended_socket_ipv4", "remote_ip", None),
}


def text(value):
    """A value as it is printed in a flow key."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def number(value):
    """The number that a value is, or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if value.isdigit() else None


class Sample:
    """A decoded sample, to look keys up in."""

    def __init__(self, datagram, sample):
        self.datagram, self.sample = datagram, sample
        self.dropped = KINDS[sample["type"]]
        self.rate = 1 if self.dropped else sample["sampling_rate"] or 1
        self.records = {}
        for record in sample.get("records", ()):
            if record["type"]:
                self.records.setdefault(record["type"], record)

    def source(self):
        kind, index = self.sample["source_id"]["class"], self.sample["source_id"]["index"]
        return f"{kind}.{index}" if kind else str(index)

    @staticmethod
    def interface(side):
        if side["format"]:
            return {1: "discard", 2: "multiple"}.get(side["format"], "unknown")
        return "internal" if side["value"] in INTERNAL else side["value"]

    def direction(self):
        for word, side in (("ingress", "input"), ("egress", "output")):
            place = self.sample[side]
            if place["format"] == 0 and self.source() == str(place["value"]) != "0":
                return word
        return None

    def length(self):
        for name in LENGTHS:
            if name in self.records:
                fields = self.records[name]["fields"]
                return fields["frame_length" if name == "sampled_header" else "length"]
        return None

    def requests(self):
        """1 for an operation, or a DNS or ARP packet."""
        layers = self.records.get("sampled_header", {}).get("layers", ())
        found = any(name in self.records for name in OPERATIONS) \
            or any(layer["layer"] in ("dns", "arp") for layer in layers)
        return 1 if found else None

    def context(self, name):
        """Keys of the sample itself; KeyError where it is none of these."""
        return {"agent": lambda: self.datagram["agent_address"], "datasource": self.source,
                "bytes": self.length, "direction": self.direction,
                "frames": lambda: 1, "requests": self.requests,
                "inputifindex": lambda: self.interface(self.sample["input"]),
                "outputifindex": lambda: self.interface(self.sample["output"]),
                "reason": lambda: self.sample.get("reason_name"),
                "stack": lambda: self.records.get("sampled_header", {}).get("stack") or None,
                }[name]()

    def path(self):
        """Keys of the AS path."""
        record = self.records.get("extended_gateway")
        return [n for segment in record["fields"]["dst_as_path"] for n in segment["asns"]] \
            if record else []

    def from_record(self, name):
        structure, field, unknown = RECORDS[name]
        record = self.records.get(structure)
        value = record["fields"].get(field) if record else None
        return None if value == unknown else value

    def from_header(self, name, instance):
        layers = self.records.get("sampled_header", {}).get("layers")
        if layers is None:
            return self.without_header(name) if instance == 0 else None
        if name in LAYER_OF:
            layers = [layer for layer in layers if layer["layer"] == LAYER_OF[name]]
            return layers[instance]["fields"].get(name) if instance < len(layers) else None
        found = [layer["fields"][name] for layer in layers if name in layer["fields"]]
        return found[instance] if instance < len(found) else None

    def without_header(self, name):
        """What record 0:2 says where there is no sampled header."""
        field = {"macsource": "src_mac", "macdestination": "dst_mac",
                 "ethernetprotocol": "type"}.get(name)
        record = self.records.get("sampled_ethernet")
        return record["fields"][field] if field and record else None

    def key(self, name):
        try:
            return self.context(name)
        except KeyError:
            pass
        if name in RECORDS:
            return self.from_record(name)
        path = self.path() if name.startswith("bgpdest") else []
        if name.startswith("bgpdest"):
            return {"bgpdestinationas": path[-1:], "bgpdestinationpeeras": path[:1],
                    "bgpdestinationaspath": ["-".join(map(str, path))] if path else []
                    }[name][0] if path else None
        name, _, instance = name.partition(".")
        return self.from_header(name, int(instance or 0))


# ---- the language ----

def split(what, mark):
    """Parts between marks that stand neither in brackets nor behind a backslash."""
    parts, depth, i = [""], 0, 0
    while i < len(what):
        if what[i] == "\\":
            parts[-1] += what[i:i + 2]
            i += 2
            continue
        depth += {"[": 1, "]": -1}.get(what[i], 0)
        if what[i] == mark and depth == 0:
            parts.append("")
        else:
            parts[-1] += what[i]
        i += 1
    return parts


def plain(what):
    return re.sub(r"\\(.)", r"\1", what)


def mask(value, bits):
    if value is None:
        return None
    address = ipaddress.ip_address(value)
    bits = min(int(bits), address.max_prefixlen)
    return str(ipaddress.ip_network((address, bits), strict=False).network_address).upper()


def in_range(value, low, high=None):
    if value is None or number(value) is None:
        return None
    return int(low) <= number(value) and (high is None or number(value) <= int(high))


def tokens(value, delimiter, count, last):
    if value is None:
        return None
    parts = text(value).split(delimiter)
    return delimiter.join(parts[-int(count):] if last else parts[:int(count)])


def uri(value, part):
    if value is None:
        return None
    found = urllib.parse.urlsplit(value)
    return {"path": found.path, "query": found.query}[part] or None


def equal(a, b):
    if a is None or b is None:
        return None
    return text(a) == text(b)


def call(sample, name, args):
    """The value of a function."""
    def value(i):
        return key(sample, args[i])

    if name == "null":
        return text(value(0)) if value(0) is not None else plain(args[1]) if args[1:] else "null"
    if name == "or":
        return next((v for v in map(value, range(len(args))) if v is not None), None)
    if name == "if":
        if value(0) is None:
            return None
        return value(2) if text(value(0)) == plain(args[1]) else value(3)
    if name == "eq":
        return equal(value(0), value(1))
    if name == "concat":
        parts = [value(i) for i in range(1, len(args))]
        return None if None in parts else plain(args[0]).join(map(text, parts))
    if name == "first":
        parts = [] if value(0) is None else text(value(0)).split(plain(args[1]))
        return next((p for p in parts if p in args[2:]), None)
    if name == "bits":
        return None if value(0) is None else int(value(0), 2) & int(args[1])
    rest = [plain(a) for a in args[1:]]
    return {"mask": mask, "range": in_range, "uri": uri,
            "prefix": lambda v, d, n: tokens(v, d, n, False),
            "suffix": lambda v, d, n: tokens(v, d, n, True)}[name](value(0), *rest)


def key(sample, what):
    """The value of a key, or of a function of keys."""
    if what.startswith("["):
        what = what[1:-1]
    if what.startswith("rate:"):
        what = what[len("rate:"):]
    name, *args = split(what, ":")
    return call(sample, name, args) if args else sample.key(name)


class Filter:
    """A filter, read by recursive descent each time that it is asked: plain, not fast."""

    TOKEN = re.compile(r"""\s*(?:([()&|])|(!=|!~|=|~)|((?:'(?:\\.|[^'])*'|"(?:\\.|[^"])*"|"""
                       r"""\[(?:[^\[\]]|\[[^\]]*\])*\]|\\.|[^()&|=~!'"])+))""")

    def __init__(self, what):
        self.tokens = [m.group().strip() for m in self.TOKEN.finditer(what)]
        self.at = 0

    def holds(self, sample):
        self.at = 0
        return self.either(sample)

    def chain(self, sample, mark, part):
        found = [part(sample)]
        while self.at < len(self.tokens) and self.tokens[self.at] == mark:
            self.at += 1
            found.append(part(sample))
        return found

    def either(self, sample):
        return any(self.chain(sample, "|", self.both))

    def both(self, sample):
        return all(self.chain(sample, "&", self.one))

    def one(self, sample):
        if self.tokens[self.at] == "(":
            self.at += 1
            found = self.either(sample)
            self.at += 1
            return found
        left, operator, right = self.tokens[self.at:self.at + 3]
        self.at += 3
        found = self.compare(key(sample, left), operator[-1], right)
        return found != operator.startswith("!")

    @staticmethod
    def compare(value, operator, right):
        for item in re.findall(r"'[^']*'|[^,]+", right):
            if item == "null":
                if value is None:
                    return True
            elif value is not None:
                item = item.strip("'")
                if operator == "~" and re.fullmatch(item, text(value)):
                    return True
                if operator == "=" and text(value) == item:
                    return True
        return False


# ---- definitions ----

class Definition:
    """What one definition counts."""

    def __init__(self, keys, value, **more):
        self.keys = split(keys, ",") if keys else []
        self.value, self.dropped = value, more.get("dropped", False)
        self.filter = Filter(more["filter"]) if more.get("filter") else None
        self.total = self.samples = self.filtered = self.keyless = 0
        self.places = collections.defaultdict(collections.Counter)  # key → place → value

    def add(self, sample):
        if sample.dropped != self.dropped:
            return
        if self.filter and not self.filter.holds(sample):
            self.filtered += 1
            return
        found = [key(sample, k) for k in self.keys]
        amount = key(sample, self.value)
        if None in found or amount is None:
            self.keyless += 1
            return
        place = (sample.datagram["agent_address"], sample.source())
        self.places[",".join(map(text, found))][place] += amount * sample.rate
        self.total += amount * sample.rate
        self.samples += 1

    def largest(self):
        """The value of each flow at the place that saw most of it."""
        return {flow: max(places.values()) for flow, places in self.places.items()}


def run(datagrams, definitions):
    """Count all samples of decoded datagrams; {name: Definition} of {name: attributes}."""
    counts = {name: Definition(**attributes) for name, attributes in definitions.items()}
    for datagram in datagrams:
        for sample in datagram["samples"]:
            if sample["type"] in KINDS and sample.get("complete", True):
                seen = Sample(datagram, sample)
                for definition in counts.values():
                    definition.add(seen)
    return counts
