"""In: the environment. Out: settings with their defaults. Nothing else in the package reads environment variables."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from bi_chat.errors import SettingsError

PREFIX = "BI_CHAT_"
LOCAL = "local"  # who asks where nobody signs in: the person at this machine


@dataclass(frozen=True, slots=True)
class SignIn:
    """How people sign in by OpenID Connect. `metadata` is the address of the provider's configuration; `claim` names
    who they are as the policy knows them; `audience` is whom API tokens must be made for; `hours` how long it lasts.
    """

    metadata: str
    client: str
    secret: str
    claim: str = "email"
    audience: str = ""
    hours: float = 12.0


@dataclass(frozen=True, slots=True)
class ModelServer:
    """A language model on a server that speaks as OpenAI's does; `url` '' is OpenAI's own.

    `when`: unsure (where the embedded planner is), always, or never. `share`: schema (names of the data) or values
    (examples of values that are not about persons, too). `timeout` in seconds for a reply; `budget` tokens that one
    person may spend a day, 0 for any number; `context` tokens of the data's description.
    """

    model: str
    url: str = ""
    key: str = field(default="", repr=False)
    when: str = "unsure"
    share: str = "values"
    timeout: float = 30.0
    budget: int = 500_000
    context: int = 4_000


@dataclass(frozen=True, slots=True)
class MailServer:
    """Who sends reports by mail. `tls`: starttls, tls (from the first byte) or none (a server on this machine only).
    The password is a secret, mail.password, and no setting."""

    host: str
    sender: str
    port: int = 587
    user: str = ""
    tls: str = "starttls"


@dataclass(frozen=True, slots=True)
class Settings:
    """cache_dir: derived files that may be deleted at any time; state_dir: what is remembered (None: nothing is);
    store: the address of its database ('' is a SQLite file in state_dir); store_key: its words are written in cipher.
    timeout: seconds for a query; row_limit: rows shown.

    workers: processes that run queries, so many at once; with 0 they run in the program itself, where nothing can be
    killed. memory_limit, as DuckDB writes it, and threads are for each of them. wait: seconds for a query's turn.
    result_limit: data that one query may hand over.

    policy: the file that says who may see what; url: where people reach a server that isn't for this machine alone;
    api_rate: requests a minute that one key, or one person, may make; llm: the language model, None for none.
    """

    cache_dir: Path
    memory_limit: str = "2GB"
    threads: int = 2
    timeout: float = 30.0
    row_limit: int = 10_000
    workers: int = 2
    wait: float = 30.0
    result_limit: str = "64MB"
    answer_threshold: float = 0.5
    state_dir: Path | None = None
    store: str = ""
    store_key: str = field(default="", repr=False)
    policy: str = ""
    url: str = ""
    api_rate: float = 120.0
    sign_in: SignIn | None = None
    llm: ModelServer | None = None
    mail: MailServer | None = None

    @property
    def store_file(self) -> Path:
        """Where the store lies when it is a file of its own."""
        address = self.store.removeprefix("sqlite:///")
        return Path(address) if address else (self.state_dir or Path()) / "bi_chat.sqlite"


def load_settings() -> Settings:
    """Settings from BI_CHAT_CACHE_DIR, BI_CHAT_MEMORY_LIMIT, BI_CHAT_THREADS, BI_CHAT_TIMEOUT, BI_CHAT_ROW_LIMIT,
    BI_CHAT_WORKERS, BI_CHAT_WAIT, BI_CHAT_RESULT_LIMIT, BI_CHAT_STATE_DIR, BI_CHAT_STORE, BI_CHAT_STORE_KEY,
    BI_CHAT_POLICY, BI_CHAT_URL, BI_CHAT_API_RATE, BI_CHAT_OIDC_…, BI_CHAT_MAIL_… and BI_CHAT_LLM_…."""
    return Settings(
        cache_dir=Path(os.environ.get(PREFIX + "CACHE_DIR") or _default_cache()),
        memory_limit=os.environ.get(PREFIX + "MEMORY_LIMIT", "2GB"),
        threads=int(_number("THREADS", 2)),
        timeout=_number("TIMEOUT", 30.0),
        row_limit=int(_number("ROW_LIMIT", 10_000)),
        state_dir=Path(os.environ.get(PREFIX + "STATE_DIR") or _default_state()),
        store=os.environ.get(PREFIX + "STORE", ""),
        store_key=os.environ.get(PREFIX + "STORE_KEY", ""),
        workers=int(_number("WORKERS", 2, least=0)),
        wait=_number("WAIT", 30.0),
        result_limit=os.environ.get(PREFIX + "RESULT_LIMIT", "64MB"),
        policy=os.environ.get(PREFIX + "POLICY", ""),
        url=os.environ.get(PREFIX + "URL", "").rstrip("/"),
        api_rate=_number("API_RATE", 120.0),
        sign_in=_sign_in(),
        llm=_model_server(),
        mail=_mail(),
    )


def _model_server() -> ModelServer | None:
    """None where no model is named, or it shall never be asked. Raises SettingsError."""
    model, when = os.environ.get(PREFIX + "LLM_MODEL", ""), _one_of("LLM_WHEN", ("unsure", "always", "never"))
    url = os.environ.get(PREFIX + "LLM_URL", "").rstrip("/")
    if url and not model:
        raise SettingsError("A model server needs the name of a model, too: set BI_CHAT_LLM_MODEL.")
    if url and not url.startswith(("http://", "https://")):
        raise SettingsError(f"BI_CHAT_LLM_URL should begin with https:// (or http://), not {url!r}.")
    if not model or when == "never":
        return None
    return ModelServer(
        model,
        url,
        os.environ.get(PREFIX + "LLM_KEY", ""),
        when,
        _one_of("LLM_SHARE", ("values", "schema")),
        _number("LLM_TIMEOUT", 30.0),
        int(_number("LLM_BUDGET", 500_000, least=0)),
        int(_number("LLM_CONTEXT", 4_000)),
    )


def _one_of(name: str, choices: tuple[str, ...]) -> str:
    """The first is the default. Raises SettingsError."""
    found = os.environ.get(PREFIX + name, "") or choices[0]
    if found not in choices:
        raise SettingsError(f"{PREFIX}{name} should be one of {', '.join(choices)}, not {found!r}.")
    return found


def secret_in_environment(name: str) -> str:
    """A secret such as mail.password from BI_CHAT_SECRET_MAIL_PASSWORD; '' where it is not there."""
    return os.environ.get(PREFIX + "SECRET_" + re.sub(r"\W", "_", name).upper(), "")


def _mail() -> MailServer | None:
    """None where no server is named. Raises SettingsError for half of one."""
    host, sender = os.environ.get(PREFIX + "MAIL_HOST", ""), os.environ.get(PREFIX + "MAIL_FROM", "")
    if not host and not sender:
        return None
    if not host or not sender:
        raise SettingsError("Mails need both BI_CHAT_MAIL_HOST and BI_CHAT_MAIL_FROM.")
    tls = _one_of("MAIL_TLS", ("starttls", "tls", "none"))
    port = int(_number("MAIL_PORT", 465 if tls == "tls" else 587))
    return MailServer(host, sender, port, os.environ.get(PREFIX + "MAIL_USER", ""), tls)


def _sign_in() -> SignIn | None:
    """None where no provider is named. Raises SettingsError for half of one."""
    metadata = os.environ.get(PREFIX + "OIDC_METADATA", "")
    client = os.environ.get(PREFIX + "OIDC_CLIENT", "")
    secret = os.environ.get(PREFIX + "OIDC_SECRET", "")
    if not (metadata or client or secret):
        return None
    if not (metadata and client and secret):
        raise SettingsError("Sign-in needs all of BI_CHAT_OIDC_METADATA, BI_CHAT_OIDC_CLIENT and BI_CHAT_OIDC_SECRET.")
    return SignIn(
        metadata,
        client,
        secret,
        claim=os.environ.get(PREFIX + "OIDC_CLAIM") or "email",
        audience=os.environ.get(PREFIX + "OIDC_AUDIENCE") or client,
        hours=_number("OIDC_HOURS", 12.0),
    )


def _number(name: str, default: float, *, least: float | None = None) -> float:
    """`least` may itself be given; without it the number has to be above zero."""
    text = os.environ.get(PREFIX + name, "")
    try:
        value = float(text) if text else float(default)
    except ValueError:
        raise SettingsError(
            f"{PREFIX}{name} should be a number, not {text!r}. For example: {PREFIX}{name}={default:g}"
        ) from None
    if value <= 0 and value != least:
        raise SettingsError(f"{PREFIX}{name} should be above zero, not {text}.")
    return value


def _default_cache() -> str:
    from platformdirs import user_cache_dir

    return user_cache_dir("bi_chat", appauthor=False)


def _default_state() -> str:
    from platformdirs import user_data_dir

    return user_data_dir("bi_chat", appauthor=False)
