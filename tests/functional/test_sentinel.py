#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Two Redis servers and two Sentinels: weir follows the master, under live traffic."""

import contextlib
import os
import signal
import time

import redis

import faultcase
import weirtest
import weirtls

REDIS, SENTINELS = (7001, 7002), (27001, 27002, 27003)
PASSWORD, WATCHER = "mas/ter", "wat cher"
URL = ("sentinel://:mas%2Fter@127.0.0.1:27001,127.0.0.1:27002,127.0.0.1:27003"
       "/mymaster/1?sentinel=:wat%20cher")


def fields(flat):
    """What Sentinel lists as names and values."""
    return flat and dict(zip(flat[::2], flat[1::2]))


class Server(weirtest.Redis):
    """A redis-server or Sentinel in a namespace; the test itself reaches it by a UNIX socket."""

    def __init__(self, stage, port, lines, *flags):
        super().__init__(stage)
        self.port, self.lines, self.flags = port, lines, flags
        self.space = stage.network.space

    def start(self):
        path = self.case.path(f"{self.port}.conf", "\n".join([
            f"port {self.port}", "bind 127.0.0.1", f"dir {self.folder}",
            f"unixsocket {self.socket}", *self.lines]) + "\n")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.socket)
        self.process = weirtest.Process(self.case, "redis-server", [
            "redis-server", path, *self.flags], space=self.space)
        weirtest.wait_until(self.answers, self.process.story)
        return self

    def ask(self, *command):
        password = WATCHER if self.flags else PASSWORD
        with contextlib.suppress(redis.ConnectionError), \
                self.client(password=password) as client:
            return client.execute_command(*command)
        return None


class Pair(weirtest.Case):
    """A master and a replica, whom Sentinels watch, and weir, which knows the Sentinels alone."""

    URL, SETTINGS = URL, ()

    @classmethod
    def setUpClass(cls):
        cls.stage = stage = faultcase.Stage().open()
        try:
            cls.prepare()
            cls.servers = {port: cls.make_redis(port).start() for port in REDIS}
            cls.master = REDIS[0]
            cls.sentinels = [cls.make_sentinel(port).start() for port in SENTINELS]
            cls.wait_pair()
            stage.start(cls.URL, *cls.SETTINGS)
            cls.clients = {port: s.client(password=PASSWORD, db=1)
                           for port, s in cls.servers.items()}
            stage.wait_right(cls.clients[cls.master], time.monotonic())
        except BaseException:
            stage.doCleanups()
            raise

    @classmethod
    def tearDownClass(cls):
        for client in cls.clients.values():
            client.close()
        cls.stage.finish()

    @classmethod
    def prepare(cls):
        """Before the first server starts."""

    @classmethod
    def more(cls, port):
        """Further lines of a server's configuration."""
        return ()

    @classmethod
    def make_redis(cls, port):
        lines = ["save \"\"", f"requirepass {PASSWORD}", f"masterauth {PASSWORD}",
                 "repl-diskless-sync-delay 0", "repl-ping-replica-period 1"]
        if port != REDIS[0]:
            lines.append(f"replicaof 127.0.0.1 {REDIS[0]}")
        return Server(cls.stage, port, [*lines, *cls.more(port)])

    @classmethod
    def make_sentinel(cls, port):
        return Server(cls.stage, port, [
            f"sentinel monitor mymaster 127.0.0.1 {REDIS[0]} 1",
            f"sentinel auth-pass mymaster {PASSWORD}",
            "sentinel down-after-milliseconds mymaster 500",
            "sentinel failover-timeout mymaster 1000",
            f"requirepass \"{WATCHER}\"", f"sentinel sentinel-pass \"{WATCHER}\"", *cls.more(port)],
            "--sentinel")

    @classmethod
    def wait_pair(cls):
        """Until the other one is a replica in step, and all Sentinels that run know both."""
        other = sum(REDIS) - cls.master

        def known():
            role = cls.servers[other].ask("ROLE")
            return role and role[0] == "slave" and role[2] == cls.master and \
                role[3] == "connected" and all(cls.knows(s) for s in cls.sentinels)
        weirtest.wait_until(known, lambda: "".join(
            s.process.story() for s in [*cls.servers.values(), *cls.sentinels]), pause=0.1)

    @classmethod
    def knows(cls, sentinel):
        if not sentinel.process.running():
            return True
        found = fields(sentinel.ask("SENTINEL", "MASTER", "mymaster"))
        return found and int(found["port"]) == cls.master and found["flags"] == "master" and \
            int(found["num-slaves"]) == 1 and \
            int(found["num-other-sentinels"]) == len(SENTINELS) - 1

    def rejoin(self):
        """What Sentinel does itself some ten seconds later: the old master follows the new one."""
        self.servers[sum(REDIS) - self.master].ask("REPLICAOF", "127.0.0.1", str(self.master))
        self.wait_pair()

    def wait_moved(self):
        """Until Sentinel names the other one as master, and it is; since when."""
        other = sum(REDIS) - self.master

        def moved():
            named = self.sentinels[1].ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster")
            role = self.servers[other].ask("ROLE")
            return named and int(named[1]) == other and role and role[0] == "master"
        weirtest.wait_until(moved, self.sentinels[1].process.story, pause=0.01)
        since = time.monotonic()
        type(self).master = other
        return since

    def check_moved(self, since, **more):
        self.stage.mended(self.clients[self.master], since, **more)
        places = [line for line in self.stage.daemon.err().splitlines()
                  if "publishing to Redis" in line]
        self.assertTrue(places[-1].endswith(f": 127.0.0.1:{self.master}"), places)


