"""In: a file. Out: what it is by its first bytes, whatever its name says."""

from __future__ import annotations

import zipfile
from pathlib import Path

from bi_chat.errors import SourceError

_NOT_TABLES = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a bitmap picture"),
    (b"RIFF", "a sound, video or picture file"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"{\\rtf", "an RTF document"),
    (b"OggS", "a sound file"),
    (b"ID3", "a sound file"),
)
_PACKED = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
)


def file_kind(path: Path) -> str:
    """duckdb, sqlite, parquet, workbook, json or delimited. Raises SourceError for what is no table."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as fault:
        raise SourceError(f"{path.name} can't be opened ({fault.strerror or 'no access'}).") from fault
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise SourceError(
            f"{path.name} is an old or protected Excel workbook. Open it in a spreadsheet program and save it as a new "
            "XLSX file without a password."
        )
    _refuse_foreign(path, head)
    if head[8:12] == b"DUCK":
        return "duckdb"
    if head.startswith(b"SQLite format 3\0"):
        return "sqlite"
    if head.startswith(b"PAR1") or path.suffix.lower() in (".parquet", ".pq"):
        return "parquet"
    return _text_kind(path, head)


def _refuse_foreign(path: Path, head: bytes) -> None:
    for magic, what in _PACKED:
        if head.startswith(magic):
            raise SourceError(f"{path.name} is packed ({what}). Unpack it first and point at what is inside.")
    for magic, what in _NOT_TABLES:
        # short letters such as "BM" and "MZ" may begin an honest header: binary content must bear them out
        if head.startswith(magic) and (len(magic) > 3 or b"\0" in head or magic[0] > 127):
            raise SourceError(f"{path.name} is {what}, not a table. Point at a CSV, XLSX, Parquet or JSON file.")


def _text_kind(path: Path, head: bytes) -> str:
    if path.suffix.lower() in (".json", ".jsonl", ".ndjson", ".geojson"):
        return "json"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"{" or start[:2] in (b"[{", b"[[") or start.replace(b" ", b"").replace(b"\n", b"")[:2] == b"[{":
        return "json"
    if start[:15].lower().startswith((b"<!doctype html", b"<html", b"<?xml")):
        raise SourceError(
            f"{path.name} is a web page or XML document, not a table. Save the table itself as CSV or XLSX."
        )
    return "delimited"


def _zip_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as fault:
        raise SourceError(
            f"{path.name} is a damaged or incomplete workbook or archive. Save or copy it again."
        ) from fault
    if members & {"xl/workbook.xml", "xl/workbook.bin"} or "content.xml" in members:
        return "workbook"
    raise SourceError(
        f"{path.name} is a zip archive, not a spreadsheet. Unpack it first and point at the file that holds the table."
    )
