"""The checks of every URL: its texts are UTF-8 without the character NUL, which PostgreSQL refuses.

Ids in bodies are looked up by `core.db.base.find_by_id`; every other text in a body has a stricter
check of its own. Lone surrogates, which no database can store either, do not occur: URLs and forms
are decoded from bytes, and pydantic refuses them in JSON.
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

from app.client_text import quoted
from core.errors import InvalidValue, NotFound
from core.languages import LocalizedText

NUL: Final = "\0"
CONTAINS_NUL: Final = LocalizedText(zh="不能含有 NUL 字符", en="it contains the character NUL")
NOT_UTF8: Final = LocalizedText(zh="不是有效的 UTF-8 文字", en="it is not valid UTF-8 text")


async def check_url(request: Request) -> None:
    """Refuse a URL that cannot be decoded or looked up. A dependency of every route.

    Raises:
        NotFound: the path contains the character NUL, and no id does.
        InvalidValue: a query parameter contains it, or is in another encoding, such as GBK.
    """
    if any(NUL in str(value) for value in request.path_params.values()):
        raise NotFound
    for name, value in _sent_parameters(request):
        try:
            text = value.decode()
        except UnicodeDecodeError as error:
            raise InvalidValue(name, NOT_UTF8) from error
        if NUL in text:
            raise InvalidValue(name, CONTAINS_NUL)


def _sent_parameters(request: Request) -> Iterator[tuple[str, bytes]]:
    """The names of the query parameters, to quote them, and the bytes of their values."""
    query = request.scope["query_string"].decode("latin-1")
    for name, value in parse_qsl(query, keep_blank_values=True, encoding="latin-1"):
        yield quoted(name.encode("latin-1").decode(errors="replace")), value.encode("latin-1")
