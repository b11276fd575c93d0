# SPDX-License-Identifier: BSD-3-Clause
"""Words of enumerated fields (section 5 of the reference): of those that are checked here."""

from reasons import NAMES

MACHINES = "unknown other x86 x86_64 ia64 sparc alpha powerpc m68k mips arm hppa s390".split()
SYSTEMS = ("unknown other linux windows darwin hpux aix dragonfly freebsd netbsd openbsd osf"
           " solaris").split()
METHODS = "OTHER OPTIONS GET HEAD POST PUT DELETE TRACE CONNECT".split()
COMMANDS = ("OTHER SET ADD REPLACE APPEND PREPEND CAS GET GETS INCR DECR DELETE STATS FLUSH"
            " VERSION QUIT TOUCH").split()
STATES = "nostate running blocked paused shutdown shutoff crashed pmsuspended".split()

FIELDS = {
    ("counter", "0:2000", "machine_type"): MACHINES,
    ("counter", "0:2000", "os_name"): SYSTEMS,
    ("counter", "0:2101", "state"): STATES,
    ("flow", "0:2201", "method"): METHODS,
    ("flow", "0:2206", "method"): METHODS,
    ("flow", "0:2200", "cmd"): COMMANDS,
}


class Word:
    """A word of either case."""

    def __init__(self, text):
        self.text = text

    def differs(self, got):
        return not isinstance(got, str) or got.lower() != self.text.lower()

    def __repr__(self):
        return repr(self.text)


def names(record):
    """The `_name` of each enumerated field of a record whose value has a word."""
    for f in record.structure.fields:
        words = FIELDS.get((record.space, record.structure.tag, f.name))
        if words and record.values.get(f.name, len(words)) < len(words):
            yield f.name + "_name", Word(words[record.values[f.name]])


def reason(code):
    """The name of a discard reason, if it has one."""
    return {"reason_name": NAMES[code]} if code in NAMES else {}
