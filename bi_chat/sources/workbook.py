"""In: a workbook. Out: proof that it is safe to unpack, and what its cells hide (errors, formulas without values)."""

from __future__ import annotations

import html
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from bi_chat.errors import SourceError

MAX_UNPACKED = 250 << 20
MAX_MEMBERS = 10_000
_SUSPICIOUS_SIZE = 10 << 20
_SUSPICIOUS_RATIO = 150
_TAIL = 600
_ERROR_CELL = re.compile(rb'<c r="([A-Z]{1,3}\d+)"[^>]*? t="e"')
_NO_VALUE = re.compile(rb'<c r="([A-Z]{1,3}\d+)"[^>]*><f[^>]*(?:/>|>[^<]*</f>)(?:<v ?/>|<v></v>)?</c>')
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")


@dataclass(frozen=True, slots=True)
class SheetFaults:
    """Cells of one sheet that a reader shows as empty: error values, and formulas whose result was never stored."""

    errors: tuple[str, ...] = ()
    error_count: int = 0
    unsaved: tuple[str, ...] = ()
    unsaved_count: int = 0


def inspect_workbook(path: Path) -> dict[str, SheetFaults]:
    """Faults by sheet name; refuses before any parsing what grows too large when unpacked.

    The declared sizes are checked first; then every part is unpacked in pieces and counted, since they may lie.
    Raises SourceError.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_declared(path, members)
            names = _sheet_names(archive)
            left = MAX_UNPACKED
            faults: dict[str, SheetFaults] = {}
            for member in members:
                size, found = _count(path, archive, member, left)
                left -= size
                if member.filename in names:
                    faults[names[member.filename]] = found
            return faults
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as fault:
        if isinstance(fault, RuntimeError) and "password" in str(fault):
            raise SourceError(f"{path.name} is protected by a password. Save it without one.") from fault
        raise SourceError(f"{path.name} is a damaged or incomplete workbook. Save it again.") from fault
    except Exception as fault:
        if type(fault).__module__ == "zlib":
            raise SourceError(f"{path.name} is a damaged or incomplete workbook. Save it again.") from fault
        raise


def _too_large(path: Path) -> SourceError:
    return SourceError(
        f"{path.name} is too large when unpacked (limit {MAX_UNPACKED >> 20} MB, or far more than its packed size "
        "allows). Save the sheet as CSV or Parquet."
    )


def _check_declared(path: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS or sum(m.file_size for m in members) > MAX_UNPACKED:
        raise _too_large(path)
    for member in members:
        if member.file_size > _SUSPICIOUS_SIZE and member.file_size > _SUSPICIOUS_RATIO * max(1, member.compress_size):
            raise _too_large(path)


def _count(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> tuple[int, SheetFaults]:
    errors: list[str] = []
    unsaved: list[str] = []
    size = error_count = unsaved_count = 0
    tail = b""
    sheet = "worksheets/" in member.filename
    with archive.open(member) as part:
        while chunk := part.read(1 << 20):
            size += len(chunk)
            if size > left or (size > _SUSPICIOUS_SIZE and size > _SUSPICIOUS_RATIO * max(1, member.compress_size)):
                raise _too_large(path)
            if sheet:
                text = tail + chunk
                error_count += _note(_ERROR_CELL, text, len(tail), errors)
                unsaved_count += _note(_NO_VALUE, text, len(tail), unsaved)
                tail = text[-_TAIL:]
    return size, SheetFaults(tuple(errors), error_count, tuple(unsaved), unsaved_count)


def _note(pattern: re.Pattern[bytes], text: bytes, seen: int, cells: list[str]) -> int:
    # what ends inside the tail was counted with the piece before
    found = [m.group(1).decode() for m in pattern.finditer(text) if m.end() > seen]
    cells.extend(found[: max(0, 5 - len(cells))])
    return len(found)


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Part name → sheet name, from the workbook's own index; empty for formats that keep none in XML."""
    try:
        index = archive.read("xl/workbook.xml")[: 1 << 20].decode("utf-8", "replace")
        relations = archive.read("xl/_rels/workbook.xml.rels")[: 1 << 20].decode("utf-8", "replace")
    except KeyError:
        return {}
    targets = {_attribute(r, "Id"): _attribute(r, "Target") for r in _RELATION.findall(relations)}
    names = {}
    for sheet in _SHEET.findall(index):
        target = targets.get(_attribute(sheet, r"\w+:id"), "")
        names[target.lstrip("/") if target.startswith("/") else f"xl/{target}"] = html.unescape(
            _attribute(sheet, "name")
        )
    return names


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return found.group(1) if found else ""
