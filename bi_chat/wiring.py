"""In: what a person points at. Out: a session with its engine, model and planner. The one place that chooses plugs."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from bi_chat.conversation.journal import Journal
from bi_chat.conversation.running import Tools
from bi_chat.conversation.session import Session
from bi_chat.errors import EngineError, SourceError
from bi_chat.planners.grammar.planner import GrammarPlanner
from bi_chat.ports import Engine, Memory, Planner, Store
from bi_chat.semantics.model import SemanticModel
from bi_chat.settings import Settings, load_settings
from bi_chat.sources.report import SourceReport
from bi_chat.values.catalog import Catalog, TableProfile

if TYPE_CHECKING:
    from bi_chat.sources.load import Loaded

_LOG = logging.getLogger(__name__)
Spec = str | Path | Sequence[str | Path] | Mapping[str, object]
MODEL_VERSION = 2
EXAMPLES = 50  # values that a field keeps; the index holds all


@dataclass(frozen=True, slots=True)
class Connection:
    """Open data: many sessions share one."""

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

    def tools(self) -> Tools:
        """What the stages need."""
        chosen = self.settings
        return Tools(
            self.model,
            self.catalog,
            self.engine,
            self.planner,
            row_limit=chosen.row_limit,
            timeout=chosen.timeout,
            threshold=chosen.answer_threshold,
        )

    def session(
        self, *, user: str = "", today: datetime | None = None, store: Store | None = None, door: str = ""
    ) -> Session:
        """A new conversation over these data; kept, and audited as coming in by `door`, where there is a store."""
        journal = Journal(store, user, self.name, door) if store is not None else None
        memory = open_memory(self.settings, user, self.name) if store is not None else None
        return Session(self.tools(), user=user, today=today, journal=journal, memory=memory)

    def changed(self) -> bool:
        """Whether the files on disk are no longer those that were read: connect again to ask the new ones."""
        try:
            return _signature(self.source, self.database) != self.signature
        except (SourceError, OSError):
            return True

    def close(self) -> None:
        """Free the engine."""
        self.engine.close()


def connect(
    source: Spec,
    *,
    model: str | Path | None = None,
    settings: Settings | None = None,
    planner: Planner | None = None,
    progress: Callable[[str], None] | None = None,
) -> Connection:
    """Open a DuckDB or SQLite file, files, a folder, a glob, or frames by name; with a model file or a drafted model.

    Raises SourceError when the data can't be read and ModelError when the model file has faults.
    """
    from bi_chat.engines.duckdb.workers.launch import start_spare
    from bi_chat.sources.cache import discard
    from bi_chat.sources.load import load

    chosen = settings or load_settings()
    if chosen.workers:
        start_spare()  # it loads while the data are read
    folder = chosen.cache_dir / "sources"
    loaded = load(source, cache_dir=folder, progress=progress)
    try:
        return _connected(source, loaded, model, chosen, planner)
    except (SourceError, EngineError) as error:
        # A derived database that turns out to be damaged is made once more; nothing is lost with it. What took too
        # long or too much memory has an error class of its own.
        if type(error) not in (SourceError, EngineError) or not discard(folder, loaded.database):
            raise
    return _connected(source, load(source, cache_dir=folder, progress=progress), model, chosen, planner)


def _signature(source: Spec, database: Path) -> str:
    """Of the files that were named, and of the database made from them, which may go from the cache."""
    from bi_chat.engines.duckdb.opening import identity
    from bi_chat.sources.load import signature

    return f"{signature(source)} {identity(database)}"


def _connected(
    source: Spec, loaded: Loaded, model: str | Path | None, settings: Settings, planner: Planner | None
) -> Connection:
    from bi_chat.engines.duckdb.opening import identity

    engine = open_engine(loaded.database, settings)
    try:
        catalog = engine.catalog()
        made = prepare_model(engine, catalog, model, settings, name=loaded.name)
    except BaseException:
        engine.close()
        raise
    chosen = planner or GrammarPlanner()
    read = f"{loaded.signature} {identity(loaded.database)}"
    return Connection(
        engine, catalog, made, loaded.report, chosen, settings, loaded.name, source, read, loaded.database
    )


def open_store(settings: Settings) -> Store | None:
    """The store that the settings name; None where nothing is kept. Raises StoreError."""
    if not settings.store and settings.state_dir is None:
        return None
    try:
        from bi_chat.stores.sqlalchemy import open_store as opened
    except ImportError:
        return None
    return opened(settings.store or f"sqlite:///{settings.store_file}")


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


def prepare_model(
    engine: Engine, catalog: Catalog, model: str | Path | None, settings: Settings, *, name: str = ""
) -> SemanticModel:
    """The model file enriched with what the data show, or a drafted model; kept with the data's fingerprint."""
    text = Path(model).read_text("utf-8") if model is not None else ""
    key = sha256(f"{MODEL_VERSION}:{catalog.fingerprint}:{text}".encode()).hexdigest()[:32]
    kept = settings.cache_dir / "models" / f"{key}.json"
    found = _read_kept(kept)
    if found is not None:
        return found
    profiles = {t.name: engine.profile(t.name) for t in catalog.tables}
    made = _from_file(Path(model), catalog, profiles) if model is not None else _draft(catalog, profiles)
    return _keep(kept, made)


def _from_file(file: Path, catalog: Catalog, profiles: Mapping[str, TableProfile]) -> SemanticModel:
    from bi_chat.semantics.ossie import enrich, load_model

    return enrich(load_model(file, catalog=catalog).require(), catalog, profiles)


def _draft(catalog: Catalog, profiles: Mapping[str, TableProfile]) -> SemanticModel:
    from bi_chat.semantics.drafting import draft_model
    from bi_chat.semantics.drafting.business import with_business_measures

    return with_business_measures(draft_model(catalog, profiles))


def _codec() -> object:
    from bi_chat.semantics import model
    from bi_chat.values import period
    from bi_chat.values.serial import Codec

    return Codec((model, period))


def _read_kept(file: Path) -> SemanticModel | None:
    """A kept model with its values; anything unreadable is made anew."""
    from bi_chat.stores.sqlite import SqliteValues
    from bi_chat.values.serial import Codec

    if not file.exists():
        return None
    codec = _codec()
    assert isinstance(codec, Codec)
    try:
        found = codec.loads(file.read_text("utf-8"))
        values = SqliteValues(file.with_suffix(".sqlite"))
    except (OSError, ValueError, TypeError, KeyError):  # cut off, overwritten, or of another version
        return None
    return replace(found, _values=values) if isinstance(found, SemanticModel) else None


def _keep(file: Path, made: SemanticModel) -> SemanticModel:
    """The model, whose fields keep examples of their values: all of them are in a file beside it."""
    from bi_chat.language.registry import get as language_of
    from bi_chat.semantics.known_values import forms_of
    from bi_chat.stores.sqlite import SqliteValues, write_values
    from bi_chat.values.serial import Codec

    codec = _codec()
    assert isinstance(codec, Codec)
    index, part = file.with_suffix(".sqlite"), file.with_suffix(f".{uuid4().hex}.part")
    datasets = tuple(
        replace(d, fields=tuple(replace(f, values=f.values[:EXAMPLES]) for f in d.fields)) for d in made.datasets
    )
    try:
        write_values(forms_of(made, language_of("en").tokenize), index)
        part.write_text(codec.dumps(replace(made, datasets=datasets)), "utf-8")
        part.replace(file)
        return replace(made, datasets=datasets, _values=SqliteValues(index))
    except OSError:  # it is only kept to be quick the next time
        _LOG.warning("The model can't be kept: the folder for derived files can't be written to.")
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        return made
