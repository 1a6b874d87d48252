"""What a webhook is sent, over real connections, and where nothing is ever sent."""

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.db.base import now_utc
from core.db.notifications import Notification, Webhook, new_webhook_secret
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from core.picture_urls import PictureURLSigner
from tests.receiver import Receiver, run_receiver
from worker.notifications.senders import DeliveryFailed, OutgoingNotification
from worker.notifications.webhooks import WebhookSender, resolve, signed_headers

SIGNER = PictureURLSigner(("a secret of sixteen characters",), lifetime_seconds=3600)
NAME = "hooks.example"


def letter_to(
    url: str, *, status: str = "done", error_code: str | None = None
) -> OutgoingNotification:
    ended = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    row = Stylization(id="stl_1", status=status, error_code=error_code, finished_at=ended)
    result = Picture(id="pic_1", expires_at=now_utc() + timedelta(days=30))
    webhook = Webhook(id="whk_1", url=url, secret=new_webhook_secret())
    notice = Notification(id="ntc_1", event=f"stylization.{status}")
    return OutgoingNotification(notice, row, result if status == "done" else None, webhook)


def for_development(**given) -> WebhookSender:
    return WebhookSender(signer=SIGNER, allow_private=True, **given)


@dataclass
class Resolver:
    addresses: list[str]
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self.addresses


def knowing(*addresses: str) -> Resolver:
    """A resolver that gives these addresses for every name, and remembers what it was asked."""
    return Resolver(list(addresses))


def send(sender: WebhookSender, outgoing: OutgoingNotification) -> None:
    asyncio.run(sender.send(outgoing))


def reason_of(sender: WebhookSender, outgoing: OutgoingNotification) -> str:
    with pytest.raises(DeliveryFailed) as failure:
        send(sender, outgoing)
    return failure.value.reason


def test_a_webhook_gets_the_event_and_what_became_of_the_job():
    with run_receiver(Receiver()) as receiver:
        send(for_development(), letter_to(f"http://127.0.0.1:{receiver.port}/hook?a=b"))

    (request,) = receiver.received
    body = json.loads(request.body)
    path = body["data"].pop("result_path")
    assert request.path == "/hook?a=b"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert path.startswith("/v1/pictures/pic_1?exp=")
    assert body == {
        "id": "ntc_1",
        "type": "stylization.done",
        "created_at": "2026-01-02T03:04:05+00:00",
        "data": {
            "stylization_id": "stl_1",
            "status": "done",
            "error_code": None,
            "path": "/v1/stylizations/stl_1",
        },
    }


def test_a_failed_job_has_a_code_and_no_picture():
    with run_receiver(Receiver()) as receiver:
        address = f"http://127.0.0.1:{receiver.port}/"
        send(for_development(), letter_to(address, status="failed", error_code="render_failed"))

    told = json.loads(receiver.received[0].body)["data"]
    assert (told["status"], told["error_code"]) == ("failed", "render_failed")
    assert told["result_path"] is None


def test_the_signature_is_that_of_the_standard():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the standard's own example
    body = b'{"test": 2432232314}'

    headers = signed_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_receiver_can_verify_what_it_gets():
    with run_receiver(Receiver()) as receiver:
        outgoing = letter_to(f"http://127.0.0.1:{receiver.port}/")
        send(for_development(), outgoing)

    (request,) = receiver.received
    assert outgoing.webhook is not None
    key = base64.b64decode(outgoing.webhook.secret.removeprefix("whsec_"))
    stamp = request.headers["webhook-timestamp"]
    signed = f"{request.headers['webhook-id']}.{stamp}.".encode() + request.body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{signature}"
    assert abs(int(stamp) - now_utc().timestamp()) < 30


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_an_answer_that_is_not_2xx_is_no_success(status):
    with run_receiver(Receiver(statuses=[status])) as receiver:
        reason = reason_of(for_development(), letter_to(f"http://127.0.0.1:{receiver.port}/"))

    assert reason == f"it answers {status}"


def test_410_ends_the_webhook():
    with (
        run_receiver(Receiver(statuses=[410])) as receiver,
        pytest.raises(DeliveryFailed) as failure,
    ):
        send(for_development(), letter_to(f"http://127.0.0.1:{receiver.port}/"))

    assert failure.value.ends_webhook


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status):
    with run_receiver(Receiver()) as elsewhere:
        there = {"Location": f"http://127.0.0.1:{elsewhere.port}/"}
        with run_receiver(Receiver(statuses=[status], response_headers=there)) as receiver:
            reason = reason_of(for_development(), letter_to(f"http://127.0.0.1:{receiver.port}/"))

    assert "redirects are not followed" in reason
    assert elsewhere.received == []


