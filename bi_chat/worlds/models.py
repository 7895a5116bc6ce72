"""In: an engine's tables, profiled, perhaps a model file. Out: their semantic model, kept by the data's fingerprint."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from bi_chat.ports import Engine
from bi_chat.semantics.model import SemanticModel
from bi_chat.settings import Settings
from bi_chat.values.catalog import Catalog, TableProfile

_LOG = logging.getLogger(__name__)
MODEL_VERSION = 5
EXAMPLES = 50  # values that a field keeps; the index holds all
Make = Callable[[Mapping[str, TableProfile]], SemanticModel]


def prepare_model(
    engine: Engine, catalog: Catalog, model: str | Path | None, settings: Settings, *, name: str = ""
) -> SemanticModel:
    """The model file enriched with what the data show, or a drafted model; kept with the data's fingerprint."""

    def make(profiles: Mapping[str, TableProfile]) -> SemanticModel:
        return _from_file(Path(model), catalog, profiles) if model is not None else drafted(catalog, profiles)

    return kept_model(make, engine, catalog, text_of(model), settings)


def kept_model(make: Make, engine: Engine, catalog: Catalog, text: str, settings: Settings) -> SemanticModel:
    """What `make` gives from the profiles of all tables; made once for a catalog and the text of a model file."""
    key = sha256(f"{MODEL_VERSION}:{catalog.fingerprint}:{text}".encode()).hexdigest()[:32]
    kept = settings.cache_dir / "models" / f"{key}.json"

    def made() -> SemanticModel:
        return make({t.name: engine.profile(t.name) for t in catalog.tables})

    def again() -> None:
        _write(made(), kept)

    found = _read_kept(kept, again)
    return _keep(kept, made(), again) if found is None else found


def text_of(model: str | Path | None) -> str:
    """The text of a model file, '' for none."""
    return Path(model).read_text("utf-8") if model is not None else ""


def drafted(catalog: Catalog, profiles: Mapping[str, TableProfile]) -> SemanticModel:
    """A model for data that nobody modelled."""
    from bi_chat.semantics.drafting import draft_model
    from bi_chat.semantics.drafting.balances import with_balances
    from bi_chat.semantics.drafting.business import with_business_measures, with_named_amounts

    drafted = with_named_amounts(draft_model(catalog, profiles))
    return with_balances(with_business_measures(drafted))


def _from_file(file: Path, catalog: Catalog, profiles: Mapping[str, TableProfile]) -> SemanticModel:
    from bi_chat.semantics.ossie import enrich, load_model

    return enrich(load_model(file, catalog=catalog).require(), catalog, profiles)


def _codec() -> object:
    from bi_chat.semantics import model
    from bi_chat.values import period
    from bi_chat.values.serial import Codec

    return Codec((model, period))


def _read_kept(file: Path, again: Callable[[], None]) -> SemanticModel | None:
    """A kept model with its values; anything unreadable is made anew."""
    from bi_chat.stores.sqlite import SqliteValues
    from bi_chat.values.serial import Codec

    if not file.exists():
        return None
    codec = _codec()
    assert isinstance(codec, Codec)
    try:
        found = codec.loads(file.read_text("utf-8"))
        values = SqliteValues(file.with_suffix(".sqlite"), again)
    except (OSError, ValueError, TypeError, KeyError):  # cut off, overwritten, or of another version
        return None
    return replace(found, _values=values) if isinstance(found, SemanticModel) else None


def _keep(file: Path, made: SemanticModel, again: Callable[[], None]) -> SemanticModel:
    """The model, whose fields keep examples of their values: all of them are in a file beside it."""
    from bi_chat.stores.sqlite import SqliteValues
    from bi_chat.values.serial import Codec

    codec = _codec()
    assert isinstance(codec, Codec)
    index, part = file.with_suffix(".sqlite"), file.with_suffix(f".{uuid4().hex}.part")
    datasets = tuple(
        replace(d, fields=tuple(replace(f, values=f.values[:EXAMPLES]) for f in d.fields)) for d in made.datasets
    )
    try:
        _write(made, file)
        part.write_text(codec.dumps(replace(made, datasets=datasets)), "utf-8")
        part.replace(file)
        return replace(made, datasets=datasets, _values=SqliteValues(index, again))
    except OSError:  # it is only kept to be quick the next time
        _LOG.warning("The model can't be kept: the folder for derived files can't be written to.")
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        return made


def _write(made: SemanticModel, file: Path) -> None:
    """All values of a model, in a file beside the kept one."""
    from bi_chat.language.registry import get as language_of
    from bi_chat.semantics.known_values import forms_of
    from bi_chat.stores.sqlite import write_values

    write_values(forms_of(made, language_of("en").tokenize), file.with_suffix(".sqlite"))
