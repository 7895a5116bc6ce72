"""What a question takes for granted and isn't so is said."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bi_chat.wiring import Connection


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("why did revenue drop in March 2025?", "It did not fall: it rose."),
        ("why did revenue rise in March 2025?", ""),
        ("why did revenue change in March 2025?", ""),
        ("why did revenue increase in January 2025?", "It did not rise: it fell."),
        ("为什么2025年3月销售额下降了", "并没有下降，而是上升了。"),
    ],
)
def test_a_wrong_premise_is_said(tea: Connection, asked: str, said: str) -> None:
    answer = tea.session(today=datetime(2025, 10, 18)).ask(asked)
    assert answer.status == "answered"
    told = [w for w in answer.value.warnings if w.startswith(("It did not", "并没有"))]
    assert told == ([said] if said else [])
