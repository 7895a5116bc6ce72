"""In: a column and the keys of all tables. Out: the keys it may point to, each with a score and the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bi_chat.semantics.drafting.fit import contained_values
from bi_chat.semantics.drafting.hints import hints
from bi_chat.semantics.drafting.keys import Key
from bi_chat.semantics.drafting.shapes import Shape, TableShape
from bi_chat.semantics.vocabulary import Phrase, phrase_key, vocabulary

_ID_WORDS = frozenset({"id", "key", "uuid", "guid", "identifier", "reference", "编号", "标识", "主键"})


@dataclass(frozen=True)
class Target:
    """A single column that identifies rows of a table."""

    table: TableShape
    column: Shape
    primary: bool


@dataclass(frozen=True)
class Candidate:
    """A target with the confidence that the names alone give, and the reason in words."""

    target: Target
    score: float
    reason: str


@dataclass
class Index:
    """Targets by full name, by what they are keys of, and by table."""

    by_name: dict[Phrase, list[Target]] = field(default_factory=lambda: defaultdict(list))
    by_subject: dict[Phrase, list[Target]] = field(default_factory=lambda: defaultdict(list))
    by_start: dict[str, list[Target]] = field(default_factory=lambda: defaultdict(list))
    by_end: dict[str, list[Target]] = field(default_factory=lambda: defaultdict(list))
    by_head: dict[str, list[Target]] = field(default_factory=lambda: defaultdict(list))
    by_initials: dict[str, list[Target]] = field(default_factory=lambda: defaultdict(list))
    primary: dict[str, Target] = field(default_factory=dict)
    text: list[Target] = field(default_factory=list)


def build_index(tables: tuple[TableShape, ...], keys: Mapping[str, Key]) -> Index:
    """All keys of all tables, by what may point to them."""
    index = Index()
    for target in _targets(tables, keys):
        column = target.column
        index.by_name[column.singular].append(target)
        if not target.primary:
            continue
        index.primary[target.table.name] = target
        for subject in {target.table.words, column.subject} - {()}:
            index.by_subject[subject].append(target)
        index.by_initials["".join(w[0] for w in target.table.words)].append(target)
        if len(target.table.words) > 1 and target.table.words[-1] not in hints("generic_names"):
            index.by_head[target.table.words[-1]].append(target)
        if len(target.table.words) == 1:
            index.by_start[target.table.words[0][:3]].append(target)
            index.by_end[target.table.words[0][-3:]].append(target)
        if column.family == "text":
            index.text.append(target)
    return index


def _targets(tables: Iterable[TableShape], keys: Mapping[str, Key]) -> Iterator[Target]:
    for table in tables:
        key = keys.get(table.name)
        primary = key.columns[0].lower() if key and len(key.columns) == 1 else ""
        declared = {u[0].lower() for u in table.table.unique_keys if len(u) == 1}
        for column in table.columns:
            name = column.name.lower()
            if name == primary or name in declared:
                yield Target(table, column, name == primary)
            elif column.is_unique and column.subject == table.words and column.seen >= 5 and _names_rows(column):
                yield Target(table, column, primary=False)


def _names_rows(column: Shape) -> bool:
    """A second key beside the primary one: store_code, or the text that bears the table's own name."""
    return column.is_key_name or column.family == "text"


def candidates(column: Shape, table: TableShape, index: Index) -> Iterator[Candidate]:
    """Keys that the column may refer to, by its name, its role, other words for it, or its values; unordered."""
    yield from _same_name(column, table, index)
    yield from _by_subject(column, table, index)
    yield from _by_role(column, table, index)
    if column.is_key_name:
        yield from _by_other_word(column, table, index)
    if column.family == "text":
        yield from _by_values(column, table, index)


def _same_name(column: Shape, table: TableShape, index: Index) -> Iterator[Candidate]:
    name = column.singular
    if not column.subject or (len(name) == 1 and name[0] in hints("generic_names")):
        return
    for target in index.by_name.get(name, ()):
        if target.table.name == table.name:
            continue
        home = column.subject in (target.table.words, target.table.words[-len(column.subject) :])
        if not target.primary and not home:
            continue
        score = 0.9 if home else 0.8
        if not column.is_key_name:
            score -= 0.22 if column.family == "text" else 0.35
        if not home and _unique_both(column, target):
            score -= 0.1
        yield Candidate(target, score, f"it bears the name of the key of {target.table.name}")


def _unique_both(column: Shape, target: Target) -> bool:
    """Two tables with the same unique column: the one that holds more rows is the one referred to."""
    if not column.is_unique or not column.profile or not target.column.profile:
        return False
    return column.profile.distinct >= target.column.profile.distinct


def _by_subject(column: Shape, table: TableShape, index: Index) -> Iterator[Candidate]:
    """customer_id, ship_to_customer and home_store_id: the subject ends with what a table or its key is about."""
    subject = column.subject if column.is_key_name else column.said
    if not column.is_key_name and column.family == "integer" and column.words[-1] != column.singular[-1]:
        return  # home_games counts games
    for start in range(len(subject)):
        rest = subject[start:]
        if len(rest) == 1 and rest[0] in hints("generic_names") and not column.is_key_name:
            continue
        for target in index.by_subject.get(rest, ()):
            if target.table.name == table.name and start == 0:
                continue
            score = (0.86 if start == 0 else 0.78) - _key_word_cost(column, target.column)
            score += 0.03 if target.table.words == rest else 0.0
            if not column.is_key_name:
                # "country" may be a name rather than a reference: then the values have to speak for it
                score -= 0.15 if _surely_contained(column, target.column) else 0.35
            role = f" in the role {' '.join(subject[:start])}" if start else ""
            yield Candidate(target, score, f"its name points to {target.table.name}{role}")


