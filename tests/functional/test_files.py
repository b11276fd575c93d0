#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Captures as they are read once: where they end, where they are broken, and what memory cannot hold."""

import json
import random
import struct

import weirtest

FILE = 24  # bytes of the header of a file
RECORD = struct.Struct("<4I")  # before each frame: s, us, bytes captured, bytes
BURST = 32  # frames of a file that an RX core asks for
READ_AHEAD = 1 << 20  # bytes that weir reads at a time
ABSURD = RECORD.pack(1, 1, 0x7fffffff, 60)  # libpcap believes in no such frame
TRUNCATED = "truncated dump file; tried to read"
TOO_LONG = "invalid packet capture length 2147483647"


def record(frame):
    return RECORD.pack(1700000000, 0, len(frame), len(frame)) + frame


def split(data):
    """The records of a capture."""
    found, place = [], FILE
    while place < len(data):
        end = place + RECORD.size + RECORD.unpack_from(data, place)[2]
        found.append(data[place:end])
        place = end
    return found


def block(kind, body):
    """A block of a pcapng file."""
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def section():
    return block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1))


def interface(link):
    return block(1, struct.pack("<HHI", link, 0, 0))


def packet(frame):
    return block(6, struct.pack("<5I", 0, 0, 0, len(frame), len(frame)) + frame)


def fragment(number, size):
    """The first fragment of a datagram of which no other comes."""
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + size, number, 0x2000, 64, 17, 0,
                     bytes([10, 0, 1, 1]), bytes([10, 0, 0, 2]))
    return bytes(12) + b"\x08\x00" + ip + struct.pack(">4H", 6343, 6343, 65000, 0) + bytes(size - 8)


