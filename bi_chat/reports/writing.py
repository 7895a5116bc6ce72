"""In: plans that somebody likes, and when they want them. Out: the text of a report file, to be reviewed and kept."""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.values.plan import Plan
from bi_chat.values.serial import plan_codec


@dataclass(frozen=True, slots=True)
class Wanted:
    """What goes into a file. `items` are (title, plan) in order; `schedule` in words or ''; `recipients` are
    (user, channel, address); `when` a condition in words or ''."""

    title: str
    language: str
    items: tuple[tuple[str, Plan], ...]
    data: tuple[str, ...] = ()
    model: str = ""
    policy: str = ""
    formats: tuple[str, ...] = ("html", "pdf")
    schedule: str = ""
    time_zone: str = ""
    when: str = ""
    recipients: tuple[tuple[str, str, str], ...] = ()


def written(wanted: Wanted) -> str:
    """YAML that `read_report` reads back. Whatever a title holds, it stays text."""
    import yaml

    data: dict[str, object] = {"title": _literal(wanted.title), "language": wanted.language}
    data |= {k: v for k, v in (("model", wanted.model), ("policy", wanted.policy), ("when", wanted.when)) if v}
    if wanted.data:
        data["data"] = list(wanted.data)
    data["formats"] = list(wanted.formats)
    data["contents"] = [
        {"title": _literal(title), "plan": plan_codec().to_data(plan)}
        if title
        else {"plan": plan_codec().to_data(plan)}
        for title, plan in wanted.items
    ]
    if wanted.schedule:
        data["schedule"] = {"at": wanted.schedule, "time_zone": wanted.time_zone or "UTC"}
    if wanted.recipients:
        data["recipients"] = [
            {"user": user, channel: address} if user else {channel: address}
            for user, channel, address in wanted.recipients
        ]
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)


def _literal(text: str) -> str:
    """Braces mean themselves."""
    return text.replace("{", "{{").replace("}", "}}")
