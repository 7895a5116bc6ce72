"""Out: what one user's queries see in place of a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """`sql` is one SELECT over the data's own tables, made by code from a policy; queries see it as table `name`."""

    name: str
    sql: str


# A table of the data -> its full name as SQL, for the views to stand on; the views that this gives.
Views = Callable[[Callable[[str], str]], tuple[View, ...]]
