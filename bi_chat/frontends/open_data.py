"""In: data, model and day as a person named them. Out: an open connection, with the day that questions count from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from bi_chat.conversation.session import Session
from bi_chat.errors import SettingsError, SourceError
from bi_chat.frontends.sample_data import DEFAULT, SampleData, sample_named, sample_of
from bi_chat.ports import Store
from bi_chat.settings import Settings
from bi_chat.wiring import Connection, Spec, connect


@dataclass(frozen=True, slots=True)
class OpenData:
    """A connection; `today` is None where the clock decides; `sample` when it is one of ours."""

    connection: Connection
    today: datetime | None = None
    sample: SampleData | None = None

    def session(
        self,
        *,
        user: str = "",
        store: Store | None = None,
        door: str = "",
        view_as: str = "",
        remembered: bool = True,
    ) -> Session:
        """A new conversation, kept where there is a store, or only audited."""
        return self.connection.session(
            user=user, today=self.today, store=store, door=door, view_as=view_as, remembered=remembered
        )


def open_data(
    data: Spec | None,
    *,
    model: str | Path | None = None,
    today: date | datetime | str | None = None,
    settings: Settings | None = None,
    progress: Callable[[str], None] | None = None,
    policy: str | Path | None = None,
) -> OpenData:
    """Open data by path, paths, folder, frames or the name of a sample set; without any, the default sample set.

    A sample set brings its own model and day. Raises SourceError, ModelError, PolicyError or SettingsError (a day that
    is none).
    """
    day = day_of(today)
    if data is None or data == () or data == []:
        data = _default_sample().folder
    sample = sample_of(data)
    if sample is None:
        return OpenData(connect(data, model=model, settings=settings, progress=progress, policy=policy), day)
    made = connect(sample.folder, model=model or sample.model, settings=settings, progress=progress, policy=policy)
    return OpenData(made, day or sample.asked_on, sample)


def day_of(today: date | datetime | str | None) -> datetime | None:
    """A moment of a day, a moment or ISO text. Raises SettingsError for text that is neither."""
    if today is None or isinstance(today, datetime):
        return today
    if isinstance(today, date):
        return datetime(today.year, today.month, today.day)
    try:
        return datetime.fromisoformat(today)
    except ValueError:
        raise SettingsError(f"The day should be written like 2025-10-18, not {today!r}.") from None


def _default_sample() -> SampleData:
    found = sample_named(DEFAULT)
    if found is None:
        raise SourceError(
            "No data were named, and the sample data lie only in a clone of the repository. "
            "Name a file, a folder or a database."
        )
    return found
