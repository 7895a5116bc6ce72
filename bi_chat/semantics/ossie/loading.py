"""In: an Apache Ossie file, by path or as text. Out: its semantic model, and every fault with line and suggestion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath

from bi_chat.errors import ModelError
from bi_chat.semantics.model import SemanticModel
from bi_chat.semantics.ossie.document import Document, Path, parse, plain
from bi_chat.semantics.ossie.extension import extension_misfits
from bi_chat.semantics.ossie.fault import Fault, listed, nearest
from bi_chat.semantics.ossie.reading import nodes, read_model
from bi_chat.semantics.ossie.references import reference_misfits
from bi_chat.semantics.ossie.structure import Misfit, misfits, schema
from bi_chat.values.catalog import Catalog

CURRENT = "0.2.0.dev0"
UPGRADED = ("0.1.0", "0.1.1", "0.2.0")
_LEVELS = (("datasets", "dataset"), ("relationships", "relationship"), ("metrics", "metric"))


@dataclass(frozen=True)
class LoadedModel:
    """A model with the document it came from (kept whole, to be written back) and the faults found in it."""

    model: SemanticModel
    document: Document
    faults: tuple[Fault, ...] = ()

    def require(self) -> SemanticModel:
        """The model, if the file has no fault. Raises ModelError that lists every one."""
        if self.faults:
            name = self.document.file or "The model"
            lines = "\n".join(f"  {fault}" for fault in self.faults)
            raise ModelError(f"{name} has {len(self.faults)} fault(s):\n{lines}")
        return self.model


def load_model(source: FilePath | str, *, catalog: Catalog | None = None, name: str = "") -> LoadedModel:
    """Read a file (a path, or the text itself) of version 0.2.0.dev0; 0.1.1 is upgraded in memory.

    `name` chooses one of several models in the file; the first is the default. With a catalog, sources and columns are
    checked as well. Raises ModelError only when the file can't be opened.
    """
    text, file = _text_of(source)
    document, faults = parse(text, file)
    if faults:
        return LoadedModel(read_model(None), document, faults)
    place = _place_of(document, name)
    found = tuple(_faults(document, place, name, catalog))
    _upgrade(document)
    return LoadedModel(read_model(document.at(place)), document, found)


def validate(source: FilePath | str, *, catalog: Catalog | None = None, name: str = "") -> tuple[Fault, ...]:
    """Every fault of a file, in the order of its lines."""
    return load_model(source, catalog=catalog, name=name).faults


def _text_of(source: FilePath | str) -> tuple[str, str]:
    if isinstance(source, str) and ("\n" in source or ":" in source.replace(":\\", "").replace(":/", "")):
        return source, ""
    path = FilePath(source)
    try:
        return path.read_text(encoding="utf-8-sig"), path.name
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ModelError(f"The model file {path} can't be read: {reason}.") from error


def _place_of(document: Document, name: str) -> Path:
    for i, node in nodes(document.root, "semantic_model"):
        if not name or str(node.get("name", "")).lower() == name.lower():
            return ("semantic_model", i)
    return ("semantic_model", 0)


def _faults(document: Document, place: Path, name: str, catalog: Catalog | None) -> Iterator[Fault]:
    found: list[Misfit] = [*_version(document), *_named(document, name)]
    root = schema("ossie_core")
    found += misfits(document.root, root, root)
    for i, model in nodes(document.root, "semantic_model"):
        path: Path = ("semantic_model", i)
        found += extension_misfits(model, "model", path)
        for part, level in _LEVELS:
            for j, node in nodes(model, part):
                found += extension_misfits(node, level, (*path, part, j))
                for k, field in nodes(node, "fields"):
                    found += extension_misfits(field, "field", (*path, part, j, "fields", k))
        found += reference_misfits(model, path, catalog if path == place else None)
    faults = [Fault(document.line(m.path), m.problem, m.suggestion, document.file) for m in found]
    yield from sorted(dict.fromkeys(faults), key=lambda f: f.line)


def _version(document: Document) -> Iterator[Misfit]:
    stated = document.at(("version",))
    if isinstance(stated, str) and stated not in (CURRENT, *UPGRADED):
        problem = f"Version {stated} of the format is not known."
        yield Misfit(("version",), problem, f"Known are {CURRENT} and, to be upgraded, {listed(UPGRADED)}.")


def _named(document: Document, name: str) -> Iterator[Misfit]:
    names = [str(node.get("name", "")) for _, node in nodes(document.root, "semantic_model")]
    if name and name.lower() not in {n.lower() for n in names}:
        yield Misfit(("semantic_model",), f"The file has no model {name}.", nearest(name, names))


def _upgrade(document: Document) -> None:
    """Older files differ only in what they could not yet say (datatype), so that the version is all that changes."""
    root = document.root
    if isinstance(root, dict) and plain(root.get("version")) in UPGRADED:
        root["version"] = type(root["version"])(CURRENT) if isinstance(root["version"], str) else CURRENT
