"""The rule files: each rule is heard by a corpus, each fault is named, a language is only a folder of data."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import bi_chat.language
from bi_chat.errors import SettingsError
from bi_chat.language.engine import RuleLanguage
from bi_chat.language.loading import RULE_FILES, languages, load_language
from bi_chat.language.patterns import parse_pattern
from bi_chat.language.registry import get

HOME = Path(bi_chat.language.__file__).parent
FIXTURES = Path(__file__).parents[1] / "fixtures" / "language"


def texts(data):
    if isinstance(data, dict):
        for key, value in data.items():
            yield str(key)
            yield from texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts(value)
    elif isinstance(data, str):
        yield data


@pytest.mark.parametrize("code", languages())
def test_every_rule_is_heard_by_a_corpus(code):
    language = load_language(code)
    heard = set()
    for corpus in ("periods", "meanings"):
        for text in texts(yaml.safe_load((FIXTURES / f"{code}_{corpus}.yaml").read_text("utf-8"))):
            heard |= {node.rule for node in language.chart(language.tokenize(text)).nodes}
    assert {rule.name for rule in language.rules} - heard == set()


@pytest.mark.parametrize("code", languages())
def test_rule_names_are_unique(code):
    names = [rule.name for rule in load_language(code).rules]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("code", languages())
def test_a_language_is_a_folder_of_data(code):
    assert {p.suffix for p in (HOME / code).iterdir() if p.is_file()} == {".yaml"}


def test_a_new_language_needs_only_a_folder(tmp_path):
    (tmp_path / "language.yaml").write_text("name: Deutsch\nscript: '[a-zäöüß]+'\nstemmer: german\n", "utf-8")
    (tmp_path / "words.yaml").write_text("unit: {month: [monat, monate, monaten]}\ncardinal: {3: [drei]}\n", "utf-8")
    rules = "- {rule: zahl, say: ['<n:cardinal>'], is: count, gives: count}\n"
    (tmp_path / "amounts.yaml").write_text(rules, "utf-8")
    rules = "- {rule: letzte, say: ['(letzten|letzte) <n:count>? <unit>'], is: relative, gives: relative}\n"
    (tmp_path / "periods.yaml").write_text(rules, "utf-8")
    german = load_language("de", tmp_path)
    found = german.matches(german.tokenize("Umsatz der letzten drei Monate"))
    assert [m.rule for m in found] == ["letzte"]
    assert german.tokenize("Umsätze")[0].stem == "umsatz"


def test_a_fault_in_a_rule_names_file_and_rule(tmp_path):
    (tmp_path / "language.yaml").write_text("name: X\nscript: '[a-z]+'\n")
    (tmp_path / "words.yaml").write_text("{}")
    (tmp_path / "amounts.yaml").write_text("- {rule: broken, say: [x], is: count, gives: nothing_known}\n")
    with pytest.raises(SettingsError, match=r"xx/amounts\.yaml.*broken.*nothing_known"):
        load_language("xx", tmp_path)


def test_an_unknown_language_says_which_there_are():
    with pytest.raises(SettingsError, match="en, zh"):
        get("tlh")


def test_a_pattern_that_could_match_nothing_is_refused():
    with pytest.raises(ValueError, match="must be there"):
        parse_pattern("the? (of)?", get("en").tokenize)
    with pytest.raises(ValueError, match="parentheses"):
        parse_pattern("上个? 月", get("zh").tokenize)


def test_reading_order_holds_for_both_rule_files():
    assert RULE_FILES == ("amounts.yaml", "periods.yaml")
    assert isinstance(get("en"), RuleLanguage)
