"""In: parcels, a real mail server and a real HTTP server on this machine. Out: what arrives there."""

from __future__ import annotations

import base64
import email
import hashlib
import hmac
import json
import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bi_chat.delivery.apprise import Chat
from bi_chat.delivery.channels import channel
from bi_chat.delivery.folder import Folder
from bi_chat.delivery.mail import Mail, as_message
from bi_chat.delivery.secrets import Vault
from bi_chat.delivery.webhook import Webhook
from bi_chat.errors import DeliveryError, SettingsError
from bi_chat.settings import MailServer, Settings, load_settings
from bi_chat.stores.cryptography.secrets import SecretsFile
from bi_chat.values.page import Page, Parcel

NOW = datetime(2025, 10, 18, 8, tzinfo=UTC)
PARCEL = Parcel(
    key="0123456789abcdef0123456789abcdef",
    report="weekly",
    subject="Weekly sales review 市场周报",
    address="ana@example.org",
    due=NOW,
    text="Revenue: €10,583.51\n",
    html='<html><body><b>Revenue</b><img src="cid:chart-1"></body></html>',
    pictures=(Page("chart-1.png", "image/png", b"\x89PNG"),),
    pages=(Page("周报-2025.pdf", "application/pdf", b"%PDF-"), Page("weekly.html", "text/html", b"<p>x</p>")),
)


# ------------------------------------------------------------------ folder
def test_a_folder_gets_each_page_once(tmp_path: Path) -> None:
    parcel = replace(PARCEL, address=str(tmp_path / "deep" / "out"))
    Folder().send(parcel, NOW)
    Folder().send(parcel, NOW)
    assert sorted(f.name for f in (tmp_path / "deep" / "out").iterdir()) == [
        "weekly-01234567.html",
        "周报-2025-01234567.pdf",
    ]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(DeliveryError, match="can't be written"):
        Folder().send(replace(PARCEL, address=str(tmp_path / "file" / "out")), NOW)


# ------------------------------------------------------------------ mail
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Post:
    """An SMTP server's handler: keeps what comes, answers as it is told to."""

    got: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    answer: str = "250 OK"
    recipient: str = "250 OK"

    async def handle_RCPT(
        self, server: object, session: object, envelope: object, address: str, options: object
    ) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)  # type: ignore[attr-defined]
        return self.recipient

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        if self.answer.startswith("250"):
            content = envelope.content  # type: ignore[attr-defined]
            self.got.append(email.message_from_bytes(content, policy=default))
            self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))  # type: ignore[attr-defined]
        return self.answer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost, made here."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(secret)
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def post(certificate: tuple[Path, Path]) -> Iterator[tuple[Post, int, ssl.SSLContext]]:
    """A server that takes mail only over STARTTLS and after a login."""
    pytest.importorskip("aiosmtpd", reason="aiosmtpd is missing")
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult, LoginPassword

    def login(server: object, session: object, envelope: object, mechanism: str, given: object) -> AuthResult:
        assert isinstance(given, LoginPassword)
        return AuthResult(success=(given.login, given.password) == (b"robot", b"s3cret"), handled=False)

    handler = Post()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*map(str, certificate))
    server = Controller(
        handler,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        require_starttls=True,
        authenticator=login,
        auth_required=True,
    )
    server.start()
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    yield handler, server.port, trusting
    server.stop()


def mail(post: tuple[Post, int, ssl.SSLContext], password: str = "s3cret") -> Mail:
    server = MailServer("localhost", "reports@example.org", post[1], "robot")
    return Mail(server, lambda: password, context=post[2])


def test_a_mail_arrives_whole(post: tuple[Post, int, ssl.SSLContext]) -> None:
    mail(post).send(PARCEL, NOW)
    (got,) = post[0].got
    assert post[0].envelopes == [("reports@example.org", ["ana@example.org"])]
    assert got["Subject"] == PARCEL.subject and got["Message-ID"] == f"<{PARCEL.key}@example.org>"
    assert got["Auto-Submitted"] == "auto-generated"
    plain, html = got.get_body(("plain",)), got.get_body(("html",))
    assert plain is not None and plain.get_content().strip() == "Revenue: €10,583.51"
    assert html is not None and "cid:chart-1" in html.get_content()
    inline = [p for p in got.walk() if p.get("Content-ID") == "<chart-1>"]
    assert [p.get_content() for p in inline] == [b"\x89PNG"]
    attached = {p.get_filename(): p.get_content_type() for p in got.iter_attachments()}
    assert attached == {"周报-2025.pdf": "application/pdf", "weekly.html": "text/html"}


