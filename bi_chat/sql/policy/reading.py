"""In: a policy file, by path or as text. Out: the `Policy` in it, and every fault with its line and a suggestion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath

from bi_chat.errors import PolicyError
from bi_chat.semantics.ossie.document import Document, parse
from bi_chat.semantics.ossie.fault import Fault, nearest
from bi_chat.semantics.ossie.structure import Misfit, misfits, schema
from bi_chat.sql.policy.masks import GRAINS
from bi_chat.values.policy import Attribute, Grant, GroupSize, Mask, Policy, Role, User

Node = Mapping[object, object]
_ALL = "all"
_QUOTES = 'Inside { } a condition needs quotes: rows: "region = {user.region}".'
_SIMPLE_MASKS = ("null", "hash", "partial", "clear")
_GROUP_KEYS = ("min_group_size", "person", "dimensions")


@dataclass(frozen=True)
class LoadedPolicy:
    """A policy with the document it came from and the faults found in it so far."""

    policy: Policy
    document: Document
    faults: tuple[Fault, ...] = ()

    def with_faults(self, found: Iterable[Misfit]) -> LoadedPolicy:
        """The same, with further faults at their lines."""
        faults = {*self.faults, *(_at(self.document, m) for m in found)}
        return LoadedPolicy(self.policy, self.document, tuple(sorted(faults, key=lambda f: (f.line, f.problem))))

    def require(self) -> Policy:
        """The policy, if nothing is wrong with it: one fault and nobody sees anything. Raises PolicyError."""
        if self.faults:
            lines = "\n".join(f"  {fault}" for fault in self.faults)
            raise PolicyError(f"{self.document.file or 'The policy'} has {len(self.faults)} fault(s):\n{lines}")
        return self.policy


def load_policy(source: FilePath | str) -> LoadedPolicy:
    """Read a policy from a file, or from its text. Raises PolicyError only when the file can't be opened."""
    text, file = _text_of(source)
    document, broken = parse(text, file)
    if broken:
        hinted = tuple(replace(f, suggestion=f"{f.suggestion} {_QUOTES}") for f in broken)
        return LoadedPolicy(Policy(), document, hinted if "{user." in text else broken)
    root = schema("policy")
    found = [*misfits(document.root, root, root)]
    if not found:
        found = [*_word_misfits(document.root), *_role_misfits(document.root)]
    policy = Policy() if found else _policy(document.root)
    return LoadedPolicy(policy, document).with_faults(found)


def _text_of(source: FilePath | str) -> tuple[str, str]:
    if isinstance(source, str) and "\n" in source:
        return source, ""
    path = FilePath(source)
    try:
        return path.read_text(encoding="utf-8-sig"), path.name
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise PolicyError(f"The policy file {path} can't be read: {reason}.") from error


def _at(document: Document, misfit: Misfit) -> Fault:
    return Fault(document.line(misfit.path), misfit.problem, misfit.suggestion, document.file)


# ------------------------------------------------------------------ what the schema can't say in plain words
def _word_misfits(root: object) -> Iterator[Misfit]:
    """Texts where only `all` or the name of a mask may stand, and settings that need each other."""
    for name, role in _entries(root, "roles"):
        place = ("roles", name)
        for key in ("datasets", "metrics"):
            yield from _only_all(role.get(key), (*place, key))
        for dataset, grant in _pairs(role.get("datasets")):
            where = (*place, "datasets", dataset)
            yield from _only_all(grant, where)
            if isinstance(grant, Mapping):
                yield from _grant_misfits(grant, where)
    for name, user in _entries(root, "users"):
        for key, value in _pairs(user.get("attributes")):
            if isinstance(value, Sequence) and any(not isinstance(v, str | int | float | bool) for v in value):
                yield Misfit(("users", name, "attributes", key), f"{key} must hold texts or numbers.", "Quote days.")


def _grant_misfits(grant: Node, path: tuple[str, ...]) -> Iterator[Misfit]:
    yield from _only_all(grant.get("fields"), (*path, "fields"))
    for field, mask in _pairs(grant.get("masks")):
        yield from _mask_misfits(mask, (*path, "masks", field))
    said = [key for key in _GROUP_KEYS if key in grant]
    if said and len(said) < len(_GROUP_KEYS):
        missing = next(key for key in _GROUP_KEYS if key not in said)
        problem = "min_group_size, person and dimensions belong together."
        yield Misfit((*path, said[0]), problem, f"Add {missing}: to it.")


