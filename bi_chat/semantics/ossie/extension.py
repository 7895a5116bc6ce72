"""In: a node of a model file. Out: what stands in its BI_CHAT extension, and the faults in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from bi_chat.semantics.model import Guess
from bi_chat.semantics.ossie.document import Path
from bi_chat.semantics.ossie.structure import Misfit, definition, misfits, schema

VENDOR = "BI_CHAT"
SCHEMA = "bi_chat_extension"


def entry(node: object) -> tuple[int, str] | None:
    """Place and data of our entry among a node's extensions."""
    extensions = node.get("custom_extensions") if isinstance(node, Mapping) else None
    if not isinstance(extensions, Sequence) or isinstance(extensions, str):
        return None
    for i, extension in enumerate(extensions):
        if isinstance(extension, Mapping) and str(extension.get("vendor_name", "")).upper() == VENDOR:
            data = extension.get("data")
            return (i, data) if isinstance(data, str) else None
    return None


def place(node: object, path: Path) -> Path:
    """Where our data of this node stand."""
    found = entry(node)
    return (*path, "custom_extensions", found[0], "data") if found else path


def said(node: object) -> Mapping[str, object]:
    """What our extension of this node says; empty when it is absent or broken."""
    found = entry(node)
    if found is None:
        return {}
    try:
        data = json.loads(found[1])
    except json.JSONDecodeError:
        return {}
    return data if isinstance(data, dict) else {}


def extension_misfits(node: object, level: str, path: Path) -> Iterator[Misfit]:
    """Broken JSON, unknown keys and wrong values in our extension; `level` names a definition of the schema."""
    found = entry(node)
    if found is None:
        return
    where = (*path, "custom_extensions", found[0], "data")
    try:
        data = json.loads(found[1])
    except json.JSONDecodeError as error:
        problem = f"The data of the {VENDOR} extension is no valid JSON: {error.msg} at character {error.pos + 1}."
        yield Misfit(where, problem, "Use double quotes for keys and texts, and no comma after the last entry.")
        return
    root = schema(SCHEMA)
    for misfit in misfits(data, definition(level, root), root, (f"The {VENDOR} extension",)):
        # inside the JSON text there are no lines of the file: all faults point to where the data begins
        yield Misfit(where, misfit.problem, misfit.suggestion)


def text_of(data: Mapping[str, object], key: str) -> str:
    """A text of the extension; '' when absent or of another type."""
    value = data.get(key)
    return value if isinstance(value, str) else ""


def guess_of(data: Mapping[str, object]) -> Guess | None:
    """The guess that a draft left there."""
    value = data.get("guess")
    if not isinstance(value, Mapping):
        return None
    confidence = value.get("confidence")
    return Guess(str(value.get("evidence", "")), float(confidence) if isinstance(confidence, int | float) else 0.0)
