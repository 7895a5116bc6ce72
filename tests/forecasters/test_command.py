from pathlib import Path

import polars as pl
import pytest

from bi_chat.frontends.cli import main

from .awkward import days, weekly


def _table(tmp_path: Path, name: str = "sales.csv") -> Path:
    rows = (
        [("a", t, v) for t, v in days(weekly(90))]
        + [("b", t, v) for t, v in days(weekly(60))]
        + [("c", days([1])[0][0], 1.0)]
    )
    table = pl.DataFrame(rows, schema=["shop", "day", "sold"], orient="row")
    file = tmp_path / name
    if file.suffix == ".csv":
        table.write_csv(file)
    else:
        table.write_parquet(file)
    return file


@pytest.mark.parametrize("name", ["sales.csv", "sales.parquet"])
def test_forecasts_each_series_of_a_table(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.parquet"
    file = _table(tmp_path, name)
    assert (
        main(
            [
                "forecast",
                str(file),
                "--time",
                "day",
                "--value",
                "sold",
                "--by",
                "shop",
                "--horizon",
                "7",
                "--output",
                str(out),
            ]
        )
        == 0
    )
    made = pl.read_parquet(out)
    assert made.columns == ["shop", "ds", "mean", "lo80", "hi80", "lo95", "hi95", "seconds"]
    assert made["shop"].to_list() == ["a"] * 7 + ["b"] * 7
    assert made["seconds"].min() > 0
    said = capsys.readouterr().err
    assert "2 series forecast, 1 refused" in said
    assert "no forecast of c: There are too few values: 1, where at least 3 are needed." in said


def test_other_levels_and_no_groups(tmp_path: Path) -> None:
    file, out = tmp_path / "one.csv", tmp_path / "out.csv"
    pl.DataFrame(days(weekly(60)), schema=["t", "y"], orient="row").write_csv(file)
    assert (
        main(
            [
                "forecast",
                str(file),
                "--time",
                "t",
                "--value",
                "y",
                "--horizon",
                "3",
                "--freq",
                "D",
                "--level",
                "50",
                "--output",
                str(out),
            ]
        )
        == 0
    )
    assert pl.read_csv(out).columns == ["uid", "ds", "mean", "lo50", "hi50", "seconds"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"--time": "when"}, "has no column when. It has: shop, day, sold."),
        ({"--time": "sold"}, "holds no times"),
        ({"--value": "day"}, "holds no numbers"),
        ({"--freq": "fortnight"}, "--freq fortnight is unknown"),
        ({"--level": "100"}, "whole percents from 1 to 99"),
        ({"--output": "out.xlsx"}, ".parquet or .csv"),
        ({"--as-of": "soon"}, "takes a date"),
    ],
)
def test_says_what_is_wrong(
    tmp_path: Path, change: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {
        "--time": "day",
        "--value": "sold",
        "--by": "shop",
        "--horizon": "3",
        "--output": str(tmp_path / "o.csv"),
    }
    flat = [part for pair in (options | change).items() for part in pair]
    assert main(["forecast", str(_table(tmp_path)), *flat]) == 2
    assert said in capsys.readouterr().err


def test_says_that_a_file_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(
            ["forecast", str(tmp_path / "no.csv"), "--time", "t", "--value", "y", "--horizon", "3", "--output", "o.csv"]
        )
        == 2
    )
    assert "There is no file" in capsys.readouterr().err
