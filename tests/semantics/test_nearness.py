"""Words near in meaning choose among a model's words."""

import pytest

from bi_chat.semantics.nearness import nearest


@pytest.mark.parametrize(
    ("said", "meant", "others"),
    [
        ("weighs", "weight", ("height", "name", "price")),
        ("earn", "salary", ("age", "name", "city")),
        ("old", "age", ("name", "price", "weight")),
        ("inhabitants", "population", ("area", "mayor", "name")),
        ("vessels", "ship", ("captain", "port", "voyage")),
    ],
)
def test_the_nearest_word_is_what_is_meant(said: str, meant: str, others: tuple[str, ...]) -> None:
    assert nearest(said, (*others, meant))[0][0] == meant


def test_what_is_no_english_word_is_near_to_nothing() -> None:
    assert nearest("xqzzt", ("name", "age")) == ()
    assert nearest("重量", ("weight",)) == ()
