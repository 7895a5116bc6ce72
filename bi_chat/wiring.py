"""In: what a person points at. Out: a session with its engine, model and planner. The one place that chooses plugs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from bi_chat.conversation.journal import Journal
from bi_chat.conversation.own_sql import try_out
from bi_chat.conversation.running import Tools
from bi_chat.conversation.session import Session
from bi_chat.errors import EngineError, ModelError, SettingsError, SourceError
from bi_chat.planners.grammar.planner import GrammarPlanner
from bi_chat.ports import Engine, Keys, LanguageModel, Memory, Planner, Sealer, Secrets, Store
from bi_chat.semantics.model import SemanticModel
from bi_chat.settings import Settings, load_settings
from bi_chat.sources.report import SourceReport
from bi_chat.values.catalog import Catalog
from bi_chat.worlds.models import prepare_model, text_of

if TYPE_CHECKING:
    from bi_chat.sources.load import Loaded
    from bi_chat.stores.own_models import OwnModel
    from bi_chat.worlds.world import World, Worlds

_LOG = logging.getLogger(__name__)
Spec = str | Path | Sequence[str | Path] | Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Connection:
    """Open data: many sessions share one. Under a policy each belongs to a user; without one all see everything."""

    engine: Engine
    catalog: Catalog
    model: SemanticModel
    report: SourceReport | None
    planner: Planner
    settings: Settings
    name: str = ""
    source: Spec = ""
    signature: str = ""
    database: Path = Path()
    worlds: Worlds | None = None
    llm: LanguageModel | None = None
    own_model: OwnModel | None = None

    def tools(self, *, user: str = "", view_as: str = "") -> Tools:
        """What the stages need. Raises AccessDenied under a policy that doesn't know the user, or that doesn't let the
        user look at what `view_as` sees."""
        chosen, stop = self.settings, Event()
        world = self._world(user, view_as)
        seen = world or self
        return Tools(
            seen.model,
            seen.catalog,
            seen.engine,
            self._planner(seen.catalog, seen.engine, user, stop),
            row_limit=chosen.row_limit,
            timeout=chosen.timeout,
            threshold=chosen.answer_threshold,
            access=world.access if world is not None else None,
            stop=stop,
        )

    def _planner(self, catalog: Catalog, engine: Engine, user: str, stop: Event) -> Planner:
        """The embedded one; together with a language model where there is one."""
        server = self.settings.llm
        if self.llm is None or server is None:
            return self.planner
        from bi_chat.conversation.routing import Routed
        from bi_chat.planners.llm.planner import ModelPlanner

        dry_run = partial(try_out, catalog=catalog, engine=engine)
        witness = ModelPlanner(
            self.llm, share=server.share, tokens=server.context, dry_run=dry_run, user=user, stop=stop.is_set
        )
        return Routed(self.planner, witness, server.when, self.settings.answer_threshold)

    def seen_by(self, user: str, *, view_as: str = "") -> Connection:
        """The same with catalog and model as the user sees them. Raises AccessDenied; close the whole one, not this."""
        world = self._world(user, view_as)
        if world is None:
            return self
        return replace(self, engine=world.engine, catalog=world.catalog, model=world.model, report=None)

    def session(
        self,
        *,
        user: str = "",
        today: datetime | None = None,
        store: Store | None = None,
        door: str = "",
        view_as: str = "",
        remembered: bool = True,
    ) -> Session:
        """A new conversation over these data, or under a policy over what the user may see of them.

        Where there is a store it is audited as coming in by `door`, and kept if it shall be `remembered`. Rights are
        looked up before each answer.
        """
        tools = self.tools(user=user, view_as=view_as)
        scope = tools.access.fingerprint if tools.access is not None else ""
        journal, memory = None, None
        if store is not None:
            journal = Journal(store, user, self.name, door, scope, view_as, remembers=remembered)
            memory = open_memory(self.settings, user, self.name) if remembered else None
        rights = partial(self.tools, user=user, view_as=view_as) if self.worlds is not None else None
        return Session(tools, user=user, today=today, journal=journal, memory=memory, rights=rights)

    def _world(self, user: str, view_as: str) -> World | None:
        if self.worlds is None:
            return None
        return self.worlds.viewed(user, view_as) if view_as else self.worlds.of(user)

    def changed(self) -> bool:
        """Whether the files on disk are no longer those that were read: connect again to ask the new ones."""
        try:
            return _signature(self.source, self.database) != self.signature
        except (SourceError, OSError):
            return True

    def close(self) -> None:
        """Free the engines."""
        if self.worlds is not None:
            self.worlds.close()
        self.engine.close()


def connect(
    source: Spec,
    *,
    model: str | Path | None = None,
    settings: Settings | None = None,
    planner: Planner | None = None,
    progress: Callable[[str], None] | None = None,
    policy: str | Path | None = None,
) -> Connection:
    """Open a DuckDB or SQLite file, files, a folder, a glob, or frames by name; with a model file or a drafted model.

    With a policy file each session needs a user. Raises SourceError when the data can't be read, ModelError and
    PolicyError when a file has faults.
    """
    from bi_chat.engines.duckdb.workers.launch import start_spare
    from bi_chat.sources.cache import discard
    from bi_chat.sources.load import load

    chosen = settings or load_settings()
    if chosen.workers:
        start_spare()  # it loads while the data are read
    ruled = policy is not None
    folder = chosen.cache_dir / "sources"
    loaded = load(source, cache_dir=folder, progress=progress)
    try:
        opened = _connected(source, loaded, model, chosen, planner, ruled=ruled)
    except (SourceError, EngineError) as error:
        # A derived database that turns out to be damaged is made once more; nothing is lost with it. What took too
        # long or too much memory has an error class of its own.
        if type(error) not in (SourceError, EngineError) or not discard(folder, loaded.database):
            raise
        again = load(source, cache_dir=folder, progress=progress)
        opened = _connected(source, again, model, chosen, planner, ruled=ruled)
    return opened if policy is None else _under(policy, opened, model)


def _signature(source: Spec, database: Path) -> str:
    """Of the files that were named, and of the database made from them, which may go from the cache."""
    from bi_chat.engines.duckdb.opening import identity
    from bi_chat.sources.load import signature

    return f"{signature(source)} {identity(database)}"


def _connected(
    source: Spec,
    loaded: Loaded,
    model: str | Path | None,
    settings: Settings,
    planner: Planner | None,
    *,
    ruled: bool,
) -> Connection:
    """Under a policy nobody's edits of the model count: it was written for the model that was given."""
    from bi_chat.engines.duckdb.opening import identity
    from bi_chat.stores.own_models import OwnModel

    engine = open_engine(loaded.database, settings)
    try:
        catalog = engine.catalog()
        kept = settings.state_dir if not ruled else None
        own = OwnModel.of(kept, loaded.name, _lies(source, settings), text_of(model)) if kept is not None else None
        made = _model(engine, catalog, model, own, settings)
    except BaseException:
        engine.close()
        raise
    chosen = planner or GrammarPlanner()
    read = f"{loaded.signature} {identity(loaded.database)}"
    return Connection(
        engine, catalog, made, loaded.report, chosen, settings, loaded.name, source, read, loaded.database,
        own_model=own, llm=open_language_model(settings),
    )  # fmt: skip


