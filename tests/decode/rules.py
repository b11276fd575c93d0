# SPDX-License-Identifier: BSD-3-Clause
"""Where `weirctl decode` prints something else than sflowtool 6.11 on purpose: one rule each.

The title of a rule is the words that docs/decode.rst says it with. sflowtext.py does what all of
them say. Those that real captures need know how to explain a difference: `explain(want, model)` gets
the lines of a datagram from sflowtool and from the model, and gives the lines that weir has to print
in place of the first, or None where the rule accounts for nothing. No rule gets to see what weir
prints: where sflowtool's lines say too little, the model's are asked for, all of them.
"""

import collections
import re

Rule = collections.namedtuple("Rule", "title explain")

BLOCKS = ("flowBlock_tag", "counterBlock_tag", "discarded_flowBlock_tag")
IPID = re.compile(r"(?:discarded_)?IPID (\d+)$")


def swapped(line):
    """A line with the bytes of its IPID exchanged."""
    found = IPID.match(line)
    if not found:
        return line
    number = int(found.group(1))
    return line[:found.start(1)] + str(number >> 8 | (number & 0xFF) << 8)


def byte_order(want, _):
    right = [swapped(line) for line in want]
    return right if right != want else None


def gave_up(lines):
    """Whether the last sample that was begun was not ended."""
    begun = [i for i, line in enumerate(lines) if line.startswith("startSample")]
    return bool(begun) and not any(line.startswith("endSample") for line in lines[begun[-1]:])


def rests(want, model):
    """What comes after the lines that are alike, without the last line of the datagram."""
    same = 0
    while same < min(len(want), len(model)) - 1 and want[same] == model[same]:
        same += 1
    return want[same:-1], model[same:-1]


def padding(want, model):
    """sflowtool gives up at the missing padding of the last record; weir has it to its end."""
    left, more = rests(want, model)
    if not gave_up(want) or left or len(more) > 2 or not more or gave_up(model):
        return None
    return model


def of_one_record(lines):
    """Whether lines are all of the record or sample that the first of them belongs to."""
    return not any(line.startswith("startSample") or line.split(" ")[0] in BLOCKS
                   for line in lines[1:])


def overrun(want, model):
    """What runs past its container: sflowtool shows what it finds there, and gives up."""
    left, more = rests(want, model)
    if not gave_up(want) or more or not left or not of_one_record(left):
        return None
    return model


def impossible(want, model):
    """A record whose length cannot be: sflowtool gives up the datagram, weir the sample."""
    left, more = rests(want, model)
    if not gave_up(want) or not left or not of_one_record(left):
        return None
    return model if more and more[0].startswith("startSample") else None


def udp_length(want, model):
    """The UDP header says less than was captured: weir heeds it, sflowtool does not."""
    sizes = [int(line.split()[1]) for lines in (want, model) for line in lines
             if line.startswith("datagramSize ")]
    if len(sizes) != 2 or sizes[0] <= sizes[1]:
        return None
    left, right = ([line for line in lines if not line.startswith("datagramSize ")]
                   for lines in (want, model))
    return model if right[:-1] == left[:len(right) - 1] else None


LENGTHS = "Records and samples that are too short or too long"
EXTENSIONS = "IPv6 extension headers by their own length"

RULES = {
    # Seen in the real captures.
    "ipid": Rule("IPID in network byte order", byte_order),
    "padding": Rule("Missing padding at the end", padding),
    "overrun": Rule(LENGTHS, overrun),
    "impossible": Rule(LENGTHS, impossible),
    "udp_length": Rule("Size of the datagram", udp_length),
    # Not seen in them: what is generated has these.
    "tcp_flags": Rule("TCPFlags only where they were sampled", None),
    "ah_length": Rule(EXTENSIONS, None),
    "fragment6": Rule(EXTENSIONS, None),
    "wifi_mac": Rule("802.11 destination in CSV", None),
    "temperature": Rule("Negative module temperature", None),
    "memcache_key": Rule("Escapes of memcache keys", None),
    "reasons": Rule("Names of drop reasons", None),
    "growth": Rule("Records that have grown", None),
    "surplus": Rule("Bytes behind the last record or sample", None),
    "address_none": Rule("Addresses of type 0", None),
    "short_record": Rule(LENGTHS, None),
    "broken_sample": Rule(LENGTHS, None),
    "escapes": Rule("Control characters in texts", None),
    "payload": Rule("Payload of 802.11", None),
    "wrapper": Rule("Samples within a wrapper", None),
    "bare_macs": Rule("MAC addresses without padding", None),
    "leak": Rule("One header at a time", None),
    "stripped": Rule("IPSize of agents that count the tail as stripped", None),
    "snap_length": Rule("Captures that cut packets", None),
    "old_versions": Rule("Versions 2 and 4", None),
    "other_frames": Rule("Frames without UDP", None),
}
