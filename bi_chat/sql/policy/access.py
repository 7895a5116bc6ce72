"""In: a policy, one of its users, the names of the data. Out: that user's `Access`, and every fault of the policy.

Rights of several roles add up cell by cell: a cell is seen when one grant alone would show it. The minimum group size
is the exception: where any of the user's grants states one for a table, the strictest holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from bi_chat.semantics.ossie.structure import Misfit
from bi_chat.sql.guard import check
from bi_chat.sql.policy.masks import misuse
from bi_chat.sql.policy.names import Names, UnknownName
from bi_chat.sql.policy.rows import ConditionFault, bind_rows, parameters, parse_rows
from bi_chat.values.catalog import GroupRule, Table
from bi_chat.values.issue import Issue
from bi_chat.values.policy import Access, Grant, GroupSize, Mask, Policy, Right, Role, TableAccess, User

NOTHING = Mask("null")


def access_of(policy: Policy, user: User, names: Names) -> Access:
    """What a user's roles come to. Raises ConditionFault or UnknownName where `faults` would have found one."""
    held = [role for name in user.roles if (role := policy.role(name)) is not None]
    rights: dict[str, list[_Granted]] = {}
    for grant in (g for role in held for g in _grants(role, names)):
        found = _granted(grant, user, names)
        if found.right.columns:
            rights.setdefault(found.table.name, []).append(found)
    tables = tuple(_together(rights[t.name]) for t in names.catalog.tables if t.name in rights)
    open_metrics = any(role.metrics is None for role in held)
    metrics = None if open_metrics else frozenset(m.lower() for role in held for m in role.metrics or ())
    said = repr((tables, None if metrics is None else sorted(metrics)))
    return Access(user.name, tables, metrics, sha256(said.encode()).hexdigest()[:32])


def faults(policy: Policy, names: Names) -> Iterator[Misfit]:
    """Every place of a policy that does not fit the data: names, conditions, masks, attributes that users lack."""
    asked: dict[str, list[tuple[str, str]]] = {}
    for role in policy.roles:
        for grant in role.grants or ():
            found = list(_grant_faults(role, grant, names))
            yield from found
            if not found and grant.rows:
                asked.setdefault(role.name, []).extend((grant.dataset, p) for p in parameters(parse_rows(grant.rows)))
        yield from _metric_faults(role, names)
    for user in policy.users:
        yield from _user_faults(user, policy, asked)


@dataclass(frozen=True, slots=True)
class _Granted:
    table: Table
    right: Right
    groups: GroupRule | None


def _grants(role: Role, names: Names) -> tuple[Grant, ...]:
    return tuple(Grant(t.name) for t in names.catalog.tables) if role.grants is None else role.grants


def _granted(grant: Grant, user: User, names: Names) -> _Granted:
    table = names.table(grant.dataset)
    rows = bind_rows(grant.rows, user).sql(dialect="duckdb") if grant.rows else ""
    groups = _rule(grant.groups, grant.dataset, names) if grant.groups is not None else None
    return _Granted(table, Right(rows, _columns(grant, table, names)), groups)


def _columns(grant: Grant, table: Table, names: Names) -> tuple[tuple[str, Mask | None], ...]:
    """Visible columns in the table's order. Personal ones are masked unless the grant names them."""
    named = grant.fields is not None
    wanted = {names.column(grant.dataset, f).name for f in grant.fields or ()}
    hidden = {names.column(grant.dataset, f).name for f in grant.hidden}
    masks: dict[str, Mask] = {} if named else dict.fromkeys(names.sensitive(table), NOTHING)
    masks |= {names.column(grant.dataset, field).name: mask for field, mask in grant.masks}
    return tuple(
        (c.name, None if (mask := masks.get(c.name)) is None or mask.kind == "clear" else mask)
        for c in table.columns
        if (c.name in wanted or not named) and c.name not in hidden
    )


def _together(granted: list[_Granted]) -> TableAccess:
    table = granted[0].table
    rights = tuple(dict.fromkeys(g.right for g in granted))
    if any(not r.rows and all(mask is None for _, mask in r.columns) and len(r.columns) == len(table.columns)
           for r in rights):  # fmt: skip
        rights = (Right("", tuple((c.name, None) for c in table.columns)),)
    return TableAccess(table.name, rights, _strictest([g.groups for g in granted if g.groups is not None]))


def _strictest(rules: list[GroupRule]) -> GroupRule | None:
    if not rules:
        return None
    one = len({r.person for r in rules}) == 1
    shared = tuple(d for d in rules[0].dimensions if one and all(d in r.dimensions for r in rules))
    return GroupRule(max(r.least for r in rules), rules[0].person, shared)


