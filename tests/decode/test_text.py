#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What `weirctl decode` prints, and with -l and -g, is what a model of sflowtool's output prints.

The model is held to the reference's own vectors here, and in test_captures.py to what sflowtool
prints for real captures.
"""

import unittest

import damage
import decodetest
import differences
import generate
import sflowtext
from sflowtext import FULL, LINE, SCRIPT

FORMS = {FULL: (), LINE: ("-l",), SCRIPT: ("-g",)}

# What the reference says of its vectors (section 7): lines that sflowtool 6.11 prints of them.
VECTOR_LINES = {
    "v1": ["agent 192.0.2.10", "samplesInPacket 0"],
    "v2": ["sampleSequenceNo 9", "sourceId 1:100", "meanSkipCount 512", "samplePool 5120",
           "dropEvents 1", "inputPort 7", "outputPort multiple 3", "out_vlan 4294967295",
           "skipping unknown flow_sample_element: 0:999 len=6"],
    "v3": ["agent 2001:0db8:0000:0000:0000:0000:0000:0010", "sourceId 2:10", "ifName eth0/1",
           "5s_cpu 12.34", "1m_cpu unknown", "5m_cpu 100.00", "total_memory_bytes 8",
           "free_memory_bytes 4"],
    "v4": ["sourceId 0:16777217", "inputPort 1073741823", "outputPort dropCode 258",
           "bgp_nexthop 198.51.100.1", "dst_as_path 64510-64511(64520-64521)", "dst_as 64521",
           "dst_peer_as 64510", "BGP_communities 4227072007", "BGP_localpref 150"],
    "v5": ["dropEvents 4", "inputPort 2", "outputPort 0", "discardCode 289",
           "discardReason unknown_l4", "discarded_flowBlock_tag 0:1030",
           "discarded_extendedType in_VNI", "discarded_in_VNI 5001",
           "discarded_extendedType function", "discarded_symbol tcp_v4_rcv"],
}
VECTOR_COLUMNS = {
    "v2": "FLOW,192.0.2.10,7,3,000000000000,000000000000,0x0000,100,-1,-,-,0,0x00,0,0,0,0x00,0,0,"
          "512\n",
    "v3": "CNTR,2001:0db8:0000:0000:0000:0000:0000:0010" + ",0" * 19 + "\n",
}


class Model(unittest.TestCase):
    """The model against what the reference says of its vectors: who checks the checker."""

    def test_vectors(self):
        for name, lines in VECTOR_LINES.items():
            packets = generate.packets([damage.VECTORS[name]])
            with self.subTest(vector=name):
                self.assertLessEqual(set(lines),
                                     set(sflowtext.text_of(packets, FULL).split("\n")))
                if name in VECTOR_COLUMNS:
                    self.assertEqual(sflowtext.text_of(packets, LINE), VECTOR_COLUMNS[name])


class Text(decodetest.Case):

    def check(self, cases):
        """Each datagram by itself, so that one difference does not hide the others."""
        bodies = [p for _, p in cases]
        packets = generate.packets(bodies)
        path = self.path("some.pcap", generate.capture(bodies))
        for form, flags in FORMS.items():
            want, got = sflowtext.text_of(packets, form), self.text(*flags, path)
            if form == LINE:
                self.assert_same_text(want, got, "-l")
                continue
            wanted, found = (differences.datagrams(t) for t in (want, got))
            self.assertEqual(len(found), len(wanted), f"datagrams of {form}")
            for (name, _), a, b in zip(cases, wanted, found):
                with self.subTest(form=form, case=name):
                    self.assert_same_text("\n".join(a), "\n".join(b), name)

    def test_ordinary(self):
        for seed in decodetest.SEEDS:
            with self.subTest(seed=seed):
                self.check(list(generate.ordinary(seed)))

    def test_extreme(self):
        for seed in decodetest.SEEDS:
            with self.subTest(seed=seed):
                self.check(list(generate.extreme(seed)))

    def test_damaged(self):
        self.check(list(damage.named()))

    def test_spoilt(self):
        for seed in decodetest.SEEDS:
            with self.subTest(seed=seed):
                self.check(list(generate.spoilt(seed)))


if __name__ == "__main__":
    decodetest.main()
