"""In: a date or a yes-or-no field and the words of its name. Out: what people say in place of the name.

Example: "shipped" is the ship date, "who have the app" the flag has_app; "unpaid" says that paid_on is missing and
"inactive" that is_active is not set.
"""

from __future__ import annotations

from collections.abc import Iterator

from bi_chat.semantics.forms import GENERIC
from bi_chat.semantics.known_values import SMALL_WORDS
from bi_chat.semantics.model import Field

TIME_ENDINGS = ("日期", "时间")
AUXILIARY = frozenset("is has have had was can did wants gets receives accepts allows needs".split())
SO = ("实际", "最终", "是否", "是不是", "有无")  # says only that it is so
REALLY = frozenset("is actual real".split())
NEGATIONS = ("in", "un", "non", "non ", "non-")
BIRTH = frozenset("birth birthday birthdate".split())
SMALL = SMALL_WORDS - {"end"}


def event_names(field: Field, words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Phrases, each with how it names the field: as its event, or as a name of its own."""
    lower = [w.lower() for w in words]
    yield from ((said, "event") for said in _chinese(field))
    if field.is_time and (BIRTH & set(lower) or any(w in field.name for w in ("出生", "生日"))):
        yield from (("age", "general"), ("年龄", "general"))
    flag = field.kind == "flag"
    rest = [w for w in words if w.lower() not in GENERIC | REALLY]
    rest = rest[1:] if flag and len(rest) > 1 and rest[0].lower() in AUXILIARY else rest
    if not rest or all(w.lower() in SMALL for w in rest):
        return
    said = " ".join(rest)
    if len(rest) < len(words):
        yield said, "event"
        yield f"{said} date", "own"
    if flag:
        yield from ((f"{no}{said}", "event") for no in NEGATIONS)
    elif field.nulls and len(rest) == 1 and said.isascii():
        yield f"un{said}", "event"


def _chinese(field: Field) -> Iterator[str]:
    """ "实际交车时间" is 交车, "是否会员" 会员."""
    for ending in ("", *TIME_ENDINGS):
        said = field.name.removesuffix(ending)
        said = next((said.removeprefix(p) for p in SO if said.startswith(p)), said)
        if field.name.endswith(ending) and len(said) > 1 and said != field.name:
            yield said
