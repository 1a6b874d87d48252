"""Whether `dualtrans serve` allows the development login when nobody has set it."""

from core.notifications.destinations import is_loopback_host
from core.settings import Settings, runner_folder

DEPLOYMENT_SETTINGS = (
    *("public_url", "cors_origins", "wechat_appid"),
    *("redis_url", "database_url", "storage_url"),
)


def allows_development_login_by_default(settings: Settings) -> bool:
    """Whether `dualtrans serve` allows the development login without `DUALTRANS_DEV_LOGIN`.

    It does so only on a developer's machine: the browser version of the mini program is built, the
    service listens on this machine only, everything is embedded, and the setting is not set.
    """
    is_embedded = not any(getattr(settings, name) for name in DEPLOYMENT_SETTINGS)
    is_unset = "dev_login" not in settings.model_fields_set
    is_local = is_loopback_host(settings.host)
    return is_unset and is_embedded and is_local and runner_folder(settings) is not None
