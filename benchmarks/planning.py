"""Time the planner on models of many tables, columns and values, made from words that belong to no data.

python benchmarks/planning.py --tables 30 --columns 10 --values 100000
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb

from bi_chat.language.registry import detect
from bi_chat.settings import load_settings
from bi_chat.values.question import Question
from bi_chat.wiring import connect

ASKED_AT = datetime(2025, 6, 18)
FIRST = "ka lo mi re tu ve so pa ni du fe go hi ju be wa zo cha lin mor ten sel vin dar".split()
LAST = "ran dol mex tin var sip lun ket bor fam gil nor pem rus tav wik zan lor bat dex hul mip".split()
TEMPLATES = (
    "total {number} by {category} last month",
    "top 5 {category} by {number} in 2024",
    "average {number} of {value}",
    "how many {table} for {value} this year",
    "{number} of {value} and {value2} by month",
    "what is the share of {category} in {number}",
    "{table} without {category}",
    "{value}的{number}按月",
    "compare {number} of {value} with last year",
    "list {table} with {number} over 100",
)


def word(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choice(FIRST) for _ in range(syllables - 1)) + chance.choice(LAST)


def made(file: Path, tables: int, columns: int, values: int, chance: random.Random) -> dict[str, list[list[str]]]:
    """A database of linked tables; the names and values that questions may mention."""
    connection = duckdb.connect(str(file))
    texts = max(1, columns - 5)
    each = max(2, values // (tables * texts))
    found: dict[str, list[list[str]]] = {}
    names = list(dict.fromkeys(word(chance, 3) for _ in range(tables * 3)))[:tables]
    for at, name in enumerate(names):
        categories = [f"{word(chance, 2)}_{word(chance, 2)}" for _ in range(texts)]
        numbers = [f"{word(chance, 2)}_amount", f"{word(chance, 2)}_quantity"]
        samples = []
        for n in range(len(categories)):
            given = [f"{word(chance, 3).title()} {word(chance, 3).title()} {i}" for i in range(each)]
            samples.append(given[:: max(1, each // 50)])
            connection.execute(f"CREATE TABLE v{n} AS SELECT unnest($1) AS v, unnest(range(len($1))) AS i", [given])
        texts_sql = ", ".join(
            f'(SELECT v FROM v{n} WHERE v{n}.i = t.i % {each}) AS "{c}"' for n, c in enumerate(categories)
        )
        parent = names[at // 3] if at else None
        link = f', t.i % {each} + 1 AS "{parent}_id"' if parent else ""
        connection.execute(
            f'CREATE TABLE "{name}" AS SELECT t.i + 1 AS "{name}_id", {texts_sql}, random() * 1000 AS "{numbers[0]}", '
            f'(random() * 50)::INT AS "{numbers[1]}", DATE \'2023-01-01\' + (t.i % 900)::INT AS "{name}_date"{link} '
            f"FROM range({each}) t(i)"
        )
        for n in range(texts):
            connection.execute(f"DROP TABLE v{n}")
        found[name] = [[c.replace("_", " ") for c in categories], [n.replace("_", " ") for n in numbers], *samples]
    connection.close()
    return found


def questions(found: dict[str, list[list[str]]], count: int, chance: random.Random) -> list[str]:
    asked = []
    for n in range(count):
        table = chance.choice(list(found))
        categories, numbers, *values = found[table]
        one, two = chance.choice(values), chance.choice(values)
        fields = {"table": table, "category": chance.choice(categories), "number": chance.choice(numbers)}
        asked.append(
            TEMPLATES[n % len(TEMPLATES)].format(value=chance.choice(one), value2=chance.choice(two), **fields)
        )
    return asked


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--tables", type=int, default=30)
    options.add_argument("--columns", type=int, default=10)
    options.add_argument("--values", type=int, default=100_000)
    options.add_argument("--questions", type=int, default=200)
    asked = options.parse_args()
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "made.duckdb")
        found = made(file, asked.tables, asked.columns, asked.values, chance)
        settings = replace(load_settings(), cache_dir=Path(folder, "cache"))
        since = time.perf_counter()
        connection = connect(file, settings=settings)
        first = time.perf_counter() - since
        connection.close()
        since = time.perf_counter()
        connection = connect(file, settings=settings)
        again = time.perf_counter() - since
        tools = connection.tools()
        since = time.perf_counter()
        tools.planner.understand(Question("hello", ASKED_AT), tools.model)
        lexicon = time.perf_counter() - since
        took, read, answered = [], 0, 0
        for text in questions(found, asked.questions, chance):
            since = time.perf_counter()
            understood = tools.planner.understand(Question(text, ASKED_AT, detect(text)), tools.model)
            took.append(time.perf_counter() - since)
            read += bool(understood.readings)
            answered += bool(understood.readings) and understood.readings[0].confidence >= tools.threshold
        connection.close()
    took.sort()
    size = sum(f.distinct or 0 for d in tools.model.datasets for f in d.fields if f.kind != "key")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    columns = sum(len(d.fields) for d in tools.model.datasets)
    print(f"{asked.tables} tables, {columns} columns, {size:,} distinct values")
    print(f"opened first {first:.1f} s, again {again:.2f} s; lexicon {lexicon:.2f} s; {memory:,.0f} MB")
    p95 = took[int(len(took) * 0.95)]
    print(f"planning: median {statistics.median(took) * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms; "
          f"{read} of {len(took)} read, {answered} sure")  # fmt: skip


if __name__ == "__main__":
    main()
