# SPDX-License-Identifier: BSD-3-Clause
"""A model of what sflowtool 6.11 prints for a capture, with the corrections of weir.

Written from sections 3, 4 and 6 of the format reference, and from how sflowtool goes about it where
these are silent: what it has read before it prints a line, what -g knows by then, which records
-l heeds. Where sflowtool is wrong the model says what is right: rules.py lists each correction.

    sflowtext.py [-l | -g] FILE.pcap
"""

import sys

import captures
import reader
import text_values as show
from notation import tag_text
from reasons import NAMES
from structures import CONTENTS, VALUE_TYPES
from text_records import RecordText, spelled

FULL, LINE, SCRIPT = "full", "line", "script"
RULER = "================================="
COLUMNS = ("ifIndex ifType ifSpeed ifDirection ifStatus ifInOctets ifInUcastPkts"
           " ifInMulticastPkts ifInBroadcastPkts ifInDiscards ifInErrors ifInUnknownProtos"
           " ifOutOctets ifOutUcastPkts ifOutMulticastPkts ifOutBroadcastPkts ifOutDiscards"
           " ifOutErrors ifPromiscuousMode").split()
# Heads of samples: (line, field) after sampleType. Those of a group are read before the first of
# them is printed.
NUMBER, SOURCE = ("sampleSequenceNo", "sequence_number"), ("sourceId", "source_id")
PORTS = (("inputPort", "input"), ("outputPort", "output"))
FLOW_HEAD = ((NUMBER, SOURCE), (("meanSkipCount", "sampling_rate"), ("samplePool", "sample_pool"),
                                ("dropEvents", "drops")), PORTS)
HEADS = {
    "0:1": ("FLOWSAMPLE", FLOW_HEAD),
    "0:3": ("FLOWSAMPLE", FLOW_HEAD),
    "0:2": ("COUNTERSSAMPLE", ((NUMBER,), (SOURCE,))),
    "0:4": ("COUNTERSSAMPLE", ((NUMBER,), (SOURCE,))),
    "0:5": ("DISCARD", ((NUMBER, SOURCE), (("dropEvents", "drops"),), PORTS,
                        (("discardCode", "reason"),))),
    "4300:1002": ("RTMETRIC", ()),
    "4300:1003": ("RTFLOW", ((("rtflow_sampling_rate", "sampling_rate"),),
                             (("rtflow_sample_pool", "sample_pool"),))),
}


class Context:
    """What -g puts before each line: as much as is known when the line is printed."""

    def __init__(self, when):
        self.when, self.agent, self.sub_agent, self.sequence = show.local_time(when), "-", 0, 0
        self.source, self.sample, self.record = "0:0", "0:0", "0:0"

    def begin(self, sample):
        self.source, self.sample, self.record = "0:0", sample, "0:0"

    def text(self):
        return (f"{self.when} {self.agent} {self.sub_agent} {self.sequence} {self.source}"
                f" {self.sample} {self.record} ")


