"""The lines of an export; each says in `kind` what it holds."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from app.styles.schemas import StyleRead
from app.stylizations.schemas import StylizationRead


class UserLine(BaseModel):
    """The first line: whose history it is."""

    kind: Literal["user"] = "user"
    id: str
    user_kind: str
    created_at: datetime


class StyleLine(BaseModel):
    """A style of one's own."""

    kind: Literal["style"] = "style"
    style: StyleRead


class StylizationLine(BaseModel):
    """A stylization; its pictures by address, as long as they are kept."""

    kind: Literal["stylization"] = "stylization"
    stylization: StylizationRead
