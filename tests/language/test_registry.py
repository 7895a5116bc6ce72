"""Which language a text is in, what loading costs, and that reading is quick."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import pytest

from bi_chat.language.registry import detect, get


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sales of 华东 by month in 2024", "en"),
        ("show me revenue for 上海市浦东新区 last month", "en"),
        ("top 10 customers by revenue", "en"),
        ("average order value in 北京 and 上海", "en"),
        ("revenue", "en"),
        ("GMV", "en"),
        ("", "en"),
        ("2024", "en"),
        ("???", "en"),
        ("2024年每月的GMV", "zh"),
        ("各region的revenue趋势", "zh"),
        ("Top 10 SKU 销售额", "zh"),
        ("customer的average order value是多少", "zh"),
        ("销售额", "zh"),
        ("为什么GMV下降了?", "zh"),
        ("按月统计 orders 数量", "zh"),
        ("去年同期 revenue", "zh"),
        ("哪个 product category 的 margin 最高", "zh"),
    ],
)
def test_the_language_of_a_text(text, code):
    assert detect(text) == code


def test_a_language_is_loaded_once():
    assert get("en") is get("en")


def test_importing_loads_neither_stemmer_nor_segmenter():
    code = "import sys, bi_chat.language.registry; print({'Stemmer', 'jieba', 'polars'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "what was the total revenue by region and month in the last 12 months for new customers"),
        ("zh", "2024年每个月各地区的销售额和去年同期相比增长了百分之多少"),
    ],
)
def test_reading_a_question_takes_milliseconds_at_most(code, text):
    language = get(code)
    tokens = language.tokenize(text)
    taken = []
    for i in range(30):
        fresh = (*tokens, *language.tokenize(f"x{i}"))  # never the same tokens twice: answers are remembered
        start = time.perf_counter()
        language.matches(fresh)
        taken.append(time.perf_counter() - start)
    assert statistics.median(taken) < 0.010  # ten times what it takes, for slow machines
