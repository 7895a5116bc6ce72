"""In: an exception of the engine and why it was interrupted. Out: our own error, whose sentence holds no value.

The engine's text may quote a cell ("Could not convert string '…'"); it goes to the log at debug level and nowhere else.
"""

from __future__ import annotations

import logging

from bi_chat.errors import EngineError, EngineSpent, QueryCancelled, QueryOutOfMemory, QueryTimeout

_LOG = logging.getLogger(__name__)

# How a worker process ends itself when a query doesn't heed an interrupt.
EXITS = {"memory": 71, "timeout": 72, "cancelled": 73}
REASONS = {status: reason for reason, status in EXITS.items()}

_SENTENCES = {
    "ConversionException": "A value in the data can't be turned into the type asked for. TRY_CAST gives NULL instead.",
    "OutOfRangeException": "A number became too large for its type.",
    "BinderException": "The names or types in the query don't fit the tables.",
    "CatalogException": "The query names something that isn't there.",
    "ParserException": "The query is not valid SQL.",
    "SyntaxException": "The query is not valid SQL.",
    "PermissionException": "The query asks for something that is not allowed.",
    "InvalidInputException": "The query gives a function a value that it can't take.",
    "TypeMismatchException": "The types in the query don't fit together.",
    "NotImplementedException": "The engine can't do this kind of query.",
    "IOException": "The database file can't be read any more.",
}


def translated(error: Exception, reason: str) -> EngineError:
    """The error to raise; `reason` is the watch's. The class never depends on the text, which may depend on data."""
    _LOG.debug("query failed (%s)", reason or type(error).__name__, exc_info=error)
    kind = type(error).__name__
    if reason == "cancelled":
        return QueryCancelled("The query was stopped.")
    if reason == "memory" or kind == "OutOfMemoryException" or isinstance(error, MemoryError):
        return QueryOutOfMemory("The query needs more memory than it may use. Ask for fewer rows or columns.")
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return EngineSpent("The engine has no room for another query at this moment. Ask again.")
    if reason == "timeout" or kind == "InterruptException":
        return QueryTimeout("The query ran past its time limit. Ask for a shorter period or fewer groups.")
    return EngineError(_SENTENCES.get(kind, "The engine failed on this query."))


def ended(status: int | None, *, cancelled: bool) -> EngineError:
    """The error to raise when the process that ran a query has ended with this status in place of an answer."""
    reason = "cancelled" if cancelled else REASONS.get(status or 0, "")
    if reason:
        return translated(ChildProcessError(), reason)
    _LOG.warning("a worker process ended with status %s", status)
    return EngineSpent("The process that ran the query broke down. The next query gets a new one.")


def is_fatal(error: Exception) -> bool:
    """Whether the connection is of no use any more."""
    return type(error).__name__ in ("FatalException", "InternalException", "ConnectionException")
