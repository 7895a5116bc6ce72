"""Tokens: spans into the text as written, what stays whole, stems."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bi_chat.language.registry import get
from bi_chat.language.tokens import fold, is_quoted

WHOLE = [
    "$1,000",
    "10%",
    "2024-05-03",
    "Q4",
    "12.5",
    "300k",
    "1,234,567.89",
    "4Q24",
    "FY25",
    "2025-W12",
    "90th",
    "order_date",
    "don't",
    "2024-05",
    "05/2024",
    "03.05.2025",
    '"blue jeans"',
    "“New York”",
    "「上海 店」",
    "'Coffee Beans'",
    "-5%",
    "2020s",
    "mp3",
]


def words(text, code="en"):
    return [t.text for t in get(code).tokenize(text)]


@pytest.mark.parametrize("text", WHOLE)
def test_kept_as_one_token(text):
    assert words(f"a {text} b") == ["a", text, "b"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("customer's orders", ["customer", "'s", "orders"]),
        ("customers’ orders", ["customers", "’", "orders"]),
        ("month-to-date", ["month", "-", "to", "-", "date"]),
        ("7-day average", ["7", "-", "day", "average"]),
        ("Q4'24", ["Q4", "'24"]),
        ("2022-2024", ["2022", "-", "2024"]),
        ("2024年5月", ["2024", "年", "5", "月"]),
        ("各SKU的销量", ["各", "SKU", "的", "销", "量"]),
        ("top10客户", ["top10", "客", "户"]),
        ("sales of 华东, 2024", ["sales", "of", "华", "东", ",", "2024"]),
        ("what?", ["what", "?"]),
        ("", []),
        ("   ", []),
        ('an "open quotation', ["an", '"', "open", "quotation"]),
        ("1,2,3", ["1", ",", "2", ",", "3"]),
        ("café crème", ["café", "crème"]),
    ],
)
def test_cut(text, wanted):
    assert words(text) == wanted


@pytest.mark.parametrize(
    "text", ["Umsätze in İstanbul 2024", "２０２４年ＱＴＤ　％", "emoji 😀 und 中文 mixed", "tab\tand\nline"]
)
def test_spans_point_into_the_text_as_written(text):
    for code in ("en", "zh"):
        tokens = get(code).tokenize(text)
        assert [text[t.start : t.end] for t in tokens] == [t.text for t in tokens]
        assert all(a.end <= b.start for a, b in pairwise(tokens))
        assert "".join(t.text for t in tokens) == "".join(text.split())


def test_full_width_is_folded():
    assert [t.norm for t in get("zh").tokenize("２０２４年Ｑ４％")] == ["2024", "年", "q4", "%"]


def test_folding_keeps_every_offset():
    assert len(fold("İSTANBUL ẞ ﬁ １")) == len("İSTANBUL ẞ ﬁ １")


@pytest.mark.parametrize(
    ("form", "other"),
    [
        ("people", "person"),
        ("children", "child"),
        ("countries", "country"),
        ("orders", "order"),
        ("men", "man"),
        ("sold", "selling"),
        ("shipping", "shipped"),
        ("categories", "category"),
        ("indices", "index"),
        ("bonuses", "bonus"),
        ("employees", "employee"),
    ],
)
def test_forms_of_a_word_share_a_stem(form, other):
    tokenize = get("en").tokenize
    assert tokenize(form)[0].stem == tokenize(other)[0].stem


@pytest.mark.parametrize(("one", "other"), [("order", "border"), ("region", "reason"), ("price", "prize")])
def test_different_words_keep_different_stems(one, other):
    tokenize = get("en").tokenize
    assert tokenize(one)[0].stem != tokenize(other)[0].stem


def test_quotations_are_told_apart():
    tokens = get("en").tokenize("orders of \"Acme Ltd\" and 'Blue Sky' in ' here")
    assert [t.text for t in tokens if is_quoted(t)] == ['"Acme Ltd"', "'Blue Sky'"]
