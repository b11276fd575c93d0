#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Capacity planning: synthetic years in Redis, asked over HTTP and by weirctl; and a live run."""

import csv
import datetime
import glob
import io
import json
import os
import re
import subprocess
import time

import jsonschema

import weirapi
import weirnet
import weirtest

YEARS = os.path.join(weirtest.BUILD, "tests/capacity/capacity_years")

# Agent, ifIndex, name, speed, percent now, percent a week, noise, seed, interfaces that are the same.
LINKS = """\
10.0.0.1 1 uplink1 100e9 60 0.4 3 1 1
10.0.0.1 2 uplink2 100e9 45 0.8 3 2 1
10.0.0.1 3 quiet 10e9 12 0 2 3 1
10.0.0.2 1 falling 10e9 50 -0.2 2 4 1
10.0.0.2 2 full 10e9 85 0.3 2 5 1
2001:DB8::1 7 eth0,"x" 25e9 30 0.1 1 6 1
"""


def day_of(date):
    """Days since 1970 of a date."""
    return (datetime.date.fromisoformat(date) - datetime.date(1970, 1, 1)).days


class CapacityCase(weirtest.Case):

    def setUp(self):
        super().setUp()
        self.store = self.redis()
        self.client = self.store.client()
        self.addCleanup(self.client.close)

    def make_years(self, links):
        """The truth, by agent and data source."""
        done = subprocess.run([YEARS, self.store.socket, "weir"], input=links, check=True,
                              capture_output=True, text=True, timeout=weirtest.TIMEOUT)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return {(row["agent"], row["dataSource"]): row for row in rows}

    def serve(self, *args):
        """A daemon that replays a few datagrams, for what it knows of years."""
        capture, _ = self.make_capture("in.pcap", "--datagrams", "100", "--counters", "0")
        daemon = self.weir("-c", weirtest.CONFIG, "--pcap", capture, "--loop", "--redis",
                           self.store.url, "--api", "127.0.0.1:0", *args)
        return daemon, weirapi.Client(self, daemon)

    def ask(self, api, query=""):
        return api.want(200, "GET", "/capacity/json" + query)

    def wait_known(self, api, count):
        return weirtest.wait_until(
            lambda: self.ask(api)["known"] == count and self.ask(api), f"{count} links")

    def weirctl_api(self, api, *args):
        return self.weirctl("capacity", "--api", f"http://{api.http.host}:{api.http.port}",
                            *args)


