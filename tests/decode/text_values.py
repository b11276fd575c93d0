# SPDX-License-Identifier: BSD-3-Clause
"""How sflowtool spells values (section 6.2 of the reference), with the corrections of weir."""

import math
import struct
import time

BUFFER = 2048  # of sflowtool, for one value; one of it is the end of the string


def mac(data):
    return data.hex()


def ip4(data):
    return ".".join(map(str, data))


def ip6(data):
    return ":".join(data[n:n + 2].hex() for n in range(0, 16, 2))


def address(data):
    if data is None:
        return "-"
    return ip4(data) if len(data) == 4 else ip6(data)


def hex_bytes(data):
    """Upper case pairs; a byte takes three characters of the buffer."""
    return "-".join(f"{byte:02X}" for byte in data[:(BUFFER - 1) // 3])


def oui(data):
    return hex_bytes(data)


def uuid(data):
    text = data.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def f32(number):
    return struct.unpack(">f", struct.pack(">f", number))[0]


def real(number):
    """As the C library has it: what is no number has a sign, too."""
    if math.isnan(number):
        return "-nan" if math.copysign(1, number) < 0 else "nan"
    return f"{number:.3f}"


def percent(hundredths):
    """Of 32 bits without a sign, in single precision."""
    word = hundredths & 0xFFFFFFFF
    return "unknown" if word == 0xFFFFFFFF else f"{f32(f32(word) / 100.0):.2f}"


def signed32(number):
    return (number + 2**31) % 2**32 - 2**31


def local_time(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(seconds))


def characters(data):
    """Pieces of UTF-8: (bytes, character), or (byte, None) for each byte that is none."""
    at = 0
    while at < len(data):
        for size in range(1, 5):
            try:
                text = data[at:at + size].decode()
            except UnicodeDecodeError:
                continue
            if len(text) == 1:
                yield data[at:at + size], text
                at += size
                break
        else:
            yield data[at:at + 1], None
            at += 1


def text(data, most):
    """At most so many bytes, up to a NUL; what would act on a terminal as its bytes."""
    shown, whole = [], data[:most].split(b"\0")[0]
    pieces = list(characters(whole))
    for (piece, character), (_, behind) in zip(pieces, pieces[1:] + [(b"", "")]):
        code = ord(character) if character else 0
        escape = character == "\\" and behind == "x"
        if (character and 0x20 <= code < 0x7F or code >= 0xA0) and not escape:
            shown.append(character)
        else:
            shown += [f"\\x{byte:02x}" for byte in piece]
    return "".join(shown)


def url_escape(data, most):
    """A key of memcache."""
    shown = []
    for byte in data[:most].split(b"\0")[0]:
        if chr(byte).isalnum() and byte < 128:
            shown.append(chr(byte))
        elif byte in b" \t\n\v\f\r":
            shown.append("+")
        else:
            shown.append(f"%{byte:02X}")
    return "".join(shown)


class Buffer:
    """A text of limited length, as sflowtool's: more than it holds is left out."""

    def __init__(self):
        self.text = ""

    def add(self, piece):
        self.text += piece[:BUFFER - 1 - len(self.text)]

    def add_numbers(self, numbers, separator):
        """Whole numbers only."""
        for i, number in enumerate(numbers):
            if len(self.text) + 1 + len(str(number)) >= BUFFER:
                return
            self.text += (separator if i else "") + str(number)


def numbers(values):
    found = Buffer()
    found.add_numbers(values, "-")
    return found.text


def labels(words):
    """MPLS label stack entries (RFC 3032)."""
    found = Buffer()
    for i, word in enumerate(words):
        found.add("-" if i else "")
        found.add_numbers((word >> 12, word >> 9 & 7, word >> 8 & 1, word & 255), ".")
    return found.text


def vlan_tags(words):
    """TPID and TCI; there is nothing between the two."""
    found = Buffer()
    for i, word in enumerate(words):
        found.add("-" if i else "")
        found.add(f"0x{word >> 16:04x}")
        found.add_numbers((word >> 13 & 7, word >> 12 & 1, word & 4095), ".")
    return found.text


def as_path(segments):
    """Sets in parentheses; nothing between segments."""
    found = Buffer()
    for segment in segments:
        is_set = segment["type"] == 1
        found.add("(" if is_set else "")
        found.add_numbers(segment["asns"], "-")
        found.add(")" if is_set else "")
    return found.text


def interface(value):
    """An ifIndex, or an interface with its format."""
    if isinstance(value, int):
        return str(value)
    form, number = value["format"], value["value"]
    words = ("{}", "dropCode {}", "multiple {}", "format==3 {}")
    return words[form].format(number) if form < 4 else ""
