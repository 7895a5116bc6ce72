"""In: the text of a model's reply. Out: the `Proposal` that it holds, or a `Misfit` that says what is wrong with it.

Models wrap JSON in prose, fences and thinking, stop in the middle of it, or write several objects; what is inside is
read by types, and nothing in it is ever run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bi_chat.planners.llm.shape import Misfit, Reader
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.parts import parts_of
from bi_chat.values.plan import TIME, FieldRef, Metric, Plan

_THINKING = re.compile(r"<(think|thinking|reasoning|scratchpad)>.*?(</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_MOST_READINGS = 3


@dataclass(frozen=True, slots=True)
class Meaning:
    """`words` of the question stand for `name` of the model: a metric, a dataset, dataset.field, or a value."""

    words: str
    name: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a question may mean. `readings`: the plans, the likeliest first, several only where the question is
    ambiguous, none where it can't be answered. `meanings`: for each phrase of the question what it stands for.
    `missing`: what the question asks for that the data don't hold. `sql`: one DuckDB SELECT over the physical tables,
    only where no plan can say it."""

    readings: tuple[Plan, ...] = ()
    meanings: tuple[Meaning, ...] = ()
    missing: tuple[str, ...] = ()
    sql: str | None = None


def read_proposal(text: str, model: SemanticModel) -> Proposal:
    """The proposal of a reply. Raises Misfit."""
    data = _object_in(text)
    if "readings" not in data and ("measures" in data or "dimensions" in data or "plan" in data):
        data = {"readings": [data.get("plan", data)]}  # many servers' models give the plan alone
    reader = Reader(lambda said: field_named(said, model))
    found: Proposal = reader.read(Proposal, data, "reply")
    for plan in found.readings[:_MOST_READINGS]:
        for fault in unknown_names(plan, model):
            raise Misfit(fault)
    return Proposal(found.readings[:_MOST_READINGS], found.meanings, found.missing, found.sql)


def field_named(said: str, model: SemanticModel) -> FieldRef:
    """The field of "dataset.field", of a bare name that only one dataset has, or `@time`. Raises Misfit."""
    name, _, via = said.partition(" via ")
    walked = tuple(part.strip() for part in via.split(",") if part.strip())
    if name in (TIME.field, f".{TIME.field}"):
        return TIME
    dataset, _, field = name.rpartition(".")
    owners = [dataset] if dataset else [d.name for d in model.datasets if d.field(name) is not None]
    for owner in owners if len(owners) == 1 else ():
        found = model.dataset(owner)
        if found is not None and (exact := found.field(field)) is not None:
            return FieldRef(found.name, exact.name, walked)
    raise Misfit(f'there is no field "{name[:60]}"{_nearest(dataset, model)}')


def _nearest(dataset: str, model: SemanticModel) -> str:
    found = model.dataset(dataset)
    if found is None:
        return f"; the datasets are {', '.join(d.name for d in model.datasets[:40])}"
    return f"; {found.name} has {', '.join(f.name for f in found.fields[:40])}"


def unknown_names(plan: Plan, model: SemanticModel) -> Iterator[str]:
    """Metrics, datasets and relationships of a plan that the model doesn't hold."""
    for part in parts_of(plan):
        if isinstance(part, Metric) and model.metric(part.name) is None:
            yield f'there is no metric "{part.name}"; the metrics are {", ".join(m.name for m in model.metrics[:60])}'
        for name in ("dataset", "base", "per"):
            value = getattr(part, name, None)
            if isinstance(value, str) and value and model.dataset(value) is None:
                yield f'there is no dataset "{value}"{_nearest("", model)}'
        for name in getattr(part, "via", ()):
            if all(r.name != name for r in model.relationships):
                yield f'there is no relationship "{name}"'


def _object_in(text: str) -> dict[str, object]:
    """The JSON object in a reply. Raises Misfit."""
    plain = _THINKING.sub("", text)
    decoder = json.JSONDecoder()
    best: dict[str, object] | None = None
    for start in [m.start() for m in re.finditer(r"\{", plain)][:50]:
        try:
            found, _ = decoder.raw_decode(plain, start)
        except (json.JSONDecodeError, RecursionError):
            continue
        if isinstance(found, dict) and (best is None or {"readings", "plan", "measures"} & set(found)):
            best = found
            if "readings" in found:
                break
    if best is None:
        raise Misfit("the reply holds no whole JSON object")
    return best
