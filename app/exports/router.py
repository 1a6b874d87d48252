"""The export over HTTP."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from app.accounts.dependencies import MayRead
from app.error_schemas import answers
from app.exports.service import write_history
from app.languages import ReaderLanguage
from app.pictures.dependencies import Addresses
from app.resources import OpenResources
from core.errors import NotFound

router = APIRouter(prefix="/v1/me", tags=["accounts"])

JSON_LINES = "application/x-ndjson"


@router.get(
    "/export",
    summary="Take one's own history away",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Lines of JSON, each with a `kind`: `user`, `style` or `stylization`.",
            "content": {JSON_LINES: {"schema": {"type": "string"}}},
        },
        **answers(NotFound),
    },
)
def export_history(
    resources: OpenResources, caller: MayRead, addresses: Addresses, language: ReaderLanguage
) -> StreamingResponse:
    """One's own styles and stylizations, as the other addresses show them, newest first.

    Pictures come as addresses that hold as long as any: fetch those you want to keep soon.
    """
    lines = write_history(resources.database, caller.user_id, addresses, language)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="dualtrans-history.jsonl"',
    }
    return StreamingResponse(lines, media_type=JSON_LINES, headers=headers)
