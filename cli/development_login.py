"""Decides whether the mini program in the browser may log in though nobody has set it so."""

from core.notifications.destinations import is_loopback_host
from core.settings import Settings, runner_folder

ELSEWHERE = ("public_url", "wechat_appid", "redis_url", "database_url", "storage_url")


def allows_development_login_by_default(settings: Settings) -> bool:
    """Whether `dualtrans serve` turns the development login on by itself.

    Only for the trial of a newcomer: the runner is built, nobody but this machine is listened to,
    everything is embedded, and `DUALTRANS_DEV_LOGIN` says neither yes nor no.
    """
    is_a_trial = all(getattr(settings, name) is None for name in ELSEWHERE)
    is_unsaid = "dev_login" not in settings.model_fields_set
    is_private = is_loopback_host(settings.host)
    return is_unsaid and is_a_trial and is_private and runner_folder(settings) is not None
