"""What can be told from the settings alone, without asking anything outside this process."""

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from cli.check_results import Finding, bad, ok, warn
from cli.development_login import allows_development_login_by_default
from core.settings import MIN_SECRET_CHARACTERS, Settings, signing_secrets, unknown_variables

GOOD_SECRET_CHARACTERS = 32
APPID = re.compile(r"wx[0-9a-f]{16}")
APP_SECRET = re.compile(r"[0-9a-f]{32}")
WECHAT_URL = Settings.model_fields["wechat_url"].default


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Each check in turn."""
    yield check_variables()
    yield check_secrets(settings)
    yield check_public_url(settings)
    yield check_development_login(settings)
    yield check_wechat_settings(settings)


def check_variables() -> Finding:
    """Variables that look like ours and are read by nobody."""
    unread = unknown_variables()
    if unread:
        names = ", ".join(unread)
        return warn(
            "settings", f"no setting is called {names}", "see README.md for those there are"
        )
    return ok("settings", "every DUALTRANS_ variable is a setting")


def check_secrets(settings: Settings) -> Finding:
    """Whether the secrets that sign tokens and addresses are there, and hard to guess."""
    how = "set DUALTRANS_SECRET_KEYS, e.g. to the output of: openssl rand -hex 32"
    if settings.secret_keys is None:
        if settings.database_url is not None:
            words = "each machine makes its own: tokens and addresses of one fail on another"
            return warn("secrets", words, how)
        return ok("secrets", "made once and kept in the data folder, for this machine")
    try:
        secrets = signing_secrets(settings)
    except ValueError:
        return bad("secrets", f"a secret has fewer than {MIN_SECRET_CHARACTERS} characters", how)
    shortest = min(len(secret) for secret in secrets)
    if shortest < GOOD_SECRET_CHARACTERS:
        words = (
            f"the shortest has {shortest} characters; {GOOD_SECRET_CHARACTERS} are hard to guess"
        )
        return warn("secrets", words, how)
    if len(secrets) > 2:
        words = f"{len(secrets)} are accepted"
        return warn("secrets", words, "drop those that were replaced over two hours ago")
    return ok("secrets", f"{len(secrets)}, the shortest of {shortest} characters")


def check_public_url(settings: Settings) -> Finding:
    """Whether WeChat lets a mini program call the address that clients are told."""
    subject, how = "public address", "set DUALTRANS_PUBLIC_URL to https:// and a domain on file"
    wants_wechat = settings.wechat_appid is not None
    if settings.public_url is None:
        if wants_wechat:
            return bad(subject, "none is set, and a mini program needs one", how)
        return ok(subject, "none is set: clients see the one that they use")
    faults = _faults_of_address(settings.public_url)
    if faults:
        words = f"{settings.public_url} {' and '.join(faults)}; WeChat refuses it"
        return bad(subject, words, how) if wants_wechat else warn(subject, words, how)
    port = urlsplit(settings.public_url).port
    if port is not None:
        words = f"{settings.public_url} names a port"
        remedy = (
            "leave it out; WeChat takes one only if its console lists the same, and pushes to 443"
        )
        return warn(subject, words, remedy)
    return ok(subject, settings.public_url)


def _faults_of_address(url: str) -> list[str]:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # it is read when asked for, and may not be a number
    except ValueError:
        return ["is not an address"]
    host = parts.hostname or ""
    if not host or parts.scheme not in ("http", "https") or parts.username is not None:
        return ["is not an address"]
    faults = [] if parts.scheme == "https" else ["is not https"]
    if _is_ip(host):
        faults.append("names an IP address, not a domain")
    elif "." not in host or host.endswith((".local", ".localhost", ".internal")):
        faults.append("names no public domain")
    return faults


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def check_development_login(settings: Settings) -> Finding:
    """Whether a login without a password is on where strangers come by."""
    subject, how = "dev login", "set DUALTRANS_DEV_LOGIN=0"
    if allows_development_login_by_default(settings):
        return ok(subject, "off; `dualtrans serve` opens it on this machine for the mini program")
    if not settings.dev_login:
        return ok(subject, "off")
    if settings.public_url is not None:
        words = "on, beside a public address: a proxy that hides its clients lets everybody in"
        return bad(subject, words, how)
    return warn(subject, "on: whoever is on this machine logs in as whom they like", how)


def check_wechat_settings(settings: Settings) -> Finding:
    """Whether appid and secret are of the form that WeChat gives out."""
    subject = "wechat"
    how = "copy both from mp.weixin.qq.com, Development > Development settings"
    appid, secret = settings.wechat_appid, settings.wechat_secret
    if appid is None and secret is None:
        return ok(subject, "not set up: nobody logs in by WeChat")
    if appid is None or secret is None:
        missing = "DUALTRANS_WECHAT_APPID" if appid is None else "DUALTRANS_WECHAT_SECRET"
        return bad(subject, f"{missing} is not set, the other one is", how)
    if not APPID.fullmatch(appid):
        words = f"{appid} is no appid: wx and 16 digits or letters a to f are expected"
        return bad(subject, words, how)
    if not APP_SECRET.fullmatch(secret.get_secret_value()):
        return bad(subject, "the secret is not of 32 digits or letters a to f", how)
    if settings.wechat_url != WECHAT_URL:
        words = f"{settings.wechat_url} is asked in WeChat's place"
        return warn(subject, words, "unset DUALTRANS_WECHAT_URL")
    return ok(subject, f"appid {appid} and a secret of the right form")
