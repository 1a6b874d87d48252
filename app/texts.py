"""The one character that a text from outside must not contain: NUL, which PostgreSQL refuses.

URLs are checked before a route reads them, forms by `app.uploads`, and JSON by the type
`TextWithoutNul`. None of the three contains lone surrogates, which no database can store either:
URLs and forms are decoded from bytes, and pydantic refuses them in JSON.
"""

from typing import Annotated, Final

from fastapi import Request
from pydantic import Field

from core.errors import InvalidValue, NotFound

NUL: Final = "\0"
TextWithoutNul = Annotated[str, Field(pattern=r"^[^\x00]*$")]


async def refuse_nul_in_url(request: Request) -> None:
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
