# SPDX-License-Identifier: BSD-3-Clause
"""Networks of namespaces and veth pairs that a test makes for itself. Needs root."""

import json
import os
import select
import socket
import struct
import sys
import time
import unittest

import weirtest

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "decode"))

from netspace import inside  # pylint: disable=wrong-import-position

ICMP_ECHO, ICMP_ECHO_REPLY = 8, 0


class Network:
    """A veth pair: `inside` with its addresses in a namespace of its own, `outside` in another.

    Both ends lie in namespaces, so that nothing of a test is seen by the host.
    """

    OUTSIDE, INSIDE = "192.0.2.1", "192.0.2.2"

    def __init__(self, case):
        if os.geteuid() != 0:
            raise unittest.SkipTest("network namespaces need root")
        weirtest.need_program("ip")
        self.space = self.make_space(case, "c")   # the collector's
        self.fabric = self.make_space(case, "f")  # of those who send
        self.outside, self.inside = "collector", "fabric"
        weirtest.sh("ip", "-n", self.space, "link", "add", self.outside, "type", "veth",
                    "peer", "name", self.inside, "netns", self.fabric)
        for space, name, address in ((self.space, self.outside, self.OUTSIDE),
                                     (self.fabric, self.inside, self.INSIDE)):
            weirtest.sh("ip", "-n", space, "address", "add", address + "/24", "dev", name)
            weirtest.sh("ip", "-n", space, "link", "set", "lo", "up")
            weirtest.sh("ip", "-n", space, "link", "set", name, "up")
        weirtest.wait_until(self.is_up, "the veth pair is up")

    @staticmethod
    def make_space(case, letter):
        name = weirtest.unique("weir-" + letter)
        weirtest.sh("ip", "netns", "add", name)
        case.addCleanup(weirtest.sh, "ip", "netns", "delete", name)
        return name

    def is_up(self):
        return all("LOWER_UP" in weirtest.sh("ip", "-n", space, "link", "show", "dev", name)
                   for space, name in ((self.space, self.outside), (self.fabric, self.inside)))

    def outside_mac(self):
        link = weirtest.sh("ip", "-n", self.space, "-j", "link", "show", "dev", self.outside)
        return json.loads(link)[0]["address"]


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ping(space, address, timeout=2):
    """One ICMP echo out of a namespace; whether the answer came."""
    body = struct.pack(">BBHHH", ICMP_ECHO, 0, 0, 77, 1) + b"weir" * 8
    body = body[:2] + struct.pack(">H", checksum(body)) + body[4:]
    with inside(space):
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    with s:
        s.sendto(body, (address, 0))
        end = time.monotonic() + timeout
        while select.select([s], [], [], max(0, end - time.monotonic()))[0]:
            packet = s.recv(2048)
            if packet[20] == ICMP_ECHO_REPLY and packet[24:] == body[4:]:
                return True
    return False
