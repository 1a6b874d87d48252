"""Which URLs a webhook may have, and which IP addresses are public."""

import pytest

from core.errors import InvalidWebhookAddress, PrivateWebhookAddress
from core.notifications.destinations import is_public, validate_destination


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1"),
        *("64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1"),
        *("", "localhost", "8.8.8", "0x7f000001", "2130706433"),
    ],
)
def test_these_addresses_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_these_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/", "ftp://example.com/", "javascript:alert(1)", "example.com", ""),
        *("https://", "https:///path", "https://user:password@example.com/", "https://a b/"),
        *("https://example.com/#here", "https://example.com:0/", "https://example.com:99999/"),
        *("https://a\0b/", f"https://{'a' * 70}.com/", f"https://example.com/{'a' * 2000}"),
        *("https://example..com/", "https://0177.0.0.1/"),
    ],
)
def test_an_invalid_url_is_refused(url):
    with pytest.raises(InvalidWebhookAddress):
        validate_destination(url, allow_private=False)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "10.0.0.7:8443", "[::1]", "[::ffff:10.0.0.1]", "169.254.169.254"),
        *("localhost", "LOCALHOST.", "db.internal", "printer.local", "127.0.0.1."),
    ],
)
def test_a_private_host_is_refused(host):
    with pytest.raises(PrivateWebhookAddress):
        validate_destination(f"https://{host}/", allow_private=False)


@pytest.mark.parametrize(
    "url",
    [
        *("https://example.com/hook?a=b", "https://8.8.8.8/", "https://[2606:4700:4700::1111]:99/"),
        "https://exämple.com/ü",
    ],
)
def test_public_urls_are_accepted(url):
    assert validate_destination(url, allow_private=False).scheme == "https"


def test_development_may_use_http_and_the_loopback_interface():
    assert validate_destination("http://127.0.0.1:8080/", allow_private=True).port == 8080


def test_even_in_development_a_url_must_not_contain_credentials():
    with pytest.raises(InvalidWebhookAddress):
        validate_destination("http://user:password@127.0.0.1/", allow_private=True)