def test_a_second_attempt_bears_the_same_name(post: tuple[Post, int, ssl.SSLContext]) -> None:
    for _ in range(2):
        mail(post).send(PARCEL, NOW)
    assert len({m["Message-ID"] for m in post[0].got}) == 1
    assert len({m["Date"] for m in post[0].got}) == 1


def test_a_wrong_password_is_not_tried_for_ever(post: tuple[Post, int, ssl.SSLContext]) -> None:
    with pytest.raises(DeliveryError, match="user or the password") as told:
        mail(post, "wrong").send(PARCEL, NOW)
    assert not told.value.again and "wrong" not in str(told.value)


@pytest.mark.parametrize(("code", "again"), [("451 later", True), ("552 too large", False)])
def test_what_the_server_says_decides_about_another_attempt(
    post: tuple[Post, int, ssl.SSLContext], code: str, again: bool
) -> None:
    post[0].answer = code
    with pytest.raises(DeliveryError) as told:
        mail(post).send(PARCEL, NOW)
    assert told.value.again is again and post[0].got == []


@pytest.mark.parametrize(("code", "again"), [("450 busy", True), ("550 nobody", False)])
def test_a_refused_recipient(post: tuple[Post, int, ssl.SSLContext], code: str, again: bool) -> None:
    post[0].recipient = code
    with pytest.raises(DeliveryError, match="recipient") as told:
        mail(post).send(PARCEL, NOW)
    assert told.value.again is again


def test_a_server_nobody_vouches_for_gets_nothing(post: tuple[Post, int, ssl.SSLContext]) -> None:
    asked = []
    server = MailServer("localhost", "reports@example.org", post[1], "robot")
    with pytest.raises(DeliveryError, match="reached"):
        Mail(server, lambda: str(asked.append(1))).send(PARCEL, NOW)
    assert asked == [] and post[0].got == []


def test_a_server_that_is_not_there_may_come_back() -> None:
    with pytest.raises(DeliveryError, match="reached") as told:
        Mail(MailServer("127.0.0.1", "a@example.org", 1), lambda: "").send(PARCEL, NOW)
    assert told.value.again


def test_no_header_and_no_address_can_be_slipped_in() -> None:
    message = as_message(replace(PARCEL, subject="Hello\r\nBcc: eve@example.org\x00"), "reports@example.org")
    assert message["Bcc"] is None and "\n" not in message["Subject"]
    for address in (
        "ana@example.org\r\nBcc: eve@example.org",
        "ana@example.org, eve@example.org",
        "Ana <ana@x.org>",
        "",
    ):
        with pytest.raises(DeliveryError) as told:
            as_message(replace(PARCEL, address=address), "reports@example.org")
        assert not told.value.again
    page = Page('a"\r\nX-Evil: 1\r\n.pdf', "application/pdf", b"x")
    text = as_message(replace(PARCEL, pages=(page,)), "reports@example.org").as_string()
    assert not any(line.startswith("X-Evil") for line in text.splitlines())


def test_without_tls_only_to_this_machine() -> None:
    with pytest.raises(SettingsError, match="this machine"):
        Mail(MailServer("mail.example.org", "a@example.org", tls="none"), lambda: "")


# ------------------------------------------------------------------ webhook
@dataclass
class Seen:
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    code: int = 200
    location: str = ""


@pytest.fixture
def service() -> Iterator[tuple[Seen, str]]:
    seen = Seen()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            seen.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(seen.code)
            if seen.location:
                self.send_header("location", seen.location)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield seen, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_webhook_is_signed_and_keyed(service: tuple[Seen, str]) -> None:
    Webhook(lambda: "k3y").send(replace(PARCEL, address=service[1] + "/in"), NOW)
    ((path, headers, body),) = service[0].requests
    assert path == "/in" and headers["idempotency-key"] == headers["webhook-id"] == PARCEL.key
    signed = f"{PARCEL.key}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(b"k3y", signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}" and "k3y" not in str(headers)
    data = json.loads(body)
    assert data["title"] == PARCEL.subject and data["due"] == "2025-10-18T08:00:00+00:00"
    assert base64.b64decode(data["pages"][0]["base64"]) == b"%PDF-"


