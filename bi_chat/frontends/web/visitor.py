"""In: the browser session. Out: who it belongs to, and whose data they look at; or a page that says how to get in."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bi_chat.errors import AccessDenied
from bi_chat.frontends.serving import HERE, is_here, who
from bi_chat.frontends.web.data import Opened, given_policy, given_user
from bi_chat.frontends.web.words import LANGUAGES, html, label, say
from bi_chat.settings import LOCAL, SignIn, load_settings
from bi_chat.values.policy import Policy

VIEW_AS = "view-as"
_CLAIM, _HOURS = "email", 12.0


@dataclass(frozen=True, slots=True)
class Visitor:
    """`user` is who it is; `view_as` whose data they look at ('' is their own)."""

    user: str
    signed_in: bool = False
    view_as: str = ""


def visitor(language: str) -> Visitor | None:
    """Who is here; None where the page already says what to do."""
    claims = dict(st.user.to_dict())
    if "is_logged_in" in claims:
        return _signed_in(claims, language)
    if not _is_here():
        _page("door.elsewhere", language)
        return None
    user = given_user() if given_policy() else LOCAL
    if not user:
        _page("door.nobody", language)
        return None
    return _chosen(Visitor(user))


def may_see(opened: Opened, who_is: Visitor, language: str) -> bool:
    """Whether the policy gives them anything; if not, a calm page says so."""
    worlds = opened.data.connection.worlds
    if worlds is None:
        return True
    try:
        worlds.access(who_is.user)
    except AccessDenied:
        with _page("door.unknown", language, user=who_is.user):
            if who_is.signed_in:
                _sign_out(language)
        return False
    return True


def account(who_is: Visitor, policy: Policy | None, language: str) -> None:
    """The side bar's last lines: who is signed in, and for those who may, whose data to look at."""
    if policy is not None and policy.views_as_others(who_is.user):
        others = [u.name for u in policy.users if u.name != who_is.user]
        st.selectbox(
            say("view_as", language),
            ["", *others],
            key=VIEW_AS,
            format_func=lambda u: u or say("view_as.self", language),
        )
    if who_is.signed_in:
        st.html(f'<p class="bi-small">{html(say("door.signed_in", language, user=who_is.user))}</p>')
        _sign_out(language)


def banner(who_is: Visitor, language: str) -> None:
    """Above everything while somebody looks at another's data."""
    if who_is.view_as:
        st.warning(
            label(say("view_as.banner", language, other=who_is.view_as, user=who_is.user), 300),
            icon=":material/visibility:",
        )


def language_choice(language: str) -> None:
    """The switch between the languages of the interface."""
    st.segmented_control(
        say("interface", language), LANGUAGES, format_func=lambda c: say("language", c), key="language", required=True
    )


def _signed_in(claims: Mapping[str, object], language: str) -> Visitor | None:
    rules = load_settings().sign_in or SignIn("", "", "", _CLAIM, hours=_HOURS)
    since = claims.get("iat")
    fresh = isinstance(since, int | float) and time.time() - since < rules.hours * 3600
    if not claims.get("is_logged_in") or not fresh:
        _sign_in("door.long_ago" if claims.get("is_logged_in") else "door.sign_in", language)
        return None
    if not given_policy():
        _page("door.no_policy", language)
        return None
    user = who(claims, rules.claim)
    if user is None:
        with _page("door.nameless", language, claim=rules.claim):
            _sign_out(language)
        return None
    return _chosen(Visitor(user, signed_in=True))


def _chosen(found: Visitor) -> Visitor:
    """With whom they chose to look as; whether they may is decided where the data are opened."""
    other = str(st.session_state.get(VIEW_AS) or "")
    return Visitor(found.user, found.signed_in, other)


def _is_here() -> bool:
    """Without sign-in the page is for this machine alone, whatever address the server was bound to."""
    host = st.context.headers.get("Host")
    named = host is None or urlsplit(f"//{host}").hostname in HERE
    address = st.context.ip_address  # None is this machine
    return named and not (isinstance(address, str) and not is_here(address))


def _sign_in(said: str, language: str) -> None:
    with _page(said, language):
        named = say("door.button", language)
        st.button(named, icon=":material/login:", type="primary", key="sign-in", on_click=st.login, width="stretch")


def _sign_out(language: str) -> None:
    st.button(say("door.out", language), icon=":material/logout:", key="sign-out", on_click=st.logout)


def _page(said: str, language: str, **fields: str) -> DeltaGenerator:
    """A card in the middle of an empty page; the place for a button in it."""
    text = html(say(said, language, **fields))
    door = st.container(border=True, key="card-door")
    door.html(
        '<div class="bi-brand">bi<i>_</i>chat</div>'
        f'<h1 class="bi-hello">{html(say("door.hello", language))}</h1><p class="bi-told">{text}</p>'
    )
    with st.container(key="door-language"):
        language_choice(language)
    return door
