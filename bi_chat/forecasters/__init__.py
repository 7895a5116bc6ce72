"""In: a history. Out: its forecast. `forecast` for one series, `forecast_many` for a group that learns together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bi_chat.values.forecast import Forecast, History

FEWEST = 3


def forecast(
    history: History, horizon: int, *, levels: Sequence[int] = (80, 95), time_budget: float | None = None
) -> Forecast:
    """What comes in the next `horizon` steps, with ranges that should hold `levels` percent of it.

    `time_budget` in seconds. Raises ValueError for fewer than three known values (`analysis.series.make_history`
    refuses those with a reason), a horizon below 1 or a level outside 1..99.
    """
    return next(forecast_many([history], horizon, levels=levels, time_budget=time_budget))


def forecast_many(
    histories: Sequence[History],
    horizon: int,
    *,
    levels: Sequence[int] = (80, 95),
    time_budget: float | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Forecast]:
    """Forecasts in the order of the histories; `time_budget` is for all together; `progress` gets how many are done.

    Twelve or more series of one grain lend each other the usual size of their errors, which short ones need.
    """
    from bi_chat.forecasters.combined import finish, fit
    from bi_chat.forecasters.intervals import group_factor

    _check(histories, horizon, levels)
    share = None if time_budget is None else time_budget / max(len(histories), 1)
    fitted = []
    for done, history in enumerate(histories, 1):
        fitted.append(fit(history, horizon, time_budget=share))
        if progress is not None:
            progress(done)
    spreads = [f.spread for f in fitted if f.spread is not None]
    factors = {level: group_factor(spreads, level) for level in levels}
    for one in fitted:
        yield finish(one, tuple(levels), factors)


def _check(histories: Sequence[History], horizon: int, levels: Sequence[int]) -> None:
    if horizon < 1:
        raise ValueError("A horizon is 1 step or more.")
    if not levels or not all(1 <= level <= 99 for level in levels):
        raise ValueError("Levels are whole percents from 1 to 99.")
    for history in histories:
        if sum(v is not None for v in history.values) < FEWEST:
            raise ValueError(f"A forecast needs {FEWEST} known values at least.")
