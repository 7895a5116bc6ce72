"""In: distinct cells of a text column. Out: the kind of value they all agree on, with the SQL that reads it."""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.sources.dates import WrittenDate, date_sql, shape_sql_pattern, written_date
from bi_chat.sources.numbers import NumberShape, number_shape, number_sql
from bi_chat.sources.report import CHANGED, DOUBT, Message, shorten

# no value at all: becomes NULL in columns of numbers, dates and flags
NULL_TOKENS = ("", "NULL", "null", "Null", "NA", "N/A", "n/a", "na", "NaN", "nan", "None", "none", "nil", "\\N", "#N/A",
               "<NA>", "-", "--", "—", "–")  # fmt: skip
# in text only what can't be a word or a name ("NA" may be a region, "-" a grade)
TEXT_NULL_TOKENS = ("", "NULL", "null", "Null", "N/A", "n/a", "NaN", "nan", "\\N", "#N/A", "<NA>")
# a value was meant but is not given: NULL as well, with a doubt that names it
PLACEHOLDERS = (
    "unknown", "Unknown", "UNKNOWN", "tbd", "TBD", "tba", "TBA", "?", "??", "missing", "Missing", "n/k", "pending",
    "Pending", "error", "ERROR", "未知", "无", "暂无", "不详", "待定", "缺失", "inf", "-inf", "+inf", "Inf", "-Inf",
    "Infinity", "-Infinity", "∞", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!",
)  # fmt: skip
_TRUE = frozenset({"true", "yes", "y", "t", "是"})
_FALSE = frozenset({"false", "no", "n", "f", "否"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A reading of a column. `sql` is over the placeholder {c}; `accepts`: SQL for cells taken although not parsed."""

    name: str
    type: str
    sql: str
    accepts: str = ""
    messages: tuple[Message, ...] = ()
    shape: NumberShape | None = None
    dates: tuple[WrittenDate, ...] = ()

    def value(self, column: str) -> str:
        """SQL for the typed value of `column`."""
        return self.sql.replace("{c}", column)

    def takes(self, column: str) -> str:
        """SQL that is true for cells that are not parsed and yet belong to this kind (dates that do not exist)."""
        return self.accepts.replace("{c}", column)


TEXT = Kind("text", "VARCHAR", "{c}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What other columns, or counts over the whole column, tell. `first_days` / `second_days`: rows where the first or
    second number of a date is above 12."""

    comma_decimal: bool | None = None
    comma_file: bool = False
    first_days: int = 0
    second_days: int = 0
    day_first: bool | None = None


def is_filled(text: str) -> bool:
    """Whether a cell holds a value and no token for a missing one."""
    value = text.strip()
    return value not in _SILENT and value not in _DOUBTFUL


_SILENT, _DOUBTFUL = frozenset(NULL_TOKENS), frozenset(PLACEHOLDERS)


def propose(values: list[str], header: str, evidence: Evidence) -> Kind:
    """The kind all filled values agree on; text when they do not."""
    filled = [v for v in values if is_filled(v)]
    if not filled:
        return TEXT
    if flags := _boolean(filled):
        return flags
    written = [written_date(v) for v in filled]
    if all(written):
        dates = _dates([w for w in written if w], filled, header, evidence)
        if dates is not None:
            return dates
    shape = number_shape(filled, comma_decimal=evidence.comma_decimal, comma_file=evidence.comma_file)
    if shape is None:
        return TEXT
    kind = "BIGINT" if shape.whole else "DOUBLE"
    return Kind("number", kind, number_sql("{c}", shape), shape=shape, messages=_number_messages(shape, filled, header))


def _boolean(filled: list[str]) -> Kind | None:
    seen = {v.strip().lower() for v in filled}
    if not seen <= _TRUE | _FALSE:
        return None
    if all(len(v) == 1 and v.isascii() for v in seen) and not (seen & _TRUE and seen & _FALSE):
        return None
    yes = ", ".join(f"'{v}'" for v in sorted(_TRUE))
    no = ", ".join(f"'{v}'" for v in sorted(_FALSE))
    sql = f"CASE WHEN lower(trim({{c}})) IN ({yes}) THEN true WHEN lower(trim({{c}})) IN ({no}) THEN false END"
    return Kind("boolean", "BOOLEAN", sql)


def _number_messages(shape: NumberShape, filled: list[str], header: str) -> tuple[Message, ...]:
    found = []
    example = shorten(next((v for v in filled if not v.strip().isdecimal()), filled[0]))
    marked = [
        words
        for present, words in (
            (shape.currency, "currency signs"),
            (shape.percent, "percent signs"),
            (shape.unit, "units"),
            (shape.brackets, "brackets for negatives"),
            (shape.grouped, "thousands marks"),
            (shape.decimal == ",", "decimal commas"),
        )
        if present
    ]
    if marked:
        note = " 12% is kept as 0.12." if shape.percent else ""
        text = f'"{header}": {", ".join(marked)} (such as {example}) were read as numbers.{note}'
        found.append(Message(CHANGED, "number_format", text, column=header))
    if shape.ambiguous:
        mark = "a decimal mark" if shape.decimal == shape.ambiguous else "a thousands mark"
        text = f'"{header}": in {example} the "{shape.ambiguous}" may be a thousands or a decimal mark; read as {mark}.'
        found.append(Message(DOUBT, "number_mark", text, column=header))
    if shape.shortened:
        text = f'"{header}": values such as {example} look shortened by a spreadsheet; digits may be lost.'
        found.append(Message(DOUBT, "shortened_numbers", text, column=header))
    return tuple(found)


def _dates(written: list[WrittenDate], filled: list[str], header: str, evidence: Evidence) -> Kind | None:
    families = {w.shape.family for w in written}
    if "compact" in families and len(families) > 1:
        families = families - {"compact"} | {"year-first"}
    if any(w.offset for w in written):
        return _moments(written, header)
    order = ""
    messages: list[Message] = []
    if "day-month" in families:
        order, message = _order(filled, header, evidence)
        if not order:
            return Kind("text", "VARCHAR", "{c}", messages=(message,) if message else ())
        messages += [message] if message else []
    if len(families) > 1:
        labels = {w.shape.label: v for w, v in zip(written, filled, strict=True)}
        shown = ", ".join(f"{shorten(v)} ({label})" for label, v in list(labels.items())[:4])
        text = f'"{header}" mixes date formats: {shown}. Each was read by its own format.'
        messages.append(Message(DOUBT, "mixed_dates", text, column=header))
    if families == {"compact"} and not _all_exist(filled):
        return None
    return _date_kind(written, families, order, header, messages, filled)


def _date_kind(
    written: list[WrittenDate], families: set[str], order: str, header: str, messages: list[Message], filled: list[str]
) -> Kind:
    formats = tuple(dict.fromkeys(w.format(order or "dmy") for w in written))
    timed = any(w.time for w in written)
    if timed != all(w.time for w in written):
        text = f'"{header}": some dates come with a time of day and some without; those without count as midnight.'
        messages.append(Message(DOUBT, "mixed_times", text, column=header))
    if families == {"compact"}:
        text = f'"{header}": eight digits (such as {shorten(filled[0])}) were read as dates.'
        messages.append(Message(CHANGED, "compact_dates", text, column=header))
    if families == {"month"}:
        text = f'"{header}": months (such as {shorten(filled[0])}) became the first day of the month.'
        messages.append(Message(CHANGED, "months", text, column=header))
    if any("%y" in f for f in formats) and _may_start_with_year(filled):
        text = f'"{header}": in {shorten(filled[0])} the first number may be a year; the last was read as the year.'
        messages.append(Message(DOUBT, "short_year", text, column=header))
    sql = date_sql("{c}", formats)
    kind = "TIMESTAMP" if timed else "DATE"
    accepts = f"regexp_full_match({{c}}, '{shape_sql_pattern(written)}')"
    return Kind(
        "timestamp" if timed else "date",
        kind,
        f"CAST({sql} AS {kind})",
        accepts,
        tuple(messages),
        None,
        tuple(written[:1]),
    )


def _moments(written: list[WrittenDate], header: str) -> Kind:
    if not all(w.offset for w in written):
        text = f'"{header}": some times name their time zone and some do not, so they can\'t be compared; kept as text.'
        return Kind("text", "VARCHAR", "{c}", messages=(Message(DOUBT, "mixed_time_zones", text, column=header),))
    # a T or a blank before the time and a short offset (+0800) all reach the engine's ISO form
    iso = r"regexp_replace(trim({c}), '\s*([+-][0-9]{2}):?([0-9]{2})$', '\1:\2')"
    shape = "regexp_full_match({c}, '\\s*[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}.*')"
    sql = f"CASE WHEN {shape} THEN try_cast({iso} AS TIMESTAMPTZ) END"
    text = f'"{header}": times with a time zone; each is kept as the moment it names.'
    return Kind(
        "timestamptz", "TIMESTAMP WITH TIME ZONE", sql, shape, (Message("info", "time_zones", text, column=header),)
    )


def _order(filled: list[str], header: str, evidence: Evidence) -> tuple[str, Message | None]:
    """(dmy, mdy or '' when it can't be known, what to say)."""
    first, second = evidence.first_days, evidence.second_days
    if (first and not second) or first >= 3 * second > 0:
        return "dmy", None
    if (second and not first) or second >= 3 * first > 0:
        return "mdy", None
    example = shorten(next((v for v in filled if (w := written_date(v)) and w.shape.family == "day-month"), filled[0]))
    if evidence.day_first is not None:
        side = "day" if evidence.day_first else "month"
        text = f'"{header}": dates such as {example} were read with the {side} first, as chosen.'
        return ("dmy" if evidence.day_first else "mdy"), Message(CHANGED, "date_order_chosen", text, column=header)
    both = " Some fit only one order and some only the other." if first and second else ""
    safe = "It can't be told, so it stays text until you say."
    text = f'"{header}": is it day or month first in {example}?{both} {safe}'
    return "", Message(DOUBT, "date_order", text, column=header)


def _all_exist(filled: list[str]) -> bool:
    from datetime import date

    try:
        for value in filled:
            v = value.strip()
            date(int(v[:4]), int(v[4:6]), int(v[6:8]))
    except ValueError:
        return False
    return True


def _may_start_with_year(filled: list[str]) -> bool:
    parts = [v.strip().replace("-", "/").replace(".", "/").split("/") for v in filled]
    trios = [p for p in parts if len(p) == 3 and all(x[:2].strip().isdecimal() for x in p)]
    if not trios or not all(int(p[2][:2]) <= 31 and int(p[1]) <= 12 for p in trios):
        return False
    # years repeat where days vary
    return len({p[2][:2] for p in trios}) >= len({p[0] for p in trios})
