#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Secrets are seen nowhere: logs, list of processes, Redis, printed settings; and the API by TLS."""

import http.client
import json
import signal
import ssl
import time
import urllib.error
import urllib.request

import weirapi
import weirtest
import weirtls

SECRET = "hunter2hunter3"


class Secrets(weirtest.Case):

    @classmethod
    def setUpClass(cls):
        weirtest.need_program("openssl")

    def setUp(self):
        super().setUp()
        self.capture, _ = self.make_capture("traffic.pcap", "--datagrams", "300")

    def loop(self, *args):
        return self.weir("-c", weirtest.CONFIG, "--pcap", self.capture, "--loop", "--set",
                         "memory.hugepages=off", *args)

    def seen(self, process):
        """What others see of a process: its command line, and what it has said."""
        with open(f"/proc/{process.pid}/cmdline", "rb") as f:
            return f.read().decode() + process.out() + process.err()

    def dump(self, client):
        """All that is in Redis."""
        readers = {"string": client.get, "hash": client.hgetall,
                   "zset": lambda k: client.zrange(k, 0, -1, withscores=True),
                   "stream": client.xrange, "set": client.smembers,
                   "list": lambda k: client.lrange(k, 0, -1)}
        return "\n".join(f"{k} {readers[client.type(k)](k)}" for k in client.keys("*"))

    def wait_published(self, daemon, client):
        weirtest.wait_until(lambda: self.collector(client).get("publish_windows"), daemon.story)

    # ---- nowhere ----

    def test_command_line(self):
        """A password and a token of the command line: gone from the list of processes, as in all else."""
        store = self.redis("--requirepass", SECRET)
        daemon = self.loop(f"--redis=unix://:{SECRET}@{store.socket}", "--api", "127.0.0.1:0",
                           "--set", f"api.token={SECRET}x", f"--set=snmp.community={SECRET}y",
                           "--log", "debug")
        with store.client(password=SECRET) as client:
            self.wait_published(daemon, client)
            weirtest.wait_until(lambda: weirapi.LISTENING.search(daemon.err()), daemon.story)
            self.assertEqual(self.ask(daemon, "/version", SECRET + "x"), 200)
            self.assertEqual(self.ask(daemon, "/version", SECRET), 401)
            self.assertIn("***", self.seen(daemon))
            self.assertIn(store.socket, self.seen(daemon))
            self.assertNotIn("hunter", self.seen(daemon))
            found = self.dump(client)
            self.assertIn("weir:collector", found)
            self.assertNotIn("hunter", found)
            self.assertNotIn("hunter", json.dumps(client.client_list()))
            daemon.send(signal.SIGHUP)  # what was taken out is still known
            weirtest.wait_until(lambda: "read again" in daemon.err(), daemon.story)
        daemon.stop()
        self.assertNotIn("hunter", daemon.out() + daemon.err())
        self.figures("tls", "secrets on the command line", seen_in_ps=0, seen_in_logs=0,
                     seen_in_redis=0)

    def ask(self, daemon, path, token):
        host, port = weirapi.LISTENING.search(daemon.err()).groups()
        request = urllib.request.Request(f"http://{host}:{port}{path}",
                                         headers={"Authorization": "Bearer " + token})
        try:
            with urllib.request.urlopen(request, timeout=weirtest.TIMEOUT) as answer:
                return answer.status
        except urllib.error.HTTPError as e:
            with e:
                return e.code

    def test_weirctl(self):
        """weirctl's URL, while it waits for windows."""
        store = self.redis("--requirepass", SECRET)
        daemon = self.loop("--redis", f"unix://:{SECRET}@{store.socket}")
        with store.client(password=SECRET) as client:
            weirtest.wait_until(lambda: client.exists("weir:flow:{pairs}:meta"), daemon.story)
        for flag in (["--redis", f"unix://:{SECRET}@{store.socket}"],
                     [f"--redis=unix://:{SECRET}@{store.socket}"]):
            top = self.weirctl("top", "pairs", "--json", "--seconds", "60", *flag)
            weirtest.wait_until(top.out, top.story)
            self.assertIn(f"unix://:***@{store.socket}", self.seen(top))
            self.assertNotIn("hunter", self.seen(top))
            top.popen.kill()
            top.popen.wait()
        daemon.stop()

    def test_printed(self):
        """--print-config and errors."""
        config = self.path("weir.yaml", f"""
redis: {{url: 'redis://weir:{SECRET}@127.0.0.1:1/2'}}
api: {{token: {SECRET}, read_token: 'env:TOKEN'}}
snmp: {{version: 3, agents: [127.0.0.1], user: u, auth_password: {SECRET},
        priv_password: 'file:/etc/weir/priv'}}
""")
        printed = weirtest.sh(weirtest.WEIR, "-c", config, "--print-config")
        for text in ("redis://weir:***@127.0.0.1:1/2", 'token: "***"', 'read_token: "env:TOKEN"',
                     'auth_password: "***"', 'priv_password: "file:/etc/weir/priv"'):
            self.assertIn(text, printed)
        self.assertNotIn("hunter", printed)
        for words in (
                ["--redis", f"http://:{SECRET}@h"], ["--redis", f"redis://u:{SECRET}/x@h"],
                ["--set", f"api.token={SECRET} x"], ["--set", "redis.password=" + SECRET * 100],
                [f"--rediss=redis://:{SECRET}@h"], [f"redis://:{SECRET}@h"],
                ["--redis", f"redis://:{SECRET}@h", "--set", f"redis.password={SECRET}"]):
            with self.subTest(words=words):
                process = self.weir("--check", *words)
                process.wait(2)
                self.assertNotIn("hunter", process.err())

    def test_auth_reply(self):
        """Redis quotes an AUTH that it does not know: the log does not."""
        store = self.redis("--rename-command", "AUTH", "NOAUTHHERE")
        daemon = self.loop("--redis", f"unix://weir:{SECRET}@{store.socket}")
        weirtest.wait_until(lambda: "AUTH answers" in daemon.err(), daemon.story)
        self.assertIn("unknown command", daemon.err())
        self.assertNotIn("hunter", daemon.err())
        daemon.stop(code=1)

    def test_files(self):
        """Secrets from files: a new password takes no restart."""
        store = self.redis("--requirepass", "old")
        password, token = self.path("password", "old\n"), self.path("token", SECRET + "\n")
        daemon = self.loop("--redis", store.url, "--api", "127.0.0.1:0", "--set",
                           f"redis.password=file:{password}", "--set", f"api.token=file:{token}")
        with store.client(password="old") as client:
            self.wait_published(daemon, client)
            self.assertEqual(self.ask(daemon, "/version", SECRET), 200)
            self.assertEqual(self.ask(daemon, "/version", "file:" + token), 401)
            self.assertIn(f"redis.password=file:{password}", self.seen(daemon))
            client.config_set("requirepass", "new")
            client.client_kill_filter(_type="normal", skipme=True)
            weirtest.wait_until(lambda: "WRONGPASS" in daemon.err(), daemon.story)
            self.path("password", "new\n")
            weirtest.wait_until(
                lambda: self.collector(client).get("publish_connects", 0) > 1, daemon.story)
        daemon.stop()

    # ---- the API by TLS ----

    def get(self, port, context, token=None):
        """Status of the answer."""
        connection = http_connection(port, context)
        try:
            headers = {"Authorization": "Bearer " + token} if token else {}
            connection.request("GET", "/version", headers=headers)
            with connection.getresponse() as answer:
                answer.read()
                return answer.status
        finally:
            connection.close()

    def serial(self, port, ca):
        context = ssl.create_default_context(cafile=ca)
        connection = http_connection(port, context)
        connection.connect()
        try:
            return connection.sock.getpeercert()["serialNumber"]
        finally:
            connection.close()

    def serve_tls(self, authority, pair):
        daemon = self.loop("--redis", "", "--api", "127.0.0.1:0", "--set",
                           f"api.token=file:{self.path('token', SECRET)}", "--set",
                           f"api.tls_cert={pair[0]}", "--set", f"api.tls_key={pair[1]}")
        weirtest.wait_until(lambda: "https://" in daemon.err(), daemon.story)
        return daemon, int(daemon.err().partition("https://127.0.0.1:")[2].partition("/")[0])

    def test_api(self):
        """TLS 1.2 and 1.3 and nothing older; tokens; a certificate that is renewed meanwhile."""
        authority = weirtls.Authority(self, "right")
        cert, key = authority.sign("server")
        daemon, port = self.serve_tls(authority, (cert, key))
        statuses = {"1.2": [], "1.3": []}
        for seen, version in zip(statuses.values(), (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)):
            context = ssl.create_default_context(cafile=authority.ca)
            context.minimum_version = context.maximum_version = version
            for token, status in ((SECRET, 200), (None, 401), (SECRET + "x", 401),
                                  (SECRET[:-1], 401)):
                with self.subTest(version=version, token=token):
                    seen.append(self.get(port, context, token))
                    self.assertEqual(seen[-1], status)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, ConnectionError)) as old:
            self.get(port, context, SECRET)
        self.figures("tls", "API: its token, none, a longer one, a shorter one", **{
            "TLS_" + version: ", ".join(map(str, seen)) for version, seen in statuses.items()})
        self.figures("tls", "API: a client with TLS 1.1 alone", seen=type(old.exception).__name__)
        self.check_renewal(daemon, port, authority, cert, key)
        self.check_weirctl(daemon, port, authority)
        daemon.stop()
        self.assertNotIn("hunter", daemon.err())

    def check_renewal(self, daemon, port, authority, cert, key):
        old = self.serial(port, authority.ca)
        weirtest.sh("cp", authority.sign("half")[0], cert)  # without its key yet
        weirtest.wait_until(
            lambda: self.serial(port, authority.ca) and "stays" in daemon.err(), daemon.story)
        self.assertEqual(self.serial(port, authority.ca), old)
        weirtest.sh("cp", authority.path("half.key"), key)
        begin = time.monotonic()
        weirtest.wait_until(lambda: self.serial(port, authority.ca) != old, daemon.story)
        self.figures("tls", "API: a certificate that is renewed, its key later", until_then="the old one",
                     new_one_after_s=round(time.monotonic() - begin, 2))
        self.assertEqual(daemon.err().count("was renewed"), 1, daemon.err())

    def check_weirctl(self, daemon, port, authority):
        token = self.path("token", SECRET)
        url, codes = ["--api", f"https://127.0.0.1:{port}"], []
        for more, code, said in (
                (["--ca-file", authority.ca, "--token-file", token], 0, ""),
                (["--ca-file", authority.ca, "--token-file", self.path("wrong", "x")], 1, "token"),
                (["--ca-file", weirtls.Authority(self, "wrong").ca, "--token-file", token], 1,
                 "--ca-file"),
                (["--token-file", token], 1, "--ca-file")):
            with self.subTest(more=more):
                process = self.weirctl("flow", "list", *url, *more)
                process.wait(code)
                codes.append(process.popen.returncode)
                self.assertIn(said, process.err())
                self.assertNotIn("hunter", process.err())
        self.figures("tls", "API: weirctl with all it needs, a wrong token, another authority, none",
                     exit_codes=", ".join(map(str, codes)))


def http_connection(port, context):
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=weirtest.TIMEOUT, context=context)


if __name__ == "__main__":
    weirtest.main()
