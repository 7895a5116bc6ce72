"""Spoken periods against hand-written corpora: what they resolve to, and what must be no period."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
import yaml

from bi_chat.language.meanings import Match, PeriodSaid
from bi_chat.language.registry import get
from bi_chat.values.period import (
    BusinessCalendar,
    Earlier,
    Period,
    Range,
    resolve_earlier,
    resolve_period,
)

FIXTURES = Path(__file__).parents[1] / "fixtures" / "language"
CORPORA = {code: yaml.safe_load((FIXTURES / f"{code}_periods.yaml").read_text("utf-8")) for code in ("en", "zh")}

DAYS = (date(2025, 6, 11), date(2024, 2, 29), date(2024, 12, 31), date(2025, 1, 1))


def said(code: str, text: str) -> list[tuple[PeriodSaid, Match]]:
    language = get(code)
    return [(m.meaning, m) for m in language.matches(language.tokenize(text)) if isinstance(m.meaning, PeriodSaid)]


def shown(period: Period) -> str:
    return f"{period.start or ''}..{period.last_day or ''}"


def cases(section: str) -> list[object]:
    return [
        pytest.param(code, str(text), wanted, group, id=f"{code}-{group['asked_on']}-{text}")
        for code, corpus in CORPORA.items()
        for group in corpus[section]
        for text, wanted in group["says"].items()
    ]


@pytest.mark.parametrize(("code", "text", "wanted", "group"), cases("groups"))
def test_the_longest_sure_period_resolves_as_the_corpus_says(code, text, wanted, group):
    calendar = BusinessCalendar(**group.get("calendar", {}))
    sure = [p for p, _ in said(code, text) if p.specific and not isinstance(p.expr, Earlier)]
    assert sure, f"no period in {text!r}"
    assert shown(resolve_period(sure[0].expr, group["asked_on"], calendar)) == wanted


@pytest.mark.parametrize(("code", "text", "wanted", "group"), cases("at_end"))
def test_a_state_is_read_on_the_last_day(code, text, wanted, group):
    best = next(p for p, _ in said(code, text) if p.at_end)
    assert resolve_period(best.expr, group["asked_on"]).last_day == wanted


@pytest.mark.parametrize(("code", "text", "wanted", "group"), cases("lists"))
def test_every_period_of_a_list_is_found_with_its_year(code, text, wanted, group):
    chosen: list[tuple[PeriodSaid, Match]] = []
    for said_period, match in said(code, text):  # longest first: one reading for each place
        free = all(match.end <= m.start or m.end <= match.start for _, m in chosen)
        if free and said_period.specific and not isinstance(said_period.expr, Earlier):
            chosen.append((said_period, match))
    chosen.sort(key=lambda pair: pair[1].start)
    assert [shown(resolve_period(p.expr, group["asked_on"])) for p, _ in chosen] == wanted


@pytest.mark.parametrize(
    ("code", "text", "base", "wanted", "asked_on"),
    [
        pytest.param(code, text, base, wanted, group["asked_on"], id=f"{code}-{text}-of-{base}")
        for code, corpus in CORPORA.items()
        for group in corpus["earlier"]
        for text, base, wanted in group["says"]
    ],
)
def test_an_earlier_period_is_counted_from_the_plans_own(code, text, base, wanted, asked_on):
    earlier = next(p.expr for p, _ in said(code, text) if isinstance(p.expr, Earlier))
    own = next(p.expr for p, _ in said(code, base) if p.specific and not isinstance(p.expr, Earlier))
    assert shown(resolve_period(resolve_earlier(earlier, own), asked_on)) == wanted


@pytest.mark.parametrize(("code", "text"), [(c, str(t)) for c, corpus in CORPORA.items() for t in corpus["vague"]])
def test_words_that_may_be_no_period_are_offered_as_doubtful(code, text):
    found = said(code, text)
    assert found
    assert not [m for p, m in found if p.specific]


@pytest.mark.parametrize(("code", "text"), [(c, str(t)) for c, corpus in CORPORA.items() for t in corpus["none"]])
def test_other_words_are_no_period(code, text):
    assert not said(code, text)


@pytest.mark.parametrize("code", CORPORA)
def test_words_in_any_order_give_no_period_that_ends_before_it_begins(code):
    """Whatever is said, nothing but ValueError (no such day) comes out of resolving, and every period has a day."""
    texts = [str(t) for group in CORPORA[code]["groups"] for t in group["says"]]
    language = get(code)
    pieces = sorted({token.text for text in texts for token in language.tokenize(text)})
    draw = random.Random(20250611)
    for _ in range(400):
        text = ("" if code == "zh" else " ").join(draw.choices(pieces, k=12))
        for period, _ in said(code, text):
            try:
                found = resolve_period(period.expr, draw.choice(DAYS))
            except ValueError:
                continue
            if found.start and found.end and not (isinstance(period.expr, Range) and period.expr.start_exclusive):
                assert found.start < found.end, (text, period)


def test_an_earlier_period_alone_has_no_dates():
    with pytest.raises(ValueError, match="resolve_earlier"):
        resolve_period(Earlier(), date(2025, 6, 11))


def test_the_corpora_are_large_enough_to_mean_something():
    for corpus in CORPORA.values():
        assert sum(len(group["says"]) for group in corpus["groups"]) >= 150
