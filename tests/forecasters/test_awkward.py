import math

import pytest

from bi_chat.analysis.series import make_history
from bi_chat.forecasters import forecast
from bi_chat.values.forecast import History, Refusal

from .awkward import AWKWARD, Awkward

HORIZON = 10


def _made(case: Awkward) -> History | Refusal:
    return make_history(case.rows, kind=case.kind, asked_on=case.asked_on)


@pytest.mark.parametrize("case", [c for c in AWKWARD if c.refused], ids=lambda c: c.title)
def test_refuses_with_a_reason(case: Awkward) -> None:
    made = _made(case)
    assert isinstance(made, Refusal)
    assert made.note.code == case.refused
    assert made.note.args, "says what there is"


def test_too_few_says_how_many_there_are_and_are_needed() -> None:
    made = _made(next(c for c in AWKWARD if c.title == "two values"))
    assert isinstance(made, Refusal)
    assert dict(made.note.args) == {"have": "2", "need": "3"}


@pytest.mark.parametrize("case", [c for c in AWKWARD if not c.refused], ids=lambda c: c.title)
def test_forecasts_with_care(case: Awkward) -> None:
    history = _made(case)
    assert isinstance(history, History)
    made = forecast(history, HORIZON)
    codes = {n.code for n in made.notes}
    assert set(case.notes) <= codes
    assert made.method == case.method
    assert len(made.times) == len(made.mean) == HORIZON
    assert all(case.between[0] <= v <= case.between[1] for v in made.mean), made.mean
    inner, outer = made.bands
    for low, first, mean, last, high in zip(outer.lower, inner.lower, made.mean, inner.upper, outer.upper, strict=True):
        assert all(math.isfinite(v) for v in (low, high))
        assert low <= first <= mean <= last <= high
        assert low >= 0 or not case.nonnegative
        assert high <= case.top
