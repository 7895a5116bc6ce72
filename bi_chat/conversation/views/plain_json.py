"""In: an answer's value. Out: JSON text of a stable schema; numbers stay numbers, dates are ISO."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from bi_chat.values.answer import AnswerValue
from bi_chat.values.result import Result
from bi_chat.values.serial import plan_codec

SCHEMA = "bi_chat.answer/1"


def as_json(answer: AnswerValue, *, rows: int | None = None) -> str:
    """The whole answer; `rows` limits how many rows are written (`row_count` stays the true one)."""
    data = {
        "schema": SCHEMA,
        "question": {
            "text": answer.question.text,
            "language": answer.question.language,
            "asked_at": answer.question.asked_at.isoformat(),
        },
        "status": answer.status,
        "headline": answer.narrative.headline,
        "sentences": list(answer.narrative.sentences),
        "text": answer.text,
        "restatement": answer.restatement,
        "how_read": [asdict(p) for p in answer.how_read],
        "assumptions": list(answer.assumptions),
        "warnings": list(answer.warnings),
        "issues": [{**asdict(i), "code": i.code.value} for i in answer.issues],
        "choices": [{"label": r.label, "confidence": r.confidence} for r in answer.choices],
        "confidence": answer.confidence,
        "sql": answer.sql,
        "plan": plan_codec().to_data(answer.plan) if answer.plan is not None else None,
        "chart": asdict(answer.chart) if answer.chart is not None else None,
        "facts": [
            {"kind": f.kind, "values": dict(f.values), "cells": [asdict(c) for c in f.cells]} for f in answer.facts
        ],
        "themes": asdict(answer.themes) if answer.themes is not None else None,
        "result": _result(answer.result, rows) if answer.result is not None else None,
        "next_questions": [asdict(s) for s in answer.next_questions],
        "timings": [asdict(t) for t in answer.timings],
    }
    return json.dumps(_finite(data), ensure_ascii=False, default=_plain, allow_nan=False)


def _result(result: Result, rows: int | None) -> dict[str, object]:
    return {
        "columns": [asdict(c) for c in result.columns],
        "rows": [list(r) for r in (result.rows if rows is None else result.rows[:rows])],
        "row_count": result.frame.height,
        "cut_at": result.cut_at,
        "as_of": result.as_of,
        "seconds": result.seconds,
    }


def _finite(value: object) -> object:
    """JSON knows no infinity and no not-a-number: both become null."""
    if isinstance(value, dict):
        return {str(k): _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def plain_cell(value: object) -> object:
    """A cell as JSON can hold it."""
    kept = value is None or isinstance(value, str | int)
    return _finite(value) if kept or isinstance(value, float) else _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)
