# SPDX-License-Identifier: BSD-3-Clause
"""A TCP proxy in front of a UNIX socket that breaks things: delays, cuts, black holes."""

import contextlib
import socket
import struct
import threading
import time

import weirnet

PIECE = 65536


class Link:
    """One connection through the proxy: a thread for each direction."""

    def __init__(self, breaker, client):
        self.breaker, self.client = breaker, client
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.held = self.lost = False

    def start(self):
        for source, sink, down in ((self.client, self.server, False),
                                   (self.server, self.client, True)):
            threading.Thread(target=self.pump, args=(source, sink, down), daemon=True).start()

    def pump(self, source, sink, down):
        with contextlib.suppress(OSError):
            if not down:
                self.server.connect(self.breaker.target)
            while data := self.wait(source):
                if self.breaker.delay and down:
                    time.sleep(self.breaker.delay)
                whole, cut = self.breaker.shorten(data) if down else (data, False)
                sink.sendall(whole)
                if cut:
                    self.reset()
                    return
        self.end(sink)

    def wait(self, source):
        """Bytes that may go on; what came while the link was held waits."""
        data = source.recv(PIECE)
        with self.breaker.changed:
            self.breaker.changed.wait_for(lambda: not self.held)
        return b"" if self.lost else data

    def end(self, sink):
        if not self.lost:
            with contextlib.suppress(OSError):
                sink.shutdown(socket.SHUT_WR)

    def reset(self):
        """To the client as if its peer had died: RST."""
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for s in (self.client, self.server):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
            s.close()


class Breaker:
    """Listens on 127.0.0.1 (in a network namespace, if one is given) and forwards to `target`."""

    def __init__(self, case, target, space=None):
        self.target = target
        self.changed = threading.Condition()
        self.links = []
        self.delay = 0      # s, of each piece of a reply
        self.holds = False  # new connections are taken, and nothing comes
        self.marker, self.more, self.cuts = b"", 0, 0
        with weirnet.inside(space) if space else contextlib.nullcontext():
            self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}"
        case.addCleanup(self.close)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                link = Link(self, client)
                with self.changed:
                    link.held = self.holds
                    self.links.append(link)
                link.start()

    def close(self):
        self.listener.close()
        self.lose()

    def hold(self):
        """A black hole: nothing passes any more, in no connection, and none is closed."""
        with self.changed:
            self.holds = True
            for link in self.links:
                link.held = True

    def heal(self):
        """New connections work; those that there are stay as they are."""
        with self.changed:
            self.holds = False

    def release(self):
        """What was held goes on its way, late."""
        with self.changed:
            for link in self.links:
                link.held = False
            self.changed.notify_all()

    def lose(self):
        """What was held never arrives."""
        with self.changed:
            for link in self.links:
                link.lost = link.lost or link.held
        self.release()

    def cut_within(self, marker, more, times):
        """Cut so many connections `more` bytes behind a marker in what the server says."""
        with self.changed:
            self.marker, self.more, self.cuts = marker, more, times

    def shorten(self, data):
        """What of a piece of a reply goes on, and whether the connection is cut behind it."""
        with self.changed:
            at = data.find(self.marker) if self.cuts else -1
            if at < 0:
                return data, False
            self.cuts -= 1
            return data[:at + len(self.marker) + self.more], True
