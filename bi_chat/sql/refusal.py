"""In: why a plan can't be compiled. Out: an `Issue` in the asker's language; raised inside, returned at the door."""

from __future__ import annotations

from collections.abc import Iterable

from bi_chat.values.issue import Issue, IssueCode, Suggestion

_SENTENCES: dict[str, tuple[IssueCode, str, str]] = {
    "unknown": (IssueCode.UNKNOWN_WORD, "The data have no {name}.", "数据里没有{name}。"),
    "masked": (
        IssueCode.MASKED,
        "{name} is masked for you: it can't be shown, counted, filtered, sorted or grouped by.",
        "{name}对您已脱敏，不能展示、统计、筛选、排序或分组。",
    ),
    "not_joinable": (
        IssueCode.NOT_JOINABLE,
        "{measure} can't be split or filtered by {dimension}: no relationship leads from {home} to {target}.",
        "{measure}不能按{dimension}拆分或筛选：{home}与{target}之间没有关联。",
    ),
    "ambiguous_path": (
        IssueCode.AMBIGUOUS,
        "{target} can be reached from {home} in more than one way: {ways}.",
        "从{home}到{target}有多条路径：{ways}。",
    ),
    "ambiguous_link": (
        IssueCode.AMBIGUOUS,
        "{home} and {target} are linked in more than one way: {ways}.",
        "{home}与{target}之间有多种联系：{ways}。",
    ),
    "fan_out": (
        IssueCode.FAN_OUT,
        "{measure} by {dimension} would count rows of {home} more than once: {home} has no key to tell its rows apart.",
        "按{dimension}计算{measure}会重复计算{home}的行，而{home}没有主键可以去重。",
    ),
    "no_key": (
        IssueCode.UNSUPPORTED,
        "{dataset} has no key, so a value for each of its rows can't be computed.",
        "{dataset}没有主键，无法逐行计算。",
    ),
    "no_time": (
        IssueCode.NO_TIME_FIELD,
        "{dataset} has no date to place {measure} in time.",
        "{dataset}没有可用的日期字段，无法确定{measure}的时间。",
    ),
    "only_years": (
        IssueCode.NO_TIME_FIELD,
        "{field} holds years only; it can't be cut finer.",
        "{field}只有年份，无法按更细的时间划分。",
    ),
    "no_such_day": (IssueCode.OUTSIDE_PERIOD, "That date does not exist.", "该日期不存在。"),
    "no_bucket": (
        IssueCode.UNSUPPORTED,
        "{what} needs a grouping by time, such as by month.",
        "{what}需要按时间分组，例如按月。",
    ),
    "not_additive": (
        IssueCode.UNSUPPORTED,
        "{what} of {measure} makes no sense: its groups do not add up to its total.",
        "{measure}各组之和不等于总数，不能计算{what}。",
    ),
    "no_groups": (IssueCode.UNSUPPORTED, "{what} needs a grouping.", "{what}需要分组。"),
    "no_period": (
        IssueCode.UNSUPPORTED,
        "A comparison needs a period with a start and an end.",
        "对比需要一个有起止日期的时间段。",
    ),
    "grain": (
        IssueCode.UNSUPPORTED,
        "{what} by {grain} can't be computed over groups by {bucket}.",
        "按{bucket}分组时不能计算{grain}的{what}。",
    ),
    "unsupported": (IssueCode.UNSUPPORTED, "This can't be computed yet: {what}.", "暂不支持：{what}。"),
    "bad_metric": (
        IssueCode.UNSUPPORTED,
        "The definition of {metric} can't be used: {what}.",
        "指标{metric}的定义无法使用：{what}。",
    ),
}
_EXISTS = {"en": "It can be split by fields of: {names}.", "zh": "可用的数据集：{names}。"}


class Refusal(Exception):
    """A plan that can't be compiled: the sentence's key, its arguments, and what could be used instead."""

    def __init__(self, key: str, *, usable: Iterable[str] = (), suggestions: Iterable[str] = (), **args: str) -> None:
        super().__init__(key)
        self.key, self.args_of, self.usable, self.suggestions = key, args, tuple(usable), tuple(suggestions)

    def issue(self, language: str) -> Issue:
        """The finished issue."""
        code, english, chinese = _SENTENCES[self.key]
        text = (chinese if language == "zh" else english).format(**self.args_of)
        names = ("、" if language == "zh" else ", ").join(self.usable)
        exists = _EXISTS["zh" if language == "zh" else "en"].format(names=names) if names else ""
        offered = tuple(Suggestion(label=s, text=s) for s in self.suggestions[:3])
        return Issue(code, problem=text, exists=exists, suggestions=offered)
