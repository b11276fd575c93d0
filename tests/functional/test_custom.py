#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Custom flows (rtflow, 4300:1003): their fields as keys, values and filters."""

import json

from test_definitions import Definitions
import traffic
import weirapi
import weirtest

FLOWS = [
    {"name": "services", "keys": "rtdatasource,rt:service", "value": "frames"},
    {"name": "clients", "keys": "mask:[rt:client:ip]:8", "value": "avg:rt:latency:int32",
     "filter": "rt:latency:int32!=0"},
    {"name": "errors", "keys": "rt:error", "value": "requests", "log": True},
    {"name": "together", "keys": "rt:service", "value": "frames", "aggMode": "AGENT"},
    {"name": "packets", "keys": "agent", "value": "frames"},
]
SAMPLES = 40


class Custom(Definitions):

    def capture(self):
        path = self.path("custom.pcap")
        with open(path, "wb") as f:
            f.write(traffic.capture(3, 100, traffic.custom(SAMPLES)))
        return path

    def test_once(self):
        """Every custom flow is counted, filtered out or keyless, times its own rate."""
        store = self.redis()
        summary = self.once([self.capture()], url=store.url,
                            config=self.path("c.yaml", json.dumps({"flows": FLOWS})))
        self.assertTrue(summary["conserved"])
        flows = summary["flows"]
        self.assertEqual(flows["services"]["total"], 10 * SAMPLES)
        self.assertEqual(flows["errors"]["total"], 10 * SAMPLES / 4)
        self.assertEqual(flows["errors"]["keyless"], SAMPLES * 3 / 4)
        self.assertEqual(flows["clients"]["filtered"], 1)
        for name, sums in flows.items():
            seen = sums["samples"] + sums["filtered"] + sums["keyless"]
            self.assertEqual(seen, summary["flow_samples"] if name == "packets" else SAMPLES)
        with store.client() as client:
            rates = client.hgetall("weir:flow:{services}")
            self.assertEqual(set(rates), {f"web{n % 2 + 1},s{n % 3}" for n in range(SAMPLES)})
            self.assertEqual(client.hget("weir:flow:{services}:meta", "custom"), "true")
            self.assertEqual(client.hget("weir:flow:{packets}:meta", "custom"), "false")
            record = client.xrange("weir:records:{errors}")[0][1]
            self.assertIn(record["dataSource"], ("web1", "web2"))
        self.assertIn("custom", self.weirctl("stats", "--redis", store.url).wait())

    def test_queries(self):
        """Over HTTP: keys that were seen, places by name, and what is wrong."""
        store = self.redis()
        daemon = self.weir("--pcap", self.capture(), "--loop", "--redis", store.url, "--api",
                           "127.0.0.1:0", "--window", "100ms", "-c",
                           self.path("c.yaml", json.dumps({"flows": FLOWS})))
        api = weirapi.Client(self, daemon)
        keys = weirtest.wait_until(
            lambda: {k for k in api.want(200, "GET", "/flowkeys/json") if k.startswith("rt")},
            daemon.story)
        self.assertEqual(keys, {"rt:service:string", "rt:latency:int32", "rt:client:ip",
                                "rt:error:string", "rtdatasource"})
        found = weirtest.wait_until(
            lambda: api.want(200, "GET", "/activeflows/ALL/services/json"), daemon.story)
        self.assertEqual({f["dataSource"] for f in found}, {"web1", "web2"})
        self.assertEqual({f["agent"] for f in found}, {traffic.HOSTS[0]})
        api.want(200, "GET", f"/flowvalue/{traffic.HOSTS[0]}/web1.services/json?key=web1,s0")
        api.want(404, "GET", f"/flowvalue/{traffic.HOSTS[0]}/web2.services/json?key=web1,s0")
        self.assertEqual({f["dataSource"] for f in api.want(
            200, "GET", "/activeflows/ALL/together/json")}, {""})
        self.assertIn("written rt:latency",
                      api.put("bad", {"keys": "latency", "value": "frames"}, 400)["error"])
        self.summary(daemon)


if __name__ == "__main__":
    weirtest.main()
