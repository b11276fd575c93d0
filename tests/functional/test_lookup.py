#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Groups and maps: of the configuration and of files, against definitions that do without."""

import json

import traffic
import weirtest

GROUPS = {
    "sites": {"world": ["0.0.0.0/0", "::/0"], "campus": ["10.0.0.0/8"],
              "servers": ["10.0.1.0/24"], "one server": "10.0.1.10"},
    "outside": {"quad eight": "8.8.8.8/32", "elsewhere": ["193.0.0.0/8"]},
}
MAPS = {"services": {"web": [80, 443], "names": 53}}
VALUES = {"value": "bytes", "n": 1000}

# Pairs of definitions that must count the same.
EQUAL = {
    "longest": ("group:ipsource:sites='one server'", "ipsource=10.0.1.10"),
    "longer": ("group:ipsource:sites=servers",
               "mask:ipsource:24=10.0.1.0&ipsource!=10.0.1.10"),
    "long": ("group:ipsource:sites=campus", "mask:ipsource:8=10.0.0.0&mask:ipsource:24!=10.0.1.0"),
    "rest": ("group:ipsource:sites=world", "mask:ipsource:8!=10.0.0.0&ipsource!=null"),
    "six": ("group:ip6source:sites=world", "ip6source!=null"),
    "second": ("group:ipsource:outside:sites=world",
               "ipsource!=null&mask:ipsource:8!=10.0.0.0,193.0.0.0&ipsource!=8.8.8.8"),
    "none": ("group:ipsource:outside=null", "mask:ipsource:8!=193.0.0.0&ipsource!=8.8.8.8"),
    "mapped": ("map:tcpdestinationport:services=web", "tcpdestinationport=80,443"),
    "unmapped": ("map:[or:tcpdestinationport:udpdestinationport]:services=null",
                 "or:tcpdestinationport:udpdestinationport!=80,443,53"),
}


