"""What webhooks receive over real connections, and which addresses are never contacted."""

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


def outgoing_to(
    url: str, *, status: str = "done", error_code: str | None = None
) -> OutgoingNotification:
    finished_at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    row = Stylization(id="stl_1", status=status, error_code=error_code, finished_at=finished_at)
    result = Picture(id="pic_1", format="PNG", expires_at=now_utc() + timedelta(days=30))
    webhook = Webhook(id="whk_1", url=url, secret=new_webhook_secret())
    notification = Notification(id="ntc_1", event=f"stylization.{status}")
    return OutgoingNotification(notification, row, result if status == "done" else None, webhook)


def development_sender(**given) -> WebhookSender:
    return WebhookSender(signer=SIGNER, allow_private=True, **given)


@dataclass
class Resolver:
    addresses: list[str]
    calls: list[tuple[str, int]] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> list[str]:
        self.calls.append((host, port))
        return self.addresses


def resolver_of(*addresses: str) -> Resolver:
    """A resolver that returns these addresses for every name and records its calls."""
    return Resolver(list(addresses))


def send(sender: WebhookSender, outgoing: OutgoingNotification) -> None:
    asyncio.run(sender.send(outgoing))


def reason_of(sender: WebhookSender, outgoing: OutgoingNotification) -> str:
    with pytest.raises(DeliveryFailed) as failure:
        send(sender, outgoing)
    return failure.value.reason


def test_a_webhook_receives_the_event_and_the_state_of_the_job():
    with run_receiver(Receiver()) as receiver:
        send(development_sender(), outgoing_to(f"http://127.0.0.1:{receiver.port}/hook?a=b"))

    (request,) = receiver.received
    body = json.loads(request.body)
    path = body["data"].pop("result_path")
    assert request.path == "/hook?a=b"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert path.startswith("/v1/pictures/pic_1.png?exp=")
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


def test_the_payload_of_a_failed_job_has_a_code_and_no_result():
    with run_receiver(Receiver()) as receiver:
        address = f"http://127.0.0.1:{receiver.port}/"
        send(
            development_sender(), outgoing_to(address, status="failed", error_code="render_failed")
        )

    data = json.loads(receiver.received[0].body)["data"]
    assert (data["status"], data["error_code"]) == ("failed", "render_failed")
    assert data["result_path"] is None


def test_the_signature_matches_the_example_of_the_standard():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # from the example of the standard
    body = b'{"test": 2432232314}'

    headers = signed_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_receiver_can_verify_the_signature():
    with run_receiver(Receiver()) as receiver:
        outgoing = outgoing_to(f"http://127.0.0.1:{receiver.port}/")
        send(development_sender(), outgoing)

    (request,) = receiver.received
    assert outgoing.webhook is not None
    key = base64.b64decode(outgoing.webhook.secret.removeprefix("whsec_"))
    stamp = request.headers["webhook-timestamp"]
    signed = f"{request.headers['webhook-id']}.{stamp}.".encode() + request.body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{signature}"
    assert abs(int(stamp) - now_utc().timestamp()) < 30


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_a_response_other_than_2xx_is_a_failure(status):
    with run_receiver(Receiver(statuses=[status])) as receiver:
        reason = reason_of(development_sender(), outgoing_to(f"http://127.0.0.1:{receiver.port}/"))

    assert reason == f"responded with status {status}"


def test_a_410_response_ends_the_webhook():
    with (
        run_receiver(Receiver(statuses=[410])) as receiver,
        pytest.raises(DeliveryFailed) as failure,
    ):
        send(development_sender(), outgoing_to(f"http://127.0.0.1:{receiver.port}/"))

    assert failure.value.ends_webhook


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status):
    with run_receiver(Receiver()) as elsewhere:
        there = {"Location": f"http://127.0.0.1:{elsewhere.port}/"}
        with run_receiver(Receiver(statuses=[status], response_headers=there)) as receiver:
            reason = reason_of(
                development_sender(), outgoing_to(f"http://127.0.0.1:{receiver.port}/")
            )

    assert "redirects are not followed" in reason
    assert elsewhere.received == []


def test_the_body_of_a_response_is_not_read():
    with run_receiver(Receiver(is_endless=True)) as receiver:
        send(development_sender(), outgoing_to(f"http://127.0.0.1:{receiver.port}/"))

    assert len(receiver.received) == 1


