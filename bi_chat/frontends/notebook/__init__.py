"""In: a running IPython shell. Out: the magics %ask, %%ask and %ask_data in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load(shell: InteractiveShell) -> None:
    """Register the magics; called by `%load_ext bi_chat`."""
    from bi_chat.frontends.notebook.magics import AskMagics
    from bi_chat.frontends.notebook.typed import without_question_marks

    magics = AskMagics(shell)
    shell.register_magics(magics)
    if without_question_marks not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(without_question_marks)
    shell.set_hook("complete_command", magics.complete, re_key="%{1,2}ask")
