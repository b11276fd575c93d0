# SPDX-License-Identifier: BSD-3-Clause
"""The lines of one record as sflowtool prints them, and what it changes in the columns of -l.

A field that a short record lacks has no line. `facts` are the values that -l keeps: those of the
last record that has them.
"""

import re

import text_tables
import text_values as show
from headers import of_record
from notation import List, Opaque, Text

ITEM = re.compile(r"(\[?)([^=:!\]]+)(?:=([^:!\]]+))?(?::(\d+))?(?:!(\w+))?\]?$")
SOCKETS = ("0:2100", "0:2101")


def items(structure, words):
    """(line, field, bytes kept, only if not empty, way of printing) of each item of a row."""
    found, rest = [], None
    for word in words.split():
        if word.endswith("*"):
            rest = word[:-1]
            continue
        bracket, line, field, most, how = ITEM.match(word).groups()
        found.append((line, field or line, int(most or 0), bool(bracket), how))
    if rest is not None:
        named = {item[1] for item in found}
        found += [(rest + f.name, f.name, 0, False, None)
                  for f in structure.fields if f.name not in named]
    return found


def spelled(kind, value, most):
    """A value by its type."""
    if isinstance(kind, Text):
        return show.text(value, most)
    if isinstance(kind, Opaque):
        return show.hex_bytes(value)
    if kind in ("f32", "f64"):
        return show.real(value)
    ways = {"pct": show.percent, "mac": show.mac, "ip4": show.ip4, "ip6": show.ip6,
            "addr": show.address, "uuid": show.uuid}
    return ways.get(kind, str)(value)