def test_a_closed_port_is_a_failed_connection():
    with run_receiver(Receiver()) as receiver:
        address = f"http://127.0.0.1:{receiver.port}/"

    assert (
        reason_of(development_sender(), outgoing_to(address))
        == "the connection failed (ConnectError)"
    )


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    with run_receiver(Receiver()) as proxy, run_receiver(Receiver()) as receiver:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        send(development_sender(), outgoing_to(f"http://127.0.0.1:{receiver.port}/"))

    assert (len(proxy.received), len(receiver.received)) == (0, 1)


# The address that was checked is the address that is contacted


def test_the_connection_goes_to_the_address_that_was_checked():
    resolver = resolver_of("127.0.0.1")
    with run_receiver(Receiver()) as receiver:
        outgoing = outgoing_to(f"http://{NAME}:{receiver.port}/")
        send(development_sender(resolve=resolver), outgoing)

    assert resolver.calls == [(NAME, receiver.port)]
    assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"


def test_when_the_first_address_refuses_the_connection_the_second_is_tried():
    with run_receiver(Receiver()) as receiver:
        outgoing = outgoing_to(f"http://{NAME}:{receiver.port}/")
        send(development_sender(resolve=resolver_of("::1", "127.0.0.1")), outgoing)

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


def test_tls_verifies_the_host_name_although_the_connection_goes_to_an_address(certificate, tls):
    names: list[str | None] = []
    tls.sni_callback = lambda _, name, __: names.append(name)
    tls_context = ssl.create_default_context(cafile=str(certificate))
    with run_receiver(Receiver(), tls) as receiver:
        sender = development_sender(resolve=resolver_of("127.0.0.1"), tls_context=tls_context)
        send(sender, outgoing_to(f"https://{NAME}:{receiver.port}/"))

    assert names == [NAME]
    assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"


def test_a_certificate_for_another_name_is_refused(certificate, tls):
    tls_context = ssl.create_default_context(cafile=str(certificate))
    with run_receiver(Receiver(), tls) as receiver:
        sender = development_sender(resolve=resolver_of("127.0.0.1"), tls_context=tls_context)
        reason = reason_of(sender, outgoing_to(f"https://other.example:{receiver.port}/"))

    assert reason == "the connection failed (ConnectError)"
    assert receiver.received == []


def test_a_certificate_of_an_unknown_authority_is_refused(tls):
    with run_receiver(Receiver(), tls) as receiver:
        sender = development_sender(resolve=resolver_of("127.0.0.1"))
        reason_of(sender, outgoing_to(f"https://{NAME}:{receiver.port}/"))

    assert receiver.received == []


# Private addresses


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
def test_a_name_that_resolves_to_a_private_address_is_not_contacted(addresses, monkeypatch):
    sender = WebhookSender(signer=SIGNER, allow_private=False, resolve=resolver_of(*addresses))

    reason = reason_of(sender, outgoing_to(f"https://{NAME}/"))

    assert reason == "the host name resolves to an address that is not public"


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433"])
def test_unusual_spellings_of_the_loopback_address_are_recognised(host):
    sender = WebhookSender(signer=SIGNER, allow_private=False)

    assert reason_of(sender, outgoing_to(f"https://{host}/")) in (
        "the host name resolves to an address that is not public",
        "the host name cannot be resolved",
    )


def test_a_private_webhook_created_in_development_is_not_contacted_in_production():
    sender = WebhookSender(signer=SIGNER, allow_private=False)
    with run_receiver(Receiver()) as receiver:
        reason = reason_of(sender, outgoing_to(f"http://127.0.0.1:{receiver.port}/"))

    assert reason.startswith("The webhook URL must use https")
    assert receiver.received == []


@pytest.mark.parametrize("error", [OSError("no such name"), UnicodeError("a label is too long")])
def test_a_name_that_cannot_be_resolved_is_a_failed_delivery(error):
    async def unknown(host: str, port: int) -> list[str]:
        raise error

    sender = WebhookSender(signer=SIGNER, allow_private=False, resolve=unknown)

    assert reason_of(sender, outgoing_to(f"https://{NAME}/")) == "the host name cannot be resolved"


def test_names_are_resolved_by_the_operating_system():
    assert "127.0.0.1" in asyncio.run(resolve("localhost", 80))
