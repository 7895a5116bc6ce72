"""Amounts, grains, parts of dates and durations against hand-written corpora."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bi_chat.language.meanings import Amount, Duration, GrainSaid, PartIs, PartSaid
from bi_chat.language.registry import get
from bi_chat.values.period import DatePart, Grain

FIXTURES = Path(__file__).parents[1] / "fixtures" / "language"
CORPORA = {code: yaml.safe_load((FIXTURES / f"{code}_meanings.yaml").read_text("utf-8")) for code in ("en", "zh")}


def found(code, text, kind):
    language = get(code)
    return [m.meaning for m in language.matches(language.tokenize(text)) if isinstance(m.meaning, kind)]


def cases(section):
    return [
        pytest.param(code, str(text), wanted, id=f"{code}-{text}")
        for code, corpus in CORPORA.items()
        for text, wanted in corpus[section].items()
    ]


@pytest.mark.parametrize(("code", "text", "wanted"), cases("amounts"))
def test_amounts(code, text, wanted):
    assert found(code, text, Amount)[0] == Amount(*wanted)


@pytest.mark.parametrize(("code", "text"), [(c, t) for c, corpus in CORPORA.items() for t in corpus["no_amounts"]])
def test_numbers_inside_words_are_no_amounts(code, text):
    assert found(code, text, Amount) == []


@pytest.mark.parametrize(("code", "text", "wanted"), cases("grains"))
def test_grains(code, text, wanted):
    grain, bare, fiscal = (*wanted, *(False, False))[:3]
    assert found(code, text, GrainSaid)[0] == GrainSaid(Grain(grain), fiscal, bare)


@pytest.mark.parametrize(("code", "text", "wanted"), cases("parts"))
def test_parts_of_dates(code, text, wanted):
    part, bare = wanted
    assert found(code, text, PartSaid)[0] == PartSaid(DatePart(part), bare)


@pytest.mark.parametrize(("code", "text", "wanted"), cases("only"))
def test_only_some_days_of_the_week(code, text, wanted):
    assert found(code, text, PartIs)[0] == PartIs(DatePart.DAY_OF_WEEK, tuple(wanted))


@pytest.mark.parametrize(("code", "text", "wanted"), cases("durations"))
def test_durations(code, text, wanted):
    count, unit = wanted
    assert found(code, text, Duration)[0] == Duration(count, Grain(unit))


def test_a_number_like_a_year_is_offered_both_ways():
    language = get("en")
    kinds = {type(m.meaning).__name__ for m in language.matches(language.tokenize("2024"))}
    assert kinds == {"Amount", "PeriodSaid"}
