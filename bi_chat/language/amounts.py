"""In: what a rule about numbers captured. Out: an `Amount`, a count, or nothing when the words make no number."""

from __future__ import annotations

from bi_chat.language.meanings import Amount
from bi_chat.language.patterns import Value
from bi_chat.language.said import Builder, Said

SUFFIX = {"": 1.0, "k": 1e3, "m": 1e6, "mn": 1e6, "mm": 1e6, "b": 1e9, "bn": 1e9, "t": 1e12, "w": 1e4}


def number(said: Said) -> Amount:
    """Digits as written ("1,000.5"), with a suffix ("300k") and a unit; `negative` for a leading minus."""
    value = float(said.text("n").replace(",", "")) * SUFFIX[said.text("suffix") or ""]
    return Amount(_tidy(-value if said.text("sign") == "-" else value), said.text("unit"))


def ordinal(said: Said) -> Amount:
    """A place in an order: "3rd", "tenth", 第三; `tens` is added ("twenty-first")."""
    tens = said.whole("tens")
    if tens and (tens < 20 or tens % 10 or said.number("n") >= 10):
        return Amount(said.number("n"), ordinal=True)
    return Amount(said.number("n") + tens, ordinal=True)


def spelled(said: Said) -> Value | None:
    """A number in words, digits or both: "two hundred fifty", "2.5 million", 一百二十三, 1.5万.

    `head` is an amount before the words, `tail` what followed "and" or a hyphen. `plus` is added to the head ("two and
    a half"), `times` multiplies ("half a million", 两成). `chinese`: digit by digit (二〇二四), short (三千五).
    """
    plus = said.number("plus") if "plus" in said else 0.0
    head = (said.number("head") + plus,) if "head" in said else ()
    run = head + (said.run("n") if "n" in said else ()) + (said.run("tail") if "tail" in said else ())
    value = read_number(_written_out(run) if said.flag("chinese") else run)
    if value is None:
        return None
    times = said.number("times") if "times" in said else 1.0
    unit = said.text("unit") or (said.amount("head").unit if "head" in said else "")
    return Amount(_tidy(value * times), unit)


def read_number(run: tuple[float, ...]) -> float | None:
    """The value of number words in a row; None when they don't make one number ("five seven").

    A scale (ten, hundred, thousand, 万 …) takes in all that stands before it and is smaller. The method serves all
    languages that say the larger before the smaller.
    """
    parts: list[float] = []
    below_this = float("inf")
    for value in run:
        smaller = sum(p for p in parts if p < value)
        if is_scale(value) and (smaller or not parts):
            larger = [p for p in parts if p >= value]
            if larger and larger[-1] <= (smaller or 1.0) * value:
                return None  # "one hundred and two hundred" are two numbers
            parts = [*larger, (smaller or 1.0) * value]
            below_this = value
        elif value == 0 and len(run) > 1:
            continue
        elif value < below_this:
            parts.append(value)
            below_this = 10 if value in range(20, 100, 10) else 0
        else:
            return None
    return sum(parts)


def _written_out(run: tuple[float, ...]) -> tuple[float, ...]:
    """Chinese short forms in full: 二〇二四 is one number, the last digit of 三千五 counts hundreds."""
    if len(run) > 1 and all(v < 10 and v == int(v) for v in run):
        return (float("".join(str(int(v)) for v in run)),)
    if len(run) > 2 and run[-1] in range(1, 10) and run[-2] >= 100 and is_scale(run[-2]):
        return (*run, run[-2] / 10)
    return run


def is_scale(value: float) -> bool:
    """Whether a number word multiplies what precedes it: 12 (dozen) or a power of ten."""
    return value in (12, 10) or (value >= 100 and str(int(value)).rstrip("0") == "1")


def with_unit(said: Said) -> Amount:
    """An amount with a unit said beside it ("50 dollars", "10 percent")."""
    found = said.amount("n")
    return Amount(found.value, said.text("unit") or found.unit)


def count(said: Said) -> Value | None:
    """A whole number above zero."""
    value = said.number("n")
    return int(value) if value == int(value) and 0 < value < 10_000 else None


def _tidy(value: float) -> float:
    return round(value, 6)


BUILDERS: dict[str, Builder] = {
    "number": number,
    "ordinal": ordinal,
    "spelled": spelled,
    "with_unit": with_unit,
    "count": count,
}
