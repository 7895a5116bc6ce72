"""In: a parcel. Out: a mail over SMTP with TLS: text, HTML with pictures inside, the pages attached.

Its Message-ID is the parcel's key: a mailbox that gets a mail twice, because we were killed between the server's "250"
and our own note of it, can tell (many mail servers drop such a repetition by themselves).
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from bi_chat.errors import DeliveryError, SettingsError
from bi_chat.language.display import one_line
from bi_chat.settings import MailServer
from bi_chat.values.page import Parcel

PASSWORD = "mail.password"  # noqa: S105 - the name of the secret, not the secret
SECONDS = 30.0
HERE = ("127.0.0.1", "localhost", "::1")


class Mail:
    """A `Channel` (see ports). `password` is asked for when it is needed, and kept nowhere."""

    keyed = True

    def __init__(
        self, server: MailServer, password: Callable[[], str], *, context: ssl.SSLContext | None = None
    ) -> None:
        if server.tls == "none" and server.host not in HERE:
            raise SettingsError("BI_CHAT_MAIL_TLS=none is for a mail server on this machine alone.")
        self._server = server
        self._password = password
        self._context = context or ssl.create_default_context()

    def send(self, parcel: Parcel, at: datetime) -> None:
        """Hands it to the server. Raises DeliveryError; the server's own words about addresses are not repeated."""
        message = as_message(parcel, self._server.sender)
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise DeliveryError("The mail server refused the recipient.", again=all(c < 500 for c in codes)) from None
        except smtplib.SMTPAuthenticationError:
            raise DeliveryError("The mail server refused the user or the password.", again=False) from None
        except smtplib.SMTPResponseException as error:
            said = f"The mail server refused the mail ({error.smtp_code})."
            raise DeliveryError(said, again=error.smtp_code < 500) from None
        except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
            raise DeliveryError(f"The mail server can't be reached ({type(error).__name__}).") from None

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.tls == "tls":
            made: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=self._context)
        else:
            made = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
        try:
            if server.tls == "starttls":
                made.starttls(context=self._context)
            if server.user:
                made.login(server.user, self._password())
        except BaseException:
            made.close()
            raise
        return made


def as_message(parcel: Parcel, sender: str) -> EmailMessage:
    """The mail. Raises DeliveryError for an address that is none; a line break can't get into any header."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"], message["To"] = Address(addr_spec=sender), Address(addr_spec=parcel.address)
        domain = Address(addr_spec=sender).domain
    except (MessageError, ValueError, IndexError):
        raise DeliveryError("The address of the sender or the recipient is none.", again=False) from None
    message["Subject"] = one_line(parcel.subject, 200)
    message["Date"] = format_datetime(parcel.due)
    message["Message-ID"] = f"<{parcel.key}@{domain or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = parcel.language
    message.set_content(parcel.text)
    if parcel.html:
        message.add_alternative(parcel.html, subtype="html")
        body = message.get_body(("html",))
        assert isinstance(body, EmailMessage)
        for picture in parcel.pictures:
            main, sub = picture.kind.split("/")
            cid = f"<{picture.name.partition('.')[0]}>"
            body.add_related(picture.content, main, sub, cid=cid, filename=picture.name, disposition="inline")
    for page in parcel.pages:
        message.add_attachment(page.content, *page.kind.split("/"), filename=one_line(page.name, 120))
    return message
