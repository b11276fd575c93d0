#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A device that is weir's alone: the kernel in another namespace finds it by ARP and neighbour discovery,
and the host behind the TAP too; links go down and come up, and a device goes away."""

import array
import contextlib
import fcntl
import json
import select
import socket
import struct
import threading
import time

import weirnet
import weirtest

US, US6 = "192.0.2.1", "2001:db8::1"
HOST, HOST6 = "192.0.2.9", "2001:db8::9"  # the kernel's, behind the TAP
SOL_PACKET, PACKET_AUXDATA = 263, 8
DEEP = "net_af_packet0,iface=collector,framesz=2048,blocksz=65536,framecnt=4096"
SIOCETHTOOL, ETHTOOL_STXCSUM, IFREQ = 0x8946, 0x17, "16sP16x"


def offload_off(space, name):
    """Have the kernel compute checksums, as a wire needs them: those of veth are left out."""
    value = array.array("I", [ETHTOOL_STXCSUM, 0])
    request = struct.pack(IFREQ, name.encode(), value.buffer_info()[0])
    with weirnet.inside(space), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, SIOCETHTOOL, request)


def ping6(space, address, size=56, timeout=2):
    body = struct.pack(">BBHHH", 128, 0, 0, 77, 1) + bytes(i % 256 for i in range(size))
    with weirnet.inside(space):
        s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    with s:
        s.sendto(body, (address, 0))
        end = time.monotonic() + timeout
        while select.select([s], [], [], max(0, end - time.monotonic()))[0]:
            packet = s.recv(2048)
            if packet[0] == 129 and packet[4:] == body[4:]:
                return True
    return False


class Nic(weirtest.Case):

    def setUp(self):
        super().setUp()
        self.network = weirnet.Network(self)
        self.ip("c", "address", "flush", "dev", self.network.outside)
        self.ip("f", "address", "add", "2001:db8::2/64", "dev", self.network.inside, "nodad")
        offload_off(self.network.fabric, self.network.inside)
        self.store = self.redis()
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.client = stack.enter_context(self.store.client())

    def ip(self, side, *args):
        space = self.network.space if side == "c" else self.network.fabric
        return weirtest.sh("ip", "-n", space, *args)

    def start(self, device="net_af_packet0,iface=collector", more=(), **port):
        port = {"vdev": device, "addresses": [US, US6], **port}
        config = self.path("nic.yaml", json.dumps({
            "ports": [port], "window": "200ms", "memory": {"hugepages": "off"},
            "flows": [{"name": "pairs", "keys": "ipsource,ipdestination", "value": "bytes"}]}))
        daemon = self.weir("-c", config, "--redis", self.store.url, "--summary", *more,
                           space=self.network.space)
        self.wait_published(daemon, self.store)
        return daemon

    def counter(self, name):
        return self.collector(self.client).get(name, 0)

    def wait_counter(self, name, least, daemon):
        weirtest.wait_until(lambda: self.counter(name) >= least, lambda: f"{name}: "
                            f"{self.collector(self.client)}\n{daemon.story()}")

    def neighbours(self):
        """What the fabric's kernel knows: address -> (Ethernet address, states)."""
        rows = json.loads(self.ip("f", "-j", "neighbour", "show", "dev", self.network.inside))
        return {r["dst"]: (r.get("lladdr"), r["state"]) for r in rows}

    def sniffer(self):
        with weirnet.inside(self.network.fabric):
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            s.bind((self.network.inside, 0))
        self.addCleanup(s.close)
        return s

    def heard(self, sniffer, mark, timeout=10):
        """Whether a frame with that in it came."""
        end = time.monotonic() + timeout
        while select.select([sniffer], [], [], max(0, end - time.monotonic()))[0]:
            if mark in sniffer.recv(2048):
                return True
        return False

    @property
    def announcement(self):
        mac = bytes.fromhex(self.network.outside_mac().replace(":", ""))
        return b"\x08\x06\0\1\x08\0\6\4\0\1" + mac + socket.inet_aton(US) + bytes(6) \
            + socket.inet_aton(US)

    @property
    def advertisement(self):
        return b"\x20\0\0\0" + socket.inet_pton(socket.AF_INET6, US6) + b"\2\1"

    def ready(self, daemon):
        """IPv6 addresses are in use after a second of duplicate address detection."""
        weirtest.wait_until(lambda: ping6(self.network.fabric, US6, timeout=0.3), daemon.story)

    def wait_ping(self, daemon):
        weirtest.wait_until(lambda: weirnet.ping(self.network.fabric, US, 0.5), daemon.story)

    def test_found(self):
        """ARP, neighbour discovery and echo, by the kernel; then sFlow through what it resolved."""
        sniffer = self.sniffer()
        daemon = self.start()
        self.assertTrue(self.heard(sniffer, self.announcement), "gratuitous ARP")
        self.assertTrue(self.heard(sniffer, self.advertisement), "unsolicited advertisement")
        self.ip("f", "neighbour", "flush", "dev", self.network.inside)
        self.wait_ping(daemon)
        self.ready(daemon)
        weirtest.wait_until(lambda: ping6(self.network.fabric, US6, 1400), daemon.story)
        self.assertEqual({self.neighbours()[a][0] for a in (US, US6)},
                         {self.network.outside_mac()})
        self.assertFalse(weirnet.ping(self.network.fabric, "192.0.2.3", 0.5))
        self.ip("f", "neighbour", "flush", "dev", self.network.inside)
        # The first ones wait in the kernel until the neighbour is known; it lets others go.
        for address in (US, US6):
            with weirnet.inside(self.network.fabric):
                self.send_one(address)
        sent = 2
        self.wait_datagrams(self.client, sent, daemon)
        for address in (f"{US}:6343", f"[{US6}]:6343"):
            truth = self.truth(self.sflowgen("--udp", address, "--rate", "5000", "--seconds", "1",
                                             space=self.network.fabric))
            sent += truth["received"]
            self.wait_datagrams(self.client, sent, daemon)
        self.wait_counter("nic_arp", 2, daemon)
        self.wait_counter("nic_neighbour", 2, daemon)
        self.wait_counter("nic_echo", 3, daemon)
        c = self.collector(self.client)
        self.assert_conserved(c)
        self.assertEqual(sum(v for k, v in c.items() if k.startswith("nic_drop_")), 0, c)
        self.assertGreater(c["window_cycles_asleep"], 0)
        summary = json.loads(daemon.stop())
        self.assertEqual(summary["ports"][0]["link"], "up")
        self.assertEqual(summary["datagrams"], sent)

    @staticmethod
    def send_one(address):
        """A datagram without samples, by UDP."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            s.sendto(struct.pack(">7I", 5, 1, 0x0A000001, 0, 1, 1000, 0), (address, 6343))

    def test_vlan(self):
        """Addresses in a VLAN: not to be found without its tag, and answers have it."""
        daemon = self.start(vlan=7)
        sniffer = self.sniffer()
        sniffer.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.assertFalse(weirnet.ping(self.network.fabric, US, 0.5))
        mac = bytes.fromhex("020000000009")
        question = b"\xff" * 6 + mac + b"\x81\0\0\7" + b"\x08\x06\0\1\x08\0\6\4\0\1" + mac \
            + socket.inet_aton(self.network.INSIDE) + bytes(6) + socket.inet_aton(US)
        sniffer.send(question)
        weirtest.wait_until(lambda: self.tag_of(sniffer, mac) == 7, daemon.story)
        daemon.stop()

    @staticmethod
    def tag_of(sniffer, mac):
        """The VLAN of the next frame, if it is for that station (struct tpacket_auxdata)."""
        if not select.select([sniffer], [], [], 0.1)[0]:
            return None
        frame, extra = sniffer.recvmsg(2048, 256)[:2]
        if frame[:6] != mac:
            return None
        return [struct.unpack_from("=16xH", data)[0] for _, kind, data in extra
                if kind == PACKET_AUXDATA][0]

    def test_tap(self):
        """The host keeps its network: another address, and TCP both ways, while sFlow comes in."""
        daemon = self.start(DEEP, tap="weir0")
        for address in (HOST + "/24", HOST6 + "/64"):
            self.ip("c", "address", "add", address, "dev", "weir0", *(["nodad"] * (":" in address)))
        fabric = self.sflowgen("--udp", f"{US}:6343", "--rate", "3000", "--seconds", "2",
                               space=self.network.fabric)
        weirtest.wait_until(lambda: weirnet.ping(self.network.fabric, HOST), daemon.story)
        weirtest.wait_until(lambda: ping6(self.network.fabric, HOST6), daemon.story)
        weirtest.wait_until(lambda: weirnet.ping(self.network.space, self.network.INSIDE), daemon.story)
        self.wait_ping(daemon)
        self.assertEqual(self.through_tcp(1 << 20), 1 << 20)
        self.wait_datagrams(self.client, self.truth(fabric)["received"], daemon)
        self.wait_counter("nic_tap_in", 100, daemon)
        self.assertGreater(self.counter("nic_tap_out"), 100)
        self.assert_conserved(self.collector(self.client))
        daemon.stop()
        self.assertNotIn("weir0", self.ip("c", "link", "show"))

    def test_tap_of_a_user(self):
        """Who is not root makes it, too."""
        daemon = self.weir("-c", self.path("tap.yaml", json.dumps({
            "user": "nobody", "ports": [{"vdev": "net_null0", "tap": "weir0"}],
            "memory": {"hugepages": "off"}})), "--redis", "", space=self.network.space)
        weirtest.wait_until(lambda: "weir0" in self.ip("c", "link", "show"), daemon.story)
        daemon.stop()

    def through_tcp(self, size):
        """So many bytes to the host behind the TAP and back; how many came."""
        with weirnet.inside(self.network.space):
            server = socket.create_server((HOST, 2222))
        with weirnet.inside(self.network.fabric):
            client = socket.socket()

        def echo():
            peer = server.accept()[0]
            with peer:
                while data := peer.recv(65536):
                    peer.sendall(data)

        thread = threading.Thread(target=echo, daemon=True)
        thread.start()
        with server, client:
            client.settimeout(weirtest.TIMEOUT)
            client.connect((HOST, 2222))
            sender = threading.Thread(target=client.sendall, args=(bytes(size),))
            sender.start()
            got = 0
            while got < size and (data := client.recv(65536)):
                got += len(data)
            sender.join()
        thread.join(weirtest.TIMEOUT)
        return got

    def test_duplicate(self):
        """An IPv6 address that somebody has already is not taken, and the log says so."""
        self.ip("f", "address", "add", US6 + "/64", "dev", self.network.inside, "nodad")
        daemon = self.start()
        weirtest.wait_until(lambda: "somebody else has address" in daemon.err(), daemon.story)
        self.wait_counter("nic_duplicates", 1, daemon)
        self.wait_ping(daemon)
        daemon.stop()

    def test_conflict(self):
        """Somebody claims an address in use: it is defended."""
        daemon = self.start()
        sniffer = self.sniffer()
        self.wait_counter("nic_announced", 6, daemon)  # all that the start brings
        mac = bytes.fromhex("020000000009")
        claim = b"\xff" * 6 + mac + b"\x08\x06\0\1\x08\0\6\4\0\1" + mac + socket.inet_aton(US) \
            + bytes(6) + socket.inet_aton(US)
        while self.heard(sniffer, self.announcement, 0.1):
            pass
        sniffer.send(claim)
        self.assertTrue(self.heard(sniffer, self.announcement))
        self.assertIn("somebody else says that he has address", daemon.err())
        daemon.stop()

    def test_claims(self):
        """Many ask whether they may have an address: few are answered, and others no less for it."""
        daemon = self.start()
        weirtest.wait_until(lambda: ping6(self.network.fabric, US6, timeout=0.5), daemon.story)
        self.wait_counter("window", self.counter("window") + 2, daemon)
        before, begin = self.counter("nic_neighbour"), time.monotonic()
        claim, sniffer, over = self.claim(US6), self.sniffer(), threading.Event()

        def flood():
            while not over.wait(0.005):
                for _ in range(10):
                    sniffer.send(claim)
        thread = threading.Thread(target=flood)
        thread.start()
        try:
            self.wait_counter("nic_drop_rate", 100, daemon)
            answered = self.counter("nic_neighbour") - before
            self.assertGreater(answered, 32)
            self.assertLessEqual(answered, 64 * (2 + time.monotonic() - begin))
            self.ip("f", "neighbour", "flush", "dev", self.network.inside)
            self.assertTrue(ping6(self.network.fabric, US6))
        finally:
            over.set()
            thread.join()
        daemon.stop()

    @staticmethod
    def claim(address):
        """A neighbour solicitation of a host that has no address yet (RFC 4862, 5.4.2)."""
        target = socket.inet_pton(socket.AF_INET6, address)
        group = socket.inet_pton(socket.AF_INET6, "ff02::1:ff00:0")[:13] + target[13:]
        body = b"\x87\0\0\0" + bytes(4) + target
        pseudo = bytes(16) + group + struct.pack(">II", len(body), 58)
        body = body[:2] + struct.pack(">H", weirnet.checksum(pseudo + body)) + body[4:]
        return b"\x33\x33" + group[12:] + b"\2\0\0\0\0\x09\x86\xdd" \
            + struct.pack(">IHBB", 6 << 28, len(body), 58, 255) + bytes(16) + group + body

    def test_flood(self):
        """A flood of ARP, echoes and what goes to the TAP: bounded, counted, and sFlow goes on."""
        daemon = self.start(DEEP, tap="weir0")
        self.wait_ping(daemon)
        mac = bytes.fromhex(self.network.outside_mac().replace(":", ""))
        arp = b"\xff" * 6 + b"\2\0\0\0\0\x09\x08\x06\0\1\x08\0\6\4\0\1\2\0\0\0\0\x09\xc0\0\2\x77" \
            + bytes(6) + socket.inet_aton(US)
        junk = mac + b"\2\0\0\0\0\x09\x88\xb5" + bytes(1000)
        fabric = self.sflowgen("--udp", f"{US}:6343", "--rate", "2000", "--seconds", "3",
                               space=self.network.fabric)
        sniffer, sent, end = self.sniffer(), 0, time.monotonic() + 2.5
        while time.monotonic() < end:
            for _ in range(64):
                with contextlib.suppress(OSError):
                    sniffer.send(arp)
                    sniffer.send(junk)
                    sent += 2
        truth = self.truth(fabric)
        self.wait_counter("ingress_drop_not_ip", 1000, daemon)
        c = self.collector(self.client)
        self.wait_ping(daemon)
        # The kernel's ring loses some of all kinds: the RX core may be one of many on its CPU here.
        self.wait_datagrams(self.client, truth["received"] // 2, daemon)
        self.assert_conserved(self.collector(self.client))
        answered = c["nic_arp"] + c["nic_drop_rate"] + c["ingress_aside_full"] + c["nic_tap_in"]
        self.assertGreater(answered, 1000, c)
        self.figures("overload", "flood of ARP and other frames", frames=sent, arp_answered=c["nic_arp"],
                     over_rate=c["nic_drop_rate"], ring_full=c["ingress_aside_full"],
                     to_tap=c["nic_tap_in"], sflow_sent=truth["received"],
                     sflow_decoded=self.counter("sflow_datagrams"))
        daemon.stop()

    def test_link(self):
        """Down and up again: logged, counted, announced again; datagrams go on."""
        daemon = self.start()
        self.wait_ping(daemon)
        self.ready(daemon)
        self.ip("f", "link", "set", self.network.inside, "down")
        weirtest.wait_until(lambda: self.counter("port_down") == 1, daemon.story)
        self.assertIn("the link is down", daemon.err())
        self.ip("f", "link", "set", self.network.inside, "up")
        sniffer = self.sniffer()
        self.assertTrue(self.heard(sniffer, self.announcement))
        weirtest.wait_until(lambda: self.counter("port_down") == 0, daemon.story)
        self.assertEqual(self.counter("port_link_changes"), 2)
        self.wait_ping(daemon)
        truth = self.truth(self.sflowgen("--udp", f"{US}:6343", "--rate", "2000", "--seconds", "1",
                                         space=self.network.fabric))
        self.wait_datagrams(self.client, truth["received"], daemon)
        # Our own end, too: the kernel takes its sockets off the interface, and puts them back.
        self.ip("c", "link", "set", self.network.outside, "down")
        weirtest.wait_until(lambda: self.counter("port_link_changes") == 3, daemon.story)
        self.ip("c", "link", "set", self.network.outside, "up")
        weirtest.wait_until(lambda: self.counter("port_link_changes") == 4, daemon.story)
        self.wait_ping(daemon)
        daemon.stop()

    def test_gone(self):
        """Devices that are removed: weir goes on with another port, and ends as it should."""
        other = weirnet.Network(self)
        for driver in ("af_packet", "af_xdp", None):
            with self.subTest(driver=driver):
                self.client.flushall()
                self.remove(other, driver)

    def remove(self, other, driver):
        name, peer = "short", "lived"
        self.ip("c", "link", "add", name, "type", "veth", "peer", "name", peer)
        for end in (name, peer):
            self.ip("c", "link", "set", end, "up")
        weirtest.wait_until(lambda: "LOWER_UP" in self.ip("c", "link", "show", "dev", name), name)
        port = {"iface": name, "driver": driver} if driver else {
            "vdev": f"net_af_packet1,iface={name}", "addresses": ["198.51.100.1"]}
        config = self.path("two.yaml", json.dumps({
            "ports": [{"vdev": "net_af_packet0,iface=collector", "addresses": [US]}, port],
            "window": "200ms", "memory": {"hugepages": "off"}}))
        daemon = self.weir("-c", config, "--redis", self.store.url, "--summary",
                           space=self.network.space)
        self.wait_published(daemon, self.store)
        self.ip("c", "link", "delete", name)
        weirtest.wait_until(lambda: self.counter("port_gone") == 1, daemon.story)
        self.assertIn(f"{name}: the device is gone", daemon.err())
        window = self.counter("window")
        truth = self.truth(self.sflowgen("--udp", f"{US}:6343", "--rate", "2000", "--seconds", "1",
                                         space=self.network.fabric))
        self.wait_datagrams(self.client, truth["received"], daemon)
        self.assertGreater(self.counter("window"), window)
        start = time.monotonic()
        summary = json.loads(daemon.stop())
        self.assertLess(time.monotonic() - start, 10)
        self.assertEqual([p["link"] for p in summary["ports"]], ["up", "gone"])

    def test_refused(self):
        """What cannot be is said, with what would be right."""
        for port, words in (
                ({"iface": "collector", "addresses": [US]}, "of pci and vdev"),
                ({"vdev": "net_null0", "addresses": ["224.0.0.1"]}, "no group"),
                ({"vdev": "net_null0", "addresses": [US, US]}, "a second time"),
                ({"vdev": "net_null0", "vlan": 7}, "take it out, or add addresses"),
                ({"vdev": "net_null0", "addresses": ["here"]}, "an IPv4 or IPv6 address")):
            config = self.path("wrong.yaml", json.dumps({"ports": [port]}))
            daemon = self.weir("-c", config, "--redis", "")
            daemon.wait(2)
            self.assertIn(words, daemon.err())
        config = self.path("wrong.yaml", json.dumps({
            "ports": [{"vdev": "net_af_packet0,iface=collector", "tap": "collector"}],
            "memory": {"hugepages": "off"}}))
        daemon = self.weir("-c", config, "--redis", "", space=self.network.space)
        daemon.popen.wait(weirtest.TIMEOUT)
        self.assertNotEqual(daemon.popen.returncode, 0)
        self.assertIn("TAP collector: there is an interface of that name", daemon.err())


if __name__ == "__main__":
    weirtest.main()
