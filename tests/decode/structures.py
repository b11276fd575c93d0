# SPDX-License-Identifier: BSD-3-Clause
"""The structures of sFlow version 5, as the format reference has them, for lookup by tag.

Samples stand here, records in flow_records.py and counter_records.py. They are written from the
reference alone: that they owe nothing to the decoder is what makes the comparison worth its while.
"""

import counter_records
import flow_records
from notation import Text, least_size, structure, tag_number

FLOW_HEAD = "sequence_number source_id:{0} sampling_rate sample_pool drops input:{1} output:{1}"
SAMPLE_ROWS = [
    ("0:1", "flow_sample", 28, FLOW_HEAD.format("ds32", "if32")),
    ("0:2", "counters_sample", 8, "sequence_number source_id:ds32"),
    ("0:3", "flow_sample_expanded", 40, FLOW_HEAD.format("ds64", "if64")),
    ("0:4", "counters_sample_expanded", 12, "sequence_number source_id:ds64"),
    ("0:5", "discarded_packet", 28,
     "sequence_number source_id:ds64 drops input:ifindex output:ifindex reason"),
    ("4300:1002", "rtmetric", 4, "datasource:string<64>"),
    ("4300:1003", "rtflow", 12, "datasource:string<64> sampling_rate sample_pool"),
]
WRAPPER = tag_number("1991:1")

# Which list ends a sample: its key, and the name space of its records or the types of its values.
CONTENTS = {"0:1": "flow", "0:3": "flow", "0:5": "flow", "0:2": "counter", "0:4": "counter",
            "4300:1002": "metrics", "4300:1003": "fields"}

# Values of 4300:1002 and 4300:1003, by type number: word, wire type.
METRIC_TYPES = [("string", Text(255)), ("counter32", "u32"), ("counter64", "u64"),
                ("gauge32", "u32"), ("gauge64", "u64"), ("gaugeFloat", "f32"),
                ("gaugeDouble", "f64")]
FLOW_TYPES = [("string", Text(255)), ("mac", "mac"), ("ip", "ip4"), ("ip6", "ip6"),
              ("int32", "u32"), ("int64", "u64"), ("float", "f32"), ("double", "f64")]
VALUE_TYPES = {"metrics": METRIC_TYPES, "fields": FLOW_TYPES}


def sized(row):
    """A structure whose fields come to its published size."""
    made = structure(*row)
    size = sum(least_size(f.type) for f in made.fields[:made.tail])
    if size != made.least:
        raise ValueError(f"{made.tag}: fields of {size} bytes, published are {made.least}")
    return made


def table(rows):
    """Tag -> structure."""
    found = {tag_number(row[0]): sized(row) for row in rows}
    if len(found) != len(rows):
        raise ValueError("a tag twice")
    return found


SAMPLES = table(SAMPLE_ROWS)
FLOW = table(flow_records.ROWS)
COUNTER = table(counter_records.ROWS)
RECORDS = {"flow": FLOW, "counter": COUNTER}
# Other forms of flow records: tag, deviation, structure.
OTHER_FORMS = [(tag_number(row[0]), deviation, sized(row))
               for deviation, row in flow_records.OTHER_FORMS]


def field_count(structures):
    """Fields of all structures, those within lists included."""
    def count(fields):
        inner = [f.type.of for f in fields if hasattr(f.type, "of")]
        return len(fields) + sum(count(of) for of in inner if isinstance(of, tuple)
                                 and of and hasattr(of[0], "type"))
    return sum(count(s.fields) for s in structures.values())
