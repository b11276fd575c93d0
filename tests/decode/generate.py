# SPDX-License-Identifier: BSD-3-Clause
"""sFlow datagrams with every structure of the format reference, ordinary, extreme and damaged.

    generate.py --seed N --out FILE.pcap [--kind KIND]... [--format FORMAT]
    generate.py --seed N --payloads FOLDER [--kind KIND]...

The same seed makes the same bytes. --payloads writes each UDP payload to a file of its own: seeds
for fuzzing.
"""

import argparse
import os

import captures
import damage
import datagrams

START = 1_700_000_000  # s, of the first datagram


def ordinary(seed):
    for number, (_, payload) in enumerate(datagrams.Maker(seed).datagrams()):
        yield f"ordinary_{number}", payload


def extreme(seed):
    for number, (_, payload) in enumerate(datagrams.Maker(seed, extreme=True).datagrams()):
        yield f"extreme_{number}", payload


def spoilt(seed):
    for edge in (False, True):
        for name, payload in damage.random_damage(seed, edge):
            yield f"{name}_{'extreme' if edge else 'ordinary'}", payload


KINDS = {"ordinary": ordinary, "extreme": extreme, "damaged": lambda seed: damage.named(),
         "spoilt": spoilt}

# Frame and file by format.
FORMATS = {
    "pcap": (captures.ethernet, captures.pcap),
    "ipv6": (lambda p: captures.ethernet(p, v6=True), captures.pcap),
    "vlan": (lambda p: captures.ethernet(p, tags=(100,)), captures.pcap),
    "qinq": (lambda p: captures.ethernet(p, tags=(100, 200)), captures.pcap),
    "nano": (captures.ethernet, lambda frames: captures.pcap(frames, nano=True)),
    "big-endian": (captures.ethernet, lambda frames: captures.pcap(frames, order=">")),
    "sll": (captures.cooked, lambda frames: captures.pcap(frames, link=captures.LINUX_SLL)),
    "pcapng": (captures.ethernet, captures.pcapng),
    "pcapng-big-endian": (captures.ethernet, lambda frames: captures.pcapng(frames, order=">")),
}


def payloads(seed, kinds=tuple(KINDS)):
    """(name, payload) of all datagrams of a seed."""
    for kind in kinds:
        yield from KINDS[kind](seed)


def moment(number):
    """When the datagram of that number was received: (s, ns)."""
    microseconds = number * 1_010_101
    return START + microseconds // 10**6, microseconds % 10**6 * 1000


def capture(bodies, form="pcap"):
    """Bytes of a capture file with such UDP payloads."""
    frame, write = FORMATS[form]
    return write((*moment(i), frame(body)) for i, body in enumerate(bodies))


def packets(bodies):
    """The same as captures.packets() reads from that file."""
    source = captures.packed(captures.SOURCE)
    return [(*moment(i), source, body) for i, body in enumerate(bodies)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seed", default="1", help="any text; default 1")
    parser.add_argument("--out", metavar="FILE", help="capture file to write")
    parser.add_argument("--payloads", metavar="FOLDER", help="folder for a file of each payload")
    parser.add_argument("--kind", action="append", choices=KINDS, help="default: all")
    parser.add_argument("--format", choices=FORMATS, default="pcap", help="of the capture file")
    args = parser.parse_args()
    if not args.out and not args.payloads:
        parser.error("--out or --payloads is needed")
    made = list(payloads(args.seed, args.kind or tuple(KINDS)))
    if args.out:
        with open(args.out, "wb") as f:
            f.write(capture([p for _, p in made if len(p) <= datagrams.MOST_BYTES], args.format))
    if args.payloads:
        os.makedirs(args.payloads, exist_ok=True)
        for name, payload in made:
            path = os.path.join(args.payloads, f"{args.seed}-{name.replace(':', '_')}")
            with open(path, "wb") as f:
                f.write(payload)
    print(f"{len(made)} datagrams")


if __name__ == "__main__":
    main()
