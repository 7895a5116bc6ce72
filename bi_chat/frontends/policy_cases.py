"""In: a file of cases: who asks what, and what must come out. Out: for each whether it did, and what came instead.

A case has a `user`, a `question` or `sql`, and any of: `rows` (in order; `any_order: true` otherwise), `refused` (true
or the issue's code), `shows` and `hides` (texts that must, or must not, stand anywhere in the answer).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bi_chat.conversation.answer import Answer
from bi_chat.conversation.views.plain_json import plain_cell
from bi_chat.errors import AccessDenied, PolicyError
from bi_chat.frontends.open_data import OpenData

_KEYS = frozenset({"title", "user", "question", "sql", "rows", "any_order", "refused", "shows", "hides"})
_CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class Case:
    """One expectation; `rows` None: any rows; `refused` None: it must be answered unless `rows` is None too."""

    title: str
    user: str
    question: str = ""
    sql: str = ""
    rows: tuple[tuple[object, ...], ...] | None = None
    any_order: bool = False
    refused: str | None = None
    shows: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`problem` is '' where the case holds."""

    case: Case
    problem: str = ""


def read_cases(file: Path) -> tuple[Case, ...]:
    """The cases of a file. Raises PolicyError where one can't be read."""
    import yaml

    try:
        body = yaml.safe_load(file.read_text("utf-8-sig"))
    except OSError as error:
        raise PolicyError(f"The cases {file} can't be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PolicyError(f"{file} is no valid YAML: {str(error).splitlines()[0]}.") from error
    found = body.get("cases") if isinstance(body, Mapping) else None
    if not isinstance(found, list):
        raise PolicyError(f"{file} holds no list of cases.")
    return tuple(_case(node, at, file) for at, node in enumerate(found, start=1))


def try_case(case: Case, opened: OpenData) -> Outcome:
    """Asks as the user would, in a session of their own."""
    try:
        session = opened.session(user=case.user)
    except AccessDenied as denied:
        return Outcome(case, "" if case.refused is not None else str(denied))
    answer = session.sql(case.sql) if case.sql else session.ask(case.question)
    return Outcome(case, _problem(case, answer))


def _problem(case: Case, answer: Answer) -> str:
    value = answer.value
    code = value.issues[0].code.value if value.issues else ""
    if case.refused is not None:
        if value.status == "answered":
            return f"It was answered: {_shown(answer)}"
        return "" if case.refused in ("", code) else f"It was refused as {code}, not {case.refused}."
    if case.rows is not None and value.status != "answered":
        return f"It was not answered ({code}): {answer.text}"
    if case.rows is not None and not _same(case, _rows(answer)):
        return f"Other rows came out: {_shown(answer)}"
    whole = answer.to_json()
    asked = case.question + case.sql
    missing = [text for text in case.shows if _escaped(text) not in whole]
    leaked = [text for text in case.hides if _escaped(text) in whole and text not in asked]
    said = [f"It lacks {t!r}." for t in missing] + [f"It shows {t!r}." for t in leaked]
    return " ".join(said)


def _same(case: Case, rows: list[tuple[object, ...]]) -> bool:
    wanted = list(case.rows or ())
    if case.any_order:
        wanted, rows = sorted(wanted, key=repr), sorted(rows, key=repr)
    return len(wanted) == len(rows) and all(
        len(a) == len(b) and all(map(_equal, a, b)) for a, b in zip(wanted, rows, strict=True)
    )


def _equal(left: object, right: object) -> bool:
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    if numbers and not isinstance(left, bool) and not isinstance(right, bool):
        return math.isclose(float(str(left)), float(str(right)), rel_tol=_CLOSE, abs_tol=_CLOSE)
    return left == right


def _rows(answer: Answer) -> list[tuple[object, ...]]:
    result = answer.value.result
    return [tuple(plain_cell(cell) for cell in row) for row in result.rows] if result is not None else []


def _shown(answer: Answer) -> str:
    return json.dumps(_rows(answer)[:5], ensure_ascii=False)


def _escaped(text: str) -> str:
    """A text as JSON writes it."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _case(node: object, at: int, file: Path) -> Case:
    if not isinstance(node, Mapping) or not {"question", "sql"} & set(node):
        raise PolicyError(f"{file}: case {at} needs a question or sql, and a user.")
    if unknown := {str(k) for k in node} - _KEYS:
        raise PolicyError(f"{file}: case {at} has an unknown key {min(unknown)}. Known are {', '.join(sorted(_KEYS))}.")
    refused, rows = node.get("refused"), node.get("rows")
    return Case(
        title=str(node.get("title") or node.get("question") or node.get("sql")),
        user=str(node.get("user") or ""),
        question=str(node.get("question") or ""),
        sql=str(node.get("sql") or ""),
        rows=tuple(_row(row) for row in rows) if isinstance(rows, list) else None,
        any_order=node.get("any_order") is True,
        refused=None if refused in (None, False) else "" if refused is True else str(refused),
        shows=_texts(node.get("shows")),
        hides=_texts(node.get("hides")),
    )


def _row(node: object) -> tuple[object, ...]:
    return tuple(plain_cell(cell) for cell in node) if isinstance(node, list) else (plain_cell(node),)


def _texts(node: object) -> tuple[str, ...]:
    if isinstance(node, Sequence) and not isinstance(node, str):
        return tuple(str(v) for v in node)
    return () if node is None else (str(node),)