def _lies(source: Spec, settings: Settings) -> str:
    """Where data lie, by which edits of their model are known. Uploads lie beside their own cache, in a folder that is
    another one each time: they go by their place in it. Frames lie nowhere."""
    if isinstance(source, Mapping):
        return ""
    beside = settings.cache_dir.resolve().parent
    paths = [Path(p).resolve() for p in ([source] if isinstance(source, str | Path) else source)]
    return "\0".join(str(p.relative_to(beside) if p.is_relative_to(beside) else p) for p in paths)


def _model(
    engine: Engine, catalog: Catalog, given: str | Path | None, own: OwnModel | None, settings: Settings
) -> SemanticModel:
    """As the person at this machine edited it; edits that the data no longer fit are left aside."""
    edited = own.file() if own is not None else None
    if edited is not None:
        try:
            return prepare_model(engine, catalog, edited, settings)
        except ModelError as error:
            _LOG.warning("An edited model doesn't fit the data and is left aside: %s", error)
    return prepare_model(engine, catalog, given, settings)


def open_store(settings: Settings) -> Store | None:
    """The store that the settings name; None where nothing is kept. Raises StoreError."""
    if not settings.store and settings.state_dir is None:
        return None
    try:
        from bi_chat.stores.sqlalchemy import open_store as opened
    except ImportError:
        return None
    return opened(settings.store or f"sqlite:///{settings.store_file}", _sealer(settings))


