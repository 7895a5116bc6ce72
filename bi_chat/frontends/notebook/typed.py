"""In: the lines of a cell as they were typed. Out: the same, so that a question that ends with ? is asked.

A notebook takes "%ask what sells most?" for a call for help on the word before the question mark.
"""

from __future__ import annotations

import re

_ASKED = re.compile(r"^(\s*%{1,2}ask[ \t]+\S.*?)[ \t]*\?+[ \t]*$")


def without_question_marks(lines: list[str]) -> list[str]:
    """Questions after %ask and %%ask without the mark at their end; `%ask?` still explains the magic."""
    return [_ASKED.sub(r"\1", line.rstrip("\n")) + line[len(line.rstrip("\n")) :] for line in lines]