def _key_word_cost(column: Shape, key: Shape) -> float:
    """customer_code does not name customer_id unless nothing else fits: the kinds of key differ."""
    mine = column.singular[-1] if column.is_key_name else ""
    theirs = key.singular[-1] if key.is_key_name else ""
    if not mine or mine == theirs or {mine, theirs} <= _ID_WORDS:
        return 0.0
    if mine in _ID_WORDS:
        return 0.05
    return 0.2 if theirs in _ID_WORDS else 0.1


def _surely_contained(column: Shape, key: Shape) -> bool:
    if column.family == "text":
        return (contained_values(column, key) or 0.0) >= 0.98
    both = column.profile and key.profile and column.seen and key.seen
    return bool(both and column.profile and key.profile and column.profile.distinct <= key.profile.distinct)


def _by_role(column: Shape, table: TableShape, index: Index) -> Iterator[Candidate]:
    """parent_id and reports_to point into the own table, manager_id to a table of people."""
    said = column.subject or column.singular
    phrase = " ".join(said)
    own = index.primary.get(table.name)
    people = bool(set(table.words) & hints("people"))
    is_self = (said[-1] in hints("self_roles") or said[0] == "parent" or phrase in hints("self_roles")) and (
        column.is_key_name or phrase in hints("self_roles")
    )
    if is_self and own and (people or said[-1] not in hints("person_roles") or said[0] in ("parent", "上级")):
        yield Candidate(own, 0.72, f"its name speaks of another row of {table.name}")
    deed = len(said) == 2 and said[1] == "by" and column.key_family in ("integer", "text")  # reported_by, approved_by
    if deed or (said[-1] in hints("person_roles") and column.is_key_name):
        found = [t for n, t in index.primary.items() if n != table.name and t.table.words[-1] in hints("any_people")]
        if len(found) == 1:
            yield Candidate(found[0], 0.62, f"its name is a person's role and {found[0].table.name} holds people")


def _by_other_word(column: Shape, table: TableShape, index: Index) -> Iterator[Candidate]:
    """buyer_id → customers by a synonym, univ_id → university by its start, s_id → students by its initial."""
    subject = column.subject
    if not subject or subject[-1] in table.words:
        return
    last = subject[-1]
    yield from (c for c in _by_synonym(last, index) if c.target.table.name != table.name)
    if len(last) >= 3 and last.isascii():
        for target in (*index.by_start.get(last[:3], ()), *index.by_end.get(last[-3:], ())):
            if target.table.name != table.name and _part_of_word(last, target.table.words[-1]):
                yield Candidate(target, 0.6, f"{last} is a part of {target.table.words[-1]}")
    yield from (c for c in _by_only_one(column, index) if c.target.table.name != table.name)


def _by_synonym(last: str, index: Index) -> Iterator[Candidate]:
    known = vocabulary()
    for i in known.groups_of.get(last, ()):
        group = known.groups[i]
        for other in (*(tuple(phrase_key(p).split()) for p in group.english), *((z,) for z in group.chinese)):
            for target in index.by_subject.get(other, ()) if other != (last,) else ():
                yield Candidate(target, 0.62, f"{last} is another word for {' '.join(other)}")


def _by_only_one(column: Shape, index: Index) -> Iterator[Candidate]:
    """user_id where app_user is the only table of users; s_id where one table alone begins with s."""
    last = column.subject[-1]
    if len(index.by_head.get(last, ())) == 1 and (last,) not in index.by_subject:
        target = index.by_head[last][0]
        yield Candidate(target, 0.66, f"{target.table.name} is the only table of that kind")
    alone = len(last) < 3 and len(column.subject) == 1 and column.family == "text"
    if alone and len(index.by_initials.get(last, ())) == 1:
        target = index.by_initials[last][0]
        if _surely_contained(column, target.column):
            yield Candidate(target, 0.55, f"{last} is the initial of {target.table.name}")


def _part_of_word(short: str, word: str) -> bool:
    """univ of university, user of appuser."""
    return short != word and (
        word.startswith(short) or short.startswith(word) or (len(short) > 3 and word.endswith(short))
    )


def _by_values(column: Shape, table: TableShape, index: Index) -> Iterator[Candidate]:
    """Text whose every value is a key of one other table: too much for chance when there are at least five."""
    profile = column.profile
    if not profile or not profile.values_complete or len(profile.values) < 5 or profile.mean_length > 60:
        return
    for target in index.text:
        seen = target.column.profile
        if target.table.name == table.name or not seen or not seen.values_complete:
            continue
        if profile.values[0] in target.column.value_set and (contained_values(column, target.column) or 0) >= 0.999:
            yield Candidate(target, 0.55, f"all of its values are keys of {target.table.name}")
