"""In: a sketch that asks what customers say or feel. Out: whose words are meant, and the figures that tell it.

"Negative" goes by the stars where there are any (`semantics.opinions`); "sentiment" asks outright how the words sound.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.sketch import Mention, Sketch
from bi_chat.semantics.opinions import Opinions, opinions_in
from bi_chat.semantics.targets import Kind
from bi_chat.values.analyses import Themes
from bi_chat.values.plan import Aggregate, Arithmetic, Condition, Fn, Measured, Plan, Tone

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler

_SPEAKERS = frozenset(
    "customers customer clients people users user buyers guests shoppers visitors patients consumers they everyone "
    "reviewers "
    "客户 顾客 用户 大家 买家 消费者 客人 会员 他们 人们 游客 住客 患者".split()
)
_THEM = ("they", "them", "there", "these", "those", "他们", "她们", "这些", "那些")
ASKED = ("theme", "feeling", "mood", "polarity", "polarity_share")


def asks_anew(sketch: Sketch) -> bool:
    """Whether themes or feelings are asked for outright; "only the negative ones" narrows what was asked before."""
    return bool({"theme", "feeling", "mood", "polarity_share"} & set(sketch.flags))


def asks_of_them(sketch: Sketch) -> bool:
    """ "what do they complain about?": themes of those who were on the table."""
    them = any(p.text.lower().replace(" ", "") in _THEM for p in sketch.pieces)
    return "theme" in sketch.flags and them


def find_opinions(made: Assembler) -> Opinions | None:
    """The rows that are named, else those nearest to what is; two as likely are a doubt."""
    found = opinions_in(made.model)
    if not found:
        return None
    said = {h.target.dataset for m in made.sketch.mentions for h in m.piece.of(Kind.DATASET)[:1]}
    said |= {
        made.binder.metric_homes.get(h.target.name, "")
        for m in made.sketch.mentions
        for h in m.piece.of(Kind.METRIC)[:1]
    }
    named = [o for o in found if o.dataset.name in said]
    if not named and len(found) > 1 and bool(found[0].text) == bool(found[1].text):
        made.trace.doubt("assumed_opinions", 0.3)
    return (named or list(found))[0]


def wants_themes(made: Assembler) -> bool:
    """Whether topics are wanted, not how many or which groups complain."""
    sketch = made.sketch
    if "theme" not in sketch.flags or sketch.groups or "count" in sketch.flags or "trend" in sketch.flags:
        return False
    return not any(m.role == "subject" and not _speaks(made, m) for m in sketch.mentions)


def _speaks(made: Assembler, mention: Mention) -> bool:
    """ "what do customers complain about": rows that only say who speaks."""
    rows = mention.piece.of(Kind.DATASET)
    return bool(rows) and "which" not in made.sketch.flags


def voiced(made: Assembler, asked: Opinions) -> None:
    """Figures of feeling join the measures, "negative" the conditions; nouns that only say who speaks are set aside."""
    flags = made.sketch.flags
    side = "negative" if "negative" in flags else "positive" if "positive" in flags else ""
    shares = [c for c in made.sketch.calculations if c.kind == "share"]
    measured = _figures(made, asked, side, share=bool(shares))
    if not measured:
        made.states.append(asked.on(side))
        if not any(m.fns for m in made.sketch.mentions):
            made.subject = asked.dataset
        return
    if any(w in p.text for p in made.sketch.pieces if p.word("theme") for w in ("main", "common", "top", "biggest")):
        made.trace.doubt("themes_by_group", 2.0)  # themes of each group are wanted, not how many complain
    made.subject = asked.dataset
    made.binder.add_evidence(asked.dataset.name)
    made.measured.extend(measured)
    made.sketch.calculations = [c for c in made.sketch.calculations if c.kind != "share"]
    set_aside(made)


def set_aside(made: Assembler) -> None:
    """Nouns that only say who speaks or what holds the words are used up, and show nothing."""
    for mention in made.sketch.mentions:
        choice = made.binder.choose(mention.piece, (Kind.DATASET, Kind.METRIC))
        if choice is not None and mention.role != "subject":
            made.trace.choice(mention.piece, "dataset", choice)
    made.sketch.mentions = [m for m in made.sketch.mentions if m.role == "subject" or not _rows(m)]
    made.sketch.unused = [p for p in made.sketch.unused if not _is_speaker(p)]


def _rows(mention: Mention) -> bool:
    return bool(mention.piece.of(Kind.DATASET, Kind.METRIC)) or _is_speaker(mention.piece)


def _is_speaker(piece: Piece) -> bool:
    return piece.text.lower().replace(" ", "") in _SPEAKERS


def _figures(made: Assembler, asked: Opinions, side: str, *, share: bool) -> list[Measured]:
    flags, han = made.sketch.flags, any("一" <= ch <= "鿿" for p in made.sketch.pieces for ch in p.text)
    if "feeling" in flags and asked.text:
        return [Measured(Aggregate(Fn.AVG, asked.dataset.name, Tone(asked.words)), "情感得分" if han else "sentiment")]
    if "mood" in flags or "feeling" in flags:
        made.trace.doubt("mood_by_stars" if asked.stars is not None else "mood_by_words", 0.0)
        mean = Aggregate(Fn.AVG, asked.dataset.name, asked.judged)
        return [Measured(mean), _share(asked, "positive", han=han), _share(asked, "negative", han=han)]
    if share or "polarity_share" in flags or ("theme" in flags and "count" not in flags):
        made.trace.doubt("judged_by_stars" if asked.stars is not None else "judged_by_words", 0.0)
        return [_share(asked, side or "negative", han=han)]
    if "theme" in flags or not _named(made, asked):
        return [Measured(Aggregate(Fn.COUNT, asked.dataset.name, where=(asked.on(side or "negative"),)))]
    return []


def _named(made: Assembler, asked: Opinions) -> bool:
    return any(
        h.target.dataset == asked.dataset.name or made.binder.metric_homes.get(h.target.name) == asked.dataset.name
        for m in made.sketch.mentions
        for h in m.piece.of(Kind.DATASET, Kind.METRIC)[:1]
    )


def _share(asked: Opinions, side: str, *, han: bool) -> Measured:
    whole = Aggregate(Fn.COUNT, asked.dataset.name, asked.judged)
    part = Aggregate(Fn.COUNT, asked.dataset.name, asked.judged, where=(asked.on(side),))
    name = {"negative": ("share of negative", "差评率"), "positive": ("share of positive", "好评率")}[side][han]
    return Measured(Arithmetic("/", part, whole), name)


def narrowed_to_side(made: Assembler) -> tuple[Condition, ...]:
    """ "only the negative ones" of what was asked before."""
    flags = made.sketch.flags
    asked = find_opinions(made) if "polarity" in flags else None
    return (asked.on("negative" if "negative" in flags else "positive"),) if asked is not None else ()


def after_themes(plan: Plan, made: Assembler) -> Plan:
    """ "by month" after themes: not what they say, but how many say it; another figure takes the themes' place."""
    themes = plan.analysis
    if not isinstance(themes, Themes) or not plan.dimensions:
        return plan
    asked = next((o for o in opinions_in(made.model) if o.dataset.name == themes.dataset), None)
    if asked is None or plan.measures != (Measured(Aggregate(Fn.COUNT, themes.dataset)),) or not themes.side:
        return replace(plan, analysis=None)
    counted = Aggregate(Fn.COUNT, themes.dataset, where=(asked.on(themes.side),))
    return replace(plan, measures=(Measured(counted),), analysis=None)