@pytest.mark.parametrize(("code", "again"), [(500, True), (503, True), (429, True), (404, False), (401, False)])
def test_a_webhook_that_is_refused(service: tuple[Seen, str], code: int, again: bool) -> None:
    service[0].code = code
    with pytest.raises(DeliveryError, match=str(code)) as told:
        Webhook(lambda: "k").send(replace(PARCEL, address=service[1]), NOW)
    assert told.value.again is again


def test_a_service_that_has_it_already_is_content(service: tuple[Seen, str]) -> None:
    service[0].code = 409
    Webhook(lambda: "k").send(replace(PARCEL, address=service[1]), NOW)


def test_a_report_follows_no_redirection(service: tuple[Seen, str]) -> None:
    service[0].code, service[0].location = 307, service[1] + "/elsewhere"
    with pytest.raises(DeliveryError, match="307"):
        Webhook(lambda: "k").send(replace(PARCEL, address=service[1]), NOW)
    assert len(service[0].requests) == 1


# ------------------------------------------------------------------ chat services
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
class TestChat:
    @pytest.fixture(autouse=True)
    def _apprise(self) -> None:
        pytest.importorskip("apprise", reason="apprise is missing")

    def test_a_message_arrives(self, service: tuple[Seen, str]) -> None:
        host = service[1].removeprefix("http://")
        Chat(lambda name: f"json://{host}/{name}").send(replace(PARCEL, address="team"), NOW)
        ((path, _, body),) = service[0].requests
        data = json.loads(body)
        assert path.startswith("/chat.team") and "10,583.51" in data["message"] and data["title"] == PARCEL.subject

    def test_a_service_that_refuses(self, service: tuple[Seen, str], caplog: pytest.LogCaptureFixture) -> None:
        service[0].code = 500
        host = service[1].removeprefix("http://")
        with caplog.at_level(logging.DEBUG), pytest.raises(DeliveryError):
            Chat(lambda _: f"json://user:t0ken@{host}").send(replace(PARCEL, address="team"), NOW)
        assert "t0ken" not in caplog.text.replace("http", "")

    def test_an_address_that_is_none(self) -> None:
        with pytest.raises(DeliveryError, match=r"chat\.team holds no address") as told:
            Chat(lambda _: "nonsense").send(replace(PARCEL, address="team"), NOW)
        assert not told.value.again


# ------------------------------------------------------------------ settings and secrets
def test_a_secret_comes_from_the_environment_or_from_what_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = SecretsFile(tmp_path)
    kept.keep("mail.password", "from the file")
    vault = Vault(kept)
    assert vault.read("mail.password") == "from the file"
    monkeypatch.setenv("BI_CHAT_SECRET_MAIL_PASSWORD", "from the environment")
    assert vault.read("mail.password") == "from the environment"
    with pytest.raises(SettingsError, match=r"bi-chat secret set chat\.team"):
        vault.read("chat.team")


def test_a_mail_server_is_set_up_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().mail is None
    monkeypatch.setenv("BI_CHAT_MAIL_HOST", "mail.example.org")
    with pytest.raises(SettingsError, match="both"):
        load_settings()
    monkeypatch.setenv("BI_CHAT_MAIL_FROM", "reports@example.org")
    assert load_settings().mail == MailServer("mail.example.org", "reports@example.org")
    monkeypatch.setenv("BI_CHAT_MAIL_TLS", "tls")
    found = load_settings().mail
    assert found is not None and found.port == 465
    monkeypatch.setenv("BI_CHAT_MAIL_TLS", "maybe")
    with pytest.raises(SettingsError, match="starttls, tls, none"):
        load_settings()


def test_each_kind_of_channel_can_be_had(tmp_path: Path) -> None:
    settings = Settings(cache_dir=tmp_path, mail=MailServer("localhost", "a@example.org"))
    assert [channel(k, settings, Vault()).keyed for k in ("folder", "mail", "webhook", "chat")] == [True] * 3 + [False]
    with pytest.raises(SettingsError, match="BI_CHAT_MAIL_HOST"):
        channel("mail", Settings(cache_dir=tmp_path), Vault())
