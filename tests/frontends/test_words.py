"""The interface says everything in each language, and text of the data can't do more than be read."""

from __future__ import annotations

from bi_chat.frontends.web.words import LANGUAGES, html, label, say, texts


def test_every_text_stands_in_every_language():
    keys = {language: set(texts()[language]) for language in LANGUAGES}
    assert keys["en"] == keys["zh"]
    assert all(text for language in LANGUAGES for text in texts()[language].values())


def test_names_to_fill_in_are_the_same_in_every_language():
    for key, text in texts()["en"].items():
        other = texts()["zh"][key]
        named = [
            name for name in ("{name}", "{size}", "{count}", "{table}", "{rows}", "{columns}", "{day}") if name in text
        ]
        assert all(name in other for name in named), key


def test_a_name_is_filled_in():
    assert say("report.more", "en", count="3") == "3 more remarks"


def test_a_label_from_the_data_loads_no_picture():
    shown = label("![x](https://evil.example/p.png) *b*")
    assert "](" not in shown.replace("\\]\\(", "")
    assert "\\!\\[x\\]\\(https" in shown


def test_html_from_the_data_is_escaped_and_one_line():
    assert html("<img src=x onerror=alert(1)>\nb") == "&lt;img src=x onerror=alert(1)&gt; b"
