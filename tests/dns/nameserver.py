#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A DNS server for tests: PTR records of made-up hosts, and every way in which a server can fail.

    nameserver.py

It takes UDP and TCP on one port of 127.0.0.1, prints that port, and ends when its stdin does.
10.A.B.C and 100.A.B.C are host-A-B-C.net-A.example.; 2001:db8::N is v6-N.example.; 192.0.2.N is what ODD says.
"""

import socket
import socketserver
import struct
import sys
import threading
import time

SLOW = 0.3  # s
TTL = 300

NOERROR, SERVFAIL, NXDOMAIN = 0, 2, 3
CNAME, PTR = 5, 12
RESPONSE, TRUNCATED = 0x8000, 0x0200


def wire(name):
    """The bytes of a name, given as text or as a list of labels."""
    labels = [x.encode() for x in name.rstrip(".").split(".")] if isinstance(name, str) else name
    return b"".join(bytes([len(x)]) + x for x in labels) + b"\0"


def record(owner, kind, data, ttl=TTL):
    return owner + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data


class Question:
    """What was asked, and answers to it."""

    def __init__(self, packet, tcp):
        self.id, self.tcp = packet[:2], tcp
        end = packet.index(b"\0", 12) + 1
        self.name, self.question = packet[12:end], packet[12:end + 4]
        self.labels, at = [], 0
        while self.name[at]:
            self.labels.append(self.name[at + 1:at + 1 + self.name[at]].decode())
            at += 1 + self.name[at]

    def answer(self, *records, code=NOERROR, flags=0, ident=None):
        head = struct.pack("!HHHHH", RESPONSE | flags | code, 1, len(records), 0, 0)
        return (ident or self.id) + head + self.question + b"".join(records)

    def pointer(self, name, ttl=TTL):
        return self.answer(record(b"\xc0\x0c", PTR, wire(name), ttl))


def alias(q):
    """RFC 2317: the name is in a zone of somebody else's."""
    other = wire("7.sub.2.0.192.in-addr.arpa")
    return q.answer(record(b"\xc0\x0c", CNAME, other, 100),
                    record(other, PTR, wire("alias.example"), 200))


def late(q):
    time.sleep(SLOW)
    return q.pointer("late.example")


def second_time(q):
    """Nothing for the first try."""
    second_time.asked += 1
    return q.pointer("second.example") if second_time.asked > 1 else None


second_time.asked = 0

ODD = {
    1: lambda q: None,
    2: lambda q: q.answer(code=NXDOMAIN),
    3: lambda q: b"\x5a" * 40,
    4: late,
    5: lambda q: q.pointer("whole.example") if q.tcp else q.answer(flags=TRUNCATED),
    6: lambda q: q.answer(code=SERVFAIL),
    7: alias,
    8: lambda q: q.pointer([b'a,b "c"', b"\0\xff\n", b"d.e\\f", b"example"]),
    9: lambda q: q.pointer([b"\x01" * 60, b"\x02" * 60, b"example"]),
    10: lambda q: q.answer(),
    11: lambda q: q.answer(record(b"\xc0\x0c", PTR, wire("forged.example")), ident=b"\0\0"
                           if q.id != b"\0\0" else b"\1\1"),
    12: lambda q: q.answer(record(b"\xc0\x0c", PTR, b"\xc0" + bytes([12 + len(q.question) + 12]))),
    13: second_time,
    14: lambda q: q.pointer("brief.example", ttl=0),
}


def reply(packet, tcp):
    q = Question(packet, tcp)
    if q.labels[-2:] == ["ip6", "arpa"]:
        number = int("".join(reversed(q.labels[:4])), 16)
        return q.pointer(f"v6-{number:x}.example")
    octets = [int(x) for x in reversed(q.labels[:4])]
    if octets[0] in (10, 100):
        return q.pointer("host-{1}-{2}-{3}.net-{1}.example".format(*octets))
    if octets[:3] == [192, 0, 2] and octets[3] in ODD:
        return ODD[octets[3]](q)
    return q.answer(code=NXDOMAIN)


class Udp(socketserver.BaseRequestHandler):
    def handle(self):
        packet, sock = self.request
        answer = reply(packet, False)
        if answer is not None:
            sock.sendto(answer, self.client_address)


class Tcp(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            head = self.rfile.read(2)
            if len(head) < 2:
                return
            answer = reply(self.rfile.read(struct.unpack("!H", head)[0]), True)
            if answer is None:
                return
            self.wfile.write(struct.pack("!H", len(answer)) + answer)


class UdpServer(socketserver.ThreadingUDPServer):
    daemon_threads = True


class TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


def start():
    """Serve in threads of their own. @return the port"""
    while True:
        udp = UdpServer(("127.0.0.1", 0), Udp)
        udp.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        try:
            tcp = TcpServer(udp.server_address, Tcp)
            break
        except OSError:  # somebody else's TCP port
            udp.server_close()
    for server in (udp, tcp):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return udp.server_address[1]


if __name__ == "__main__":
    print(start(), flush=True)
    sys.stdin.read()
