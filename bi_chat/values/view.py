"""Out: what one user's queries see in place of a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """`sql` is one SELECT over the data's own tables, made by code from a policy; queries see it as table `name`.

    `guarded`: it leaves out rows or changes values, so an engine may not let what it hides show in how it plans.
    """

    name: str
    sql: str
    guarded: bool = True


# A table of the data -> its full name as SQL, for the views to stand on; the views that this gives.
Views = Callable[[Callable[[str], str]], tuple[View, ...]]
