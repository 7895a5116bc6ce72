"""In: open data, their policy, a user's name. Out: that user's world: an engine of views, its catalog, its model.

Whatever is behind it (planner, suggestions, compiler, guard, analyses, exports) is given nothing else and so can't show
more. Users of equal rights share one world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock

from bi_chat.errors import AccessDenied, PolicyError
from bi_chat.ports import Engine
from bi_chat.semantics.cutting import cut_model, with_groups, with_masked, with_seen_values
from bi_chat.semantics.model import SemanticModel
from bi_chat.settings import Settings
from bi_chat.sql.policy.access import access_of, faults
from bi_chat.sql.policy.catalog import clear_catalog, open_profile, visible_catalog
from bi_chat.sql.policy.names import Names
from bi_chat.sql.policy.reading import load_policy
from bi_chat.sql.policy.rows import ConditionFault
from bi_chat.sql.policy.views import views_of
from bi_chat.values.catalog import Catalog, TableProfile
from bi_chat.values.policy import Access, Policy
from bi_chat.worlds.models import drafted, kept_model, text_of
from bi_chat.worlds.policy_file import PolicyFile
from bi_chat.worlds.secret import installation_secret


@dataclass(frozen=True, slots=True)
class World:
    """What one user, or several of equal rights, can see."""

    access: Access
    engine: Engine
    catalog: Catalog
    model: SemanticModel


@dataclass(frozen=True, slots=True)
class Whole:
    """The data behind the policy: nobody but the makers of worlds gets this."""

    engine: Engine
    catalog: Catalog
    model: SemanticModel
    model_file: Path | None
    settings: Settings


@dataclass
class Worlds:
    """Makes each world once. `file` is asked for the policy as it is now."""

    whole: Whole
    file: PolicyFile
    _made: dict[str, World] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    @property
    def policy(self) -> Policy:
        """As its file says now; as it was while a changed file has faults."""
        with self._lock:
            return self.file.policy()

    def of(self, user: str) -> World:
        """The world of a user. Raises AccessDenied for nobody and for whom the policy doesn't know."""
        access = self.access(user)
        with self._lock:
            found = self._made.get(access.fingerprint)
            if found is None:
                found = self._made[access.fingerprint] = _world(self.whole, access)
        return World(access, found.engine, found.catalog, found.model)

    def viewed(self, user: str, view_as: str) -> World:
        """The world of another, for a user whose role may look at it. Raises AccessDenied."""
        if not self.policy.views_as_others(user):
            raise AccessDenied(f"The policy doesn't let {user} look at what others see.")
        return self.of(view_as)

    def access(self, user: str) -> Access:
        """A user's rights. Raises AccessDenied."""
        if not user:
            raise AccessDenied("A policy protects these data: say who is asking (--as NAME).")
        policy = self.policy
        known = policy.user(user)
        if known is None:
            raise AccessDenied(f"The policy names no user {user}, who therefore sees nothing.")
        try:
            access = access_of(policy, known, self._names())
        except ConditionFault as fault:
            raise PolicyError(str(fault)) from None
        if not access.tables:
            raise AccessDenied(f"The policy grants {user} nothing of these data.")
        return access

    def close(self) -> None:
        """Free every engine."""
        with self._lock:
            made, self._made = list(self._made.values()), {}
        for world in made:
            world.engine.close()

    def _names(self) -> Names:
        return Names(self.whole.catalog, self.whole.model)


def open_worlds(whole: Whole, policy: str | Path) -> Worlds:
    """The worlds of a policy file. Raises PolicyError with every fault: a policy that is not sound lets nobody in."""
    names = Names(whole.catalog, whole.model)

    def sound(source: Path | str) -> Policy:
        loaded = load_policy(source)
        return (loaded if loaded.faults else loaded.with_faults(faults(loaded.policy, names))).require()

    return Worlds(whole, PolicyFile(policy, sound))


def _world(whole: Whole, access: Access) -> World:
    hashed = any(mask and mask.kind == "hash" for t in access.tables for r in t.rights for _, mask in r.columns)
    secret = installation_secret(whole.settings.state_dir) if hashed else ""
    engine = whole.engine.scoped(views_of(access, whole.catalog, secret))
    try:
        catalog = visible_catalog(engine.catalog(), whole.catalog, access)
        model = with_masked(_model(whole, access, engine, catalog), whole.model, access)
    except BaseException:
        engine.close()
        raise
    return World(access, engine, catalog, model)


def _model(whole: Whole, access: Access, engine: Engine, catalog: Catalog) -> SemanticModel:
    """Made anew from what is visible: the file's words cut, its gaps filled from the user's own rows alone."""
    clear = clear_catalog(catalog, access)

    def make(profiles: Mapping[str, TableProfile]) -> SemanticModel:
        seen = {t.name: open_profile(profiles[t.name], t) for t in clear.tables}
        if whole.model_file is None:
            return with_groups(drafted(clear, seen), access)
        from bi_chat.semantics.ossie import enrich, load_model

        own = cut_model(load_model(whole.model_file, catalog=whole.catalog).require(), access)
        return with_groups(with_seen_values(enrich(own, clear, seen), access, seen), access)

    return kept_model(make, engine, clear, text_of(whole.model_file), whole.settings)
