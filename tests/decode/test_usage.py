#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The command line of `weirctl decode`: where datagrams come from, and how it ends."""

import calendar
import contextlib
import fcntl
import os
import re
import select
import signal
import socket
import struct
import subprocess
import threading
import time
import unittest

import captures
import damage
import decodetest
import expected
import generate
import reader
from netspace import inside
from structures import COUNTER, FLOW, SAMPLES

BODIES = [damage.V1, damage.V2, damage.V3, damage.V4, damage.V5]
SEQUENCES = [2, 2, 1, 4, 6]

WRONG = [
    [],
    ["--nonsense", "FILE"],
    ["-l", "-g", "FILE"],
    ["-l", "--json", "FILE"],
    ["FILE", "FILE"],
    ["FILE", "-p", "6343"],
    ["-p", "0x18c7"],
    ["-p", "65536"],
    ["-p", "many"],
    ["-p"],
    ["--count", "some", "FILE"],
    ["--count"],
    ["--json"],
    ["--structures", "FILE"],
    ["--schema", "FILE"],
    ["--structures", "--schema"],
    ["--structures", "--json"],
    ["--schema", "-i", "lo"],
    ["--schema", "-p", "6343"],
    ["--structures", "--count", "1"],
]
LOST = re.compile(r"lost before decoding (\d+)$", re.M)
FLOOD = 20000  # datagrams, more than a socket of 8 MiB or a ring of 32 MiB holds
needs_root = unittest.skipIf(os.geteuid() != 0, "needs root, to listen to an interface")