class Years(CapacityCase):

    def test_years(self):
        """All of it on the same years, since they take a while to make."""
        self.links = self.make_years(LINKS)
        _, self.api = self.serve()
        self.answer = self.wait_known(self.api, len(self.links))
        for check in (self.check_truth, self.check_dates, self.check_choice, self.check_csv,
                      self.check_weirctl, self.check_small, self.check_away):
            with self.subTest(check=check.__name__):
                check()

    def name(self, link):
        return self.links[link["agent"], link["dataSource"]]

    def check_truth(self):
        """Order, percentiles, growth and date are those of the truth, within what is stated."""
        links = self.answer["links"]
        self.assertTrue(self.answer["history"])
        components = self.api.want(200, "GET", "/api-docs")["components"]
        jsonschema.Draft202012Validator({"$ref": "#/components/schemas/Capacity",
                                         "components": components}).validate(self.answer)
        self.assertEqual([link["p95"] for link in links],
                         sorted((link["p95"] for link in links), reverse=True))
        self.assertEqual(links[0]["ifname"], "full")
        inside = 0
        for link in links:
            want = self.name(link)
            trend = link["trend"]
            self.assertEqual(link["metric"], "ifinutilization")
            self.assertGreaterEqual(trend["weeks"], 48)
            self.assert_near(link["p95"], want["level"] + 4, 0.15, link["ifname"])
            self.assert_near(trend["now"], want["level"], 0.1, link["ifname"])
            self.assertLess(abs(trend["perWeek"] - want["slope"]), 0.1, link["ifname"])
            inside += trend["low"] <= want["slope"] <= trend["high"]
        self.assertGreaterEqual(inside, len(links) - 1)

    def check_dates(self):
        states = {link["ifname"]: link for link in self.answer["links"]}
        self.assertEqual({name: link["state"] for name, link in states.items()},
                         {"uplink1": "reaches", "uplink2": "reaches", "quiet": "not",
                          "falling": "not", "full": "above", 'eth0,"x"': "not"})
        for name in ("uplink1", "uplink2"):
            link = states[name]
            day = self.name(link)["day"]
            self.assertLessEqual(day_of(link["from"]), day + 1, name)
            self.assertGreaterEqual(day_of(link["to"]) + 1, day, name)
            self.assertLess(abs(day_of(link["date"]) - day), 60, name)
        self.assertIsNone(states["quiet"]["date"])
        soonest = self.ask(self.api, "?sort=date")["links"]
        self.assertEqual([link["ifname"] for link in soonest][:3], ["full", "uplink1", "uplink2"])
        growing = self.ask(self.api, "?sort=growth&maxLinks=1")["links"]
        self.assertEqual([link["ifname"] for link in growing], ["uplink2"])
        later = self.ask(self.api, "?years=50&interface=eth0*")["links"]
        self.assertEqual([link["state"] for link in later], ["reaches"])
        low = self.ask(self.api, "?threshold=5&interface=quiet")["links"]
        self.assertEqual([link["state"] for link in low], ["above"])

    def check_choice(self):
        def names(query):
            return sorted(link["ifname"] for link in self.ask(self.api, query)["links"])
        self.assertEqual(names("?agent=10.0.0.1"), ["quiet", "uplink1", "uplink2"])
        self.assertEqual(names("?interface=uplink*"), ["uplink1", "uplink2"])
        self.assertEqual(names("?interface=7"), ['eth0,"x"'])
        out = self.ask(self.api, "?metric=ifoututilization")["links"][0]
        self.assertEqual((out["ifname"], out["metric"]), ("full", "ifoututilization"))
        errors = self.ask(self.api, "?metric=ifinerrors&maxLinks=1")["links"][0]
        self.assertEqual((errors["p95"], errors["state"]), (0, "unknown"))
        for query, word in (("agent=nobody", "no IP address"), ("days=0", "from 1 to"),
                            ("sort=size", "is not one of"), ("grup=a", 'did you mean "group"'),
                            ("group=a", "no group")):
            status, answer = self.api.ask("GET", "/capacity/json?" + query)
            self.assertIn(status, (400, 404))
            self.assertIn(word, answer["error"])

    def check_csv(self):
        self.api.http.request("GET", "/capacity/json?format=csv&maxLinks=9")
        with self.api.http.getresponse() as reply:
            self.assertEqual(reply.headers["Content-Type"], "text/csv; charset=utf-8")
            text = reply.read().decode()
        rows = list(csv.DictReader(io.StringIO(text)))
        self.assertEqual(len(rows), len(self.links))
        for row, link in zip(rows, self.answer["links"]):
            self.assertEqual(row["ifname"], link["ifname"])
            self.assertAlmostEqual(float(row["p95"]), link["p95"], places=3)
            self.assertAlmostEqual(float(row["perWeek"]), link["trend"]["perWeek"], places=2)
            self.assertEqual(row["date"] or None, link["date"])
        self.assertEqual(self.weirctl_api(self.api, "--csv").wait().splitlines(),
                         text.splitlines())

    def check_weirctl(self):
        table = self.weirctl_api(self.api).wait()
        lines = table.splitlines()
        self.assertEqual(len(lines), 1 + len(self.links) + 1)
        self.assertRegex(lines[1], r"^10\.0\.0\.2 2 +full +10\.0 Gbps +in .* since \d{4}-")
        self.assertRegex(table, r"uplink1 .* \+0\.\d\d +\+0\.\d\d to \+0\.\d\d +20\d\d-\d\d-\d\d \(")
        self.assertRegex(table, r"quiet .* not within 5 years")
        document = json.loads(self.weirctl_api(self.api, "--json", "agent=10.0.0.2", "-n",
                                               "1").wait())
        self.assertEqual([link["ifname"] for link in document["links"]], ["full"])
        bad = self.weirctl_api(self.api, "agnt=10.0.0.2")
        bad.wait(code=2)
        self.assertIn('did you mean "agent"', bad.err())
        worse = self.weirctl_api(self.api, "10.0.0.2")
        worse.wait(code=2)
        self.assertIn("PARAMETER=VALUE", worse.err())

    def check_small(self):
        """What a link takes in Redis: a year of days, and a week of hours."""
        year = max(self.client.memory_usage(key)
                   for key in self.client.keys("weir:capacity:*:days:*"))
        week = max(self.client.memory_usage(key)
                   for key in self.client.keys("weir:capacity:*:hours:*"))
        print(f"a year of days is {year} bytes in Redis, a week of hours {week}")
        self.assert_near(week, 168 * 37, 0.1)
        self.assert_near(year, 365 * 37, 0.1)
        for page in ("capacity.rst", "configuration-reference.rst"):
            with open(os.path.join(weirtest.SOURCE, "docs", page), encoding="utf-8") as f:
                self.assertIn("37 bytes an hour", f.read())

    def check_away(self):
        """Without Redis what is in memory is still told, and said to be all."""
        self.store.kill()
        answer = self.ask(self.api)
        self.assertFalse(answer["history"])
        self.assertEqual(answer["links"], [])