def _rule(groups: GroupSize, dataset: str, names: Names) -> GroupRule:
    dimensions = tuple(names.column(dataset, d).name for d in groups.dimensions)
    return GroupRule(groups.least, names.column(dataset, groups.person).name, dimensions)


# ------------------------------------------------------------------ faults
def _grant_faults(role: Role, grant: Grant, names: Names) -> Iterator[Misfit]:
    place = ("roles", role.name, "datasets", grant.dataset)
    try:
        table = names.table(grant.dataset)
    except UnknownName as unknown:
        yield Misfit(place, unknown.problem, unknown.suggestion)
        return
    groups = grant.groups
    said = [("fields", f) for f in grant.fields or ()] + [("hide", f) for f in grant.hidden]
    said += [("masks", f) for f, _ in grant.masks]
    if groups is not None:
        said += [("groups", groups.person), *(("groups", d) for d in groups.dimensions)]
    broken = False
    for key, field in said:
        try:
            names.column(grant.dataset, field)
        except UnknownName as unknown:
            broken = True
            yield Misfit((*place, key), unknown.problem, unknown.suggestion)
    if not broken:
        yield from _mask_faults(grant, table, names, place)
        yield from _group_faults(grant, table, names, place)
    if grant.rows and (problem := _row_fault(grant, table, names)):
        yield Misfit((*place, "rows"), problem)


def _mask_faults(grant: Grant, table: Table, names: Names, place: tuple[str, ...]) -> Iterator[Misfit]:
    seen = {name for name, _ in _columns(grant, table, names)}
    for field, mask in grant.masks:
        column = names.column(grant.dataset, field)
        if column.name not in seen:
            yield Misfit(
                (*place, "masks"), f"{field} is masked but not visible.", "Add it to fields, or drop the mask."
            )
        if problem := misuse(mask, column):
            yield Misfit((*place, "masks", field), problem)


def _group_faults(grant: Grant, table: Table, names: Names, place: tuple[str, ...]) -> Iterator[Misfit]:
    if grant.groups is None:
        return
    clear = {name for name, mask in _columns(grant, table, names) if mask is None}
    rule = _rule(grant.groups, grant.dataset, names)
    for name in rule.dimensions:
        if name not in clear:
            yield Misfit((*place, "groups"), f"{name} can't be a dimension: it is masked or hidden.")
    if rule.person in rule.dimensions:
        yield Misfit((*place, "groups"), f"{rule.person} tells persons apart, so it can't be a dimension.")


def _row_fault(grant: Grant, table: Table, names: Names) -> str:
    """What is wrong with a condition, by reading it, then by the guard over all tables."""
    from bi_chat.sql import nodes

    try:
        open_tree = parse_rows(grant.rows)
        bound = bind_rows(grant.rows, _anybody(parameters(open_tree)))
    except ConditionFault as fault:
        return str(fault)
    statement = (
        f"SELECT 1 FROM {nodes.identifier(table.name).sql(dialect='duckdb')} WHERE {bound.sql(dialect='duckdb')}"  # noqa: S608
    )
    found = check(statement, names.catalog)
    return f"{found.problem} {found.exists}".strip() if isinstance(found, Issue) else ""


def _anybody(attributes: tuple[str, ...]) -> User:
    """A user with a text for each attribute: an unknown literal fits any type until real values are looked at."""
    return User("somebody", (), tuple((name, ("1",)) for name in attributes))


def _metric_faults(role: Role, names: Names) -> Iterator[Misfit]:
    from bi_chat.semantics.ossie.fault import nearest

    known = [m.name for m in names.model.metrics] if names.model is not None else []
    for metric in role.metrics or ():
        if metric.lower() not in {k.lower() for k in known}:
            yield Misfit(("roles", role.name, "metrics"), f"There is no metric {metric}.", nearest(metric, known))


def _user_faults(user: User, policy: Policy, asked: dict[str, list[tuple[str, str]]]) -> Iterator[Misfit]:
    for dataset, name in dict.fromkeys(pair for role in user.roles for pair in asked.get(role, [])):
        if user.attribute(name) is None:
            problem = f"The rows of {dataset} need {{user.{name}}}, which {user.name} does not have."
            yield Misfit(("users", user.name), problem, f"Add {name}: to the attributes.")
        elif any(g.dataset == dataset and g.rows and not _fits(g.rows, user) for r in user.roles
                 for g in ((policy.role(r) or Role(r)).grants or ())):  # fmt: skip
            problem = f"{{user.{name}}} of {user.name} is a list, but stands for one value in the rows of {dataset}."
            yield Misfit(("users", user.name, "attributes"), problem, f"Write … IN {{user.{name}}}.")


def _fits(rows: str, user: User) -> bool:
    try:
        bind_rows(rows, user)
    except ConditionFault:
        return False
    return True