def udp_ports():
    """Ports with a UDP socket, by the kernel's own tables."""
    found = set()
    for name in ("udp", "udp6"):
        with contextlib.suppress(FileNotFoundError), \
                open(f"/proc/net/{name}", encoding="ascii") as f:
            found |= {int(line.split()[1].rsplit(":", 1)[1], 16) for line in list(f)[1:]}
    return found


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def status(process, name):
    """A line of /proc/PID/status."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as f:
        return next(line.split(":")[1].strip() for line in f if line.startswith(name + ":"))


def catches(process, number):
    return int(status(process, "SigCgt"), 16) >> (number - 1) & 1


def packet_socket(process):
    """Whether it listens to an interface: a ring is mapped."""
    with open(f"/proc/{process.pid}/maps", encoding="utf-8") as f:
        return "socket:[" in f.read()


class Files(decodetest.Case):

    def capture(self, **more):
        return self.path("some.pcap", generate.capture(BODIES, **more))

    def one_line(self, errors, *words):
        self.assertEqual(errors.count("\n"), 1, errors)
        for word in words:
            self.assertIn(word, errors)

    def test_sequences(self):
        got = self.objects(self.capture())
        self.assertEqual([d["sequence_number"] for d in got], SEQUENCES)

    def test_stdin(self):
        with open(self.capture(), "rb") as f:
            data = f.read()
        self.assertEqual(self.decode("-", given=data), self.decode(self.capture()))

    def test_count(self):
        self.assertEqual(len(self.objects(self.capture(), "--count", "2")), 2)
        self.assertEqual(len(self.objects("--count", "99", self.capture())), len(BODIES))

    def test_no_capture(self):
        for name, data in (("text", b"no capture at all, but words\n" * 9), ("empty", b""),
                           ("short", b"\xd4\xc3\xb2\xa1\2\0")):
            path = self.path(name, data)
            with self.subTest(file=name):
                out, errors = self.decode(path, code=2)
                self.assertEqual(out, b"")
                self.one_line(errors, path)

    def test_missing(self):
        path = self.path("nowhere.pcap")
        out, errors = self.decode(path, code=2)
        self.assertEqual(out, b"")
        self.one_line(errors, path)

    def test_truncated(self):
        """What is whole is decoded, then one line says that more is missing."""
        for form in ("pcap", "pcapng", "big-endian"):
            data = generate.capture(BODIES, form)
            for cut in (1, 30):
                path = self.path("cut", data[:-cut])
                with self.subTest(format=form, cut=cut):
                    out, errors = self.decode("--json", path, code=1)
                    got = [expected.load(line) for line in decodetest.lines_of(out.decode())]
                    self.assertEqual([d["sequence_number"] for d in got], SEQUENCES[:-1])
                    self.one_line(errors, path)

    def test_empty_capture(self):
        path = self.path("none.pcap", captures.pcap([]))
        self.assertEqual(self.decode(path), (b"", ""))

    def test_snap_length(self):
        """Datagrams that were not captured whole are decoded as far as they go."""
        snap = 14 + 20 + 8 + 90
        frames = [(*generate.moment(i), captures.ethernet(b)) for i, b in enumerate(BODIES)]
        path = self.path("snap.pcap", captures.pcap(frames, snap=snap))
        for got, body in zip(self.objects(path), BODIES, strict=True):
            want = reader.read(body[:90])
            with self.subTest(size=len(body)):
                self.assertEqual([e["reason"] for e in got.get("errors", [])],
                                 [e["reason"] for e in want.errors])
                self.assertEqual(len(got["samples"]), len(want.samples))

    def test_zone(self):
        """Text has local time, as sflowtool has it; JSON has UTC."""
        path = self.capture()
        text = self.text(path, zone="Asia/Kolkata")
        self.assertIn("localtime 1970-01-01T05:30:00+0530\n", text)
        self.assertIn("pcapTimestamp 2023-11-15T03:43:20+0530\n", text)
        self.assertEqual(self.decode("--json", path), self.decode("--json", path,
                                                                  zone="Asia/Kolkata"))

    def test_no_time(self):
        """A capture that does not know when it was made."""
        path = self.path("no-time.pcap", captures.pcap([(0, 0, captures.ethernet(damage.V1))]))
        self.assertNotIn("pcapTimestamp", self.text(path))
        self.assertEqual([d["time"] for d in self.objects(path)], [None])

    def test_messages(self):
        """Each break is one line on stderr, with its place; stdout is none the worse."""
        cases = [payload for name, payload in damage.named() if name != "many_errors"]
        path = self.path("damaged.pcap", generate.capture(cases))
        for flags in ((), ("-l",), ("-g",), ("--json",)):
            _, errors = self.decode(*flags, path)
            told = re.findall(r"^weirctl: datagram (\d+).* at byte (\d+)", errors, re.M)
            want = [(str(number), str(error["offset"])) for number, payload in enumerate(cases, 1)
                    for error in reader.read(payload).errors]
            with self.subTest(flags=flags):
                self.assertEqual(told, want)

    def test_udp_length(self):
        """What is behind the end of the UDP datagram is none of it, whatever the IP header says."""
        payload = damage.V2[:-4]
        frame = bytearray(captures.ethernet(damage.V2))
        frame[38:40] = (8 + len(payload)).to_bytes(2, "big")
        path = self.path("longer.pcap", captures.pcap([(1, 0, bytes(frame))]))
        self.assertEqual([d["size"] for d in self.objects(path)], [len(payload)])

    def test_ethernet_padding(self):
        frame = captures.ethernet(damage.V1)
        path = self.path("padded.pcap", captures.pcap([(1, 0, frame.ljust(80, b"\xff"))]))
        self.assertIn("datagramSize 28\n", self.text(path))

    def test_other_frames(self):
        """Frames without UDP are no datagrams; all UDP ports are taken for sFlow."""
        arp = bytes(12) + b"\x08\x06" + bytes(46)
        tcp = bytearray(captures.ethernet(damage.V1))
        tcp[23] = 6
        other = bytearray(captures.ethernet(damage.V2))
        other[36:38] = (9999).to_bytes(2, "big")
        frames = [(1, 0, bytes(f)) for f in (arp, tcp, other)]
        path = self.path("mixed.pcap", captures.pcap(frames))
        self.assertEqual([d["size"] for d in self.objects(path)], [len(damage.V2)])

    def test_fragments(self):
        """What is there of the first fragment is decoded; none is a frame without UDP."""
        whole = captures.ethernet(damage.V2)
        first, later, last = bytearray(whole), bytearray(whole), bytearray(whole)
        first[20:22], later[20:22], last[20:22] = b"\x20\x00", b"\x20\x04", b"\x00\x08"
        whole6 = captures.ethernet(damage.V3, v6=True)
        size = int.from_bytes(whole6[18:20], "big")
        head = whole6[:18] + (size + 8).to_bytes(2, "big") + b"\x2c" + whole6[21:54]
        frames = [whole, bytes(first), bytes(later), bytes(last)]
        frames.append(bytes(12) + b"\x08\x06" + bytes(46))
        frames += [head + b"\x11\0" + word + bytes(4) + whole6[54:]
                   for word in (b"\0\0", b"\0\1", b"\0\x09", b"\0\x10")]
        path = self.path("parts.pcap", captures.pcap([(1, 0, f) for f in frames]))
        out, errors = self.decode("--json", path)
        got = [expected.load(line)["size"] for line in decodetest.lines_of(out.decode())]
        self.assertEqual(got, [len(damage.V2)] * 2 + [len(damage.V3)] * 2)
        self.assertEqual(errors, "weirctl: frames without UDP 1, IP fragments not put together 6\n")

    def test_interfaces(self):
        """libpcap reads no pcapng file whose interfaces differ."""
        data = generate.capture(BODIES, "pcapng")
        for link, snap in ((captures.LINUX_SLL, captures.SNAP_LENGTH), (captures.ETHERNET, 99)):
            other = captures.block(1, struct.pack("<HHI", link, 0, snap), "<")
            path = self.path("two.pcapng", data + other)
            with self.subTest(link=link, snap=snap):
                out, errors = self.decode("--json", path, code=1)
                self.assertEqual(len(decodetest.lines_of(out.decode())), len(BODIES))
                self.one_line(errors, path, "interface")

    def test_wrong(self):
        for words in WRONG:
            words = [self.capture() if w == "FILE" else w for w in words]
            with self.subTest(words=words):
                out, errors = self.decode(*words, code=2)
                self.assertEqual(out, b"")
                self.assertTrue(errors.startswith("weirctl"), errors)

    def test_structures(self):
        """Every structure of the reference is listed, by its tag and its name."""
        listed = self.text("--structures")
        for table in (SAMPLES, FLOW, COUNTER):
            for structure in table.values():
                with self.subTest(tag=structure.tag, name=structure.name):
                    self.assertRegex(listed, re.compile(
                        rf"^(.*\s)?{structure.tag}\s(.*\s)?{structure.name}(\s.*)?$", re.M))


class Running(decodetest.Case):
    """weirctl in the background."""

    def background(self, *words, stdin=subprocess.DEVNULL):
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            [*decodetest.PROGRAM, "decode", *words], stdin=stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=decodetest.environment())
        for undo in (process.stderr.close, process.stdout.close, process.wait, process.kill):
            self.addCleanup(undo)
        return process

    def until(self, ready, process, what):
        end = time.monotonic() + decodetest.TIMEOUT
        while not ready():
            if process.poll() is not None or time.monotonic() > end:
                self.fail(f"{what}: exit {process.poll()}")
            time.sleep(0.02)

    def quiet_end(self, process):
        """It ended as asked, without a word."""
        out, errors = process.communicate(timeout=decodetest.TIMEOUT)
        self.assertEqual((process.returncode, out, errors), (0, b"", b""))


class Stream(Running):
    """Captures that come through a pipe, as of tcpdump."""

    def writer(self, path=None):
        """weirctl at a pipe, and its other end; with a path, at that FIFO."""
        if path:
            os.mkfifo(path)
            process = self.background("--json", path)
            pipe = open(path, "wb", buffering=0)  # pylint: disable=consider-using-with
        else:
            process = self.background("--json", "-", stdin=subprocess.PIPE)
            pipe = process.stdin
        self.addCleanup(pipe.close)
        return process, pipe

    def write(self, pipe, data):
        pipe.write(data)
        pipe.flush()

    def test_at_once(self):
        """A datagram is shown before more comes, and a signal ends the wait for that."""
        whole = generate.capture(BODIES)
        first = len(generate.capture(BODIES[:1]))
        for number in (signal.SIGINT, signal.SIGTERM):
            for path in (None, self.path(f"fifo-{number.name}")):
                with self.subTest(signal=number.name, path=path):
                    process, pipe = self.writer(path)
                    self.write(pipe, whole[:first])
                    self.assertIn('"sequence_number":2,', process.stdout.readline().decode())
                    self.write(pipe, whole[first:first + 20])
                    time.sleep(0.1)
                    process.send_signal(number)
                    process.stdin = None
                    self.quiet_end(process)

    def test_before_header(self):
        """Stopped before the capture has so much as begun."""
        for data in (b"", b"\xd4\xc3"):
            with self.subTest(data=data):
                process, pipe = self.writer()
                self.write(pipe, data)
                self.until(lambda p=process: catches(p, signal.SIGTERM), process, "starts")
                time.sleep(0.05)
                process.send_signal(signal.SIGTERM)
                process.stdin = None
                self.quiet_end(process)

    def test_end(self):
        process, pipe = self.writer()
        self.write(pipe, generate.capture(BODIES))
        out, errors = process.communicate(timeout=decodetest.TIMEOUT)
        self.assertEqual((process.returncode, errors), (0, b""))
        self.assertEqual(len(decodetest.lines_of(out.decode())), len(BODIES))


class Socket(Running):
    """Datagrams from a UDP socket, or an interface."""

    def start(self, *words):
        """weirctl in the background, once it listens: (process, port)."""
        port = free_port()
        process = self.background(*words, "-p", str(port))
        self.until(lambda: port in udp_ports(), process, "listens")
        return process, port

    def finish(self, process):
        out, errors = process.communicate(timeout=decodetest.TIMEOUT)
        self.assertEqual(process.returncode, 0, errors.decode())
        self.assertNotRegex(errors.decode(), decodetest.DAMAGE)
        return out.decode()

    def send(self, port, bodies, to="127.0.0.1"):
        family = socket.AF_INET6 if ":" in to else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            for body in bodies:
                s.sendto(body, (to, port))
            return s.getsockname()[1]

    def test_count(self):
        process, port = self.start("--json", "--count", str(len(BODIES)))
        source = self.send(port, BODIES)
        got = [expected.load(line) for line in decodetest.lines_of(self.finish(process))]
        self.assertEqual([d["sequence_number"] for d in got], SEQUENCES)
        for found, body in zip(got, BODIES):
            self.assertEqual((found["size"], found["source_port"]), (len(body), source))
            self.assertIn(found["source"], ("127.0.0.1", "::ffff:127.0.0.1"))
            self.assertLess(abs(time.time() - moment(found["time"])), decodetest.TIMEOUT)

    def test_damage(self):
        """A datagram that breaks off is no reason to end."""
        process, port = self.start("--json", "--count", "3")
        self.send(port, [damage.V2[:70], b"", damage.V1])
        got = [expected.load(line) for line in decodetest.lines_of(self.finish(process))]
        self.assertEqual([d["size"] for d in got], [70, 0, 28])
        self.assertEqual([d["errors"][0]["reason"] for d in got[:2]], ["sample_overrun", "short"])

    def check_lost(self, process, port, times=1):
        """A flood while it stands still: what was not decoded it says was lost."""
        others = 0
        while not select.select([process.stdout], [], [], 0.1)[0] and process.poll() is None:
            self.send(port, [damage.V2])
            others += 1
        process.send_signal(signal.SIGSTOP)
        self.until(lambda: "T" in status(process, "State"), process, "stands still")
        self.send(port, [damage.V5 + bytes(1200)] * FLOOD)
        process.send_signal(signal.SIGCONT)
        seen, decoded = threading.Event(), 1

        def read():
            nonlocal decoded
            for line in iter(process.stdout.readline, b""):
                if b'"size":28,' in line:
                    seen.set()
                    return
                decoded += 1

        reading = threading.Thread(target=read, daemon=True)
        reading.start()
        end = time.monotonic() + decodetest.TIMEOUT
        while not seen.wait(0.1) and time.monotonic() < end:
            self.send(port, [damage.V1])
            others += 1
        self.assertTrue(seen.is_set())
        process.terminate()
        out, errors = process.communicate(timeout=decodetest.TIMEOUT)
        self.assertEqual(process.returncode, 0)
        told = LOST.search(errors.decode())
        self.assertTrue(told, errors)
        decoded += out.count(b"\n")
        self.assertGreater(int(told[1]), 0)
        self.assertGreaterEqual(int(told[1]) + decoded, FLOOD)
        self.assertLessEqual(int(told[1]) // times + decoded, FLOOD + others)

    def test_lost(self):
        self.check_lost(*self.start("--json"))

    @needs_root
    def test_lost_at_interface(self):
        """At lo each packet comes in twice, of which libpcap takes one."""
        port = free_port()
        process = self.background("--json", "-i", "lo", "-p", str(port))
        self.check_lost(process, port, times=2)

    @needs_root
    def test_quiet_interface(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number.name):
                process = self.background("-i", "lo", "-p", str(free_port()))
                self.until(lambda p=process: packet_socket(p), process, "listens")
                time.sleep(0.3)
                process.send_signal(number)
                self.quiet_end(process)

    @needs_root
    def test_interface(self):
        """What goes to a port, as seen at the interface that it comes in by."""
        port = free_port()
        process = self.background("--json", "--count", "2", "-i", "lo", "-p", str(port))
        end = time.monotonic() + decodetest.TIMEOUT
        while process.poll() is None and time.monotonic() < end:
            self.send(port, [damage.V2])
            time.sleep(0.05)
        got = [expected.load(line) for line in decodetest.lines_of(self.finish(process))]
        self.assertEqual([(d["source"], d["size"]) for d in got], [("127.0.0.1", 108)] * 2)

    def test_no_interface(self):
        process = self.background("-i", "nonesuch0")
        out, errors = process.communicate(timeout=decodetest.TIMEOUT)
        self.assertIn(process.returncode, (1, 2))
        self.assertEqual(out, b"")
        self.assertEqual(errors.count(b"\n"), 1)
        self.assertIn(b"nonesuch0", errors)

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number.name):
                process, port = self.start("--json")
                self.send(port, BODIES[:1])
                self.assertIn('"sequence_number":2', process.stdout.readline().decode())
                process.send_signal(number)
                self.assertEqual(self.finish(process), "")

    def test_text(self):
        """The lines of live datagrams tell who sent them, and when."""
        process, port = self.start("--count", "1")
        self.send(port, [damage.V2])
        lines = decodetest.lines_of(self.finish(process))
        self.assertIn("datagramSourceIP 127.0.0.1", lines)
        self.assertIn("datagramSize 108", lines)
        seconds = next(int(line.split()[1]) for line in lines if line.startswith("unixSecondsUTC "))
        self.assertLess(abs(time.time() - seconds), decodetest.TIMEOUT)
        self.assertFalse([line for line in lines if line.startswith("pcapTimestamp")])

    def test_ipv6(self):
        if not socket.has_ipv6:
            self.skipTest("no IPv6")
        process, port = self.start("--json", "--count", "1")
        try:
            self.send(port, [damage.V3], to="::1")
        except OSError as e:
            self.skipTest(f"no IPv6 on loopback: {e}")
        got = expected.load(self.finish(process))
        self.assertEqual((got["source"], got["sequence_number"]), ("::1", 1))


TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
BEGIN, END = 1000, 1001  # sequence numbers of what is sent before and after


def numbered(sequence):
    """An empty datagram with that number."""
    return damage.V1[:16] + sequence.to_bytes(4, "big") + damage.V1[20:]


def tagged(frame, *types):
    return frame[:12] + b"".join(struct.pack(">2H", t, 7) for t in types) + frame[12:]


def extended(frame, kind=0, header=b"\x11\0\1\4\0\0\0\0"):
    """An IPv6 frame with an extension header."""
    size = int.from_bytes(frame[18:20], "big") + len(header)
    return frame[:18] + size.to_bytes(2, "big") + bytes([kind]) + frame[21:54] + header + frame[54:]


def other_port(frame):
    """The same for a port that nobody asked for."""
    wanted = struct.pack(">2H", captures.SOURCE_PORT, captures.SFLOW_PORT)
    return frame.replace(wanted, struct.pack(">2H", captures.SOURCE_PORT, 9999))


@needs_root
class Interfaces(Running):
    """Interfaces of several kinds, in a network namespace of the test's own."""

    def setUp(self):
        super().setUp()
        self.space = f"weir-decode-{os.getpid()}"
        self.ip("netns", "add", self.space)
        self.addCleanup(self.ip, "netns", "delete", self.space)
        self.ip("-n", self.space, "link", "add", "near", "type", "veth", "peer", "name", "far")
        for name in ("near", "far"):
            self.ip("-n", self.space, "link", "set", name, "up")

    def ip(self, *words):
        subprocess.run(["ip", *words], check=True, timeout=decodetest.TIMEOUT)

    def seen(self, iface, send, first, frames, last):
        """Sequence numbers of what weirctl shows of frames, in their order, each once."""
        with inside(self.space):
            process = self.background("--json", "-i", iface)
        end = time.monotonic() + decodetest.TIMEOUT
        while not select.select([process.stdout], [], [], 0.05)[0]:
            if process.poll() is not None or time.monotonic() > end:
                self.fail(f"{iface}: exit {process.poll()}, {process.stderr.read()}")
            send(first)
        for frame in [*frames, last]:
            send(frame)
        got = []
        while END not in got:
            got.append(expected.load(process.stdout.readline().decode())["sequence_number"])
        process.terminate()
        errors = process.communicate(timeout=decodetest.TIMEOUT)[1].decode()
        self.assertEqual((process.returncode, errors), (0, ""))
        return list(dict.fromkeys(n for n in got if n < BEGIN))

    def at_ethernet(self, iface):
        whole = [captures.ethernet(numbered(n)) for n in range(5)]
        whole6 = [captures.ethernet(numbered(n), v6=True) for n in range(5, 12)]
        frames = [
            whole[0], tagged(whole[1], 0x8100), tagged(whole[2], 0x88A8),
            tagged(whole[3], 0x88A8, 0x8100), tagged(whole[4], 0x8100, 0x8100),
            whole6[0], tagged(whole6[1], 0x8100), extended(whole6[2]),
            extended(whole6[3], 60), tagged(extended(whole6[4]), 0x88A8, 0x8100),
            extended(whole6[5], 44, b"\x11\0\0\0\0\0\0\1"),
            extended(extended(whole6[6]), 60, b"\0\0\1\4\0\0\0\0")]
        others = [other_port(f) for f in frames]
        others += [extended(whole6[0], 44, b"\x11\0\0\x10\0\0\0\1"),
                   extended(whole6[0], 0, b"\x06\0\1\4\0\0\0\0")]
        with inside(self.space), socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
            s.bind(("far", 0))
            got = self.seen(iface, s.send, captures.ethernet(numbered(BEGIN)), others + frames,
                            captures.ethernet(numbered(END)))
        self.assertEqual(got, list(range(12)))

    def test_ethernet(self):
        self.at_ethernet("near")

    def test_any(self):
        self.at_ethernet("any")

    def test_tun(self):
        """No link layer, so no tags."""
        with inside(self.space), open("/dev/net/tun", "r+b", buffering=0) as tun:
            fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"tun0", IFF_TUN | IFF_NO_PI))
            self.ip("link", "set", "tun0", "up")
            frames = [captures.ip4(numbered(0)), captures.ip6(numbered(1)),
                      extended(captures.ethernet(numbered(2), v6=True))[14:],
                      other_port(captures.ip4(numbered(3)))]
            got = self.seen("tun0", tun.write, captures.ip4(numbered(BEGIN)), frames,
                            captures.ip4(numbered(END)))
        self.assertEqual(got, [0, 1, 2])


def moment(text):
    """Seconds since 1970 of a time in JSON."""
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


if __name__ == "__main__":
    decodetest.main()
