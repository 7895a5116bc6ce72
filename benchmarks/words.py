"""In: a file of texts with marks (stars, a person's rating). Out: how well the tone of the texts follows the marks.

    python benchmarks/words.py datasets/teahouse/feedback.parquet --text words --mark stars
    python benchmarks/words.py shop.duckdb --table reviews --text review_text --mark rating
    python benchmarks/words.py rated.tsv --text column2 --mark column1
    python benchmarks/words.py datasets/teahouse/feedback.parquet --text words --mark stars --times 1000000

Texts with Chinese signs and texts without are told apart. No weight is learnt here, so each row is one that nothing was
tuned on unless it was among the sources of the words (analysis/feedback/SOURCES.md). `--times`: seconds for so many.
"""

from __future__ import annotations

import argparse
import time
from itertools import islice, repeat
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from bi_chat.analysis.feedback.tone import tone

Row = tuple[str, float]


def main() -> None:
    """Read, score, print."""
    wanted = _arguments()
    rows = _rows(wanted)
    for name, some in (("Chinese or mixed", True), ("other", False)):
        mine = [r for r in rows if _han(r[0]) is some]
        if len(mine) > 2:
            heard = np.array([tone(text) or 0.0 for text, _ in mine])
            marks = np.array([mark for _, mark in mine])
            print(f"{name}: {len(mine)} texts, rank correlation {rank_correlation(heard, marks):.3f}")
    if wanted.times:
        texts = [text for text, _ in rows]
        started = time.perf_counter()
        for text in islice((t for again in repeat(texts) for t in again), wanted.times):
            tone(text)
        spent = time.perf_counter() - started
        print(f"{wanted.times} texts: {spent:.1f} s, {spent / wanted.times * 1e6:.1f} µs each")


def rank_correlation(one: NDArray[np.float64], two: NDArray[np.float64]) -> float:
    """Spearman's, with mean ranks for ties."""
    return float(np.corrcoef(_ranks(one), _ranks(two))[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((2 * ends - counts - 1) / 2)[place]


def _rows(wanted: argparse.Namespace) -> list[Row]:
    text, mark = (f'"{name}"' for name in (wanted.text, wanted.mark))
    path = Path(wanted.file)
    base = path.suffix in (".duckdb", ".db")
    source = f'"{wanted.table}"' if base else f"'{path}'"
    with duckdb.connect(str(path) if base else ":memory:", read_only=base) as connection:
        asked = f"SELECT {text}, CAST({mark} AS DOUBLE) FROM {source} WHERE {text} IS NOT NULL AND {mark} >= -1e9"
        return connection.execute(asked).fetchall()


def _han(text: str) -> bool:
    return any("一" <= ch <= "鿿" for ch in text)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("file")
    parser.add_argument("--table", default="")
    parser.add_argument("--text", required=True)
    parser.add_argument("--mark", required=True)
    parser.add_argument("--times", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
