"""The committed Parquet files are what the generators make, small, and counted rightly in the READMEs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["teahouse", "market"])
def test_generator_makes_the_committed_values_again(name: str, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", f"datasets.{name}.generate", str(tmp_path)], cwd=ROOT, check=True, timeout=120
    )
    committed = sorted((ROOT / "datasets" / name).glob("*.parquet"))
    assert [f.name for f in committed] == sorted(f.name for f in tmp_path.glob("*.parquet"))
    for file in committed:
        assert_frame_equal(pl.read_parquet(file), pl.read_parquet(tmp_path / file.name))


def test_small_enough_to_ship(data_set) -> None:
    folder, _ = data_set
    assert sum(f.stat().st_size for f in folder.glob("*.parquet")) < 3_000_000


def test_readme_counts_every_table(data_set) -> None:
    folder, con = data_set
    counted: dict[str, int] = {}
    for names, numbers in re.findall(r"^\| (`[^|]+`) \| ([\d, ]+) \|", (folder / "README.md").read_text("utf-8"), re.M):
        tables = re.findall(r"`(\w+)`", names)
        # one table: "20,199" has a thousands comma; several tables: "11, 7, 12" has a list
        values = [numbers.replace(",", "")] if len(tables) == 1 else numbers.split(", ")
        counted.update(zip(tables, map(int, values), strict=True))
    stems = [f.stem for f in folder.glob("*.parquet")]
    assert counted == {t: con.sql(f'SELECT count(*) FROM "{t}"').fetchall()[0][0] for t in stems}


def test_shop_reviews_rarely_repeat(teahouse) -> None:
    written, different, chinese = teahouse.sql(
        "SELECT count(words), count(DISTINCT words), count_if(regexp_matches(words, '[一-龥]')) FROM feedback"
    ).fetchall()[0]
    assert different > 0.9 * written
    assert 0.1 * written < chinese < 0.5 * written
