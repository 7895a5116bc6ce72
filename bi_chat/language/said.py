"""In: what a rule captured, and its constants. Out: the same by name and type, for building meanings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bi_chat.language.meanings import Amount
from bi_chat.language.patterns import Captured, Value
from bi_chat.values.period import Grain, PeriodExpr


class Said:
    """Captures and constants of one match. A wrong type is a fault of a rule file and raises TypeError."""

    def __init__(self, captured: Captured, constants: Mapping[str, Value]) -> None:
        self._values: dict[str, Value | tuple[Value, ...]] = dict(constants)
        self._values.update((c.name, c.value) for c in captured)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def number(self, name: str) -> float:
        """A number: a constant, digits, or an amount."""
        value = self._values[name]
        if isinstance(value, Amount):
            return value.value
        if isinstance(value, int | float | str):
            return float(value)
        raise TypeError(f"{name} is no number: {value!r}")

    def amount(self, name: str) -> Amount:
        """An amount found before, or a number as one."""
        value = self._values[name]
        return value if isinstance(value, Amount) else Amount(self.number(name))

    def whole(self, name: str, default: int = 0) -> int:
        """A whole number; `default` when it was not said."""
        return int(self.number(name)) if name in self._values else default

    def text(self, name: str, default: str = "") -> str:
        """A word; `default` when it was not said."""
        return str(self._values.get(name, default))

    def flag(self, name: str) -> bool:
        """Whether a constant is set."""
        return bool(self._values.get(name, False))

    def unit(self, name: str = "unit") -> tuple[Grain, bool]:
        """A grain, and whether it counts in fiscal years ("fiscal_quarter")."""
        word = self.text(name)
        return Grain(word.removeprefix("fiscal_")), word.startswith("fiscal_") or self.flag("fiscal")

    def period(self, name: str) -> PeriodExpr:
        """A period found before."""
        value = self._values[name]
        if isinstance(value, PeriodExpr):
            return value
        raise TypeError(f"{name} is no period: {value!r}")

    def run(self, name: str) -> tuple[float, ...]:
        """The numbers of a run."""
        values = self._values[name]
        if not isinstance(values, tuple):
            raise TypeError(f"{name} is no run: {values!r}")
        return tuple(
            v.value if isinstance(v, Amount) else float(v) for v in values if isinstance(v, Amount | int | float)
        )


Builder = Callable[[Said], Value | None]