class Files(weirtest.Case):

    def setUp(self):
        super().setUp()
        path, _ = self.make_capture("whole.pcap", "--datagrams", "100")
        with open(path, "rb") as f:
            data = f.read()
        self.head, self.records = data[:FILE], split(data)

    def write(self, name, data):
        path = self.path(name)
        with open(path, "wb") as f:
            f.write(data)
        return path

    def first(self, count):
        """A capture of the first frames; those of the whole one come again where it takes more."""
        times = count // len(self.records) + 1
        return self.head + b"".join((self.records * times)[:count])

    def read(self, files, *args, code=0):
        """Read files to their end: the summary, and what was said of them."""
        flags = [flag for path in files for flag in ("--pcap", path)]
        process = self.weir("-c", weirtest.CONFIG, *flags, "--once", "--redis", "", *args)
        return process.wait(code), process.err()

    def check(self, name, data, count, reason=None, frames=None):
        """So many datagrams come of it, of so many frames, and a reason is given why no more do."""
        path = self.write(name, data)
        summary, said = self.summary([path])
        self.assertEqual(summary["datagrams"], count)
        self.assertEqual(summary["ports"][0]["packets"], count if frames is None else frames)
        self.assertEqual(summary["ports"][0]["errors"], 1 if reason else 0)
        self.assertTrue(summary["conserved"])
        if reason:
            self.assertEqual(said.count(f"{path}: read up to frame {count}: {reason}"), 1, said)
        self.assertEqual(said.count("read up to"), 1 if reason else 0, said)

    def summary(self, files, *args):
        out, said = self.read(files, *args)
        return json.loads(out), said

    def test_ends(self):
        """None, one, some bursts, and all of a file that ends with the memory it is read by."""
        for count in (0, 1, BURST - 1, BURST, BURST + 1, 2 * BURST, 100):
            with self.subTest(count=count):
                self.check("whole.pcap", self.first(count), count)
        data = self.first(1000)
        rest = -len(data) % READ_AHEAD
        data += record(bytes(rest % 1000)) + record(bytes(1000 - RECORD.size)) * (rest // 1000 - 1) + \
            record(bytes(1000 - 2 * RECORD.size))
        self.assertEqual(len(data) % READ_AHEAD, 0)
        self.check("even.pcap", data, 1000, frames=1000 + rest // 1000 + 1)

    def test_large(self):
        """Many times what is read at a time."""
        self.check("large.pcap", self.first(30000), 30000)

    def test_cut(self):
        """Cut off in a frame, in the header of one, behind the first, behind whole bursts."""
        for count in (1, 50, 2 * BURST, 99):
            whole, record_ = self.first(count), self.records[count % 100]
            for size in (1, RECORD.size - 1, RECORD.size, RECORD.size + 100, len(record_) - 1):
                with self.subTest(count=count, size=size):
                    self.check("cut.pcap", whole + record_[:size], count, TRUNCATED)

    def test_broken(self):
        """Behind a frame of a length that cannot be, nothing is taken for frames."""
        for count in (1, 50, 2 * BURST):
            rest = b"".join(self.records[count:])
            for behind in (b"", bytes(4096), self.records[count][RECORD.size:] + rest, rest):
                with self.subTest(count=count, behind=len(behind)):
                    self.check("broken.pcap", self.first(count) + ABSURD + behind, count, TOO_LONG)

    def test_pcapng(self):
        """The same of the other format; also an interface of another link type in the middle."""
        frames = [packet(r[RECORD.size:]) for r in self.records]
        begin = section() + interface(1)
        self.check("whole.pcapng", begin + b"".join(frames), 100)
        self.check("empty.pcapng", begin, 0)
        self.check("cut.pcapng", (begin + b"".join(frames))[:-10], 99, "truncated pcapng")
        for count in (1, 50, 2 * BURST):
            with self.subTest(count=count):
                self.check("other.pcapng", begin + b"".join(frames[:count]) + interface(101) +
                           b"".join(frames[count:]), count, "an interface has a type")

    def test_refused(self):
        """Files of which no frame can be read are no captures to read."""
        for name, data, words in (
                ("text.pcap", b"collector: c1\n" * 10, "not a capture file"),
                ("short.pcap", self.head[:20], "not a capture file"),
                ("link.pcap", self.head[:20] + struct.pack("<I", 105), "frames of link type IEEE802_11"),
                ("cut.pcap", self.first(1)[:-1], f"no frame can be read: {TRUNCATED}"),
                ("broken.pcap", self.head + ABSURD, f"no frame can be read: {TOO_LONG}"),
                ("two.pcapng", section() + interface(1) + interface(101), "no frame can be read")):
            with self.subTest(name=name):
                path = self.write(name, data)
                out, said = self.read([path], code=1)
                self.assertEqual(out, "")
                self.assertIn(f"weir: {path}: {words}", said)

    def test_two(self):
        """Of two files one is broken: the other is read to its end, and nothing is said of it."""
        broken = self.write("broken.pcap", self.first(50) + ABSURD + bytes(100))
        whole = self.write("whole.pcap", self.first(5000))
        for files in ([broken, whole], [whole, broken]):
            summary, said = self.summary(files)
            self.assertEqual([p["packets"] for p in summary["ports"]],
                             [50 if path == broken else 5000 for path in files])
            self.assertEqual(summary["datagrams"], 5050)
            self.assertEqual(said.count(f"{broken}: read up to frame 50: {TOO_LONG}"), 1, said)
            self.assertEqual(said.count("read up to"), 1, said)

    def test_long(self):
        """Frames that take many buffers each, as long as they can be."""
        frames = [record(bytes(n)) for n in (2048, 2049, 9000, 65535) * 50]
        random.Random(1).shuffle(frames)
        data = self.first(50) + b"".join(frames) + b"".join(self.records[50:])
        self.check("long.pcap", data, 100, frames=300)

    def test_too_long(self):
        """Frames whose length DPDK's device has only the last 16 bits of."""
        frames = [record(bytes(n)) for n in (65536, 65537, 67583, 67584, 131072, 200000, 262144) * 10]
        data = self.first(50) + b"".join(frames) + b"".join(self.records[50:])
        self.check("too_long.pcap", data, 100, frames=170)

    def test_no_buffers(self):
        """Fragments that hold all buffers: frames are lost, and counted, but nothing ends there."""
        held = [record(fragment(number, 60000)) for number in range(200)]
        data = self.first(50) + b"".join(held) + b"".join(self.records * 3)
        for name, cut in (("held.pcap", 0), ("cut.pcap", 10)):
            path = self.write(name, data[:len(data) - cut])
            summary, said = self.summary([path], "--set", "ingress.fragment_timeout=60s")
            port = summary["ports"][0]
            self.assertGreater(port["no_mbuf"], 0)
            self.assertGreater(port["errors"], 1)
            self.assertEqual(port["packets"] + port["no_mbuf"] + port["errors"], 550)
            self.assertTrue(summary["conserved"])
            self.assertEqual(said.count(f"{path}: read up to frame 549: {TRUNCATED}"), 1 if cut else 0)


if __name__ == "__main__":
    weirtest.main()