class RecordText:
    """Lines and facts of one record, made at once."""

    def __init__(self, record):
        self.record, self.values = record, record.values
        self.lines, self.facts = [], {}
        self.tag = record.structure.tag if record.structure else None
        {"flow": self.flow, "counter": self.counter}[record.space]()

    def line(self, name, value):
        self.lines.append((name, str(value)))

    def flow(self):
        if self.tag == "0:1":
            self.header()
        elif self.tag == "0:1013":
            self.payload()
        elif self.tag in text_tables.ETHERNET_PREFIXES:
            self.ethernet(text_tables.ETHERNET_PREFIXES[self.tag])
        elif self.tag in text_tables.IP_PREFIXES:
            self.ip(text_tables.IP_PREFIXES[self.tag])
        elif self.tag in text_tables.FLOW:
            head, words = text_tables.FLOW[self.tag]
            if head:
                self.line(*head.split(" ", 1))
            self.row(words)
            self.columns()
        else:
            self.skipped("flow_sample_element")

    def counter(self):
        if self.tag in text_tables.COUNTER:
            self.row(text_tables.COUNTER[self.tag])
            if self.tag == "0:1":
                self.facts = {"counters": self.values}
        else:
            self.skipped("counters_sample_element")

    def skipped(self, what):
        r = self.record
        self.lines.append((None, f"skipping unknown {what}: {r.tag >> 12}:{r.tag & 4095}"
                                 f" len={show.signed32(r.length)}"))

    def row(self, words):
        kinds = {f.name: f.type for f in self.record.structure.fields}
        for line, field, most, filled, how in items(self.record.structure, words):
            if field not in self.values:
                if how in ("lanes", "adapters") and self.record.beginning:
                    getattr(self, "as_" + how)(line, *self.record.beginning[::-1])
                continue
            value = self.values[field]
            if how:
                getattr(self, "as_" + how)(line, value)
            elif isinstance(kinds[field], List):
                raise ValueError(f"{field}: no way of printing a list")
            elif value or not filled:
                self.line(line, spelled(kinds[field], value, most))

    def columns(self):
        """Records without lines of a header of their own that -l heeds all the same."""
        if self.tag == "0:1001":
            for column, field in (("in_vlan", "src_vlan"), ("out_vlan", "dst_vlan")):
                if field in self.values:
                    self.facts[column] = self.values[field]
        elif self.tag in SOCKETS:
            for column, field in (("src_ip", "local_ip"), ("dst_ip", "remote_ip")):
                if field in self.values:
                    self.facts[column] = self.values[field]

    # ---- packet data ----

    def header(self):
        self.line("flowSampleType", "HEADER")
        values = self.values
        for line, field in (("headerProtocol", "header_protocol"),
                            ("sampledPacketSize", "frame_length"), ("strippedBytes", "stripped")):
            if field in values:
                self.line(line, values[field])
        self.facts = {column: values[field] for column, field in (
            ("size", "frame_length"), ("stripped", "stripped")) if field in values}
        if "header" not in values:
            return
        header = of_record(self.record)
        self.line("headerLen", header.length)
        self.line("headerBytes", show.hex_bytes(header.data))
        self.lines += header.lines
        self.facts |= {"stripped": header.meant_strip(), "offset4": 0, **header.facts}

    def payload(self):
        """0:1013 as it is published; some agents send a header in its place."""
        if "cipher_suite" in self.values:
            self.line("cipher_suite", self.values["cipher_suite"])
        if "header_protocol" in self.values:
            self.header()
        elif "data" in self.values:
            self.line("payloadLen", len(self.values["data"]))
            self.line("payloadBytes", show.hex_bytes(self.values["data"]))

    def ethernet(self, prefix):
        values = self.values
        self.line("flowSampleType", prefix + "ETHERNET")
        for line, field, way in (("type", "type", str), ("len", "length", str),
                                 ("src", "src_mac", show.mac), ("dst", "dst_mac", show.mac)):
            if field in values:
                self.line(f"{prefix}ethernet_{line}", way(values[field]))
        self.facts = {k: values[k] for k in ("src_mac", "dst_mac") if k in values}
        if "type" in values:
            self.facts["eth_type"] = values["type"]

    def ip(self, prefix):
        values, v6 = self.values, self.record.structure.least == 56
        self.line("flowSampleType", prefix + ("IPV6" if v6 else "IPV4"))
        six = "6" if v6 else ""
        lines = [("sampledPacketSize", "length"), ("IPSize", "length"), ("srcIP" + six, "src_ip"),
                 ("dstIP" + six, "dst_ip"), ("IPProtocol", "protocol"),
                 ("priority", "priority") if v6 else ("IPTOS", "tos")]
        lines += {1: [("ICMPType", "dst_port")],
                  6: [("TCPSrcPort", "src_port"), ("TCPDstPort", "dst_port"),
                      ("TCPFlags", "tcp_flags")],
                  17: [("UDPSrcPort", "src_port"), ("UDPDstPort", "dst_port")],
                  }.get(values.get("protocol"), [])
        for line, field in lines:
            if field in values:
                way = show.address if field.endswith("_ip") else str
                self.line(prefix + line, way(values[field]))
        columns = [("size", "length"), ("src_ip", "src_ip"), ("dst_ip", "dst_ip"),
                   ("protocol", "protocol"), ("sport", "src_port"), ("dport", "dst_port"),
                   ("tos", "tos")]
        if values.get("protocol") == 6:
            columns.append(("tcp_flags", "tcp_flags"))
        self.facts = {column: values[field] for column, field in columns if field in values}

    # ---- ways of printing ----

    def as_path(self, line, segments):
        if segments:
            self.line(line, show.as_path(segments))
        first, last = (segments[0]["asns"], segments[-1]["asns"]) if segments else ([], [])
        self.line("dst_as", last[-1] if last else 0)
        self.line("dst_peer_as", first[0] if first else 0)

    def as_numbers(self, line, values):
        if values:
            self.line(line, show.numbers(values))

    def as_labels(self, line, words):
        if words:
            self.line(line, show.labels(words))

    def as_tags(self, line, words):
        if words:
            self.line(line, show.vlan_tags(words))

    def as_key(self, line, key):
        if key:
            self.line(line, show.url_escape(key, 254))

    def as_unsigned(self, line, value):
        self.line(line, value & 0xFFFFFFFF)

    def as_hex64(self, line, value):
        self.line(line, f"{value:016x}")

    def as_application_status(self, line, value):
        words = text_tables.APPLICATION_STATUS
        self.line(line, words[value] if value < len(words) else f"<out-of-range={value}>")

    def as_direction(self, line, value):
        words = text_tables.TCP_DIRECTION
        self.line(line, words[value] if value < len(words) else "<bad value>")

    def as_lanes(self, _, lanes, count=None):
        self.line("sfp_module_active_lanes", len(lanes) if count is None else count)
        for number, lane in enumerate(lanes):
            for item in text_tables.LANE.split():
                line, _, field = item.partition("=")
                if (field or line) in lane:
                    self.line(f"sfp_lane_{line}.{number}", lane[field or line])

    def as_adapters(self, _, adapters, __=None):
        for i, adapter in enumerate(adapters):
            if "ifIndex" in adapter:
                self.line(f"adaptor_{i}_ifIndex", adapter["ifIndex"])
            if "mac_address" not in adapter:
                continue
            macs = adapter["mac_address"]
            self.line(f"adaptor_{i}_MACs", adapter.get("count", len(macs)))
            for j, address in enumerate(macs):
                self.line(f"adaptor_{i}_MAC_{j}", show.mac(address))