class Lookup(weirtest.Case):

    def capture(self):
        path = self.path("traffic.pcap")
        with open(path, "wb") as f:
            f.write(traffic.capture(seed=5, count=1000))
        return path

    def config(self, flows, **more):
        return self.path("weir.yaml", json.dumps(
            {"groups": GROUPS, "maps": MAPS, "flows": flows, **more}))

    def test_filters(self):
        """What a group or map chooses is what plain comparisons choose."""
        flows = [{"name": f"{name}-{i}", "keys": "", "filter": text, **VALUES}
                 for name, pair in EQUAL.items() for i, text in enumerate(pair)]
        summary = self.once([self.capture()], config=self.config(flows))
        for name in EQUAL:
            by_label, plain = (summary["flows"][f"{name}-{i}"] for i in range(2))
            self.assertEqual(by_label, plain, name)
            self.assertGreater(plain["samples"], 0, name)

    def test_keys(self):
        """Labels are what is published; a sample without one is keyless."""
        flows = [
            {"name": "sites", "keys": "group:ipsource:sites,group:ipdestination:sites", **VALUES},
            {"name": "outside", "keys": "group:ipdestination:outside", **VALUES},
            {"name": "plain", "keys": "", "filter": "mask:ipdestination:8=193.0.0.0"
             "|ipdestination=8.8.8.8", **VALUES},
            {"name": "services", "keys": "map:tcpdestinationport:services", **VALUES}]
        store = self.redis()
        summary = self.once([self.capture()], url=store.url, config=self.config(flows))
        with store.client() as client:
            sites = client.hkeys("weir:flow:{sites}")
            self.assertIn("one server,world", sites)
            self.assertTrue(all(label in ("world", "campus", "servers", "one server")
                                for key in sites for label in key.split(",")), sites)
            self.assertEqual(sorted(client.hkeys("weir:flow:{outside}")),
                             ["elsewhere", "quad eight"])
            self.assertEqual(client.hkeys("weir:flow:{services}"), ["web"])
        outside, plain = summary["flows"]["outside"], summary["flows"]["plain"]
        self.assertEqual(outside["samples"], plain["samples"])
        self.assertEqual(outside["total"], plain["total"])
        self.assertEqual(outside["keyless"], summary["flow_samples"] - outside["samples"])

    def test_files(self):
        """A group of a file with 100,000 networks."""
        lines = [f"net {i % 7} 198.{18 + (i >> 16)}.{i >> 8 & 255}.{i & 255}/32"
                 for i in range(100000)]
        group = self.path("group.txt", "# many\n" + "\n".join(lines)
                          + "\nten  10.0.0.0/8\nquad  eight\t8.8.8.8\n")
        service = self.path("map.txt", "web 80\nweb 443\n")
        flows = [
            {"name": "file", "keys": "group:ipdestination:big", **VALUES},
            {"name": "plain", "keys": "", "filter": "mask:ipdestination:8=10.0.0.0"
             "|ipdestination=8.8.8.8", **VALUES},
            {"name": "map", "keys": "", "filter": "map:tcpdestinationport:web=web", **VALUES},
            {"name": "ports", "keys": "", "filter": "tcpdestinationport=80,443", **VALUES}]
        path = self.path("weir.yaml", json.dumps(
            {"groups": {"big": group}, "maps": {"web": service}, "flows": flows}))
        summary = self.once([self.capture()], config=path)["flows"]
        self.assertEqual(summary["file"]["samples"], summary["plain"]["samples"])
        self.assertEqual(summary["file"]["total"], summary["plain"]["total"])
        self.assertEqual(summary["file"]["flows"], 2)
        self.assertEqual(summary["map"], summary["ports"])

    def test_databases(self):
        """Countries, AS and makers of the packages, in filters and keys."""
        flows = [
            {"name": "country", "keys": "country:ipdestination,asn:ipdestination:number", **VALUES},
            {"name": "dutch", "keys": "", "filter": "country:ipdestination=NL", **VALUES},
            {"name": "mask", "keys": "", "filter": "mask:ipdestination:8=193.0.0.0,130.0.0.0",
             **VALUES},
            {"name": "as", "keys": "", "filter": "asn:ipdestination=3333,1133", **VALUES},
            {"name": "named", "keys": "",
             "filter": "country:ipdestination:both='NL Netherlands'", **VALUES}]
        store = self.redis()
        summary = self.once([self.capture()], url=store.url,
                            config=self.config(flows, geo=weirtest.GEO))["flows"]
        for name in ("dutch", "as", "named"):
            self.assertEqual(summary[name], summary["mask"], name)
        self.assertGreater(summary["mask"]["samples"], 0)
        with store.client() as client:
            self.assertEqual(sorted(client.hkeys("weir:flow:{country}")),
                             ["NL,1133", "NL,3333", "US,15169"])

    def test_no_database(self):
        """A database that is not there is a mistake of the definition that asks, and of no other."""
        text = "geo: {country: /nonesuch}\nflows:\n  - {name: a, keys: '%s', value: bytes}\n"
        self.assertEqual(
            self.refused(text % "vlan,country:ipsource"),
            "wrong.yaml:3:35: country needs a database: /nonesuch: No such file or directory; "
            "install libloc-database, or set geo.country")
        self.weir("-c", self.path("good.yaml", text % "vlan,asn:ipsource"), "--check").wait()

    def refused(self, text):
        """What --check says of a file, without the file's name."""
        path = self.path("wrong.yaml", text)
        process = self.weir("-c", path, "--check")
        process.wait(code=2)
        return process.err().strip().replace("weir: ", "").replace(self.folder + "/", "")

    def test_errors(self):
        """Each mistake with its place."""
        self.path("bad.txt", "a 10.0.0.0/8\n\nb 10.0.0.0/99\n")
        self.path("cut.txt", "a\n")
        self.assertEqual(
            self.refused("groups:\n  g:\n    lab: [10.0.0.0/8, 10.0.0.0/33]\n"),
            'wrong.yaml:3:23: groups.g: label "lab": "10.0.0.0/33" is no network; behind the / '
            'of an IPv4 network is a number from 0 to 32')
        self.assertEqual(
            self.refused("groups:\n  g:\n    a: 10.0.0.0/8\n    b: 10.1.0.0/8\n"),
            'wrong.yaml:4:8: groups.g: label "b": 10.1.0.0/8 is under the label "a", too; '
            'keep one')
        self.assertEqual(
            self.refused(f"groups:\n  g: {self.folder}/bad.txt\n"),
            'bad.txt:3:1: label "b": "10.0.0.0/99" is no network; behind the / of an IPv4 '
            'network is a number from 0 to 32')
        self.assertEqual(self.refused(f"maps:\n  m: {self.folder}/cut.txt\n"),
                         'cut.txt:1:1: write a label, a blank, and a value')
        self.assertEqual(
            self.refused(f"groups:\n  g: {self.folder}/none.txt\n"),
            'wrong.yaml:2:6: groups.g: cannot read "none.txt": No such file or directory')
        self.assertEqual(
            self.refused("maps: {m: {a: x}}\nflows:\n"
                         "  - {name: a, keys: 'vlan,map:vlan:m', value: bytes}\n"),
            'wrong.yaml:3:36: map "m": "x" is never a value of this key; write a number from 0 '
            'to 65535')


if __name__ == "__main__":
    weirtest.main()
