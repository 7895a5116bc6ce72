"""In: this process, which is there for queries alone. Out: the same with fewer rights and less memory.

Linux gives all of it. macOS knows the limits but keeps few of them; Windows knows none: there the time limit and the
kill remain.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
from pathlib import Path

_PR_SET_NO_NEW_PRIVS = 38
_STATM = Path("/proc/self/statm")


def give_up_rights() -> None:
    """No file can be written, no core dumped, no right gained by running another program."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def limit_memory(size: int) -> None:
    """What the process may reserve for its data, in bytes; beyond it an allocation fails at once.

    RLIMIT_DATA counts memory of its own that may be written to. RLIMIT_AS would count every address, of which
    allocators take hundreds of megabytes that are never used.
    """
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (size, resource.RLIM_INFINITY))


def reserved() -> int:
    """Bytes that count against that limit now; 0 where the system doesn't say."""
    try:
        return int(_STATM.read_bytes().split()[5]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def die_with(parent: int) -> None:
    """Ends this process as soon as its parent is gone, even where a third process holds the pipe open."""
    try:
        watched = os.pidfd_open(parent)
    except (AttributeError, OSError):
        return
    if os.getppid() != parent:
        os._exit(0)

    def wait() -> None:
        select.select([watched], [], [])
        os._exit(0)

    threading.Thread(target=wait, name="bi_chat parent watch", daemon=True).start()
