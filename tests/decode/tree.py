# SPDX-License-Identifier: BSD-3-Clause
"""A datagram taken apart: what the generator makes, what the reader finds, what a decoder says.

Values are as on the wire: bytes for texts and addresses, None for an address of type 0, hundredths
for percentages. A field that a short record lacks is not in `values`.
"""

import dataclasses

from notation import tag_number

HEAD_FIELDS = ("version", "agent_address", "sub_agent_id", "sequence_number", "uptime",
               "sample_count")
HEADER_TAG = tag_number("0:1")
PAYLOAD_TAG = tag_number("0:1013")
AGGREGATION_TAG = tag_number("0:1016")


@dataclasses.dataclass
class Record:
    """A flow or counter record; without a structure `raw` is its body."""
    space: str
    tag: int
    values: dict = dataclasses.field(default_factory=dict)
    structure: object = None
    length: int = 0
    extra: bytes = b""
    raw: bytes = None
    header_length: int = None  # what 0:1 says of its header, where that is more than is there
    beginning: tuple = None  # of a list that is cut: its count, and the elements there

    def is_header(self):
        return (self.space, self.tag) == ("flow", HEADER_TAG)


@dataclasses.dataclass
class Sample:
    """A sample; without a structure `raw` is its body. `entries`: (name, type number, value).

    Where it is not complete, `partial` is the record at its break, with the fields before that.
    """
    tag: int
    values: dict = dataclasses.field(default_factory=dict)
    structure: object = None
    length: int = 0
    records: list = dataclasses.field(default_factory=list)
    entries: list = dataclasses.field(default_factory=list)
    raw: bytes = None
    complete: bool = True
    headed: bool = True  # its fixed part is all there
    partial: Record = None
    wrapper: dict = None


@dataclasses.dataclass
class Datagram:
    """A datagram as far as it can be read; `head` holds the fields of its header that are there."""
    size: int = 0
    head: dict = dataclasses.field(default_factory=dict)
    samples: list = dataclasses.field(default_factory=list)
    errors: list = dataclasses.field(default_factory=list)
    deviations: dict = dataclasses.field(default_factory=dict)
    time: tuple = (0, 0)  # s, ns
    source: tuple = ("", 0)

    def deviates(self, name):
        self.deviations[name] = self.deviations.get(name, 0) + 1

    def add(self, other):
        """What is wrong with another goes to this one."""
        self.errors += other.errors
        for name, count in other.deviations.items():
            self.deviations[name] = self.deviations.get(name, 0) + count
