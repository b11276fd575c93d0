# SPDX-License-Identifier: BSD-3-Clause
"""Certificates of a test's own, a redis-server that speaks TLS, and a middleman that breaks things."""

import contextlib
import os
import select
import socket
import threading

import weirtest

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
LINGER_NONE = b"\x01\0\0\0\0\0\0\0"  # struct linger: close() sends a reset


def free_port():
    """A TCP port of 127.0.0.1 that nobody has now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Authority:
    """Signs certificates."""

    def __init__(self, case, name):
        self.folder = os.path.join(case.folder, weirtest.unique(name))
        os.mkdir(self.folder)
        self.ca, self.key = self.path("ca.pem"), self.path("ca.key")
        weirtest.sh("openssl", "req", "-x509", *CURVE, "-keyout", self.key, "-out", self.ca,
                    "-subj", f"/CN={name}", "-days", "2")

    def path(self, name):
        return os.path.join(self.folder, name)

    def sign(self, name, names="IP:127.0.0.1,DNS:localhost", days=2):
        """Paths of a certificate and its key; one of -1 days has expired."""
        cert, key = self.path(name + ".pem"), self.path(name + ".key")
        with open(self.path("names"), "w", encoding="utf-8") as f:
            f.write(f"subjectAltName={names}\n")
        weirtest.sh("openssl", "req", "-new", *CURVE, "-keyout", key, "-out",
                    self.path("request"), "-subj", f"/CN={name}")
        weirtest.sh("openssl", "x509", "-req", "-in", self.path("request"), "-CA", self.ca,
                    "-CAkey", self.key, "-CAcreateserial", "-days", str(days), "-extfile",
                    self.path("names"), "-out", cert)
        return cert, key


class TlsRedis(weirtest.Redis):
    """A redis-server with TLS on a port of 127.0.0.1, besides its socket, which is the test's."""

    def __init__(self, case, authority, pair, *options, clients="no"):
        self.port = free_port()
        super().__init__(case, "--bind", "127.0.0.1", "--tls-port", str(self.port),
                         "--tls-cert-file", pair[0], "--tls-key-file", pair[1],
                         "--tls-ca-cert-file", authority.ca, "--tls-auth-clients", clients,
                         *options)
        self.url = f"rediss://127.0.0.1:{self.port}"


class Middleman:
    """Takes connections for another port, and passes bytes on until it is told to cut them."""

    def __init__(self, case, port):
        self.target, self.cut_after, self.reset = port, None, False
        self.silent = port is None
        self.taken = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.end = threading.Event()
        self.threads = [threading.Thread(target=self.listen)]
        self.threads[0].start()
        case.addCleanup(self.close)

    def close(self):
        self.end.set()
        for thread in list(self.threads):
            thread.join()
        self.listener.close()

    def listen(self):
        held = []
        while not self.end.is_set():
            if not select.select([self.listener], [], [], 0.05)[0]:
                continue
            client = self.listener.accept()[0]
            self.taken += 1
            if self.silent:
                held.append(client)
                continue
            thread = threading.Thread(target=self.serve, args=(client,))
            self.threads.append(thread)
            thread.start()
        for client in held:
            client.close()

    def serve(self, client):
        with client, socket.create_connection(("127.0.0.1", self.target)) as server, \
                contextlib.suppress(OSError):
            passed = 0
            while not self.end.is_set():
                for one in select.select([client, server], [], [], 0.05)[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    if one is client:
                        server.sendall(data)
                        continue
                    limit = self.cut_after
                    if limit is not None and passed + len(data) > limit:
                        client.sendall(data[:max(limit - passed, 0)])
                        if self.reset:
                            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
                        return
                    passed += len(data)
                    client.sendall(data)
