"""In: a conversation and a file name. Out: the conversation in that file, in the form that its ending names."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bi_chat.conversation.session import Session
from bi_chat.conversation.views.page import conversation_html, conversation_json, conversation_notebook
from bi_chat.errors import SettingsError
from bi_chat.reports.draft import draft_report

FORMS = (".html", ".ipynb", ".json", ".yaml")


def saved(name: str, session: Session | None, data: tuple[str, ...]) -> str:
    """What was written. Raises SettingsError where there is nothing to write, or no way to."""
    target = Path(name).expanduser()
    if target.suffix.lower() not in FORMS:
        raise SettingsError(f"Name a file that ends with {', '.join(FORMS)}: %ask_save talk.html")
    answers = tuple(a.value for a in session.history) if session is not None else ()
    if not answers:
        raise SettingsError("Nothing has been asked yet, so there is nothing to save.")
    title, language = answers[0].question.text, answers[0].question.language
    if target.suffix.lower() == ".html":
        text = conversation_html(title, answers, datetime.now(), language)
    elif target.suffix.lower() == ".json":
        text = conversation_json(title, answers)
    elif target.suffix.lower() == ".yaml":
        text = draft_report(title, answers, data=data, language=language)
    else:
        text = conversation_notebook(title, answers, " ".join(data))
    try:
        target.write_text(text, "utf-8")
    except OSError as error:
        raise SettingsError(f"{target} can't be written: {error.strerror}.") from None
    return f"{len(answers)} answers are in {target}."
