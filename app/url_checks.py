"""The check of every URL: no part of it contains the character NUL, which PostgreSQL refuses.

Ids in bodies are looked up by `core.db.base.find_by_id`; every other text in a body has a stricter
check of its own. Lone surrogates, which no database can store either, do not occur: URLs and forms
are decoded from bytes, and pydantic refuses them in JSON.
"""

from typing import Final

from fastapi import Request

from app.client_text import quoted
from core.errors import InvalidValue, NotFound
from core.languages import LocalizedText

NUL: Final = "\0"
CONTAINS_NUL: Final = LocalizedText(zh="不能含有 NUL 字符", en="it contains the character NUL")


async def refuse_nul(request: Request) -> None:
    """Refuse a URL with the character NUL. A dependency of every route.

    Raises:
        NotFound: it is in the path, and no id contains it.
        InvalidValue: it is in a query parameter.
    """
    if any(NUL in str(value) for value in request.path_params.values()):
        raise NotFound
    for name, value in request.query_params.multi_items():
        if NUL in value:
            raise InvalidValue(quoted(name), CONTAINS_NUL)