def _only_all(value: object, path: tuple[str, ...]) -> Iterator[Misfit]:
    if isinstance(value, str) and value != _ALL:
        yield Misfit(path, f"{path[-1]} can't be {value}.", "Write all, or name each one.")


def _mask_misfits(mask: object, path: tuple[str, ...]) -> Iterator[Misfit]:
    if isinstance(mask, str) and mask not in _SIMPLE_MASKS:
        hint = nearest(mask, _SIMPLE_MASKS) or "Known are null, hash, partial, clear, {partial: 4} and {bucket: 10}."
        yield Misfit(path, f"There is no mask {mask}.", hint)
    if not isinstance(mask, Mapping):
        return
    if len(mask) != 1:
        yield Misfit(path, "A mask is one thing.", "Write {partial: 4} or {bucket: 10}.")
    bucket = mask.get("bucket")
    if isinstance(bucket, str) and bucket not in GRAINS:
        yield Misfit(path, f"Dates can't be cut to the {bucket}.", f"Known are {', '.join(GRAINS)}.")
    if isinstance(bucket, int | float) and bucket <= 0:
        yield Misfit(path, "The width of a bucket is above zero.")


def _role_misfits(root: object) -> Iterator[Misfit]:
    known = [name for name, _ in _entries(root, "roles")]
    for name, user in _entries(root, "users"):
        for i, role in enumerate(_texts(user.get("roles"))):
            if role not in known:
                yield Misfit(("users", name, "roles", i), f"There is no role {role}.", nearest(role, known))


# ------------------------------------------------------------------ nodes to values
def _policy(root: object) -> Policy:
    roles = tuple(_role(name, node) for name, node in _entries(root, "roles"))
    return Policy(tuple(_user(name, node) for name, node in _entries(root, "users")), roles)


def _user(name: str, node: Node) -> User:
    attributes = tuple((key, _values(value)) for key, value in _pairs(node.get("attributes")))
    return User(name, _texts(node.get("roles")), attributes)


def _role(name: str, node: Node) -> Role:
    said = node.get("datasets")
    grants = None if said == _ALL else tuple(_grant(dataset, grant) for dataset, grant in _pairs(said))
    metrics = node.get("metrics", _ALL)
    named = None if metrics == _ALL else _texts(metrics)
    return Role(name, grants, named, str(node.get("description") or ""), node.get("view_as") is True)


def _grant(dataset: str, node: object) -> Grant:
    if not isinstance(node, Mapping):
        return Grant(dataset)
    fields = node.get("fields")
    size = node.get("min_group_size")
    return Grant(
        dataset,
        fields=None if fields == _ALL else _texts(fields),
        hidden=_texts(node.get("hide")),
        rows=str(node.get("rows") or ""),
        masks=tuple((field, _mask(mask)) for field, mask in _pairs(node.get("masks"))),
        groups=GroupSize(int(size), str(node.get("person")), _texts(node.get("dimensions")))
        if isinstance(size, int)
        else None,
    )


def _mask(node: object) -> Mask:
    if not isinstance(node, Mapping):
        return Mask("null" if node is None else str(node))
    keep, bucket = node.get("partial"), node.get("bucket")
    if isinstance(keep, int):
        return Mask("partial", keep=int(keep))
    return Mask("bucket", grain=str(bucket)) if isinstance(bucket, str) else Mask("bucket", width=_float(bucket))


def _values(node: object) -> tuple[Attribute, ...]:
    if isinstance(node, Sequence) and not isinstance(node, str):
        return tuple(v for item in node for v in _values(item))
    if isinstance(node, bool):
        return (node,)
    if isinstance(node, int):
        return (int(node),)
    return (float(node),) if isinstance(node, float) else (str(node),)


def _float(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _entries(root: object, key: str) -> list[tuple[str, Node]]:
    node = root.get(key) if isinstance(root, Mapping) else None
    return [(name, value) for name, value in _pairs(node) if isinstance(value, Mapping)]


def _pairs(node: object) -> list[tuple[str, object]]:
    return [(str(key), value) for key, value in node.items()] if isinstance(node, Mapping) else []


def _texts(node: object) -> tuple[str, ...]:
    listed = isinstance(node, Sequence) and not isinstance(node, str)
    return tuple(str(v) for v in node) if listed and isinstance(node, Sequence) else ()
