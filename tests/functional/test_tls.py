#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""TLS to Redis: certificates right and wrong, servers that say nothing or break off, both clients."""

import re
import time

import weirapi
import weirtest
import weirtls

FLOW = "weir:flow:{pairs}"
STREAM = """
window: 200ms
flows:
  - {name: many, keys: [ipsource, ipdestination, tcpsourceport, tcpdestinationport], value: bytes,
     n: 4000, capacity: 20000}
"""


class Tls(weirtest.Case):

    @classmethod
    def setUpClass(cls):
        weirtest.need_program("openssl")

    def setUp(self):
        super().setUp()
        self.capture, _ = self.make_capture("traffic.pcap", "--datagrams", "1000", "--counters",
                                            "0.1")
        self.right = weirtls.Authority(self, "right")
        self.pair = self.right.sign("server")

    def tls_redis(self, *options, pair=None, **more):
        return weirtls.TlsRedis(self, self.right, pair or self.pair, *options, **more).start()

    def settings(self, **options):
        return [word for k, v in options.items() for word in ("--set", f"redis.{k}={v}")]

    def loop(self, url, *args, **options):
        return self.weir("-c", weirtest.CONFIG, "--pcap", self.capture, "--loop", "--set",
                         "memory.hugepages=off", "--redis", url, *args, *self.settings(**options))

    def window(self, client):
        return int(client.hget(FLOW + ":meta", "window") or 0)

    def wait_text(self, daemon, text):
        weirtest.wait_until(lambda: text in daemon.err(),
                            lambda: f"\"{text}\"\n{daemon.story()}")

    def wait_windows(self, client, daemon, more=2):
        start = self.window(client)
        weirtest.wait_until(lambda: self.window(client) >= start + more, daemon.story)

    # ---- what works ----

    def test_publish(self):
        """Both versions of TLS; name or address of the server; all three of weir's connections."""
        for version, url in (("TLSv1.2", "rediss://localhost:{}"), ("TLSv1.3", "rediss://127.0.0.1:{}")):
            with self.subTest(version=version):
                store = self.tls_redis("--tls-protocols", version)
                daemon = self.loop(url.format(store.port), "--api", "127.0.0.1:0",
                                   tls_ca=self.right.ca)
                with store.client() as client:
                    weirtest.wait_until(lambda c=client: self.window(c), daemon.story)
                    weirapi.Client(self, daemon).put("mine", {"keys": "ipsource", "value": "bytes"})
                    weirtest.wait_until(lambda c=client: c.hexists("weir:config:flow", "mine"),
                                        daemon.story)
                    ours = [c for c in client.client_list() if f":{store.port}" in c["laddr"]]
                    self.assertGreaterEqual(len(ours), 3, ours)
                    self.wait_windows(client, daemon)
                    c = self.collector(client)
                    self.assertEqual((c["publish_connects"], c["publish_disconnects"]), (1, 0))
                    self.assert_conserved(c)
                daemon.stop()

    def test_client_certificate(self):
        """A server that asks for a certificate; another name than that of the URL; a database."""
        pair = self.right.sign("other", "DNS:redis.example")
        store = self.tls_redis("--requirepass", "p@ss", pair=pair, clients="yes")
        cert, key = self.right.sign("weir")
        password = self.path("password", "p@ss\n")
        self.once([self.capture], *self.settings(
            tls_ca=self.right.ca, tls_cert=cert, tls_key=key, tls_server_name="redis.example",
            password=f"file:{password}"), url=store.url + "/3")
        with store.client(db=3, password="p@ss") as client:
            self.assertTrue(client.exists(FLOW))

    def test_unverified(self):
        """The check can be left out, and that is said."""
        store = self.tls_redis()
        daemon = self.loop(store.url, tls_verify="false")
        with store.client() as client:
            weirtest.wait_until(lambda: self.window(client), daemon.story)
        self.wait_text(daemon, "redis.tls_verify")
        daemon.stop()

    # ---- what is refused ----

    def ctl(self, *words, code=0):
        process = self.weirctl(*words)
        return process.wait(code), process.err()

    def check_refused(self, fault, url, says, *options):
        """weirctl, which connects as weir does, says why not."""
        start = time.monotonic()
        err = self.ctl("stats", "--redis", url, *options, code=1)[1]
        took = time.monotonic() - start
        self.assertIn(says, err)
        self.assertLess(took, 20, err)
        self.figures("tls", fault, said=err.partition(": ")[2].strip(), after_s=round(took, 2))

    def test_certificates(self):
        """An authority that is not ours, another name, a time that is over; an old version."""
        store, ours = self.tls_redis(), ("--ca-file", self.right.ca)
        wrong = weirtls.Authority(self, "wrong")
        self.ctl("agents", "--redis", store.url, *ours)
        self.check_refused("certificate of an unknown authority", store.url, "unknown authority",
                           "--ca-file", wrong.ca)
        self.check_refused("certificate not of the system's authorities", store.url,
                           "unknown authority")
        self.check_refused("certificate for another name", store.url, "hostname mismatch", *ours,
                           "--server-name", "redis.example")
        self.check_refused("certificate for another address", store.url, "IP address mismatch",
                           *ours, "--server-name", "192.0.2.1")
        late = self.tls_redis(pair=self.right.sign("late", days=-1))
        self.check_refused("certificate that has expired", late.url, "certificate has expired",
                           *ours)
        old = self.tls_redis("--tls-protocols", "TLSv1.1", "--tls-ciphers", "DEFAULT@SECLEVEL=0")
        self.check_refused("server with TLS 1.1 alone", old.url, "protocol version", *ours)
        asking = self.tls_redis(clients="yes")
        self.check_refused("client certificate that is asked for and not given", asking.url,
                           "certificate required", *ours)

    def test_mismatch(self):
        """TLS to a plain port, and a plain client on a port with TLS."""
        port = weirtls.free_port()
        self.redis("--port", str(port), "--bind", "127.0.0.1")
        self.check_refused("TLS to a plain port", f"rediss://127.0.0.1:{port}",
                           "does that port speak TLS?", "--ca-file", self.right.ca)
        url = self.tls_redis().url.replace("rediss", "redis")
        self.check_refused("plain to a port with TLS", url, "the URL starts with rediss://")
        daemon = self.loop(url)
        self.wait_text(daemon, "(redis.url) cannot be used")
        self.assertRegex(daemon.err(), "cannot be used: .*starts with rediss://")
        daemon.stop(code=1)

    def test_files(self):
        """Files that are not what they should be: said before the start."""
        cert, key = self.pair
        locked = self.path("locked.key")
        weirtest.sh("openssl", "pkey", "-in", key, "-out", locked, "-aes256", "-passout", "pass:x")
        other = self.right.sign("other")[1]
        for options, says in (
                ({"tls_ca": "/nowhere"}, "No such file"),
                ({"tls_ca": self.path("empty", "")}, "TLS authorities"),
                ({"tls_cert": cert}, "takes its key"),
                ({"tls_cert": cert, "tls_key": other}, "key values mismatch"),
                ({"tls_cert": cert, "tls_key": locked}, "TLS key"),
                ({"password": "file:/nowhere"}, "redis.password"),
                ({"user": "weir"}, "no password")):
            with self.subTest(options=options):
                process = self.weir("-c", weirtest.CONFIG, "--check", "--redis",
                                    "rediss://127.0.0.1:1", *self.settings(**options))
                process.wait(2)
                self.assertIn(says, process.err())
        process = self.weir("-c", weirtest.CONFIG, "--check", "--redis", "redis://127.0.0.1:1",
                            *self.settings(tls_ca=cert))
        process.wait(2)
        self.assertIn("rediss://", process.err())

    # ---- what breaks ----

    def test_silent(self):
        """A server that takes the connection and says nothing: no hang, and an end in time."""
        silent = weirtls.Middleman(self, None)
        daemon = self.loop(f"rediss://127.0.0.1:{silent.port}", "--api", "127.0.0.1:0",
                           tls_ca=self.right.ca)
        self.wait_text(daemon, "no answer to the TLS handshake in time")
        weirapi.Client(self, daemon).list()
        tried = silent.taken
        weirtest.wait_until(lambda: silent.taken > tried, daemon.story)  # it goes on trying
        start = time.monotonic()
        daemon.stop(code=1)
        took = time.monotonic() - start
        self.assertLess(took, 15)
        self.figures("tls", "server that is silent in the handshake", stop_s=round(took, 2))

    def test_cut(self):
        """A connection that ends midway without the goodbye of TLS, or is reset."""
        store = self.tls_redis()
        middle = weirtls.Middleman(self, store.port)
        daemon = self.loop(f"rediss://127.0.0.1:{middle.port}", "--set", "capacity.enabled=false",
                           tls_ca=self.right.ca)
        with store.client() as client:
            weirtest.wait_until(lambda: self.window(client), daemon.story)
            for times, fault in enumerate(("cut", "reset"), 1):
                middle.reset, middle.cut_after = fault == "reset", 0
                weirtest.wait_until(lambda t=times: daemon.err().count("was lost") == t,
                                    daemon.story)
                middle.cut_after = None
                start = time.monotonic()
                self.wait_windows(client, daemon)
                took = time.monotonic() - start
                weirtest.wait_until(lambda t=times: self.collector(client).get(
                    "publish_disconnects", 0) >= t, daemon.story)
                c = self.collector(client)
                self.assert_conserved(c)
                self.assertEqual(c["publish_errors"], 0)
                self.figures("tls", f"connection {fault} midway",
                             two_windows_after_s=round(took, 2),
                             superseded=c["publish_superseded"])
        for why in re.findall("was lost: (.*); trying again", daemon.err()):
            self.assertRegex(why, "the connection was cut|Connection reset|Broken pipe")
        daemon.stop()

    def test_cut_handshake(self):
        """Within the handshake, at each of some places; right again when it is let through."""
        store = self.tls_redis()
        middle = weirtls.Middleman(self, store.port)
        middle.cut_after = 1
        daemon = self.loop(f"rediss://127.0.0.1:{middle.port}", tls_ca=self.right.ca)
        self.wait_text(daemon, "ended the TLS handshake")
        for place in (10, 100, 500, 900):
            middle.cut_after = place
            taken = middle.taken
            weirtest.wait_until(lambda t=taken: middle.taken > t + 1, daemon.story)
        middle.cut_after = None
        with store.client() as client:
            weirtest.wait_until(lambda: self.window(client), daemon.story)
        daemon.stop()

    def test_renewed(self):
        """The authority changes: its file is read at the next connection."""
        store = self.tls_redis()
        ca = self.path("ca.pem", "")
        new = weirtls.Authority(self, "new")
        weirtest.sh("cp", self.right.ca, ca)
        daemon = self.loop(store.url, tls_ca=ca)
        with store.client() as client:
            weirtest.wait_until(lambda: self.window(client), daemon.story)
            for option, path in zip(("tls-cert-file", "tls-key-file"), new.sign("new")):
                weirtest.sh("cp", path, self.pair[0] if "cert" in option else self.pair[1])
            client.config_set("tls-ca-cert-file", new.ca)
            client.client_kill_filter(_type="normal", skipme=True)
            self.wait_text(daemon, "unknown authority")
            weirtest.sh("cp", new.ca, ca)
            self.wait_windows(client, daemon)
        daemon.stop()

    # ---- how fast ----

    def lag(self, url, store, **options):
        """Bytes that Redis took in a second of sending and waiting, over some windows; a median."""
        daemon = self.weir("-c", self.path("stream.yaml", STREAM), "--pcap", self.busy, "--loop",
                           "--set", "memory.hugepages=off", "--redis", url,
                           *self.settings(**options))
        rates, seen, last = [], 0, 0
        with store.client() as client:
            def enough():
                nonlocal seen, last
                c = self.collector(client)
                windows = c.get("publish_windows", 0)
                if windows > seen and last:
                    micros = c["publish_lag_send"] + c["publish_lag_replies"]
                    rates.append((c["publish_bytes"] - last) / (windows - seen) / max(micros, 1))
                if windows > seen:
                    seen, last = windows, c["publish_bytes"]
                return len(rates) >= 9
            weirtest.wait_until(enough, daemon.story, pause=0.05)
        daemon.stop()
        return sorted(rates[2:])[len(rates[2:]) // 2]

    def test_throughput(self):
        """What TLS costs the publisher."""
        self.busy, _ = self.make_capture("busy.pcap", "--datagrams", "4000", "--seed", "7")
        port = weirtls.free_port()
        store = self.tls_redis("--port", str(port))
        plain = self.lag(f"redis://127.0.0.1:{port}", store)
        tls = self.lag(store.url, store, tls_ca=self.right.ca)
        self.figures("tls", "publishing, plain and TLS", plain_mb_s=round(plain, 1),
                     tls_mb_s=round(tls, 1), ratio=round(tls / plain, 2))
        self.assertGreater(tls, plain / 20)

    # ---- weirctl ----

    def test_weirctl(self):
        """stats, agents, top once and live; certificates that are wrong; a password from a file."""
        store = self.tls_redis("--requirepass", "hunter2")
        password = self.path("password", "hunter2\n")
        daemon = self.loop(store.url, tls_ca=self.right.ca, password=f"file:{password}")
        with store.client(password="hunter2") as client:
            weirtest.wait_until(lambda: self.window(client), daemon.story)
        way = ["--redis", store.url, "--ca-file", self.right.ca]
        login = ["--password-file", password]
        self.assertIn("flow_samples", self.ctl("stats", *way, *login)[0])
        self.ctl("agents", *way, *login)
        self.assertIn("pairs", self.ctl("top", "pairs", "--json", *way, *login)[0])
        lines = self.ctl("top", "pairs", "--json", "--seconds", "3", *way, *login)[0]
        self.assertGreater(len(lines.strip().split("\n")), 1)
        self.assertIn("NOAUTH", self.ctl("stats", *way, code=1)[1])
        self.assertIn("hostname mismatch",
                      self.ctl("stats", *way, *login, "--server-name", "x.example", code=1)[1])
        self.assertIn("unknown authority",
                      self.ctl("stats", "--redis", store.url, *login, code=1)[1])
        daemon.stop()


if __name__ == "__main__":
    weirtest.main()