def open_secrets(settings: Settings) -> Secrets | None:
    """Secrets that the program needs, in cipher; None where nothing is kept."""
    from bi_chat.stores.cryptography import SecretsFile

    return SecretsFile(settings.state_dir, settings.store_key) if settings.state_dir is not None else None


def _sealer(settings: Settings) -> Sealer:
    from bi_chat.stores.cryptography.sealing import Open, Seal

    return Seal(settings.store_key) if settings.store_key else Open()


def open_keys(settings: Settings) -> Keys | None:
    """The keys of the HTTP API, in the same store; None where nothing is kept. Raises StoreError."""
    if not settings.store and settings.state_dir is None:
        return None
    try:
        from bi_chat.stores.sqlalchemy.keys import open_keys as opened
    except ImportError:
        return None
    return opened(settings.store or f"sqlite:///{settings.store_file}")


def open_language_model(settings: Settings) -> LanguageModel | None:
    """The language model that the settings name; None for none. Raises SettingsError where its library is missing."""
    from importlib.util import find_spec

    server = settings.llm
    if server is None:
        return None
    if find_spec("openai") is None:
        raise SettingsError("A language model is set, but its client isn't installed: pip install 'bi_chat[llm]'")
    from bi_chat.llms.openai import OpenAIServer
    from bi_chat.llms.steady import Steady

    client = OpenAIServer(url=server.url, model=server.model, key=server.key, timeout=server.timeout)
    return Steady(client, server.budget or None)


def open_memory(settings: Settings, user: str, source: str) -> Memory | None:
    """What a person taught about a source; None where nothing is kept."""
    from bi_chat.stores.learned import LearnedFile

    return LearnedFile.of(settings.state_dir, user, source) if settings.state_dir is not None else None


def open_engine(database: Path, settings: Settings) -> Engine:
    """Queries run in worker processes, unless none are wanted or this interpreter can't start any."""
    from bi_chat.engines.duckdb import DuckDBEngine
    from bi_chat.engines.duckdb.workers.engine import WorkerEngine
    from bi_chat.engines.duckdb.workers.launch import can_start

    memory, threads, timeout = settings.memory_limit, settings.threads, settings.timeout
    size = settings.result_limit
    if not settings.workers or not can_start():
        return DuckDBEngine(database, memory_limit=memory, threads=threads, timeout=timeout, result_limit=size)
    return WorkerEngine(
        database,
        memory_limit=memory,
        threads=threads,
        timeout=timeout,
        result_limit=size,
        workers=settings.workers,
        wait=settings.wait,
        shared=True,
    )


def _under(policy: str | Path, opened: Connection, model: str | Path | None) -> Connection:
    """The same data, from now on seen through the policy only."""
    from bi_chat.worlds.world import Whole, open_worlds

    whole = Whole(
        opened.engine, opened.catalog, opened.model, Path(model) if model is not None else None, opened.settings
    )
    try:
        return replace(opened, worlds=open_worlds(whole, policy))
    except BaseException:
        opened.close()
        raise
