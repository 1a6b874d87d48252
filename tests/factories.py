"""Functions that create rows for tests; keyword arguments override the defaults."""

from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy.orm import Session

from app.accounts.keys import local_user
from core.db.base import new_id
from core.db.pictures import Picture
from core.db.styles import Style
from core.db.stylizations import Stylization
from core.storage import Storage, picture_key

NIXI = "nixi-black-pottery"


def jpeg(size: tuple[int, int] = (96, 64), color: tuple[int, int, int] = (200, 120, 40)) -> bytes:
    """Return a JPEG of one colour."""
    buffer = BytesIO()
    Image.new("RGB", size, color).save(buffer, "JPEG")
    return buffer.getvalue()


def make_picture(
    session: Session, storage: Storage, size: tuple[int, int] = (96, 64), **values: Any
) -> Picture:
    """Add a stored picture of the local user."""
    picture_id = new_id("pic")
    data = jpeg(size)
    picture = Picture(
        **{
            "id": picture_id,
            "owner_id": local_user(session).id,
            "sha256": "0" * 64,
            "bytes": len(data),
            "width": size[0],
            "height": size[1],
            "format": "JPEG",
            "storage_key": picture_key(picture_id, "jpg"),
            **values,
        }
    )
    storage.put(picture.storage_key, data)
    session.add(picture)
    session.flush()
    return picture


def make_style(session: Session, storage: Storage, **values: Any) -> Style:
    """Add an own style of the local user that waits for its code."""
    picture = make_picture(session, storage)
    style = Style(
        **{"owner_id": picture.owner_id, "name": "mine", "picture_id": picture.id, **values}
    )
    session.add(style)
    session.flush()
    return style


def make_stylization(
    session: Session, storage: Storage, size: tuple[int, int] = (96, 64), **values: Any
) -> Stylization:
    """Add a queued row of the local user with its stored photo."""
    picture = make_picture(session, storage, size)
    row = Stylization(
        **{
            "owner_id": picture.owner_id,
            "style_id": NIXI,
            "style_name": {"zh": "尼西黑陶", "en": "Nixi black pottery"},
            "tau": 1.0,
            "picture_id": picture.id,
            "width": size[0],
            "height": size[1],
            **values,
        }
    )
    session.add(row)
    session.flush()
    return row
