"""In: settings and secrets. Out: the channel of each kind."""

from __future__ import annotations

from bi_chat.delivery.apprise import Chat
from bi_chat.delivery.folder import Folder
from bi_chat.delivery.mail import PASSWORD, Mail
from bi_chat.delivery.secrets import Vault
from bi_chat.delivery.webhook import KEY, Webhook
from bi_chat.errors import SettingsError
from bi_chat.ports import Channel
from bi_chat.settings import Settings


def channel(kind: str, settings: Settings, vault: Vault) -> Channel:
    """The channel called folder, mail, webhook or chat. Raises SettingsError where its setting is missing."""
    if kind == "folder":
        return Folder()
    if kind == "webhook":
        return Webhook(lambda: vault.read(KEY))
    if kind == "chat":
        return Chat(vault.read)
    if settings.mail is None:
        raise SettingsError("Mails need a server: set BI_CHAT_MAIL_HOST and BI_CHAT_MAIL_FROM (see docs/reports.md).")
    return Mail(settings.mail, lambda: vault.read(PASSWORD))
