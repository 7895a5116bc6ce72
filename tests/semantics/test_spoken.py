"""Stored values are known by other words, in either language."""

from __future__ import annotations

from bi_chat.semantics.spoken import spoken_values


def said_for(*values: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for value, phrase in spoken_values(values):
        found.setdefault(value, set()).add(phrase)
    return found


def test_a_country_is_known_in_both_languages() -> None:
    assert "德国" in said_for("Germany", "France")["Germany"]
    assert "Germany" in said_for("德国", "法国")["德国"]


def test_codes_stand_for_countries_only_among_codes() -> None:
    assert "Germany" in said_for("DE", "FR", "JP")["DE"]
    assert said_for("DE", "Beta", "Gamma", "Delta") == {}


def test_single_letters_mean_a_sex_only_in_a_field_of_few_values() -> None:
    assert "women" in said_for("F", "M")["F"]
    assert said_for("A", "B", "C", "D", "E", "F") == {}


def test_a_state_is_known_by_its_translation() -> None:
    assert "cancelled" in said_for("已取消", "已完成")["已取消"]


def test_other_texts_have_no_other_words() -> None:
    assert said_for("Fern Valley Sencha") == {}