class Sentinel(Pair):
    """The master fails in some way, and weir is right again soon after the replica is the master."""

    def test_1_asked(self):
        """The old master does not know yet, and would take what weir writes, for nothing."""
        with self.stage.measured("fail-over on demand"):
            self.sentinels[0].ask("SENTINEL", "FAILOVER", "mymaster")
        self.check_moved(self.wait_moved())
        self.assertEqual(self.servers[sum(REDIS) - self.master].ask("ROLE")[0], "master")
        self.rejoin()

    def test_2_stopped(self):
        """The master hangs; when it goes on, weir stays with the new one."""
        old = self.servers[self.master].process.pid
        with self.stage.measured("fail-over from a stopped master"):
            os.kill(old, signal.SIGSTOP)
            self.addCleanup(os.kill, old, signal.SIGCONT)
        self.check_moved(self.wait_moved())
        os.kill(old, signal.SIGCONT)
        self.rejoin()
        self.stage.wait_right(self.clients[self.master], time.monotonic())

    def test_3_killed(self):
        """Master and the first Sentinel go together."""
        with self.stage.measured("fail-over from a killed master, a Sentinel gone with it"):
            self.sentinels[0].kill()
            self.servers[self.master].kill()
        self.stage.wait_state(2, "")
        self.check_moved(self.wait_moved())


class Tls(Pair):
    """The same where nobody takes a plain connection."""

    URL = URL.replace("sentinel://", "sentinels://")

    @classmethod
    def prepare(cls):
        weirtest.need_program("openssl")
        authority = weirtls.Authority(cls.stage, "right")
        cls.ca, (cls.cert, cls.key) = authority.ca, authority.sign("both")
        cls.SETTINGS = [word for name, path in (("ca", cls.ca), ("cert", cls.cert), ("key", cls.key))
                        for word in ("--set", f"redis.tls_{name}={path}")]

    @classmethod
    def more(cls, port):
        return ("port 0", f"tls-port {port}", f"tls-cert-file {cls.cert}", f"tls-key-file {cls.key}",
                f"tls-ca-cert-file {cls.ca}", "tls-replication yes")

    def test_asked(self):
        with self.stage.measured("fail-over on demand, all of it in TLS"):
            self.sentinels[0].ask("SENTINEL", "FAILOVER", "mymaster")
        self.check_moved(self.wait_moved())


if __name__ == "__main__":
    weirtest.main()
