"""How texts sound: order and sign, in both languages, with negation, degree and "but"."""

from __future__ import annotations

import pytest

from bi_chat.analysis.feedback.tone import tone
from bi_chat.values.themes import NEUTRAL


@pytest.mark.parametrize(
    "text",
    [
        "Excellent hotel, friendly staff",
        "not bad at all",
        "Great phone 😍",
        "the screen was dim but the sound is wonderful",
        "no complaints, will buy again",
        "房间很干净，服务热情",
        "质量没问题，值得购买",
        "虽然有点贵，但是非常好用",
        "客服很 nice，super fast",
    ],
)
def test_praise_is_above_neutral(text: str) -> None:
    assert (tone(text) or 0) > NEUTRAL, text


@pytest.mark.parametrize(
    "text",
    [
        "The hinge broke after a week",
        "not good",
        "never again",
        "Nobody answered the phone",
        "the view was lovely but the room was filthy and loud",
        "do not recommend",
        "房间不干净，服务态度差",
        "一点也不好用",
        "屏幕漂亮，但是电池太差了",
        "快递太慢 very disappointed",
        "👎👎",
    ],
)
def test_complaint_is_below_neutral(text: str) -> None:
    assert (tone(text) or 0) < -NEUTRAL, text


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ("very good", "good"),
        ("good", "somewhat good"),
        ("good!!!", "good"),
        ("非常满意", "满意"),
        ("the bed was comfortable and quiet", "the bed was comfortable but noisy"),
    ],
)
def test_degree(more: str, less: str) -> None:
    assert (tone(more) or 0) > (tone(less) or 0)


def test_nothing_said_is_missing_and_nothing_felt_is_zero() -> None:
    assert tone(None) is None
    assert tone("") is None
    assert tone("  12,5 ") is None
    assert tone("The parcel has two boxes") == 0


def test_it_stays_between_the_ends() -> None:
    assert 0.9 < (tone("excellent " * 500) or 0) <= 1
    assert -1 <= (tone("差" * 5000) or 0) < -0.9


def test_a_negation_ends_with_its_part_of_the_sentence() -> None:
    assert (tone("I did not wait, excellent service") or 0) > 0
    assert (tone("没有等，服务很好") or 0) > 0
