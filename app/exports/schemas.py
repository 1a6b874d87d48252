"""The lines of an export; `kind` is the type of a line."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from app.styles.schemas import StyleRead
from app.stylizations.schemas import StylizationRead


class UserLine(BaseModel):
    """The first line: the user."""

    kind: Literal["user"] = "user"
    id: str
    user_kind: str
    created_at: datetime


class StyleLine(BaseModel):
    """One of the user's own styles."""

    kind: Literal["style"] = "style"
    style: StyleRead


class StylizationLine(BaseModel):
    """A stylization, with URLs of the pictures that are still stored."""

    kind: Literal["stylization"] = "stylization"
    stylization: StylizationRead
