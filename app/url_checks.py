"""The check of every URL: no part of it contains the character NUL, which PostgreSQL refuses.

Ids in bodies are looked up by `core.db.base.find_by_id`; every other text in a body has a stricter
check of its own. Lone surrogates, which no database can store either, do not occur: URLs and forms
are decoded from bytes, and pydantic refuses them in JSON.
"""

from typing import Final

from fastapi import Request

from core.errors import InvalidValue, NotFound

NUL: Final = "\0"


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
            reason = "it contains the character NUL"
            raise InvalidValue(name=name, reason=reason, field=name)
