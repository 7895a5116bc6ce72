"""In: a JSON text. Out: files of plain records (one list, or one object a line), whatever shape the document had."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bi_chat.errors import SourceError
from bi_chat.sources.report import CHANGED, DOUBT, Message, name_lines

MAX_DEPTH = 100
_IN_MEMORY = 40 << 20
_KEEP = b'"\\[]{}'
_DROP = bytes(set(range(256)) - set(_KEEP))

# what json.loads gives; named here because the shape of a user's document is not known before it is read
JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]


@dataclass(frozen=True, slots=True)
class Records:
    """Records at `path`, one object a line (`by_line`) or in one list; `title` names a list inside a document."""

    path: Path
    by_line: bool
    title: str = ""
    rows: int | None = None
    messages: tuple[Message, ...] = ()


def records_of(path: Path, original: Path, workdir: Path) -> tuple[Records, ...]:
    """The record lists of a UTF-8 JSON file. Raises SourceError when it is no JSON, or nested beyond reason."""
    depth = nesting_depth(path)
    if depth > MAX_DEPTH:
        raise SourceError(f"{original.name} is nested too deep ({MAX_DEPTH} levels is the limit): that is no table.")
    first, second = _first_lines(path)
    if first[:1] == "{" and _whole(first) and second:
        return (_by_line(path, original, workdir),)
    if first[:1] == "[" and _list_of_objects(path):
        return (Records(path, by_line=False),)
    if path.stat().st_size > _IN_MEMORY:
        raise SourceError(f"{original.name} is too large to be rearranged. Save it as JSON lines, one object a line.")
    return _rearranged(path, original, workdir)


def nesting_depth(path: Path) -> int:
    """Deepest nesting of brackets outside strings; stops counting just past the limit."""
    depth = deepest = 0
    inside, carry = False, b""
    with path.open("rb") as file:
        while chunk := file.read(4 << 20):
            # escapes go first; one that is cut by the end of the chunk waits for the next
            text = carry + chunk
            carry = b""
            if (len(text) - len(text.rstrip(b"\\"))) % 2:
                text, carry = text[:-1], b"\\"
            text = text.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _DROP)
            for index, part in enumerate(text.split(b'"')):
                inside = inside if index == 0 else not inside
                if inside or not part:
                    continue
                depth, deepest = _walk(part, depth, deepest)
                if deepest > MAX_DEPTH:
                    return deepest
    return deepest


def _walk(part: bytes, depth: int, deepest: int) -> tuple[int, int]:
    for sign in part:
        if sign in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in b"]}":
            depth -= 1
    return depth, deepest


def _first_lines(path: Path) -> tuple[str, str]:
    with path.open("r", encoding="utf-8", errors="replace") as file:
        lines = (line.strip() for line in iter(lambda: file.readline(1 << 24), ""))
        filled = (line for line in lines if line)
        return next(filled, ""), next(filled, "")


def _whole(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _list_of_objects(path: Path) -> bool:
    with path.open("r", encoding="utf-8", errors="replace") as file:
        start = file.read(4096).strip()[1:].lstrip()
    return start.startswith("{")


def _by_line(path: Path, original: Path, workdir: Path) -> Records:
    """JSON lines; lines that are no JSON object are left out and named."""
    bad: list[int] = []
    rows = 0
    target = workdir / "lines.ndjson"
    with path.open("r", encoding="utf-8", errors="replace") as file, target.open("w", encoding="utf-8") as out:
        for number, line in enumerate(file, start=1):
            text = line.strip()
            if not text:
                continue
            # objects are checked by the engine again; here only what can't be one is sorted out
            if text[0] == "{" and _whole(text):
                out.write(text + "\n")
                rows += 1
            else:
                bad.append(number)
    if rows == 0:
        raise SourceError(f"{original.name} is not valid JSON: no line holds a whole object.")
    if not bad:
        return Records(target, by_line=True, rows=rows)
    text = f"Not a JSON object: {name_lines(bad)}. Left out."
    return Records(target, by_line=True, rows=rows, messages=(Message(DOUBT, "bad_json_lines", text, line=bad[0]),))


def _rearranged(path: Path, original: Path, workdir: Path) -> tuple[Records, ...]:
    try:
        document: JsonValue = json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as fault:
        raise SourceError(f"{original.name} is nested too deep: that is no table.") from fault
    except ValueError as fault:
        where = f" (line {fault.lineno})" if isinstance(fault, json.JSONDecodeError) else ""
        raise SourceError(
            f"{original.name} is not valid JSON{where}. Check it with a JSON tool and save it again."
        ) from fault
    found = []
    for index, (title, rows) in enumerate(_lists(document)):
        target = workdir / f"records_{index}.ndjson"
        with target.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in rows)
        note: tuple[Message, ...] = ()
        if title:
            note = (Message(CHANGED, "json_list", f'The rows come from the list "{title}" inside the document.'),)
        found.append(Records(target, by_line=True, title=title, rows=len(rows), messages=note))
    if not found:
        raise SourceError(f"{original.name} is empty: there is no object in it.")
    return tuple(found)


def _lists(document: JsonValue) -> Iterator[tuple[str, Sequence[Mapping[str, JsonValue]]]]:
    if isinstance(document, list):
        if document:
            yield "", _as_objects(document)
        return
    if not isinstance(document, dict):
        yield "", [{"value": document}]
        return
    inner = {k: v for k, v in document.items() if isinstance(v, list) and v and all(isinstance(x, dict) for x in v)}
    if inner:
        alone = len(inner) == 1
        for title, rows in inner.items():
            yield (title if not alone or len(document) > 1 else ""), _as_objects(rows)
        return
    yield "", _columns_or_row(document)


def _as_objects(rows: Sequence[JsonValue]) -> list[Mapping[str, JsonValue]]:
    if all(isinstance(r, list) and r for r in rows) and len(rows) > 1:
        lists = [r for r in rows if isinstance(r, list)]
        head, body = lists[0], lists[1:]
        if all(isinstance(h, str) for h in head) and len(set(map(str, head))) == len(head):
            return [dict(zip(map(str, head), r, strict=False)) for r in body]
        return [{f"column_{i}": v for i, v in enumerate(r, start=1)} for r in lists]
    return [r if isinstance(r, dict) else {"value": r} for r in rows]


def _columns_or_row(document: dict[str, JsonValue]) -> list[Mapping[str, JsonValue]]:
    values = list(document.values())
    lists = [v for v in values if isinstance(v, list)]
    if lists and len(lists) == len(values) and len({len(v) for v in lists}) == 1:
        return [dict(zip(document, cells, strict=True)) for cells in zip(*lists, strict=True)]
    if len(values) > 1 and all(isinstance(v, dict) and v for v in values):
        return [{"key": k, **v} for k, v in document.items() if isinstance(v, dict)]
    return [document]
