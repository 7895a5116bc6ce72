"""Asked again where that helps, left alone where it doesn't, and no more than may be spent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import pytest

from bi_chat.errors import BudgetSpent, LanguageModelError, ModelBusy, ModelStopped
from bi_chat.llms.steady import FAILURES, LEFT_ALONE, Steady
from bi_chat.values.exchange import ModelReply, ModelRequest


@dataclass
class Scripted:
    """Replies or errors, in turn."""

    script: list[ModelReply | LanguageModelError]
    name: str = "tiny"
    server: str = "here"
    calls: int = 0

    def complete(self, request: ModelRequest, *, user: str = "", stop: Callable[[], bool] | None = None) -> ModelReply:
        self.calls += 1
        told = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(told, LanguageModelError):
            raise told
        return told


@dataclass
class Clock:
    """Time that passes only by sleeping."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def steady(script: list[ModelReply | LanguageModelError], clock: Clock, budget: int | None = None) -> Steady:
    day = date(2025, 1, 1)
    return Steady(Scripted(script), budget, now=lambda: clock.now, sleep=clock.sleep, today=lambda: day)


def request(text: str = "revenue") -> ModelRequest:
    return ModelRequest("", (("user", text),), "{}")


REPLY = ModelReply("{}", 60, 40)


def test_a_busy_server_is_asked_again_after_a_pause() -> None:
    clock = Clock()
    model = steady([ModelBusy("busy"), REPLY], clock)
    assert model.complete(request()) == REPLY
    assert clock.now > 0


def test_a_wait_that_the_server_names_is_kept() -> None:
    clock = Clock()
    model = steady([ModelBusy("busy", wait=3.0), REPLY], clock)
    model.complete(request())
    assert clock.now == pytest.approx(3.0)


def test_nobody_waits_a_minute_for_a_reading() -> None:
    clock = Clock()
    model = steady([ModelBusy("busy", wait=60.0), REPLY], clock)
    with pytest.raises(ModelBusy):
        model.complete(request())
    assert clock.now == 0


def test_what_can_not_be_mended_is_not_asked_again() -> None:
    model = steady([LanguageModelError("the key")], Clock())
    with pytest.raises(LanguageModelError):
        model.complete(request())
    assert model.inner.calls == 1


def test_after_several_failures_it_is_left_alone_for_a_while() -> None:
    clock = Clock()
    model = steady([LanguageModelError("down")], clock)
    for at in range(FAILURES):
        with pytest.raises(LanguageModelError):
            model.complete(request(str(at)))
    before = model.inner.calls
    with pytest.raises(LanguageModelError, match="left alone"):
        model.complete(request())
    assert model.inner.calls == before
    model.inner.script = [REPLY]
    clock.now += LEFT_ALONE
    assert model.complete(request()) == REPLY


def test_the_same_request_costs_nothing_again() -> None:
    model = steady([REPLY], Clock())
    model.complete(request(), user="ana")
    again = model.complete(request(), user="ana")
    assert (again.text, again.tokens_in, again.tokens_out) == ("{}", 0, 0)
    assert model.inner.calls == 1
    assert model.spent("ana") == 100


def test_each_person_has_a_budget_for_the_day() -> None:
    model = steady([REPLY], Clock(), budget=150)
    model.complete(request("one"), user="ana")
    model.complete(request("two"), user="ana")
    with pytest.raises(BudgetSpent, match="150"):
        model.complete(request("three"), user="ana")
    assert model.complete(request("three"), user="ben").text == "{}"


def test_who_gives_up_while_waiting_is_let_go() -> None:
    clock = Clock()
    model = steady([ModelBusy("busy"), REPLY], clock)
    with pytest.raises(ModelStopped):
        model.complete(request(), stop=lambda: bool(clock.slept))
