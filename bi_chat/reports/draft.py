"""In: answers that a person has before them. Out: the text of a report file that asks them again, to be edited."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bi_chat.language.display import one_line
from bi_chat.reports.references import literal
from bi_chat.values.answer import AnswerValue
from bi_chat.values.plan import Plan
from bi_chat.values.serial import plan_codec

if TYPE_CHECKING:
    from bi_chat.values.serial import Json

_HEAD = (
    "# Look at it: bi-chat report preview FILE. When it is to come by itself, give it a schedule and recipients:\n"
    "#   schedule: {at: weekdays at 8:00, time_zone: Europe/Berlin}\n"
    "#   recipients: [{mail: you@example.org}]\n"
    "# then: bi-chat schedule serve FILE\n"
)


def draft_report(
    title: str,
    answers: Sequence[AnswerValue],
    *,
    data: Sequence[str],
    language: str,
    schedule: str = "",
    zone: str = "",
) -> str:
    """The file. The first question is asked in its words, others by their plans, since they may go on from it; what was
    not answered, or is no question of the data, is left out."""
    kept = [a for a in answers if a.status == "answered" and a.plan is not None]
    tiles = [(one_line(a.question.text, 200), a.plan, a.question.previous is None) for a in kept if a.plan is not None]
    return draft_of_plans(title, tiles, data=data, language=language, schedule=schedule, zone=zone)


def draft_of_plans(
    title: str,
    tiles: Sequence[tuple[str, Plan, bool]],
    *,
    data: Sequence[str],
    language: str,
    schedule: str = "",
    zone: str = "",
    recipient: tuple[str, str] | None = None,
) -> str:
    """The same of (title, plan, whether the title is a question that means this plan); `recipient` is a channel with
    its address."""
    contents = [_item(said, plan, asked=asked) for said, plan, asked in tiles]
    root: dict[str, Json] = {"title": literal(one_line(title, 120)), "language": language}
    if data:
        root["data"] = data[0] if len(data) == 1 else list(data)
    root |= {"formats": ["html", "pdf"], "contents": list(contents)}
    if schedule:
        root["schedule"] = {"at": schedule, **({"time_zone": zone} if zone else {})}
    if recipient is not None:
        root["recipients"] = [dict([recipient])]
    return _HEAD + _yaml(root)


def _item(said: str, plan: Plan, *, asked: bool) -> dict[str, Json]:
    if asked:
        return {"ask": literal(said)}
    return {"title": literal(said), "plan": plan_codec().to_data(plan)}


def _yaml(root: dict[str, Json]) -> str:
    from ruamel.yaml import YAML

    out, yaml = io.StringIO(), YAML()
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(root, out)
    return out.getvalue()
