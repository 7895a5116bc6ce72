"""The index on disk and the one in memory find the same values; a broken file is made anew."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from bi_chat.language.registry import get as language_of
from bi_chat.semantics.known_values import MOST_HOLDERS, MemoryValues, ValueIndex, forms_of
from bi_chat.semantics.model import Dataset, Field, SemanticModel
from bi_chat.settings import Settings
from bi_chat.stores.sqlite import SqliteValues, write_values
from bi_chat.wiring import connect

TOKENIZE = language_of("en").tokenize
VALUES = (
    "PulseFit Smartwatch",
    "Pulse Belt",
    "Pro-Line X2",
    "北京市朝阳区",
    "O'Brien & Sons",
    "blue",
    "Blue",
    "007",
    "é",
)


def model(*values: str) -> SemanticModel:
    name = Field(
        "name", "name", "String", "category", values=values, value_synonyms=(("blue", "navy"), ("blue", "blue"))
    )
    note = Field("note", "note", "String", "text", values=("never found",))
    return SemanticModel("shop", (Dataset("products", "products", fields=(name, note)),))


def on_disk(made: SemanticModel, folder: Path) -> SqliteValues:
    write_values(forms_of(made, TOKENIZE), folder / "values.sqlite")
    return SqliteValues(folder / "values.sqlite")


@pytest.fixture(params=["memory", "disk"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[SemanticModel], ValueIndex]:
    return lambda m: MemoryValues(m, TOKENIZE) if request.param == "memory" else on_disk(m, tmp_path)


def key(text: str) -> tuple[str, ...]:
    return tuple(t.stem for t in TOKENIZE(text))


def test_a_value_is_found_by_its_words(index):
    found = index(model(*VALUES))
    asked = key("pulsefit smartwatches")
    ((target, (score, how, phrase, written)),) = found.exact([asked, key("nothing")])[asked]
    assert (target.dataset, target.field, target.name) == ("products", "name", "PulseFit Smartwatch")
    assert (score, how, phrase, written) == (1.0, "value", "PulseFit Smartwatch", ("pulsefit", "smartwatch"))
    assert found.exact([key("never found")]) == {}


def test_written_as_one_word_and_without_signs(index):
    found = index(model(*VALUES))
    assert [t.name for t, _ in found.joined(["pulsefitsmartwatch"])["pulsefitsmartwatch"]] == ["PulseFit Smartwatch"]
    bare = tuple(k for k in key("O'Brien & Sons") if k[0].isalnum())
    assert [t.name for t, _ in found.exact([bare])[bare]] == ["O'Brien & Sons"]


def test_of_two_ways_to_say_a_value_the_nearer_counts(index):
    found = index(model(*VALUES))
    assert {t.name: e[0] for t, e in found.exact([key("blue")])[key("blue")]} == {"blue": 1.0, "Blue": 1.0}
    assert [(t.name, e[0]) for t, e in found.exact([key("navy")])[key("navy")]] == [("blue", 0.97)]


def test_a_word_that_few_values_share_finds_them(index):
    found = index(model(*VALUES, *(f"Common thing {n}" for n in range(MOST_HOLDERS + 1))))
    assert [t.name for t, _ in found.holding(["belt"])["belt"]] == ["Pulse Belt"]
    assert "common" not in found.holding(["common"])
    assert found.count(TOKENIZE("common")[0].stem) == MOST_HOLDERS + 1
    assert found.knows("belt") and not found.knows("absent")


def test_words_to_spell_by(index):
    found = index(model(*VALUES))
    assert "pulse" not in found.spelt(4) and "belt" in found.spelt(4)
    assert set(found.spelt(5)) >= {"pulse"}
    assert found.spelt(1) in ((), [])


def test_both_find_the_same(tmp_path):
    made = model(*VALUES, *(f"{a} {b} {n}" for n, (a, b) in enumerate((a, b) for a in VALUES for b in VALUES)))
    memory, disk = MemoryValues(made, TOKENIZE), on_disk(made, tmp_path)
    assert disk.size == pytest.approx(memory.size, rel=0.02)
    keys = {k for form in forms_of(made, TOKENIZE) for k, _ in form.keys}
    assert {k: set(v) for k, v in memory.exact(keys).items()} == {k: set(v) for k, v in disk.exact(keys).items()}
    words = {w for form in forms_of(made, TOKENIZE) for w in (*form.parts, form.joined)}
    assert {w: set(v) for w, v in memory.holding(words).items()} == {w: set(v) for w, v in disk.holding(words).items()}
    assert {w: set(v) for w, v in memory.joined(words).items()} == {w: set(v) for w, v in disk.joined(words).items()}
    assert all(set(memory.spelt(n)) == set(disk.spelt(n)) for n in range(20))


def test_many_threads_read_one_file(tmp_path):
    disk = on_disk(model(*VALUES), tmp_path)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: len(disk.exact([key("blue")])[key("blue")]), range(200)))
    assert set(found) == {2}


def test_what_is_no_index_is_told(tmp_path):
    (tmp_path / "values.sqlite").write_bytes(b"something else" * 1000)
    for file in ("values.sqlite", "missing.sqlite"):
        with pytest.raises(OSError):
            SqliteValues(tmp_path / file)


def test_a_rare_value_of_many_is_understood_and_a_damaged_cache_costs_nothing(tmp_path):
    rows = "".join(f"{n},Customer Number{n:05d}x,{n}\n" for n in range(12_000))
    (tmp_path / "sales.csv").write_text("sale_id,customer,amount\n" + rows, encoding="utf-8")
    settings = Settings(cache_dir=tmp_path / "cache")

    def answered() -> list[tuple[object, ...]]:
        opened = connect(tmp_path / "sales.csv", settings=settings)
        made = opened.session(today=datetime(2025, 1, 1)).ask("total amount of Number11987x")
        opened.close()
        return made.frame.rows()

    assert answered() == [(11_987,)]
    for file in (tmp_path / "cache" / "models").glob("*.sqlite"):
        file.write_bytes(b"broken")
    assert answered() == [(11_987,)]


def test_values_damaged_deep_inside_are_made_again_while_a_question_is_answered(tmp_path):
    rows = "".join(f"{n},Customer Number{n:05d}x,{n}\n" for n in range(12_000))
    (tmp_path / "sales.csv").write_text("sale_id,customer,amount\n" + rows, encoding="utf-8")
    settings = Settings(cache_dir=tmp_path / "cache")
    connect(tmp_path / "sales.csv", settings=settings).close()
    (file,) = (tmp_path / "cache" / "models").glob("*.sqlite")
    whole = file.read_bytes()
    page = int.from_bytes(whole[16:18], "big")
    kept = len(whole) // page // 4  # the first quarter opens; what lies behind it is noise
    file.write_bytes(whole[: kept * page] + b"\xa5" * (len(whole) - kept * page - page) + whole[-page:])
    opened = connect(tmp_path / "sales.csv", settings=settings)
    made = opened.session(today=datetime(2025, 1, 1)).ask("total amount of Number11987x")
    opened.close()
    assert made.frame.rows() == [(11_987,)]
    assert file.stat().st_size == len(whole) and b"\xa5" * page not in file.read_bytes()


def test_the_model_alone_is_enough_without_an_index():
    from bi_chat.planners.grammar.planner import GrammarPlanner
    from bi_chat.values.question import Question

    read = GrammarPlanner().understand(
        Question("products of Pulse Belt", datetime(2025, 1, 1)), replace(model(*VALUES))
    )
    assert any(p.meaning for r in read.readings for p in r.phrases)
