"""In: a folder of series with what came after. Out: errors on histories of two to three seasons, with and without one.

python benchmarks/short_history.py ../shared/benchmarks/forecast

Each series is cut to its last values before it is forecast; "without" is the package with no season below three.
sMAPE, and how much of what came lies in the 80 % and 95 % ranges.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # one core, as the targets say
    os.environ[variable] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from bi_chat.forecasters import backtest, combined, forecast_many  # noqa: E402
from bi_chat.values.forecast import Forecast, History  # noqa: E402
from bi_chat.values.period import Grain  # noqa: E402

# group: its season, its grain, how far ahead, and lengths of history
GROUPS = {
    "quarterly": (4, Grain.QUARTER, 4, (12, 13)),
    "monthly": (12, Grain.MONTH, 12, (26, 30, 36)),
    "weekly": (52, Grain.WEEK, 13, (110, 140)),
    "daily": (7, Grain.DAY, 7, (16, 20)),
}
Series = tuple[tuple[float, ...], np.ndarray, list[pd.Timestamp]]
now = backtest.origins_of


def before(length, horizon, season, *, count=backtest.ORIGINS):
    """The origins that leave no season a place below three of them."""
    if season > 1 and 2 * season <= length < 3 * season + 2:
        last = length - 1
        span = max(last - max(season + 2, length // 4), 0)
        tested = np.round(np.linspace(last - span, last, max(min(count, span + 1), 1)))
        return np.append(np.unique(tested.astype(np.int64)), length).astype(np.int64)
    return now(length, horizon, season, count=count)


def series(folder: Path, group: str) -> Iterator[Series]:
    """Values, what came after, and times."""
    came = pd.read_parquet(folder / "actuals.parquet").astype({"uid": str})
    after = {uid: rows.sort_values("ds").y.to_numpy() for uid, rows in came.groupby("uid")}
    for file in sorted((folder / "train").glob(f"{group}-*.parquet")):
        for uid, rows in pd.read_parquet(file).astype({"uid": str}).groupby("uid"):
            rows = rows.sort_values("ds")
            yield tuple(map(float, rows.y)), after[uid], list(pd.to_datetime(rows.ds))


def score(found: list[Series], length: int, season: int, grain: Grain, horizon: int) -> tuple[float, float, float]:
    """sMAPE in percent, and the parts inside both ranges."""
    long = [s for s in found if len(s[0]) >= length]
    histories = [
        History(tuple(t.to_pydatetime() for t in times[-length:]), values[-length:], grain, season=(season,))
        for values, _, times in long
    ]
    made: list[Forecast] = list(forecast_many(histories, horizon))
    errors, inside = [], {80: [], 95: []}
    for one, (_, came, _) in zip(made, long, strict=True):
        actual = came[:horizon]
        mean = np.array(one.mean[: len(actual)])
        errors.append(np.mean(200 * np.abs(mean - actual) / (np.abs(mean) + np.abs(actual) + 1e-9)))
        for level, held in inside.items():
            band = one.band(level)
            low, high = np.array(band.lower[: len(actual)]), np.array(band.upper[: len(actual)])
            held.append(np.mean((actual >= low) & (actual <= high)))
    return float(np.mean(errors)), 100 * float(np.mean(inside[80])), 100 * float(np.mean(inside[95]))


def main() -> None:
    """A line for each group and length."""
    folder = Path(sys.argv[1])
    print(f"{'group':10} {'values':>6}   without: sMAPE   80 / 95       with: sMAPE   80 / 95")
    for group, (season, grain, horizon, lengths) in GROUPS.items():
        found = list(series(folder, group))
        for length in lengths:
            lines = []
            for origins in (before, now):
                combined.origins_of = origins
                error, inner, outer = score(found, length, season, grain, horizon)
                lines.append(f"{error:14.1f}   {inner:.0f} / {outer:.0f}")
            print(f"{group:10} {length:6} {'   '.join(lines)}")


if __name__ == "__main__":
    main()
