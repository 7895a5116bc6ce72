"""In: a fresh clone and a Python with pip and venv. Out: the web app on the sample data, or the outcome of the tests.

python3 start.py                    the web app; any command of bi-chat may follow: start.py ask "revenue by month"
python3 start.py test               the tests; arguments of pytest may follow
python3 start.py install [EXTRAS]   only the environment

The environment is made once, in .venv, and made again when pyproject.toml changes. uv is used where it is on the PATH.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
SCRIPTS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
OLDEST = (3, 11)
WORKERS = ("-n", "auto", "--maxprocesses", "4")


def main(arguments: list[str]) -> int:
    """Make the environment if need be, then run what was asked for; its exit status."""
    first, rest = (arguments[0], arguments[1:]) if arguments else ("demo", [])
    try:
        prepare("dev" if first == "test" else (rest or ["all"])[0] if first == "install" else "all")
        if first == "install":
            return 0
        if first == "test":
            workers = () if "-n" in rest else WORKERS
            command = [str(PYTHON), "-m", "pytest", *workers, *rest]
        else:
            command = [str(PYTHON), "-m", "bi_chat", first, *rest]
        return subprocess.run(command, cwd=ROOT if first == "test" else None, check=False).returncode
    except KeyboardInterrupt:
        return 130


def prepare(extras: str) -> None:
    """An environment with the package and these extras; made again only when pyproject.toml changed."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit("bi_chat needs Python 3.11 or newer; this is " + found + ". Run start.py with a newer one.")
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if PYTHON.exists() and any(_stamp(e).is_file() and _stamp(e).read_text() == wanted for e in (extras, "dev")):
        return
    uv = shutil.which("uv")
    if uv is None and importlib.util.find_spec("ensurepip") is None:
        sys.exit("This Python can't make environments. On Debian and Ubuntu: apt install python3-venv (or install uv).")
    print("Making the environment in .venv, once: a minute or so, and about 1 GB of disk.", file=sys.stderr)
    if not PYTHON.exists() or (uv is None and not _has_pip()):
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        make = [uv, "venv", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]
        _run([*make, str(ENVIRONMENT)])
    install = [uv, "pip", "install", "--python", str(PYTHON)] if uv else [str(PYTHON), "-m", "pip", "install"]
    _run([*install, "--editable", str(ROOT) + "[" + extras + "]"])
    _stamp(extras).write_text(wanted)


def _has_pip() -> bool:
    """An environment that uv made has none."""
    return subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def _stamp(extras: str) -> Path:
    return ENVIRONMENT / ("made_for_" + "".join(c if c.isalnum() else "_" for c in extras))


def _run(command: list[str]) -> None:
    """Run one step with a running clock; what it said is shown only when it fails."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        step = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        while step.poll() is None:
            if sys.stderr.isatty():
                print(f"\r  {time.monotonic() - began:.0f} s", end="", file=sys.stderr, flush=True)
            time.sleep(0.2)
        if sys.stderr.isatty():
            print("\r", end="", file=sys.stderr)
        if step.returncode:
            said.seek(0)
            print(said.read().decode("utf-8", "replace")[-3000:], file=sys.stderr)
            sys.exit("The environment could not be made: see above. Is the network there? Then run start.py again.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
