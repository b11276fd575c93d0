# SPDX-License-Identifier: BSD-3-Clause
"""Sample traffic: a small fabric in which something of everything happens, as a capture.

    traffic.py --out FILE.pcap [--seed N] [--datagrams N]

Four switches sample web, DNS, tunnels, RoCE, multicast, a SYN flood and more; two hosts add what
their TCP stack and web server know; all of them tell what they drop. The same seed makes the same
bytes. The cookbook's output comes from it, and tests of whole definitions read it.
"""

import argparse
import os
import random
import struct
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "decode"))

import captures  # pylint: disable=wrong-import-position

START, STEP_NS = 1_700_000_000, 10_000_000  # s; ns between datagrams
RATE = {"switch": 1000, "host": 100, "web": 10, "drop": 1}
INTERNAL = 0x3FFFFFFF
UNKNOWN = 0xFFFFFFFF
HOSTS = ("10.0.2.11", "10.0.2.12")
SERVERS = ("10.0.1.10", "10.0.1.11", "10.0.1.12")
OUTSIDE = ("198.51.100.7", "203.0.113.9", "193.0.6.139", "8.8.8.8", "130.89.148.77")
PEERS = {"198.51.100.7": (64496, 64500), "203.0.113.9": (64496, 64501), "193.0.6.139": (64497, 3333),
         "8.8.8.8": (64497, 15169), "130.89.148.77": (64497, 1133)}
NAMES = ("www.example.com", "api.example.com", "cdn.example.net", "mail.example.org",
         "x7f3a9.t.example.net")
URLS = ("/index.html", "/games/chess?id=7", "/games/go?id=9", "/img/logo.png", "/api/v1/orders")


def u32(*words):
    return struct.pack(f">{len(words)}I", *words)


def u16(*words):
    return struct.pack(f">{len(words)}H", *words)


def text(what):
    data = what.encode()
    return u32(len(data)) + data + bytes(-len(data) % 4)


def record(tag, body):
    return u32(tag, len(body)) + body + bytes(-len(body) % 4)


def mac(number):
    return bytes.fromhex(f"02{number:010x}")


# ---- packets ----

def ethernet(source, target, kind, body, vlan=None):
    tag = b"" if vlan is None else u16(0x8100, vlan)
    return mac(target) + mac(source) + tag + u16(kind) + body


def ip4(source, target, protocol, body, tos=0, ttl=64):
    return (bytes([0x45, tos]) + u16(20 + len(body), 1, 0x4000) + bytes([ttl, protocol, 0, 0])
            + captures.packed(source) + captures.packed(target) + body)


def ip6(source, target, protocol, body):
    return u32(0x60000000) + u16(len(body)) + bytes([protocol, 64]) + captures.packed(source) \
        + captures.packed(target) + body


def tcp(source, target, flags=0x10):
    return u16(source, target) + u32(1, 2) + bytes([0x50, flags]) + u16(8192, 0, 0)


def udp(source, target, body=b""):
    return u16(source, target, 8 + len(body), 0) + body


def dns(name, answer):
    labels = b"".join(bytes([len(p)]) + p.encode() for p in name.split("."))
    return u16(1, 0x8180 if answer else 0x0100, 1, 0, 0, 0) + labels + b"\0" + u16(1, 1)


def roce(opcode, pair, becn=0):
    return bytes([opcode, 0]) + u16(0xFFFF) + bytes([becn << 6]) + u32(pair)[1:] + u32(7) + bytes(20)


# ---- samples ----

