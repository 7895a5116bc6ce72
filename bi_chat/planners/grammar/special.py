"""Questions that no plan answers: requests to change data, and questions about the data themselves."""

from __future__ import annotations

from collections.abc import Sequence

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.semantics.model import SemanticModel
from bi_chat.semantics.opinions import opinions_in
from bi_chat.semantics.targets import Kind
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.question import Question

NAMED = 0.7  # a hit from here on is a name of the model, whatever the word means elsewhere


def not_for_us(pieces: Sequence[Piece], question: Question, model: SemanticModel) -> Issue | None:
    """A request to change data is declined by name; so is an empty question."""
    content = [p for p in pieces if any(ch.isalnum() for ch in p.text)]
    if not content:
        return Issue(IssueCode.EMPTY_QUESTION, "There is no question yet.")
    undoing = any(p.word("filter_word", "remove") for p in content)
    told_last = content[0].text == "把" and content[-1].word("write") and not content[-1].word("follow", "remove")
    if told_last:
        return Issue(IssueCode.READ_ONLY, "I only read data: I can't change or delete anything.")
    if content[0].word("write") and not content[0].of(Kind.METRIC, Kind.DATASET) and not undoing:
        return Issue(IssueCode.READ_ONLY, "I only read data: I can't change or delete anything.")
    for piece in content:
        if not _can(piece, model) and not (piece.hits and piece.hits[0].score >= NAMED):
            fields = (("what", piece.text),)
            problem = f"I can't work out {piece.text} yet."
            return Issue(IssueCode.UNSUPPORTED, problem, fields=fields)
    return None


def about_the_data(pieces: Sequence[Piece], question: Question, model: SemanticModel) -> tuple[str, str] | None:
    """ "what do you know about customers?" → (about, customers); "what does X mean?" → (define, X)."""
    tags = [t for t in ("about_data", "define", "how_calculated") if any(p.word(t) and not p.hits for p in pieces)]
    if not tags:
        return None
    others = [p for p in pieces if p.of(Kind.METRIC, Kind.FIELD, Kind.DATASET)]
    if tags == ["define"] and not any(
        p.text.lower().startswith("what") or p.word("show", "define") for p in pieces[:1]
    ):
        return None
    if len(others) > 1 and any(p.word("how_many", "average", "total", "by", "top") for p in pieces):
        return None
    if not others:
        return ("about", "") if "about_data" in tags else None
    best = others[-1].of(Kind.METRIC, Kind.DATASET, Kind.FIELD)[0].target
    name = best.name if best.kind is Kind.METRIC else best.field if best.kind is Kind.FIELD else best.dataset
    kind = "define" if "about_data" not in tags else "about"
    return kind, f"{best.kind.value}:{best.dataset}:{name}"


def _can(piece: Piece, model: SemanticModel) -> bool:
    """Whether no word stands in the way: themes need rows in which customers speak."""
    return not (piece.word("unsupported") or (piece.word("theme") and not opinions_in(model)))
