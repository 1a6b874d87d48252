"""The route of the export."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from app.accounts.dependencies import MayRead
from app.error_schemas import error_responses
from app.exports.service import export_lines
from app.languages import ResponseLanguage
from app.pictures.dependencies import SignedURLs
from app.resources import OpenResources
from core.errors import NotFound

router = APIRouter(prefix="/v1/me", tags=["accounts"])

JSON_LINES = "application/x-ndjson"


@router.get(
    "/export",
    summary="Export your history",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Lines of JSON; each has a `kind`: `user`, `style` or `stylization`.",
            "content": {JSON_LINES: {"schema": {"type": "string"}}},
        },
        **error_responses(NotFound),
    },
)
def export_history(
    resources: OpenResources, caller: MayRead, urls: SignedURLs, language: ResponseLanguage
) -> StreamingResponse:
    """Your styles and stylizations in the form of the other routes, newest first.

    Pictures are given as signed URLs, which expire: download soon what you want to keep.
    """
    lines = export_lines(resources.database, caller.user_id, urls, language)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="dualtrans-history.jsonl"',
    }
    return StreamingResponse(lines, media_type=JSON_LINES, headers=headers)
