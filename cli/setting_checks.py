"""Checks of the settings alone, without any request to the outside."""

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from cli.check_results import CheckResult, failed, passed, warning
from cli.development_login import allows_development_login_by_default
from core.settings import MIN_SECRET_CHARACTERS, Settings, signing_secrets, unknown_variables

RECOMMENDED_SECRET_CHARACTERS = 32
APPID = re.compile(r"wx[0-9a-f]{16}")
APP_SECRET = re.compile(r"[0-9a-f]{32}")
WECHAT_URL = Settings.model_fields["wechat_url"].default


def check_settings(settings: Settings) -> Iterator[CheckResult]:
    """Yield the result of each check."""
    yield check_variables()
    yield check_secrets(settings)
    yield check_public_url(settings)
    yield check_development_login(settings)
    yield check_wechat_settings(settings)


def check_variables() -> CheckResult:
    """Find environment variables with our prefix that are not settings."""
    unknown = unknown_variables()
    if unknown:
        names = ", ".join(unknown)
        return warning("settings", f"unknown settings: {names}", "see docs/settings.md")
    return passed("settings", "every DUALTRANS_ variable is a setting")


def check_secrets(settings: Settings) -> CheckResult:
    """Check that the secrets that sign tokens and picture URLs exist and are long enough."""
    subject = "secrets"
    fix = "set DUALTRANS_SECRET_KEYS, for example to the output of: openssl rand -hex 32"
    if settings.secret_keys is None:
        if settings.database_url is not None:
            message = "each machine creates its own: tokens and URLs work on one machine only"
            return warning(subject, message, fix)
        return passed(subject, "one secret of this machine, stored in the data folder")
    try:
        secrets = signing_secrets(settings)
    except ValueError:
        return failed(subject, f"a secret has fewer than {MIN_SECRET_CHARACTERS} characters", fix)
    shortest = min(len(secret) for secret in secrets)
    if shortest < RECOMMENDED_SECRET_CHARACTERS:
        message = (
            f"the shortest has {shortest} characters; "
            f"{RECOMMENDED_SECRET_CHARACTERS} or more are recommended"
        )
        return warning(subject, message, fix)
    if len(secrets) > 2:
        message = f"{len(secrets)} secrets are accepted"
        return warning(subject, message, "remove those that were replaced over two hours ago")
    return passed(subject, f"{len(secrets)}, the shortest has {shortest} characters")


def check_public_url(settings: Settings) -> CheckResult:
    """Check that WeChat allows a mini program to call the public URL."""
    subject = "public address"
    fix = "set DUALTRANS_PUBLIC_URL to https:// and a domain with an ICP filing"
    has_mini_program = settings.wechat_appid is not None
    if settings.public_url is None:
        if has_mini_program:
            return failed(subject, "not set, but a mini program needs one", fix)
        return passed(subject, "not set: links use the address of the request")
    faults = _url_faults(settings.public_url)
    if faults:
        message = f"{settings.public_url} {' and '.join(faults)}; WeChat rejects it"
        return (failed if has_mini_program else warning)(subject, message, fix)
    port = urlsplit(settings.public_url).port
    if port is not None:
        message = f"{settings.public_url} has a port"
        fix = (
            "remove the port; WeChat accepts one only if its console lists the same, and sends its "
            "messages to 443"
        )
        return warning(subject, message, fix)
    return passed(subject, settings.public_url)


def _url_faults(url: str) -> list[str]:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # reading it raises ValueError if it is not a number
    except ValueError:
        return ["is not a valid URL"]
    host = parts.hostname or ""
    if not host or parts.scheme not in ("http", "https") or parts.username is not None:
        return ["is not a valid URL"]
    faults = [] if parts.scheme == "https" else ["is not https"]
    if _is_ip_address(host):
        faults.append("has an IP address instead of a domain")
    elif "." not in host or host.endswith((".local", ".localhost", ".internal")):
        faults.append("has no public domain")
    return faults


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def check_development_login(settings: Settings) -> CheckResult:
    """Check that the login without a password is not open to other machines."""
    subject, fix = "dev login", "set DUALTRANS_DEV_LOGIN=0"
    if allows_development_login_by_default(settings):
        return passed(
            subject, "off; `dualtrans serve` allows it on this machine, for the mini program"
        )
    if not settings.dev_login:
        return passed(subject, "off")
    if settings.public_url is not None:
        message = "on, with a public address: everyone can log in behind a proxy that hides clients"
        return failed(subject, message, fix)
    return warning(subject, "on: every user of this machine can log in as anyone", fix)


def check_wechat_settings(settings: Settings) -> CheckResult:
    """Check that AppID and AppSecret have the format that WeChat uses."""
    subject = "wechat"
    fix = "copy both from mp.weixin.qq.com, Development > Development settings"
    appid, secret = settings.wechat_appid, settings.wechat_secret
    if appid is None and secret is None:
        return passed(subject, "not set up: nobody can log in with WeChat")
    if appid is None or secret is None:
        missing = "DUALTRANS_WECHAT_APPID" if appid is None else "DUALTRANS_WECHAT_SECRET"
        return failed(subject, f"{missing} is not set, but the other one is", fix)
    if not APPID.fullmatch(appid):
        message = f"{appid} is not an AppID: wx and 16 digits or letters a to f"
        return failed(subject, message, fix)
    if not APP_SECRET.fullmatch(secret.get_secret_value()):
        return failed(subject, "the AppSecret does not have 32 digits or letters a to f", fix)
    if settings.wechat_url != WECHAT_URL:
        message = f"{settings.wechat_url} is called instead of WeChat"
        return warning(subject, message, "unset DUALTRANS_WECHAT_URL")
    return passed(subject, f"AppID {appid} and an AppSecret in the right format")
