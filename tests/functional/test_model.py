#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Definitions of every kind, counted by weir and by a plain model: the same sums, the same top."""

import datetime
import json
import os

import flowmodel
import traffic
import weirtest

TOP = 100

DEFINITIONS = {
    "pairs": {"keys": "ipsource,ipdestination", "value": "bytes"},
    "connections": {"keys": "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport",
                    "value": "bytes"},
    "macs": {"keys": "macsource,macdestination", "value": "frames"},
    "links": {"keys": "agent,datasource,inputifindex,outputifindex,direction", "value": "bytes"},
    "all": {"keys": "", "value": "bytes"},
    "web": {"keys": "or:ipdestination:ip6destination", "value": "bytes",
            "filter": "ipprotocol=6&(tcpdestinationport=80,443|tcpsourceport=80,443)"},
    "opened": {"keys": "ipdestination,tcpflags", "value": "frames",
               "filter": "tcpflags~.......1.&direction!=egress"},
    "stacks": {"keys": "prefix:stack:.:2,null:vlan:untagged", "value": "frames"},
    "networks": {"keys": "mask:[or:ipsource:ip6source]:24,"
                         "mask:[or:ipdestination:ip6destination]:16", "value": "bytes"},
    "overlay": {"keys": "vxlanvni,ipsource.1,ipdestination.1,tcpdestinationport",
                "value": "bytes"},
    "vlans": {"keys": "vlansource,vlandestination,null:prioritydestination:none",
              "value": "frames", "filter": "vlansource!=null&inputifindex!=internal"},
    "routes": {"keys": "ipnexthoprouter,ipsourcemaskbits,ipdestinationmaskbits", "value": "bytes"},
    "peers": {"keys": "bgpsourceas,bgpdestinationaspath", "value": "bytes"},
    "autonomous": {"keys": "null:bgpdestinationas:none,eq:bgpas:bgpsourceas", "value": "bytes",
                   "filter": "bgpas!=null|url!=null"},
    "sizes": {"keys": "range:bytes:1000,range:tcpdestinationport:0:1023,bits:tcpflags:18",
              "value": "frames", "filter": "ipdestination!=192.168.1.2,203.0.113.9&tcpflags!=null"},
    "drops": {"keys": "agent,reason,null:linuxreason:-", "value": "frames", "dropped": True},
    "dropped": {"keys": "concat:/:ipsource:udpdestinationport", "value": "bytes", "dropped": True,
                "filter": "function!~nf_.*"},
    "rtt": {"keys": "if:tcpdirection:sent:ipdestination:ipsource,tcprtt", "value": "frames"},
    "pages": {"keys": "httpmethod,prefix:[uri:httpurl:path]:/:2,range:httpstatus:400:599",
              "value": "frames", "filter": "httphost='www.example.com'&httpmimetype~text/.*"},
    "tunnels": {"keys": "inputvni,inputipsource,inputipdestination", "value": "frames"},
    "durations": {"keys": "httpurl", "value": "duration", "filter": "httpstatus=200"},
    "answers": {"keys": "clientaddress", "value": "rate:resp_bytes"},
    "asked": {"keys": "null:dnsqname:-,direction", "value": "requests"},
    "hosts": {"keys": "concat:\\::ipdestination:tcpdestinationport,first:stack:.:ip6:ip",
              "value": "bytes", "filter": "(ipsource~'192[.].*'|range:tcpwindow:0:9000=true)"
              "&tcpsourceport!=65535"},
}


def configuration():
    """What weir reads: YAML that is JSON."""
    return json.dumps({"flows": [
        {"name": name, "n": TOP, "capacity": 16384, **attributes}
        for name, attributes in DEFINITIONS.items()]})


def moment(datagram):
    """µs since 1970."""
    when = datetime.datetime.fromisoformat(datagram["time"].replace("Z", "+00:00"))
    start = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (when - start) // datetime.timedelta(microseconds=1)


