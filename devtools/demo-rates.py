#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compare the rates that weir publishes with those that sflowgen really sent.

    devtools/demo-rates.py watch SOCKET NAME FILE     until SIGTERM: mean rates into FILE
    devtools/demo-rates.py compare FILE TRUTH NAME    table; exit 1 where they differ by over 5 %

A published rate is smoothed over a few seconds, sflowgen's is that of its whole run. So what is
compared is the mean of all windows that were watched, which is the rate over the same time.
"""

import json
import signal
import sys

import redis

FLOWS = 12       # compared, the largest first
FLOWS_LEAST = 10
MOST = 0.05      # difference that is still fine
FIRST_WINDOWS = 1  # the first window is a part of one


def watch(socket, name, path):
    """Add up the documents of the channel of one definition."""
    sums, windows, stop = {}, 0, []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    pubsub = redis.Redis(unix_socket_path=socket).pubsub(ignore_subscribe_messages=True)
    pubsub.subscribe(f"weir:flow:{{{name}}}")
    while not stop:
        message = pubsub.get_message(timeout=0.1)
        if not message:
            continue
        document = json.loads(message["data"])
        if document["window"] <= FIRST_WINDOWS or document["samples"] == 0:
            continue
        windows += 1
        for flow in document["top"]:
            rate, count = sums.get(flow["key"], (0, 0))
            sums[flow["key"]] = (rate + flow["value"], count + 1)
    rates = {key: rate / count for key, (rate, count) in sums.items() if count == windows}
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"windows": windows, "rates": rates}, out)


def compare(path, truth_path, name):
    with open(path, encoding="utf-8") as f:
        watched = json.load(f)
    with open(truth_path, encoding="utf-8") as f:
        truth = json.load(f)["definitions"][name]["top"]
    print(f"\nRates of the largest flows, in bits a second, over {watched['windows']} windows:\n")
    print(f"{'flow':<34} {'weir':>16} {'sflowgen':>16} {'difference':>11}")
    good = 0
    for flow in truth[:FLOWS]:
        real = flow["bytes_per_s"]
        rate = watched["rates"].get(flow["key"], 0)
        off = (rate - real) / real
        good += abs(off) <= MOST
        print(f"{flow['key']:<34} {rate * 8:>16,.0f} {real * 8:>16,.0f} {off:>10.2%}"
              f"{'' if abs(off) <= MOST else '  <-- too far'}")
    count = min(FLOWS, len(truth))
    print(f"\n{good} of {count} flows are within {MOST:.0%}.")
    return 0 if good == count >= FLOWS_LEAST else 1


def main():
    if len(sys.argv) == 5 and sys.argv[1] == "watch":
        return watch(*sys.argv[2:])
    if len(sys.argv) == 5 and sys.argv[1] == "compare":
        return compare(*sys.argv[2:])
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main())
