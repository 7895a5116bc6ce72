"""In: boards. Out: kept in the store's database, each its owner's alone."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, insert, select, update

from bi_chat.errors import StoreError
from bi_chat.stores.sqlalchemy import chain
from bi_chat.stores.sqlalchemy.opening import told
from bi_chat.stores.sqlalchemy.tables import boards
from bi_chat.stores.sqlalchemy.words import Words
from bi_chat.values.board import EVERYBODY, Board
from bi_chat.values.serial import SerialError, plan_codec

_NAME = 80


class SqlBoards:
    """A `Boards` (see ports) for many threads and processes at once."""

    def __init__(self, engine: Engine, words: Words) -> None:
        self._engine = engine
        self._words = words

    def of(self, owner: str, source: str) -> tuple[Board, ...]:
        """The owner's boards over a source, by name; one that this version can't read is left out."""
        return self._found(boards.c.owner == owner, boards.c.source == source)

    def shared(self, reader: str, source: str) -> tuple[Board, ...]:
        """Boards of others over a source that a person may look at, by name."""
        found = self._found(boards.c.owner != reader, boards.c.source == source)
        return tuple(b for b in found if reader and {reader, EVERYBODY} & set(b.readers))

    def _found(self, *conditions: ColumnElement[bool]) -> tuple[Board, ...]:
        wanted = select(boards).where(*conditions).order_by(boards.c.name)
        with self._at(writes=False) as at:
            return tuple(b for r in at.execute(wanted) if (b := self._board(r)) is not None)

    def add(self, owner: str, source: str, name: str) -> Board:
        """A new, empty board."""
        made = Board(secrets.token_hex(16), owner, source, name.strip()[:_NAME], changed_at=_now())
        with self._at(writes=True) as at:
            at.execute(insert(boards).values(id=made.id, owner=owner, source=source, **self._columns(made)))
        return made

    def change(self, owner: str, board: str, changed: Callable[[Board], Board]) -> Board:
        """Reads, changes and writes in one transaction, so that what another tab changed is not lost."""
        with self._at(writes=True) as at:
            wanted = select(boards).where(boards.c.id == board, boards.c.owner == owner).with_for_update()
            row = at.execute(wanted).first()
            found = self._board(row) if row is not None else None
            if found is None:
                raise StoreError("There is no such board. It may have been deleted.")
            made = replace(changed(found), id=found.id, owner=owner, source=found.source, changed_at=_now())
            at.execute(update(boards).where(boards.c.id == board).values(self._columns(made)))
        return made

    def delete(self, owner: str, board: str) -> None:
        """Removes a board."""
        with self._at(writes=True) as at:
            at.execute(delete(boards).where(boards.c.id == board, boards.c.owner == owner))

    @contextmanager
    def _at(self, *, writes: bool) -> Iterator[Connection]:
        with told(), self._engine.connect().execution_options(writes=writes) as at, at.begin():
            yield at

    def _columns(self, of: Board) -> dict[str, str]:
        content = plan_codec().dumps(replace(of, owner="", source="", name="", changed_at=None))
        sealed = self._words.sealed(content, f"{of.id} board")
        return {"name": of.name.strip()[:_NAME], "content": sealed, "changed_at": chain.stamp(of.changed_at or _now())}

    def _board(self, row: Row[tuple[object, ...]]) -> Board | None:
        with suppress(SerialError):
            found = plan_codec().loads(self._words.opened(row.content, f"{row.id} board"))
            if isinstance(found, Board):
                moment = chain.moment(row.changed_at)
                return replace(found, id=row.id, owner=row.owner, source=row.source, name=row.name, changed_at=moment)
        return None


def _now() -> datetime:
    return datetime.now(UTC)
