"""Out: who may see what: users, roles and their grants as a policy file says them, and what one user's rights come to.

A `Policy` speaks as its author does, in names of datasets and fields. An `Access` is what is left of it for one user:
physical tables and columns, with conditions whose parameters are bound. Everything that user gets is made from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.values.catalog import GroupRule

Attribute = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Mask:
    """What stands in place of a column's values.

    kind: null (nothing), hash (a keyed pseudonym), partial (`keep` last characters), bucket (numbers cut to `width`,
    dates to `grain`), clear (no mask: for a field that would be masked for its sensitivity).
    """

    kind: str
    keep: int = 4
    width: float = 0.0
    grain: str = ""


@dataclass(frozen=True, slots=True)
class GroupSize:
    """Figures about at least `least` persons, told apart by the field `person`; groups only by `dimensions`."""

    least: int
    person: str
    dimensions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a role sees of a dataset. `fields` None: all but `hidden`; `rows` '': all of them."""

    dataset: str
    fields: tuple[str, ...] | None = None
    hidden: tuple[str, ...] = ()
    rows: str = ""
    masks: tuple[tuple[str, Mask], ...] = ()
    groups: GroupSize | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """`grants` None: every dataset, all fields and rows. `metrics` None: all whose fields are visible.

    `view_as`: may look at what any other user sees, and so sees what all of them see.
    """

    name: str
    grants: tuple[Grant, ...] | None = ()
    metrics: tuple[str, ...] | None = None
    description: str = ""
    view_as: bool = False


@dataclass(frozen=True, slots=True)
class User:
    """A person; `attributes` are what row conditions may name as {user.region}."""

    name: str
    roles: tuple[str, ...]
    attributes: tuple[tuple[str, tuple[Attribute, ...]], ...] = ()

    def attribute(self, name: str) -> tuple[Attribute, ...] | None:
        """The values of an attribute; None when the user has none of that name. Everybody has `name`."""
        return dict(self.attributes).get(name, (self.name,) if name == "name" else None)


@dataclass(frozen=True, slots=True)
class Policy:
    """Who is who and who may see what. Whoever is not named sees nothing."""

    users: tuple[User, ...] = ()
    roles: tuple[Role, ...] = ()

    def user(self, name: str) -> User | None:
        """The user of exactly that name."""
        return next((u for u in self.users if u.name == name), None)

    def role(self, name: str) -> Role | None:
        """The role of exactly that name."""
        return next((r for r in self.roles if r.name == name), None)

    def views_as_others(self, name: str) -> bool:
        """Whether a user may look at what others see."""
        known = self.user(name)
        return known is not None and any(r.view_as for r in self.roles if r.name in known.roles)


@dataclass(frozen=True, slots=True)
class Right:
    """What one grant gives of a table: rows that meet a condition ('' for all), columns, each clear or masked."""

    rows: str
    columns: tuple[tuple[str, Mask | None], ...]


@dataclass(frozen=True, slots=True)
class TableAccess:
    """The rights that add up on one table, columns in the table's order."""

    table: str
    rights: tuple[Right, ...]
    groups: GroupRule | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that exist for this user."""
        return tuple(dict.fromkeys(name for right in self.rights for name, _ in right.columns))

    @property
    def masked(self) -> tuple[str, ...]:
        """The columns that no right shows in clear."""
        clear = {name for right in self.rights for name, mask in right.columns if mask is None}
        return tuple(name for name in self.columns if name not in clear)

    @property
    def filtered(self) -> bool:
        """Whether some rows are hidden."""
        return all(right.rows for right in self.rights)


@dataclass(frozen=True, slots=True)
class Access:
    """The world one user lives in. `metrics` None: all that can be computed. Equal rights have one `fingerprint`."""

    user: str
    tables: tuple[TableAccess, ...]
    metrics: frozenset[str] | None
    fingerprint: str

    def table(self, name: str) -> TableAccess | None:
        """The access to a table, without regard to case; None when it doesn't exist for this user."""
        return next((t for t in self.tables if t.table.lower() == name.lower()), None)
