"""The errors: the set-up or the program is wrong. What the asker can mend is an `Issue` inside the answer instead.

BiChatError
├── SettingsError      a setting is missing or makes no sense
├── SourceError        a file or database can't be read (carries what to do)
├── ModelError         a semantic model file is invalid (carries every fault, with lines)
├── PolicyError        a policy file is invalid (carries every fault, with lines)
├── AccessDenied       nobody is signed in, or the policy doesn't know who is
├── GuardError         SQL was refused; only raised at doors that have no Answer to put an issue in
├── StoreError        what is remembered can't be read or written (carries what to do)
├── LanguageModelError the language model gave nothing that can be used
│   ├── ModelBusy      it may answer if asked again
│   ├── ModelStopped   the asker stopped it
│   └── BudgetSpent    no more tokens may be spent today
├── PictureError       a chart can't be drawn as a picture (carries what to install)
├── ReportError        a report file is invalid (carries every fault, with lines), or a page can't be made
├── DeliveryError      a channel refused or could not be reached (says whether to try again)
└── EngineError        the engine failed
    ├── QueryCancelled the asker stopped it
    ├── QueryTimeout   it ran past its limit
    ├── QueryOutOfMemory it needed more memory than it may have
    ├── ResultTooLarge its rows are more data than may be handed over
    ├── EngineBusy     others' queries left it no turn for too long
    ├── EngineSpent    what ran before left its process no room
    └── DataChanged    the data are no longer those that were opened
"""

from __future__ import annotations


class BiChatError(Exception):
    """Root of all errors; its text is fit for a user's eyes."""


class SettingsError(BiChatError):
    """A setting is missing or makes no sense."""


class SourceError(BiChatError):
    """A file or database can't be read."""


class ModelError(BiChatError):
    """A semantic model is invalid."""


class PolicyError(BiChatError):
    """A policy is invalid."""


class AccessDenied(BiChatError):
    """Nobody is signed in under a policy, or somebody it doesn't know: nothing may be seen."""


class GuardError(BiChatError):
    """SQL was refused by the guard."""


class StoreError(BiChatError):
    """What is remembered can't be read or written."""


class LanguageModelError(BiChatError):
    """The language model gave nothing that can be used. Its own text goes nowhere: it may hold what was sent."""


class ModelBusy(LanguageModelError):
    """Overloaded, unreachable or too slow: it may answer if asked again, after `wait` seconds where it said so."""

    def __init__(self, message: str, *, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class ModelStopped(LanguageModelError):
    """The asker stopped it."""


class BudgetSpent(LanguageModelError):
    """No more tokens may be spent today."""


class PictureError(BiChatError):
    """A chart can't be drawn as a still picture."""


class ReportError(BiChatError):
    """A report file is invalid, or what it asks for can't be made here."""


class DeliveryError(BiChatError):
    """A report was not delivered. `again`: another attempt may succeed."""

    def __init__(self, said: str, *, again: bool = True) -> None:
        super().__init__(said)
        self.again = again


class EngineError(BiChatError):
    """The engine failed. The engine's own text goes to the log, never to a user: it may hold values."""


class QueryCancelled(EngineError):
    """The asker stopped the query."""


class QueryTimeout(EngineError):
    """The query ran past its limit."""


class QueryOutOfMemory(EngineError):
    """The query needed more memory than it may have."""


class ResultTooLarge(EngineError):
    """The result is more data than may be handed over."""


class EngineBusy(EngineError):
    """The query waited too long for its turn."""


class EngineSpent(EngineError):
    """What ran before left the process no room to begin: another process can run the query."""


class DataChanged(EngineError):
    """The data are no longer those that were opened: open them again."""