class Traffic:
    """Makes samples from a seed."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.kinds = (
            [self.web] * 12 + [self.web6] * 3 + [self.dns] * 3 + [self.vxlan] * 3 + [self.roce] * 3
            + [self.multicast, self.flood, self.flood, self.flood, self.unreachable, self.arp]
            + [self.tcp_info] * 3 + [self.http] * 3 + [self.drop] * 2)

    def pick(self, of):
        """One of these, the first ones more often."""
        return of[min(int(self.rng.expovariate(1)), len(of) - 1)]

    def switched(self, frame, length, vlan=1, more=b"", more_count=0):
        """A sample of a switch: on its way in, or on its way out."""
        switch = self.rng.randrange(1, 5)
        inward, outward = self.rng.sample((1, 2, 3, 48), 2)
        source = self.rng.choice((inward, inward, outward))
        priority = self.rng.choice((UNKNOWN, 3))
        records = self.header(frame, length) + record(1001, u32(vlan, 0, vlan, priority)) + more
        return f"10.255.0.{switch}", self.sample(source, RATE["switch"], inward, outward, records,
                                                 2 + more_count, expanded=switch > 2)

    @staticmethod
    def header(frame, length):
        return record(1, u32(1, length + 4, 4, len(frame)) + frame)

    def sample(self, source, rate, inward, outward, records, count, kind=0, expanded=False):
        pool = self.rng.randrange(1 << 30)
        if expanded or kind:
            return record(3, u32(1, kind, source, rate, pool, 0, 0, inward, 0, outward, count)
                          + records)
        return record(1, u32(1, source, rate, pool, 0, inward, outward, count) + records)

    def web(self):
        """TCP to and from outside, routed: BGP says where to."""
        inside, outside = self.pick(SERVERS), self.pick(OUTSIDE)
        port, client = self.pick((443, 80, 22, 8443)), self.rng.randrange(32768, 32800)
        vlan, length = self.pick((10, 20, 30)), self.rng.choice((66, 590, 1514, 1514))
        tos = self.rng.choice((0, 0, 0, 2, 3, 0xB8))
        peer, origin = PEERS[outside]
        router = record(1002, u32(1) + captures.packed("10.255.1.1") + u32(24, 16))
        body = u32(1) + captures.packed("192.0.2.254")
        if self.rng.random() < 0.5:
            frame = ethernet(1, 2, 0x0800, ip4(inside, outside, 6, tcp(port, client), tos), vlan)
            body += u32(64512, 0, 0, 1, 2, 2, peer, origin, 1, 64512 << 16 | 1, 100)
        else:
            frame = ethernet(2, 1, 0x0800, ip4(outside, inside, 6, tcp(client, port), tos), vlan)
            body += u32(64512, origin, peer, 0, 0, 100)
        return self.switched(frame, length, vlan, router + record(1003, body), 2)

    def web6(self):
        host = self.pick(("2001:db8:1::10", "2001:db8:1::11"))
        frame = ethernet(3, 4, 0x86DD, ip6(f"2001:db8:2::{self.rng.randrange(1, 9)}", host, 6,
                                           tcp(self.rng.randrange(32768, 32800), 443)))
        return self.switched(frame, self.rng.choice((86, 1514)))

    def dns(self):
        name, answer = self.pick(NAMES), self.rng.random() < 0.4
        client, server = f"10.0.3.{self.rng.randrange(1, 6)}", self.pick(("10.0.0.53", "8.8.8.8"))
        if answer:
            packet = ip4(server, client, 17, udp(53, 40000, dns(name, True)))
        else:
            packet = ip4(client, server, 17, udp(40000, 53, dns(name, False)))
        return self.switched(ethernet(5, 6, 0x0800, packet), 80)

    def vxlan(self):
        vni = self.pick((5001, 5002, 5003))
        inner = ethernet(7, 8, 0x0800, ip4(f"192.168.{vni % 10}.{self.rng.randrange(1, 5)}",
                                           f"192.168.{vni % 10}.9", 6, tcp(40000, 5432)))
        outer = ip4(self.pick(("10.254.0.1", "10.254.0.2")), "10.254.0.3", 17,
                    udp(50000, 4789, u32(0x08000000, vni << 8) + inner))
        more = record(1030, u32(vni)) + record(1024, u32(100, 17) + captures.packed("10.254.0.9")
                                               + captures.packed("10.254.0.8")
                                               + u32(50000, 4789, 0, 0))
        return self.switched(ethernet(9, 10, 0x0800, outer), 1564, more=more, more_count=2)

    def roce(self):
        source, target = self.rng.sample(("10.0.5.1", "10.0.5.2", "10.0.5.3"), 2)
        notice = self.rng.random() < 0.2
        packet = roce(0x81 if notice else self.pick((0x0A, 0x06, 0x04)), self.rng.randrange(17, 20),
                      notice)
        tos = 0x68 | (2 if notice else self.rng.choice((2, 2, 3)))
        frame = ethernet(11, 12, 0x0800, ip4(source, target, 17, udp(49152, 4791, packet), tos))
        return self.switched(frame, 78 if notice else 4170,
                             more=record(1036, u32(self.rng.choice((0, 3))))
                             + record(1040, u32(self.rng.randrange(100000)))
                             + record(1039, u32(self.rng.randrange(50000))), more_count=3)

    def multicast(self):
        group = self.pick((1, 2, 3))
        frame = bytes.fromhex(f"01005e0101{group:02x}") + mac(20) + u16(0x0800) \
            + ip4("10.0.4.1", f"239.1.1.{group}", 17, udp(5004, 5004, bytes(12)))
        return self.switched(frame, 1370)

    def flood(self):
        source = f"100.64.{self.rng.randrange(4)}.{self.rng.randrange(1, 255)}"
        frame = ethernet(2, 1, 0x0800, ip4(source, SERVERS[2], 6,
                                           tcp(self.rng.randrange(1024, 65536), 443, 0x02)))
        return self.switched(frame, 60)

    def unreachable(self):
        quoted = ip4("10.0.3.1", "10.0.9.9", 17, udp(40001, 161))
        packet = bytes([3, self.rng.choice((1, 3)), 0, 0]) + u32(0) + quoted
        return self.switched(ethernet(5, 6, 0x0800, ip4("10.255.1.1", "10.0.3.1", 1, packet)), 70)

    def arp(self):
        packet = u16(1, 0x0800, 0x0604, 1) + mac(21) + captures.packed("10.0.1.21") + bytes(6) \
            + captures.packed(f"10.0.1.{self.rng.randrange(1, 9)}")
        return self.switched(b"\xff" * 6 + mac(21) + u16(0x0806) + packet, 60)

    def tcp_info(self):
        """A host's packet with what its kernel knows of the connection, ahead of the header."""
        host, server = self.pick(HOSTS), self.pick(OUTSIDE)
        slow = server == OUTSIDE[1]
        rtt = self.rng.randrange(80000, 120000) if slow else self.rng.randrange(9000, 15000)
        sent = self.rng.random() < 0.6
        info = u32(2 if sent else 1, 1448, 1448, 3, 0, int(slow), 1500, rtt, rtt // 10, 10, 3,
                   rtt // 2)
        addresses = (host, server) if sent else (server, host)
        ports = (45000, 443) if sent else (443, 45000)
        frame = ethernet(30, 31, 0x0800, ip4(*addresses, 6, tcp(*ports)))
        ends = (INTERNAL, 2) if sent else (2, INTERNAL)
        return host, self.sample(2, RATE["host"], *ends,
                                 record(2209, info) + self.header(frame, 1514), 2)

    def http(self):
        """A request that a web server sampled: its data source is a container's."""
        url = self.pick(URLS)
        status = self.rng.choice((200, 200, 200, 404, 503))
        kind = "image/png" if url.endswith("png") else "text/html"
        body = u32(self.rng.choice((2, 2, 4)), 1001) + text(url) + text("www.example.com") \
            + text("") + text("curl/8.0") + text("") + text("") + text(kind) \
            + struct.pack(">QQ", 100, self.rng.choice((512, 20000))) \
            + u32(self.rng.randrange(200, 90000), status)
        socket = u32(6) + captures.packed(HOSTS[0]) + captures.packed(self.pick(OUTSIDE)) \
            + u32(80, self.rng.randrange(32768, 32800))
        return HOSTS[0], self.sample(80, RATE["web"], 0, 0,
                                     record(2206, body) + record(2100, socket), 2, kind=3)

    def drop(self):
        """A packet that was discarded, and why."""
        reason, words, function = self.pick((
            (257, "TTL_EXCEEDED", "ip_forward"), (3, "NO_SOCKET", "udp_rcv"),
            (258, "NETFILTER_DROP", "nf_hook_slow"), (265, "VLAN_FILTER", "br_handle_frame")))
        frame = ethernet(5, 6, 0x0800, ip4(self.pick(OUTSIDE), self.pick(SERVERS), 17,
                                           udp(4000, 161), ttl=1))
        body = u32(1, 0, 3, 0, self.rng.choice((1, 2, 3)), 0, reason, 3) + self.header(frame, 98) \
            + record(1042, text(words)) + record(1038, text(function))
        return f"10.255.0.{self.rng.randrange(1, 3)}", record(5, body)

    def datagrams(self, count):
        """(agent, samples) of each datagram."""
        waiting, made = {}, 0
        while made < count:
            agent, sample = self.rng.choice(self.kinds)()
            samples = waiting.setdefault(agent, [])
            samples.append(sample)
            if len(samples) == 4:
                yield agent, waiting.pop(agent)
                made += 1


def payloads(seed=1, count=500):
    """UDP payloads, in order."""
    sequence = {}
    for number, (agent, samples) in enumerate(Traffic(seed).datagrams(count)):
        sequence[agent] = sequence.get(agent, 0) + 1
        yield u32(5, 1) + captures.packed(agent) + u32(0, sequence[agent], 1000 + 10 * number,
                                                       len(samples)) + b"".join(samples)


def custom(count=40):
    """UDP payloads of custom flows (4300:1003), which two applications of a host send."""
    for number in range(count):
        fields = [("service", 0, text(f"s{number % 3}")), ("latency", 4, u32(number)),
                  ("client", 2, captures.packed(OUTSIDE[number % len(OUTSIDE)]))]
        if number % 4 == 0:
            fields.append(("error", 0, text("timeout")))
        body = text(f"web{number % 2 + 1}") + u32(10, 0, len(fields)) + b"".join(
            text(name) + u32(kind) + value for name, kind, value in fields)
        yield u32(5, 1) + captures.packed(HOSTS[0]) + u32(7, number + 1, 1000 * number, 1) \
            + record(4300 << 12 | 1003, body)


def names(agent, name, ports):
    """The UDP payload of a switch that says its own name and those of interfaces: {ifIndex: name}."""
    host = record(2000, text(name) + bytes(16) + u32(2, 2) + text("6.1"))
    samples = [record(2, u32(1, 2 << 24 | 1, 1) + host)] + [
        record(2, u32(1, index, 1) + record(1005, text(port))) for index, port in ports.items()]
    return u32(5, 1) + captures.packed(agent) + u32(8, 1, 1000, len(samples)) + b"".join(samples)


def adapters(number=2, name="web-01"):
    """The UDP payload of a host that says who it is, and which MAC address it has."""
    host = record(2000, text(name) + bytes(16) + u32(2, 2) + text("6.1"))
    ports = record(2001, u32(1, 2, 1) + mac(number) + b"\0\0")
    body = u32(1, 2 << 24 | 1, 2) + host + ports
    return u32(5, 1) + captures.packed(HOSTS[1]) + u32(9, 1, 1000, 1) + record(2, body)


def capture(seed=1, count=500, more=()):
    """Bytes of a capture file."""
    return captures.pcap(
        (START + number * STEP_NS // 10**9, number * STEP_NS % 10**9, captures.ethernet(body))
        for number, body in enumerate((*payloads(seed, count), *more)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--out", required=True, metavar="FILE", help="capture file to write")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--datagrams", type=int, default=500)
    args = parser.parse_args()
    with open(args.out, "wb") as f:
        f.write(capture(args.seed, args.datagrams))


if __name__ == "__main__":
    main()
