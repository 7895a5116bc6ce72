"""In: lines and cells of a notebook. Out: answers shown richly; faults as guidance, never a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand
from IPython.display import Markdown, display

from bi_chat.conversation.answer import Answer
from bi_chat.conversation.session import Session
from bi_chat.errors import BiChatError
from bi_chat.frontends.notebook.completing import completions
from bi_chat.frontends.notebook.connecting import connect_names, frames_in, session_of
from bi_chat.frontends.notebook.filling import filled
from bi_chat.frontends.notebook.options import AskOptions, DataOptions, ask_options, data_options
from bi_chat.frontends.notebook.saving import saved
from bi_chat.frontends.notebook.showing import Shown, Told, Waiting, explained, with_chart
from bi_chat.frontends.sample_data import sample_sets
from bi_chat.values.serial import plan_codec

if TYPE_CHECKING:
    from IPython.core.completer import CompletionEvent

    from bi_chat.frontends.open_data import OpenData


@magics_class
class AskMagics(Magics):  # type: ignore[misc]
    """Ask data in words. One conversation for each notebook; other data begin another."""

    _opened: OpenData | None = None
    _session: Session | None = None
    _key: tuple[object, ...] = ()
    _library = False

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def ask(self, line: str, cell: str | None = None) -> Shown | Told | None:
        """Ask a question: %ask revenue by region last quarter

        %%ask takes one question for each line; each may follow up on the one before. {name} stands for a variable's
        value: a text, a number, a date or a short list of them. Names and values of the data complete with Tab.

        --data NAME   a frame of this notebook, a file, folder or database, or a sample set (may be given several times)
        --model FILE  a semantic model; without one it is drafted from the data
        --today DAY   the day that "last month" counts from, like 2025-10-18
        --into NAME   put the rows into a variable, as a polars frame
        --chart TYPE  line, area, bar, stacked_bar, scatter, pie, histogram, heatmap, map, box, number or table
        --sql         show the SQL as well
        --plan        show the plan as well, as it can be saved and run again
        --explain     show how it was read, what was assumed and how long each stage took
        """
        try:
            options = ask_options(line)
            questions = [q.strip() for q in (cell or "").splitlines() if q.strip()]
            questions = ([options.question] if options.question else []) + questions
            questions = [filled(q, self._variables()) for q in questions]
            session = self._prepared(options)
            if not questions:
                return Told(self._offer(session))
            for question in questions[:-1]:
                display(self._answered(question, options, session))
            return self._answered(questions[-1], options, session)
        except BiChatError as error:
            return Told(str(error))
        except KeyboardInterrupt:
            if self._session is not None:
                self._session.cancel()
            return Told("Stopped. The conversation is kept.")

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_magic  # type: ignore[untyped-decorator]
    def ask_save(self, line: str) -> Told:
        """Write the conversation to a file: %ask_save talk.html (with charts), talk.ipynb (to ask again), talk.json,
        or as a report that can be scheduled: weekly.yaml
        """
        try:
            return Told(saved(line.strip().strip('"'), self._session, self._names))
        except BiChatError as error:
            return Told(str(error))

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_magic  # type: ignore[untyped-decorator]
    def ask_data(self, line: str) -> Told:
        """Connect data: %ask_data sales customers (frames of this notebook), %ask_data orders.csv, %ask_data teahouse

        --model FILE and --today DAY as for %ask. Without a name: what is connected, and what can be asked.
        --policy FILE --as USER  only what the policy grants them; each question is then recorded
        """
        try:
            options = data_options(line)
            if options.names:
                self._connect(options)
            if self._session is None:
                found = frames_in(self._variables())
                named = f" Frames in this notebook: {', '.join(found)}." if found else ""
                return Told(
                    f"Nothing is connected yet. Type %ask_data and the name of a frame, file or sample set.{named}"
                )
            return Told(self._offer(self._session))
        except BiChatError as error:
            return Told(str(error))

    def _prepared(self, options: AskOptions) -> Session:
        """The session over the data named, over the ones in use, or over what there is."""
        if options.data or self._session is None or options.model or options.today:
            names = options.data or cast("tuple[str, ...]", self._key[0] if self._key else ())
            names = names or tuple(frames_in(self._variables())[:1])
            model = options.model or cast("str | None", self._key[1] if self._key and not options.data else None)
            kept = self._key[2:4] if self._key and not options.data else (None, "")
            policy, user = cast("tuple[str | None, str]", kept)
            self._connect(DataOptions(names, model, options.today, policy, user))
        assert self._session is not None
        return self._session

    def _connect(self, wanted: DataOptions) -> None:
        """Open anew when something else is meant; a frame is looked at again, because it may have changed."""
        variables = self._variables()
        identities = tuple(id(variables.get(name)) for name in wanted.names)
        key = (wanted.names, wanted.model, wanted.policy, wanted.user, wanted.today, identities)
        if key == self._key and self._opened is not None and not self._opened.connection.changed():
            return
        opened = connect_names(wanted.names, variables, model=wanted.model, today=wanted.today, policy=wanted.policy)
        session = session_of(opened, wanted)
        if self._opened is not None:
            self._opened.connection.close()
        self._opened, self._session, self._key = opened, session, key

    def _answered(self, question: str, options: AskOptions, session: Session) -> Shown:
        with Waiting() as waiting:
            made: Answer = session.ask(question, progress=waiting.told)
        if options.chart is not None:
            made = with_chart(made, options.chart)
        if options.into is not None and made.status == "answered":
            self.shell.push({options.into: made.frame})
        if options.plan and made.plan is not None:
            display(Markdown(f"```json\n{plan_codec().dumps(made.plan)}\n```"))
        if options.explain:
            display(Told(explained(made.value)))
        if (options.sql or options.explain) and made.sql:
            display(Markdown(f"```sql\n{made.sql}\n```"))
        first, self._library = not self._library, True
        return Shown(made, library=first)

    def _offer(self, session: Session) -> str:
        model = session.model
        tables = ", ".join(f"{d.label or d.name} ({d.rows:,} rows)" for d in model.datasets if d.rows is not None)
        tries = "\n".join(f"  %ask {s.text}" for s in session.starters())
        return f"Connected: {tables}." + (f"\nFor example:\n{tries}" if tries else "")

    @property
    def _names(self) -> tuple[str, ...]:
        """What is connected."""
        return cast("tuple[str, ...]", self._key[0] if self._key else ())

    def complete(self, _: object, event: CompletionEvent) -> list[str]:
        """What Tab offers after %ask and %ask_data."""
        known = [*frames_in(self._variables()), *(s.name for s in sample_sets())]
        if event.line.lstrip("%").startswith("ask_data"):
            return [n for n in known if n.startswith(event.symbol)]
        return completions(event.line, event.symbol, self._session.model if self._session else None, known)

    def _variables(self) -> dict[str, object]:
        return cast("dict[str, object]", self.shell.user_ns)