class Printer:
    """Prints datagrams in one of the three forms."""

    def __init__(self, form):
        self.form, self.out, self.prefix, self.context = form, [], "", None

    def raw(self, text):
        if self.form == FULL:
            self.out.append(text + "\n")
        elif self.form == SCRIPT:
            self.out.append(self.context.text() + text + "\n")

    def line(self, name, value):
        if name is None:
            self.raw(value)
        else:
            self.raw(f"{self.prefix}{name} {value}")

    def datagram(self, found, seconds, microseconds):
        self.context = Context(seconds)
        self.raw("startDatagram " + RULER)
        self.line("datagramSourceIP", "-")
        self.line("datagramSize", found.size)
        self.line("unixSecondsUTC", 0)
        self.line("unixSecondsUTC_uS", 0)
        self.line("localtime", show.local_time(0))
        if seconds:
            self.line("pcapTimestamp", show.local_time(seconds))
            self.line("pcapTimestamp_uS", microseconds)
        self.head(found.head)
        for sample in found.samples:
            self.sample(found, sample)
        self.raw("endDatagram   " + RULER)

    def head(self, head):
        """The header, in another order than on the wire: the agent only after all of it."""
        if "version" in head:
            self.line("datagramVersion", head["version"])
        if "agent_address" in head:
            self.context.agent = show.address(head["agent_address"])
        if "sub_agent_id" in head:
            self.context.sub_agent = head["sub_agent_id"]
            self.line("agentSubId", head["sub_agent_id"])
        self.context.sequence = head.get("sequence_number", 0)
        if "sample_count" in head:
            self.line("agent", show.address(head["agent_address"]))
            for line, field in (("packetSequenceNo", "sequence_number"),
                                ("sysUpTime", "uptime"), ("samplesInPacket", "sample_count")):
                self.line(line, head[field])

    def sample(self, datagram, sample):
        self.context.begin(tag_text(sample.tag))
        self.raw("startSample ----------------------")
        self.line("sampleType_tag", tag_text(sample.tag))
        if sample.structure:
            self.known_sample(datagram, sample)
        elif sample.length is not None:
            length = show.signed32(sample.length)
            self.raw(f"skipping unknown sample: {tag_text(sample.tag)} len={length}")
        if sample.complete:
            self.raw("endSample   ----------------------")

    def known_sample(self, datagram, sample):
        word, groups = HEADS[sample.structure.tag]
        contents = CONTENTS[sample.structure.tag]
        self.line("sampleType", word)
        if contents in VALUE_TYPES:
            self.name(sample, word.lower())
        for group in groups:
            if group[-1][1] not in sample.values:
                break
            if SOURCE in group:
                self.context.source = self.head_value("source_id", sample.values["source_id"])
            for line, field in group:
                self.line(line, self.head_value(field, sample.values[field]))
        if sample.structure.tag == "0:5" and "reason" in sample.values:
            self.line("discardReason", NAMES.get(sample.values["reason"], "NotFound"))
        if contents in VALUE_TYPES:
            self.entries(sample, word.lower(), VALUE_TYPES[contents])
        elif sample.headed:
            self.records(datagram, sample)

    @staticmethod
    def head_value(field, value):
        if field == "source_id":
            return f"{value['class']}:{value['index']}"
        return show.interface(value) if field in ("input", "output") else str(value)

    def name(self, sample, word):
        datasource = sample.values.get("datasource")
        if datasource:
            self.line(word + "_datasource_name", show.text(datasource, 63))

    def entries(self, sample, word, types):
        for name, number, value in sample.entries:
            kind_word, kind = types[number]
            self.line(f"{word}_{kind_word}_{show.text(name, 63)}", spelled(kind, value, 254))

    def records(self, datagram, sample):
        block = "counterBlock_tag" if CONTENTS[sample.structure.tag] == "counter" \
            else "flowBlock_tag"
        facts = {}
        if sample.structure.tag == "0:5":
            self.prefix = "discarded_"
        for record in sample.records + [sample.partial] * bool(sample.partial):
            self.context.record = tag_text(record.tag)
            self.line(block, tag_text(record.tag))
            if record.length is None:
                continue
            made = RecordText(record)
            for name, value in made.lines:
                self.line(name, value)
            facts.update(made.facts)
        self.prefix = ""
        if self.form == LINE and sample.complete:
            self.columns(datagram, sample, facts)

    # ---- -l ----

    def columns(self, datagram, sample, facts):
        agent = show.address(datagram.head["agent_address"])
        if block_is_counter(sample):
            values = facts.get("counters", {})
            self.out.append(",".join(["CNTR", agent] + [str(values.get(c, 0)) for c in COLUMNS])
                            + "\n")
        elif sample.structure.tag != "0:5":
            self.out.append(",".join(["FLOW", agent] + self.flow_columns(sample, facts)) + "\n")

    @staticmethod
    def flow_columns(sample, facts):
        def number(name):
            return facts.get(name, 0)

        def signed(value):
            return str(show.signed32(value))

        ports = [sample.values[side]["value"] for side in ("input", "output")]
        macs = [show.mac(facts.get(side, bytes(6))) for side in ("src_mac", "dst_mac")]
        ips = [show.address(facts.get(side)) for side in ("src_ip", "dst_ip")]
        ip_size = number("size") - number("stripped") - number("offset4")
        return [*map(signed, ports), *macs, f"0x{number('eth_type'):04x}",
                signed(number("in_vlan")), signed(number("out_vlan")), *ips,
                signed(number("protocol")), f"0x{number('tos'):02x}", signed(number("ttl")),
                signed(number("sport")), signed(number("dport")),
                f"0x{number('tcp_flags'):02x}", signed(number("size")), signed(ip_size),
                signed(sample.values["sampling_rate"])]


def block_is_counter(sample):
    return CONTENTS[sample.structure.tag] == "counter"


def text_of(packets, form):
    """What is printed for packets of a capture: (seconds, nanoseconds, source, UDP payload)."""
    printer = Printer(form)
    for seconds, nanoseconds, _, payload in packets:
        printer.datagram(reader.read(payload), seconds, nanoseconds // 1000)
    return "".join(printer.out)


def main(arguments):
    form = {"-l": LINE, "-g": SCRIPT}.get(arguments[0], FULL)
    sys.stdout.write(text_of(captures.packets(arguments[-1]), form))


if __name__ == "__main__":
    main(sys.argv[1:])
