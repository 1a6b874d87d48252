"""Every table of the database, in one place.

Tables refer to each other by name. A foreign key can be resolved only when the module of its target
has been imported, so `core.db.engine` imports this module.
"""

from typing import Final

from core.db.base import Base
from core.db.cloud_mirror import MirrorEntry
from core.db.moderation import CheckTrace, ContentCheck
from core.db.notifications import Notification, Webhook
from core.db.pictures import Picture
from core.db.scheduling import OwnerTurn
from core.db.styles import Style
from core.db.stylizations import StyleShare, Stylization
from core.db.users import ApiKey, User, WeChatIdentity
from core.db.workers import WorkerHeartbeat

TABLES: Final[tuple[type[Base], ...]] = (
    User,
    WeChatIdentity,
    ApiKey,
    Picture,
    Style,
    Stylization,
    StyleShare,
    WorkerHeartbeat,
    OwnerTurn,
    Webhook,
    Notification,
    ContentCheck,
    CheckTrace,
    MirrorEntry,
)
