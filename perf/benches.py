# SPDX-License-Identifier: BSD-3-Clause
"""The benchmarks: each function runs one once, and takes in the figures that it prints."""
import os
import re
import subprocess
import sys

ROOT = os.environ.get("WEIR_SOURCE_ROOT", os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("WEIR_BUILD_ROOT", os.path.join(ROOT, "build"))
NUMBER = r"(-?[\d.]+)"


def output(*command):
    """What it prints. One that fails, as where a sum of conservation does not hold, ends all of it."""
    run = subprocess.run(command, capture_output=True, text=True, check=False,
                         env={**os.environ, "WEIR_BUILD_ROOT": BUILD, "WEIR_SOURCE_ROOT": ROOT})
    if run.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {run.returncode}\n{run.stdout}{run.stderr}")
    return run.stdout


def program(name):
    return os.path.join(BUILD, "perf", name)


def script(name, *args):
    return output(sys.executable, os.path.join(ROOT, "perf", name), *args)


def find(pattern, text):
    """Of all places; none is a change of what the benchmark prints, which must be seen."""
    found = re.findall(pattern, text, re.MULTILINE)
    if not found:
        sys.exit(f"no {pattern!r} in\n{text}")
    return found


def collector(figures, seconds=3):
    text = output(program("bench_collector"), "--seconds", str(seconds))
    cases = re.split(r"^(\d): ", text, flags=re.M)[1:]
    for case, printed in zip(cases[::2], cases[1::2]):
        found = re.search(rf"receive-only +{NUMBER}.*weir +{NUMBER} M datagrams/s +{NUMBER} M samples"
                          rf"/s +ratio {NUMBER}", printed, re.S)
        for what, value in zip(("receive-only, M datagrams/s", "M datagrams/s", "M samples/s",
                                "ratio to receive-only"), found.groups()):
            figures.add(f"collector {case}, {what}", value)


def stages(figures):
    text = output(program("bench_stages"), "--rounds", "5")
    for where, what, ns in find(rf"^(\w+) +(\w+) +{NUMBER} ns", text):
        figures.add(f"{where} {what}, ns", ns)
    for where, count, what, whole, further in find(
            rf"^(\w+) +(\d+) (definitions|tables) +{NUMBER} ns, each further one {NUMBER}", text):
        figures.add(f"{where} {count} {what}, M samples/s", 1000 / float(whole))
        figures.add(f"{where} {count} {what}, each further, ns", further)
    for where, ns in find(rf"^(\w+) +a filter that fails: each one {NUMBER}", text):
        figures.add(f"{where} a filter that fails, ns", ns)


def instructions(figures):
    text = script("instructions.py", program("bench_stages"))
    for what, count in find(rf"^(\w+) +{NUMBER} ", text):
        figures.add(f"{what}, instructions", count)


def sfacctd(figures):
    text = script("bench_sfacctd.py", "--runs", "1")
    for name, us in find(rf"^(\w.*?) +{NUMBER} us of CPU a sample", text):
        figures.add(f"{name}, us of CPU a sample", us)
    for ratio, name in find(rf"^ratio {NUMBER} \((.*)\)", text):
        figures.add(f"sfacctd to {name}, ratio", ratio)


def cores(figures):
    text = script("bench_cores.py", "--runs", "1", "--seconds", "2")
    for count, rate in find(rf"^(\d) RX cores? +{NUMBER} M samples/s", text):
        figures.add(f"cores {count}, M samples/s", rate)
    figures.add("cores 2 to 1, ratio", find(rf"^ratio {NUMBER}", text)[0])


def values(figures):
    text = output(program("bench_values"), "--rounds", "2")
    for name, ns, flow in find(rf"^(\S.*?) +{NUMBER} ns a sample.*?{NUMBER} ns a flow", text):
        figures.add(f"values {name}, ns a sample", ns)
        figures.add(f"values {name}, ns a flow", flow)
    by_count(figures, "values of", text.split("adds:")[1])


def definitions(figures):
    text = output(program("bench_definitions"), "--seconds", "0.1")
    by_count(figures, "kind", text.split("to build")[1])


def by_count(figures, before, text):
    """A line of counts, and lines of a name and a number for each of them."""
    counts = find(r"^\D*((?: +\d+){4,})$", text)[0].split()
    for name, numbers in find(r"^(\S.*?)((?: +-?\d+\.\d+){4,})$", text):
        for count, ns in zip(counts, numbers.split()):
            figures.add(f"{before} {name}, {count} definitions, ns", ns)


def decode(figures):
    text = output(program("bench_decode"))
    for name, us, size, copy in find(
            rf"^(\w+) +{NUMBER} us a sample.*?{NUMBER} bytes a sample, memcpy {NUMBER}", text):
        figures.add(f"decode {name}, us a sample", us)
        figures.add(f"decode {name}, bytes a sample", size)
        figures.add(f"decode {name}, memcpy us", copy)
    before, after = find(r"peak memory: (\d+) KiB .*, (\d+) KiB after", text)[0]
    figures.add("decode, peak KiB before", before)
    figures.add("decode, peak KiB after", after)


def prefix(figures):
    text = output(program("bench_prefix"))
    for kind, count, seconds, size, ns, near in find(
            rf"^(IP.*?) +(\d+) +{NUMBER} s.*? {NUMBER} bytes each +ns: in +{NUMBER} \(of 1,000: +{NUMBER}\)",
            text):
        for what, value in (("s to build", seconds), ("bytes each", size), ("ns", ns),
                            ("ns of 1,000", near)):
            figures.add(f"prefix {kind}, {count}, {what}", value)


QUERY = ("without", "with", "max", "sum", "filter", "key")


def query(figures):
    text = output(program("bench_query"))
    for keys, sightings, *ms in find(rf"^ *(\d+) +(\d+) +{' +'.join([NUMBER] * 6)}$", text):
        for what, value in zip(QUERY, ms):
            figures.add(f"query {keys} {sightings}, {what} ms", value)


def metrics(figures):
    text = output(program("bench_metrics"))
    for name, clock, cpu, ratio in find(rf"^(\S.*?) +[\d.]+ +{NUMBER} +{NUMBER} +{NUMBER}$", text):
        figures.add(f"metrics {name}, ms", clock)
        figures.add(f"metrics {name}, ms of CPU", cpu)
        figures.add(f"metrics {name}, ratio", ratio)


def metric_publish(figures):
    text = output(program("bench_metric_publish"), "32000", "5")
    found = find(rf"{NUMBER} updates a second: {NUMBER} commands, {NUMBER} MB; publisher {NUMBER} %, Redis "
                 rf"{NUMBER} % of a CPU; {NUMBER} commands for a CPU second of Redis", text)[0]
    for what, value in zip(("updates a second", "commands a second", "MB a second", "publisher, %",
                            "Redis, %", "commands for a CPU second of Redis"), found):
        figures.add(f"metric_publish, {what}", value)
    for ratio in re.findall(rf"{NUMBER} of redis-benchmark -P 64", text):  # if it is installed
        figures.add("metric_publish, ratio to redis-benchmark", ratio)
    changed, everything = find(rf"^{NUMBER} MB for a second's updates; {NUMBER} MB if all", text)[0]
    figures.add("metric_publish, MB changed", changed)
    figures.add("metric_publish, MB of all fields", everything)


FABRIC = (("datagrams a second", rf"{NUMBER} datagrams/s"), ("samples a second", rf": {NUMBER} samples/s"),
          ("weir MiB", rf"memory: weir {NUMBER} MiB"), ("Redis MiB", rf"Redis {NUMBER} MiB"),
          ("commands a second", rf"^Redis: {NUMBER} commands/s"),
          ("Redis, %", rf"commands/s, {NUMBER} % of a CPU"),
          ("RX core busy, %", rf"^RX core: {NUMBER} %"),
          ("aggregation core, %", rf"^aggregation core: {NUMBER} %"),
          ("publisher, store, planner, %", rf"^publisher, store, planner: {NUMBER} %"),
          ("query, ms", rf"interfaces: {NUMBER} ms"))


def fabric(figures):
    text = script("bench_fabric.py")
    for what, pattern in FABRIC:
        figures.add(f"fabric, {what}", find(pattern, text)[0])


def merge(figures):
    timed = rf"{NUMBER} \( *[\d.]+\)"
    for flows, cores, *found in find(
            rf"^ *(\d+) +(\d+) +{timed} +{timed} +{timed} +{timed} +{timed} +{NUMBER} +{NUMBER} +{NUMBER} +{NUMBER}$",
            output(program("bench_merge"))):
        for what, value in zip(("sample, ns", "merge, ns", "close, ns", "report, ns", "clear, ns",
                                "M flows/s", "resident bytes", "tables, bytes", "merged, bytes"), found):
            figures.add(f"merge {flows} flows, {cores} cores, {what}", value)


def publish(figures):
    text = output(program("bench_publish"))
    for n, part, ms, _, _ in find(rf"^n (\d+) +(\w+) +{NUMBER} +{NUMBER} +{NUMBER}$", text):
        figures.add(f"publish n {n}, {part}, ms", ms)
    for who, rate, client, redis in find(
            rf"^(\S.*?) +{NUMBER} commands/s +{NUMBER} us client +{NUMBER} us Redis", text):
        figures.add(f"publish {who}, commands a second", rate)
        figures.add(f"publish {who}, us of the client", client)
        figures.add(f"publish {who}, us of Redis", redis)
