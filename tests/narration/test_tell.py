"""Sentences are true: their numbers are the facts' values, in the asker's format."""

from __future__ import annotations

import re
from datetime import date

import polars as pl
import pytest

from bi_chat.analysis.findings import find_facts
from bi_chat.narration.pack import LANGUAGES, fill, sentences
from bi_chat.narration.tell import tell
from bi_chat.values.plan import Plan
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Result

REGION = ResultColumn("region", "dimension", "Region")
WEEKDAY = ResultColumn("weekday", "dimension", "Weekday", grain="day_of_week")
MONTH = ResultColumn("month", "time", "Month", format="date", grain="month")
REVENUE = ResultColumn("revenue", "measure", "Revenue", "USD", "currency")
RATE = ResultColumn("rate", "measure", "Return rate", format="percent", additive=False)
BEFORE = ResultColumn("before", "baseline", "Revenue before", "USD", "currency")


def made(columns: list[ResultColumn], rows: list[tuple[object, ...]]) -> Result:
    frame = pl.DataFrame(rows, schema=[c.name for c in columns], orient="row", infer_schema_length=None)
    return Result(frame, tuple(columns))


def told(result: Result, language: str = "en", **kwargs: bool) -> list[str]:
    narrative = tell(find_facts(result, Plan(), **kwargs), result, Plan(), language)
    return [narrative.headline, *narrative.sentences]


RESULTS = {
    "value": made([REVENUE], [(1234567.89,)]),
    "groups": made(
        [REGION, REVENUE], [("North", 5010.5), ("South", 300.0), ("East", 41.0), ("West", 7.0), ("Far", 2.0)]
    ),
    "rates": made([REGION, RATE], [("North", 0.1234), ("South", 0.05), ("East", 0.07)]),
    "series": made([MONTH, REVENUE], [(date(2024, m, 1), 1000.0 * m) for m in range(1, 8)]),
    "falling": made([MONTH, REVENUE], [(date(2024, m, 1), -1000.0 * m) for m in range(1, 8)]),
    "comparison": made([REVENUE, BEFORE], [(150.0, 100.0)]),
    "compared groups": made([REGION, REVENUE, BEFORE], [("North", 9.0, 4.0), ("South", 2.0, 8.0)]),
    "panel": made(
        [MONTH, REGION, REVENUE], [(date(2024, m, 1), r, m * k) for m in (1, 2, 3) for r, k in (("N", 5), ("S", 3))]
    ),
    "tied": made([REGION, REVENUE], [("North", 5), ("South", 5), ("East", 1)]),
    "list": made([ResultColumn("name", "attribute", "Name")], [("Ada",), ("Bo",)]),
}


def test_templates_hold_no_digits() -> None:
    for language in LANGUAGES:
        for section in ("headline", "sentences", "caveats", "notes", "chart_why"):
            for key, text in sentences(language, section).items():
                assert not re.search(r"\d", text), f"{language} {section} {key}"


def allowed(result: Result, language: str) -> set[str]:
    """Every number that a fact of the result holds, as any format may print it, and the digits of its dates."""
    from bi_chat.language.display import show_date, show_number

    found: set[str] = set()
    for fact in find_facts(result, Plan()):
        for _, value in fact.values:
            if isinstance(value, date):
                found |= set(re.findall(r"\d[\d,.]*", show_date(value, "month", language)))
            elif isinstance(value, int | float):
                for short in (False, True):
                    for form in ("number", "integer", "currency", "percent"):
                        text = show_number(
                            abs(value), language=language, format=form, short=short and form != "percent"
                        )
                        found |= set(re.findall(r"\d[\d,.]*", text))
    return {f.rstrip(".,") for f in found}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", RESULTS)
def test_every_number_in_a_sentence_is_a_facts_value(name: str, language: str) -> None:
    lines = told(RESULTS[name], language)
    assert lines[0]
    known = allowed(RESULTS[name], language)
    for line in lines:
        for number in re.findall(r"\d[\d,.]*", line):
            assert number.rstrip(".,") in known, f"{number} in {line!r}"


def test_what_a_reader_sees() -> None:
    assert told(RESULTS["value"]) == ["Revenue: $1.23M", "Exactly $1,234,567.89."]
    assert told(RESULTS["groups"])[0] == "Highest Revenue: North with $5,010.50, 93.5% of the total"
    assert told(RESULTS["series"])[0] == "Revenue rose by 600.0%, from $1,000 (Jan 2024) to $7,000 (Jul 2024)"
    assert told(RESULTS["falling"])[0] == "Revenue fell, from -$1,000 (Jan 2024) to -$7,000 (Jul 2024)"
    assert told(RESULTS["comparison"])[0] == "Revenue: $150, 50.0% up from $100"
    assert told(RESULTS["comparison"], "zh")[0] == "Revenue：$150，比之前的$100上升50.0%"
    assert told(RESULTS["list"])[0] == "2 found: Ada, Bo"


def test_an_unfinished_period_is_always_said() -> None:
    assert any("Jul 2024 is not over yet" in line for line in told(RESULTS["series"], partial_last=True))


def test_weekdays_and_missing_groups_have_words() -> None:
    assert "Monday" in told(made([WEEKDAY, REVENUE], [(1, 9.0), (2, 3.0)]))[0]
    assert "(missing)" in told(made([REGION, REVENUE], [(None, 9.0), ("South", 3.0)]))[0]


def test_text_from_the_data_stays_text() -> None:
    nasty = "{measure} [x] \n\u202eevil"
    line = told(made([REGION, REVENUE], [(nasty, 9.0), ("South", 3.0)]))[0]
    assert "{measure} [x] evil" in line
    assert "\u202e" not in line


def test_filling_drops_parts_without_a_value() -> None:
    assert fill("a[ {b}] c", {}) == "a c"
    assert fill("a[ {b}] c", {"b": "[{a}]"}) == "a [{a}] c"


def test_no_facts_no_words() -> None:
    assert tell((), RESULTS["value"], Plan(), "en").headline == ""
