"""In: a loaded or a drafted model. Out: the text of an Apache Ossie file; nothing that was read is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bi_chat.semantics.model import Dataset, Field, Guess, MetricDefinition, Relationship, SemanticModel
from bi_chat.semantics.ossie.document import write
from bi_chat.semantics.ossie.extension import VENDOR
from bi_chat.semantics.ossie.loading import CURRENT, LoadedModel
from bi_chat.values.period import BusinessCalendar

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME_TYPES = frozenset({"Date", "Time", "DateTime", "DateTimeTz"})
_SURE = 0.999


def dump_model(loaded: LoadedModel) -> str:
    """The file as it was read, in version 0.2.0.dev0: comments, order and other vendors' extensions stay."""
    return write(loaded.document)


def write_drafted(model: SemanticModel) -> str:
    """A whole file for a model made in memory; every guess carries its evidence and confidence in our extension.

    Sure things (declared keys) carry no guess. Profiling facts are left out: they are found again in the data.
    """
    import yaml

    dumper: type[yaml.SafeDumper] | type[yaml.CSafeDumper] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    body = {"version": CURRENT, "semantic_model": [_model(model)]}
    text = yaml.dump(body, Dumper=dumper, sort_keys=False, allow_unicode=True, width=4096, default_flow_style=False)
    head = f"# Apache Ossie semantic model. What Ossie lacks stands under vendor {VENDOR}.\n"
    if model.drafted:
        head += "# Drafted from the data: check each guess, then delete it or correct what it is about.\n"
    return head + str(text)


def _model(model: SemanticModel) -> dict[str, object]:
    return _filled(
        name=model.name,
        description=model.description,
        ai_context={"instructions": model.instructions} if model.instructions else {},
        datasets=[_dataset(d) for d in model.datasets],
        relationships=[_relationship(r) for r in model.relationships],
        metrics=[_metric(m) for m in model.metrics],
        custom_extensions=_extension(drafted=model.drafted, **_calendar(model.calendar)),
    )


def _dataset(d: Dataset) -> dict[str, object]:
    return _filled(
        name=d.name,
        source=_source(d.source),
        primary_key=list(d.primary_key),
        unique_keys=[list(k) for k in d.unique_keys],
        description=d.description,
        ai_context=_synonyms(d.synonyms),
        fields=[_field(f) for f in d.fields],
        custom_extensions=_extension(
            label="" if d.label == d.name else d.label,
            default_time=d.default_time,
            display=d.display,
            guess=_guess(d.guess),
        ),
    )


def _source(table: str) -> str:
    """A table name that holds dots or quotes is quoted, so that it is read back as one name."""
    return table if '"' not in table and "." not in table else '"' + table.replace('"', "") + '"'


def _field(f: Field) -> dict[str, object]:
    usual = f.datatype in _TIME_TYPES
    values: dict[str, object] = {}
    for value, word in f.value_synonyms:
        found = values.setdefault(value, [])
        if isinstance(found, list):
            found.append(word)
    return _filled(
        name=f.name,
        expression=_expression(f.expression),
        dimension={"is_time": f.is_time} if f.is_time != usual else {},
        label="" if f.label == f.name else f.label,
        description=f.description,
        datatype=f.datatype,
        ai_context=_synonyms(f.synonyms),
        custom_extensions=_extension(
            kind="" if f.kind == "other" or (f.kind == "time" and f.is_time) else f.kind,
            additivity=f.additivity if f.kind in ("measure", "number") else "",
            default_aggregate=f.default_aggregate,
            unit=f.unit,
            format="" if f.kind in ("text", "category", "time", "key", "flag") else f.format,
            time_format=f.time_format,
            sensitivity=f.sensitivity,
            value_synonyms=values,
            guess=_guess(f.guess),
        ),
    )


def _relationship(r: Relationship) -> dict[str, object]:
    return _filled(
        name=r.name,
        **{"from": r.from_dataset},
        to=r.to_dataset,
        from_columns=list(r.from_columns),
        to_columns=list(r.to_columns),
        ai_context=_synonyms(r.synonyms),
        custom_extensions=_extension(
            role=r.role, one_to_one=r.one_to_one, preferred=r.preferred, guess=_guess(r.guess)
        ),
    )


def _metric(m: MetricDefinition) -> dict[str, object]:
    return _filled(
        name=m.name,
        expression=_expression(m.expression),
        description=m.description,
        ai_context=_synonyms(m.synonyms),
        custom_extensions=_extension(
            label="" if m.label == m.name else m.label,
            time=m.time,
            as_of={"start": m.as_of[0], "end": m.as_of[1]} if m.as_of else {},
            unit=m.unit,
            format=m.format,
            additivity="" if m.additivity == "additive" else m.additivity,
            guess=_guess(m.guess),
        ),
    )


def _calendar(calendar: BusinessCalendar) -> dict[str, object]:
    usual = BusinessCalendar()
    out: dict[str, object] = {}
    if calendar.fiscal_start_month != usual.fiscal_start_month:
        out["fiscal_year_start_month"] = calendar.fiscal_start_month
        out["fiscal_year_named_by"] = "end" if calendar.fiscal_named_by_end else "start"
    if calendar.week_start != usual.week_start:
        out["week_start"] = _DAYS[calendar.week_start - 1]
    return out


def _guess(guess: Guess | None) -> Mapping[str, object]:
    if guess is None or guess.confidence >= _SURE:
        return {}
    return {"evidence": guess.evidence, "confidence": round(guess.confidence, 2)}


def _synonyms(words: tuple[str, ...]) -> Mapping[str, object]:
    return {"synonyms": list(words)} if words else {}


def _expression(text: str) -> Mapping[str, object]:
    return {"dialects": [{"dialect": "ANSI_SQL", "expression": text}]}


def _extension(**entries: object) -> list[dict[str, str]]:
    data = _filled(**entries)
    return [{"vendor_name": VENDOR, "data": json.dumps(data, ensure_ascii=False)}] if data else []


def _filled(**entries: object) -> dict[str, object]:
    """The entries that say something."""
    return {k: v for k, v in entries.items() if v not in ("", None, [], {}, False)}
