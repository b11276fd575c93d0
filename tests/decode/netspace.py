# SPDX-License-Identifier: BSD-3-Clause
"""Network namespaces."""

import contextlib
import ctypes

CLONE_NEWNET = 0x40000000


@contextlib.contextmanager
def inside(space):
    """Let this thread work in a network namespace: what is opened here stays there."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net", "rb") as home, \
            open(f"/run/netns/{space}", "rb") as there:
        if libc.setns(there.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            libc.setns(home.fileno(), CLONE_NEWNET)
