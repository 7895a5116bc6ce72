"""In: the text of a YAML file. Out: its nodes with line numbers, ready to be changed and written back without loss."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bi_chat.semantics.ossie.fault import Fault

if TYPE_CHECKING:
    from ruamel.yaml import YAML

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """`root` are ruamel's nodes (they keep comments and order); `text` is the file as it was read."""

    text: str
    file: str
    root: object

    def line(self, path: Path) -> int:
        """The line of the node at a path, or of the nearest one above it that has a line."""
        node, line = self.root, 1
        for step in path:
            line = _line_of(node, step) or line
            node = _child(node, step)
        return line

    def at(self, path: Path) -> object:
        """The node at a path; None when there is none."""
        node = self.root
        for step in path:
            node = _child(node, step)
        return node


def parse(text: str, file: str = "") -> tuple[Document, tuple[Fault, ...]]:
    """A document, and the fault that makes it unreadable, if any (its root is then None)."""
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return Document(text, file, _yaml(text).load(text)), ()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = f"This is no valid YAML: {error.problem or error.context or 'it cannot be read'}."
    except YAMLError as error:
        line, problem = 1, f"This is no valid YAML: {str(error).splitlines()[0]}."
    hint = "Check the indentation and that colons and quotes are closed on this line or the one before."
    return Document(text, file, None), (Fault(line, problem, hint, file),)


def write(document: Document) -> str:
    """The document as text; unchanged nodes give back the very text that was read."""
    fresh, _ = parse(document.text)
    if plain(fresh.root) == plain(document.root):
        return document.text
    out = io.StringIO()
    _yaml(document.text).dump(document.root, out)
    return out.getvalue()


def plain(node: object) -> object:
    """Nodes as ordinary dicts, lists and scalars."""
    if isinstance(node, Mapping):
        return {str(k): plain(v) for k, v in node.items()}
    if isinstance(node, Sequence) and not isinstance(node, str):
        return [plain(v) for v in node]
    return str(node) if isinstance(node, str) else node


def _yaml(text: str) -> YAML:
    """A reader and writer that keeps the indentation and width that the text uses."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.allow_unicode = True
    yaml.width = max([100, *(len(line) for line in text.splitlines())])
    nested = re.search(r"^semantic_model:[^\n]*\n(?:\s*#[^\n]*\n|\s*\n)*( *)-", text, re.MULTILINE)
    offset = len(nested.group(1)) if nested else 0
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    return yaml


def _line_of(node: object, step: str | int) -> int | None:
    marks = getattr(node, "lc", None)
    positions = getattr(marks, "data", None)
    if isinstance(positions, Mapping) and step in positions:
        return int(positions[step][0]) + 1
    line = getattr(marks, "line", None)
    return line + 1 if isinstance(line, int) else None


def _child(node: object, step: str | int) -> object:
    if isinstance(node, Mapping):
        return node.get(step)
    if isinstance(node, Sequence) and not isinstance(node, str) and isinstance(step, int) and step < len(node):
        return node[step]
    return None
