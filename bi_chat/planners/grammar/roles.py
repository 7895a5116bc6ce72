"""In: a plan and the words of its question. Out: the plan with the roles that were said ("home store", "reporter").

Where a dataset is referred to in several roles, a mention of the role, or of the column that plays it,
decides the path.
"""

from __future__ import annotations

from dataclasses import replace

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.sketch import Sketch
from bi_chat.semantics.model import Relationship, SemanticModel
from bi_chat.semantics.naming import split
from bi_chat.semantics.targets import Hit, Kind
from bi_chat.values.plan import Dimension, FieldRef, In, Plan, Scalar


def said_roles(sketch: Sketch, model: SemanticModel) -> dict[str, Relationship]:
    """For each dataset that is referred to in more than one way: the relationship that was said."""
    found: dict[str, list[tuple[float, Relationship]]] = {}
    incoming: dict[str, int] = {}
    for rel in model.relationships:
        incoming[rel.to_dataset] = incoming.get(rel.to_dataset, 0) + 1
    for rel in model.relationships:
        if incoming[rel.to_dataset] < 2 or len(rel.from_columns) != 1:
            continue
        score = max((_said(rel, p.hits) for p in sketch.pieces if _names(rel, p.text)), default=0.0)
        lasting = sketch.elapsed is not None and rel.role and _names(rel, sketch.elapsed.end.text)
        if score >= 0.6 or lasting:  # "how long does delivery take in each country": the delivery country
            found.setdefault(rel.to_dataset, []).append((1.0 if lasting else score, rel))
    clear: dict[str, Relationship] = {}
    for name, said in found.items():
        said.sort(key=lambda s: -s[0])
        if len(said) == 1 or said[0][0] > said[1][0] + 0.15:
            clear[name] = said[0][1]
    return clear


FROM = frozenset("origin departure from source start pickup loading sender pol 起运 出发 始发 起点 发货 发送".split())
TO = frozenset(
    "destination arrival to target end dropoff delivery discharge receiver pod 目的 到达 终点 收货 抵达".split()
)
TOWARDS = {"from": FROM, "to": TO}


def way_said(piece: Piece, dataset: str, sketch: Sketch, model: SemanticModel) -> tuple[str, ...]:
    """The relationship that the word right before a value tells: its role, or "from" and "to"; () where none does."""
    ways = [r for r in model.relationships if r.to_dataset == dataset and r.role]
    small = ("filler", "in")  # "picked up in Oslo"
    before = [p for p in sketch.pieces if p.end <= piece.start and (not p.word(*small) or p.of(Kind.ROLE))]
    if len(ways) < 2 or not before:
        return ()
    word = before[-1]
    named = {h.target.name for h in word.of(Kind.ROLE) if h.how != "part"}
    for tag, side in TOWARDS.items():
        if not named and word.word(tag):
            named = {r.name for r in ways if side & {w.lower() for n in (r.role, *r.synonyms) for w in n.split()}}
    said = [r for r in ways if r.name in named]
    return (said[0].name,) if len(said) == 1 else ()


def _names(rel: Relationship, text: str) -> bool:
    """Whether the words say the role itself ("home"), not only what it refers to ("store")."""
    own = {w for name in (rel.role, *rel.synonyms) for w in name.lower().split()}
    target = {w.lower() for w in split(rel.to_dataset)}
    said = text.lower() if text.isascii() else text.replace(" ", "")
    return any(w in said for w in own if w not in target and w.rstrip("s") not in target and w + "s" not in target)


def _said(rel: Relationship, hits: tuple[Hit, ...]) -> float:
    best = 0.0
    for hit in hits:
        if rel.role:
            if hit.target.kind is Kind.ROLE and hit.target.name == rel.name and hit.how != "part":
                best = max(best, hit.score + 0.1)
            elif hit.target.kind is Kind.FIELD and hit.target.key == (rel.from_dataset, rel.from_columns[0]):
                best = max(best, hit.score if hit.how != "part" else hit.score * 0.9)
    return best


def with_roles(plan: Plan, sketch: Sketch, model: SemanticModel) -> Plan:
    """Paths through the roles that were said; the column that only named the role is no column of the answer."""
    roles = said_roles(sketch, model)
    if not roles:
        return plan
    used = False

    def ref(value: Scalar) -> Scalar:
        nonlocal used
        own = plan.base is not None and isinstance(value, FieldRef) and value.dataset == plan.base
        if isinstance(value, FieldRef) and not value.via and value.dataset in roles and not own:
            used = True
            return replace(value, via=(roles[value.dataset].name,))
        return value

    dimensions = tuple(Dimension(ref(d.of), d.label) for d in plan.dimensions)
    where = tuple(replace(c, of=ref(c.of)) if isinstance(c, In) else c for c in plan.where)
    if not used:
        return plan
    keys = {(r.from_dataset, r.from_columns[0]) for r in roles.values()}
    kept = tuple(d for d in dimensions if not (isinstance(d.of, FieldRef) and (d.of.dataset, d.of.field) in keys))
    return replace(plan, dimensions=kept or dimensions, where=where)