def test_an_answer_without_an_end_is_not_waited_for():
    with run_receiver(Receiver(is_endless=True)) as receiver:
        send(for_development(), letter_to(f"http://127.0.0.1:{receiver.port}/"))

    assert len(receiver.received) == 1


def test_where_nobody_listens_nothing_is_sent():
    with run_receiver(Receiver()) as receiver:
        address = f"http://127.0.0.1:{receiver.port}/"

    assert reason_of(for_development(), letter_to(address)) == "no connection (ConnectError)"


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    with run_receiver(Receiver()) as proxy, run_receiver(Receiver()) as receiver:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        send(for_development(), letter_to(f"http://127.0.0.1:{receiver.port}/"))

    assert (len(proxy.received), len(receiver.received)) == (0, 1)


# The address that is checked is the address that is used


def test_the_connection_goes_to_the_address_that_was_checked():
    resolver = knowing("127.0.0.1")
    with run_receiver(Receiver()) as receiver:
        outgoing = letter_to(f"http://{NAME}:{receiver.port}/")
        send(for_development(resolve=resolver), outgoing)

    assert resolver.asked == [(NAME, receiver.port)]
    assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"


def test_when_the_first_address_is_dead_the_second_is_tried():
    with run_receiver(Receiver()) as receiver:
        outgoing = letter_to(f"http://{NAME}:{receiver.port}/")
        send(for_development(resolve=knowing("::1", "127.0.0.1")), outgoing)

    assert len(receiver.received) == 1


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of `hooks.example`, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now_utc() - timedelta(hours=1))
        .not_valid_after(now_utc() + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "hooks.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_over_tls_the_name_is_verified_although_an_address_is_called(certificate, tls):
    names: list[str | None] = []
    tls.sni_callback = lambda _, name, __: names.append(name)
    trusted = ssl.create_default_context(cafile=str(certificate))
    with run_receiver(Receiver(), tls) as receiver:
        sender = for_development(resolve=knowing("127.0.0.1"), trusted=trusted)
        send(sender, letter_to(f"https://{NAME}:{receiver.port}/"))

    assert names == [NAME]
    assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"


def test_a_certificate_of_another_name_is_refused(certificate, tls):
    trusted = ssl.create_default_context(cafile=str(certificate))
    with run_receiver(Receiver(), tls) as receiver:
        sender = for_development(resolve=knowing("127.0.0.1"), trusted=trusted)
        reason = reason_of(sender, letter_to(f"https://other.example:{receiver.port}/"))

    assert reason == "no connection (ConnectError)"
    assert receiver.received == []


def test_a_certificate_of_nobody_we_trust_is_refused(tls):
    with run_receiver(Receiver(), tls) as receiver:
        sender = for_development(resolve=knowing("127.0.0.1"))
        reason_of(sender, letter_to(f"https://{NAME}:{receiver.port}/"))

    assert receiver.received == []


# Never into our own network


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("10.0.0.1",),
        ("169.254.169.254",),
        ("::1",),
        ("::ffff:127.0.0.1",),
        ("64:ff9b::7f00:1",),
        ("fe80::1%eth0",),
        ("8.8.8.8", "127.0.0.1"),
        ("127.0.0.1", "8.8.8.8"),
    ],
)
def test_a_name_that_stands_for_a_private_address_is_not_called(addresses, monkeypatch):
    sender = WebhookSender(signer=SIGNER, allow_private=False, resolve=knowing(*addresses))

    reason = reason_of(sender, letter_to(f"https://{NAME}/"))

    assert reason == "its name stands for an address that is not public"


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433"])
def test_odd_ways_to_write_this_machine_are_seen_through(host):
    sender = WebhookSender(signer=SIGNER, allow_private=False)

    assert reason_of(sender, letter_to(f"https://{host}/")) in (
        "its name stands for an address that is not public",
        "its name is not known",
    )


def test_a_webhook_of_development_is_not_called_in_earnest():
    sender = WebhookSender(signer=SIGNER, allow_private=False)
    with run_receiver(Receiver()) as receiver:
        reason = reason_of(sender, letter_to(f"http://127.0.0.1:{receiver.port}/"))

    assert reason.startswith("The webhook URL must use https")
    assert receiver.received == []


@pytest.mark.parametrize("error", [OSError("no such name"), UnicodeError("a label is too long")])
def test_a_name_that_is_not_known_is_no_defect(error):
    async def unknown(host: str, port: int) -> list[str]:
        raise error

    sender = WebhookSender(signer=SIGNER, allow_private=False, resolve=unknown)

    assert reason_of(sender, letter_to(f"https://{NAME}/")) == "its name is not known"


def test_this_machine_is_resolved_by_the_systems_own_resolver():
    assert "127.0.0.1" in asyncio.run(resolve("localhost", 80))
