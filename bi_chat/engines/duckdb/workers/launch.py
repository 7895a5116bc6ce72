"""Out: a worker process that has just been started and loads by itself, perhaps ahead of its use.

Nothing else of the package is imported here: the command line starts a process first of all and loads meanwhile.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[4]
_CODE = (
    "import json, sys; given = json.loads(sys.argv[1]); sys.path[:] = given['path']; "
    "from bi_chat.engines.duckdb.workers.serve import main; main(given['parent'])"
)
# No secrets of the program: only what an interpreter may need to start.
_HANDED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")

_lock = threading.Lock()
_spare: subprocess.Popen[bytes] | None = None
_owner = 0
_taken: list[subprocess.Popen[bytes]] = []


def can_start() -> bool:
    """Whether processes of this interpreter can be started at all: not in a program frozen into one file."""
    return bool(sys.executable) and not getattr(sys, "frozen", False)


def start_spare() -> None:
    """Start one that whoever opens data first will take; it ends with the program if nobody does.

    Where others live already, nothing is started: data are opened by them.
    """
    global _spare, _owner
    with _lock:
        if _spare is None and can_start() and all(other.poll() is not None for other in _taken):
            try:
                _spare, _owner = _started(), os.getpid()
            except OSError:  # whoever opens data will be told
                return


def start() -> subprocess.Popen[bytes]:
    """The spare one if it lives, else a new one, whose loading nobody waits for. Raises OSError."""
    global _spare
    with _lock:
        found, _spare = _spare, None
    ours = found is not None and _owner == os.getpid()
    made = found if found is not None and ours and found.poll() is None else _started()
    with _lock:
        _taken[:] = [other for other in _taken if other.poll() is None] + [made]
    return made


@atexit.register
def _end_spare() -> None:
    """Nobody took it."""
    global _spare
    with _lock:
        found, _spare = _spare, None
    if found is not None and _owner == os.getpid():
        found.kill()
        found.communicate()


def _started() -> subprocess.Popen[bytes]:
    given = json.dumps({"path": [p for p in (str(_ROOT), *sys.path) if p], "parent": os.getpid()})
    quiet = ("-B",) if sys.dont_write_bytecode else ()
    return subprocess.Popen(  # noqa: S603 (this very interpreter and code of ours)
        [sys.executable, "-I", "-S", *quiet, "-c", _CODE, given],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _HANDED_ON if name in os.environ},
        # Ctrl-C in a terminal is for the program, which then stops the query itself.
        start_new_session=os.name == "posix",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
