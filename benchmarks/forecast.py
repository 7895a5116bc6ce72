"""In: a folder of series with what came after. Out: scores by group; with --ablate, the same with one idea taken out.

python benchmarks/forecast.py ../shared/benchmarks/forecast [--ablate] [--half even|odd] [--named] [--prophet]

The folder holds train/<group>-h<horizon>.parquet (uid, ds, y), actuals.parquet, series.parquet and score.py. Scores
come from score.py; forecasts from the command, so that what is measured is what a user runs. `--prophet` scores
Prophet alone, as it comes but multiplicative, on the same series beside them (several minutes).
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # one core, as the targets say
    os.environ[variable] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from bi_chat.forecasters import combined, ensemble, unusual  # noqa: E402
from bi_chat.forecasters.statistical import grid, seasonal  # noqa: E402
from bi_chat.frontends.cli import main as command  # noqa: E402

Change = tuple[ModuleType, str, object]


def without_logs(y, seasons, origins, horizon):
    """The plain views alone."""
    return seasonal._views(y, seasons, origins, horizon, log=False)


# each idea: what the package would be without it, or with another setting of it
IDEAS: dict[str, list[Change]] = {
    "as it is": [],
    "all seasons weigh the same": [(seasonal, "RATES", (1.0,))],
    "no logarithmic views": [(grid, "views", without_logs)],
    "weights by all steps together": [(ensemble, "BY_STEP", 0.0)],
    "no trust before errors": [(ensemble, "TRUST", {})],
    "flatter weights": [(ensemble, "SHARPNESS", 2.0)],
    "nearly a single winner": [(ensemble, "SHARPNESS", 64.0)],
    "6 origins": [(combined, "ORIGINS", 6)],
    "48 origins": [(combined, "ORIGINS", 48)],
    "no holidays": [(combined, "_calendar", lambda *_: None)],
    "spikes and shifts left in": [(combined, "clean", lambda y, _seasons: unusual.Cleaned(y))],
}


@contextlib.contextmanager
def changed(changes: list[Change]) -> Iterator[None]:
    """Module constants set for a while."""
    before = [(module, name, getattr(module, name)) for module, name, _ in changes]
    for module, name, value in changes:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def scoring(folder: Path) -> ModuleType:
    """score.py of the folder."""
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["score"] = module
    spec.loader.exec_module(module)
    return module


def forecasts(folder: Path) -> pd.DataFrame:
    """What the command makes of every training file."""
    made = []
    with tempfile.TemporaryDirectory() as out, contextlib.redirect_stderr(io.StringIO()) as said:
        for file in sorted((folder / "train").glob("*.parquet")):
            target = Path(out) / file.name
            horizon = file.stem.rpartition("-h")[2]
            columns = ["--time", "ds", "--value", "y", "--by", "uid", "--horizon", horizon]
            status = command(["forecast", str(file), *columns, "--level", "80", "95", "--output", str(target)])
            if status != 0:
                raise SystemExit(said.getvalue())
            made.append(pd.read_parquet(target))
    return pd.concat(made).astype({"uid": str})


def prophet_alone(folder: Path) -> pd.DataFrame:
    """What Prophet by itself, multiplicative and otherwise as it comes, makes of every training series."""
    import logging
    import time

    from prophet import Prophet

    logging.getLogger("cmdstanpy").disabled = True
    ahead = dict(list(pd.read_parquet(folder / "actuals.parquet").astype({"uid": str}).groupby("uid")))
    made = []
    for file in sorted((folder / "train").glob("*.parquet")):
        for uid, rows in pd.read_parquet(file).astype({"uid": str}).groupby("uid", sort=False):
            began = time.perf_counter()
            model = Prophet(seasonality_mode="multiplicative").fit(rows[["ds", "y"]])
            times = ahead[uid][["ds"]].reset_index(drop=True)
            mean, drawn = model.predict(times).yhat, model.predictive_samples(times)["yhat"]
            bounds = {
                f"{side}{level}": np.percentile(drawn, 50 + sign * level / 2, axis=1)
                for level in (80, 95)
                for side, sign in (("lo", -1), ("hi", 1))
            }
            made.append(times.assign(uid=uid, mean=mean, **bounds, seconds=time.perf_counter() - began))
    return pd.concat(made)


def table(
    folder: Path,
    score: ModuleType,
    keep: Callable[[pd.DataFrame], pd.DataFrame],
    made_by: Callable[[Path], pd.DataFrame] = forecasts,
) -> pd.DataFrame:
    """Scores by group, and ALL."""
    series = keep(pd.read_parquet(folder / "series.parquet").astype({"uid": str}))
    train = pd.concat(pd.read_parquet(f) for f in sorted((folder / "train").glob("*.parquet")))
    rows = score.per_series(made_by(folder), series, train, pd.read_parquet(folder / "actuals.parquet"))
    found = rows.groupby("group", sort=False).apply(score.summary, include_groups=False)
    found.loc["ALL"] = score.summary(rows)
    return found


def main() -> None:
    """Print the scores."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--ablate", action="store_true", help="OWA with one idea taken out at a time")
    options.add_argument("--half", choices=("even", "odd"), help="every other series, to see what holds on both halves")
    options.add_argument("--named", action="store_true", help="the well-known business series")
    options.add_argument("--prophet", action="store_true", help="Prophet alone beside it")
    asked = options.parse_args()
    score = scoring(asked.folder)

    def keep(series: pd.DataFrame) -> pd.DataFrame:
        series = series[series.named == asked.named]
        return series if asked.half is None else series.iloc[int(asked.half == "odd") :: 2]

    pd.set_option("display.width", 200)
    if not asked.ablate:
        ours = table(asked.folder, score, keep)
        print(ours.round(3).to_string())
        if asked.prophet:
            theirs = table(asked.folder, score, keep, prophet_alone)
            print(f"Prophet alone:\n{theirs.round(3).to_string()}")
            print(f"Our OWA over Prophet's: {ours.OWA['ALL'] / theirs.OWA['ALL']:.3f}")
        return
    rows = {}
    for title, changes in IDEAS.items():
        with changed(changes):
            found = table(asked.folder, score, keep)
        rows[title] = found.OWA.to_dict() | {"cov80": found.cov80["ALL"], "cov95": found.cov95["ALL"]}
        print(title, f"{found.OWA['ALL']:.3f}", file=sys.stderr, flush=True)
    print(pd.DataFrame(rows).T.round(3).to_string())


if __name__ == "__main__":
    main()