class Rights(CapacityCase):

    def setUp(self):
        super().setUp()
        with open(os.path.join(weirtest.SOURCE, "docs", "redis.rst"), encoding="utf-8") as f:
            self.documented = re.search(r"ACL SETUSER weir on >PASSWORD ([^.]*?)\n\n", f.read())[1]
        self.store.url = f"unix://weir:secret@{self.store.socket}"

    def allow(self, *less):
        """The user of the documented page, but for some rights."""
        rights = [right for right in self.documented.split() if right not in less]
        self.client.execute_command("ACL", "SETUSER", "weir", "reset", "on", ">secret", *rights)

    @staticmethod
    def commands(name):
        with open(name, encoding="utf-8") as f:
            return set(re.findall(r'(?:publish_batch_command\([^"]*|'
                                  r'const char \*\w+\[\] = \{[^",]*)"([A-Z]{3,})"', f.read()))

    def test_commands(self):
        """All commands that weir sends are among the documented rights."""
        sent = set()
        for pattern in ("lib/capacity/*.c", "lib/publish/*.c", "app/weir/store.c"):
            for name in glob.glob(os.path.join(weirtest.SOURCE, pattern)):
                sent |= self.commands(name)
        self.assertLessEqual({"HSET", "APPEND", "ZREM", "XADD", "HGETALL"}, sent)
        sent -= {"AUTH", "SENTINEL", "SUBSCRIBE"}  # of everyone; of Sentinels
        self.assertLessEqual({"+" + word.lower() for word in sent}, set(self.documented.split()))

    def test_documented(self):
        """Capacity planning reads and writes with the documented rights."""
        self.allow()
        links = self.make_years(LINKS)
        network = weirnet.Network(self)
        daemon = self.live(network, self.store, "--api", "127.0.0.1:0")
        api = weirapi.Client(self, daemon, space=network.space)
        self.assertTrue(self.wait_known(api, len(links))["history"])
        self.fabric(network, "--counters-only", "--counters", "1", "--agents", "1",
                    "--interfaces", "4", "--hosts", "0")
        self.wait_known(api, len(links) + 4)
        daemon.stop()
        self.assertEqual(self.client.acl_log(), [])
        self.assertNotIn("NOPERM", daemon.err())
        self.assertEqual(self.collector(self.client)["capacity_lost"], 0)

    def test_missing(self):
        """A right that is missing is named, and Redis is not said to be away."""
        for right in ("+zrange", "+get"):
            with self.subTest(right=right):
                self.allow(right)
                daemon, _ = self.serve()
                weirtest.wait_until(lambda d=daemon: re.search(
                    "capacity error: Redis at .* refused a command: NOPERM", d.err()),
                                    daemon.story)
                self.assertIn(f"'{right[1:]}'", daemon.err())
                self.assertNotIn("cannot be used", daemon.err())
                daemon.stop()


class Live(CapacityCase):

    def published(self, link, daemon):
        """The metric of a link in Redis, which is told of it a moment after the planner."""
        key = f"weir:metric:{{{link['agent']}}}:{link['dataSource']}"
        return weirtest.wait_until(lambda: self.client.hget(key, link["metric"]), daemon.story)

    def test_running_hour(self):
        """Counters of a live run: the running hour, and what is kept of interfaces at the end."""
        network = weirnet.Network(self)
        daemon = self.live(network, self.store, "--api", "127.0.0.1:0")
        api = weirapi.Client(self, daemon, space=network.space)
        self.fabric(network, "--counters-only", "--port-names", "--counters", "1", "--agents",
                    "4", "--interfaces", "4", "--hosts", "0")

        def running():
            links = self.ask(api)["links"]
            return len(links) == 16 and all(link["hour"] for link in links) and links
        links = weirtest.wait_until(running, lambda: str(self.ask(api)) + daemon.story())
        for link in links:
            self.assertGreater(link["speed"], 0)
            self.assertNotEqual(link["ifname"], "")
            self.assertLess(abs(link["hour"]["start"] / 1000 - time.time()), 3700)
            self.assert_near(link["hour"]["metrics"][link["metric"]]["p95"],
                             float(self.published(link, daemon)), 0.1, str(link))
        daemon.stop()
        self.assertEqual(self.client.zcard("weir:capacity:agents"), 4)
        self.assertEqual(sum(self.client.hlen(f"weir:capacity:{{{agent}}}")
                             for agent in self.client.zrange("weir:capacity:agents", 0, -1)), 16)
        collector = self.collector(self.client)
        self.assertEqual(collector["capacity_links"], 16)

    def test_off(self):
        """Without capacity.enabled nothing is kept, and that is said."""
        daemon, api = self.serve("--set", "capacity.enabled=false")
        status, answer = api.ask("GET", "/capacity/json")
        self.assertEqual(status, 404)
        self.assertIn("capacity planning is off", answer["error"])
        daemon.stop()
        self.assertEqual(self.client.keys("weir:capacity:*"), [])

    def test_wrong_groups(self):
        for groups, word in (({"a": {}}, '"a" has no attributes'),
                             ({"a": "file"}, '"a" has no attributes')):
            config = self.path("weir.json", json.dumps({"capacity": {"groups": groups}}))
            daemon = self.weir("-c", config, "--check")
            daemon.wait(code=2)
            self.assertIn(word, daemon.err())


if __name__ == "__main__":
    weirtest.main()