def seconds(datagrams):
    """Length of the one window: what the capture spans, at least 1 s."""
    times = [moment(d) for d in datagrams]
    return max(1, (max(times) - min(times)) / 1e6)


class Model(weirtest.Case):

    def decoded(self, path):
        return [json.loads(line) for line in self.weirctl(
            "decode", "--json", path).wait().splitlines()]

    def compare(self, path, store=None):
        """All that weir says of a capture against the model; the model."""
        store = store or self.redis()
        summary = self.once([path], url=store.url, config=self.path("c.yaml", configuration()))
        datagrams = self.decoded(path)
        want = flowmodel.run(datagrams, DEFINITIONS)
        self.assertTrue(summary["conserved"])
        for name, definition in want.items():
            with self.subTest(definition=name):
                self.check_sums(definition, summary["flows"][name])
                self.check_top(store, name, definition, seconds(datagrams))
        return want

    def check_sums(self, want, got):
        self.assertEqual(
            {k: got[k] for k in ("total", "other", "samples", "filtered", "keyless", "flows")},
            {"total": want.total, "other": 0, "samples": want.samples, "filtered": want.filtered,
             "keyless": want.keyless, "flows": len(want.places)})

    def check_top(self, store, name, want, span):
        """The largest flows are those of the model; where values tie at the end, any of them."""
        with store.client() as client:
            rank = client.zrevrange(f"weir:flow:{{{name}}}:rank", 0, -1, withscores=True)
            meta = client.hgetall(f"weir:flow:{{{name}}}:meta")
        largest = want.largest()
        ordered = sorted(largest.values(), reverse=True)[:TOP]
        self.assertEqual(int(meta["total"]), want.total)
        self.assertEqual(len(rank), len(ordered))
        # A rate has three decimals: over the window that is a whole number again.
        self.assertLess(0.0005 * span, 0.5)
        self.assertEqual([round(rate * span) for _, rate in rank], ordered)
        self.assertEqual({flow: round(rate * span) for flow, rate in rank},
                         {flow: largest.get(flow) for flow, _ in rank})

    def test_big_capture(self):
        """The largest capture of the corpus."""
        want = self.compare(max(weirtest.corpus(), key=os.path.getsize))
        self.assertGreater(want["all"].samples, 5000)

    def test_traffic(self):
        """Sample traffic in which every definition has flows."""
        path = self.path("traffic.pcap")
        with open(path, "wb") as f:
            f.write(traffic.capture(seed=7, count=2000))
        for name, definition in self.compare(path).items():
            self.assertGreater(definition.samples, 10, name)

    def test_corpus(self):
        """Every other capture."""
        store = self.redis()
        for path in sorted(weirtest.corpus(), key=os.path.getsize)[:-1]:
            with self.subTest(capture=os.path.basename(path)):
                self.compare(path, store)

    def test_spoilt(self):
        """A model that is wrong by one, in any of its numbers, is seen."""
        path = self.path("traffic.pcap")
        with open(path, "wb") as f:
            f.write(traffic.capture(seed=8, count=200))
        store = self.redis()
        summary = self.once([path], url=store.url, config=self.path("c.yaml", configuration()))
        datagrams = self.decoded(path)
        span, got = seconds(datagrams), summary["flows"]["pairs"]
        for member in ("total", "samples", "filtered", "keyless"):
            want = flowmodel.run(datagrams, DEFINITIONS)["pairs"]
            self.check_sums(want, got)
            setattr(want, member, getattr(want, member) + 1)
            with self.assertRaises(AssertionError):
                self.check_sums(want, got)
        want = flowmodel.run(datagrams, DEFINITIONS)["pairs"]
        self.check_top(store, "pairs", want, span)
        largest = max(want.places.values(), key=lambda places: max(places.values()))
        largest[max(largest, key=largest.get)] += 1
        with self.assertRaises(AssertionError):
            self.check_top(store, "pairs", want, span)


if __name__ == "__main__":
    weirtest.main()
