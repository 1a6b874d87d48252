"""The multipart form of `POST /v1/stylizations` as OpenAPI describes it."""

from typing import Final

from app.stylizations.requests import (
    BRUSH_DESCRIPTION,
    MAX_STYLES,
    MAX_TITLE,
    StylizationBody,
)
from app.uploads import CLIENT_KEY_FIELD, FILE_FIELD, form_documentation
from styling.brush import DEFAULT_BRUSH, Brush
from styling.sizes import MIN_SIDE_PX
from styling.strength import MAX_STRENGTH, MIN_STRENGTH

STYLIZATION_FORM: Final = form_documentation(
    {
        "file": {
            **FILE_FIELD,
            "description": (
                "The photo: JPEG, PNG, WebP, GIF, AVIF or HEIC, with sides of at least "
                f"{MIN_SIDE_PX} px. It is turned upright, converted to sRGB and reduced to the "
                "render size (`GET /v1/config`)."
            ),
        },
        "picture_id": {
            "type": "string",
            "description": "The id of a stored photo, instead of `file`.",
        },
        "style_id": {
            "type": "string",
            "description": (
                "The id of a preset or of your own style. Send one of `style_id`, `styles` and "
                "`style`."
            ),
            "examples": ["nixi-black-pottery"],
        },
        "styles": {
            "type": "string",
            "description": f"A mixture of at most {MAX_STYLES} styles, as JSON.",
            "examples": ['[{"id": "great-wave", "weight": 2}, {"id": "ink-landscape"}]'],
        },
        "style": {
            **FILE_FIELD,
            "description": "A style picture; it becomes one of your own styles.",
        },
        "tau": {
            "type": "string",
            "pattern": r"^([0-9]{1,4}(\.[0-9]{0,20})?|\.[0-9]{1,20})$",
            "description": (
                f"Style strength, a decimal from {MIN_STRENGTH:g} (the photo) to "
                f"{MAX_STRENGTH:g}; 1 applies the style as trained. Default: the style's own "
                "`default_tau`. Any other value is refused, never clamped."
            ),
            "examples": ["0.8"],
        },
        "keep_color": {
            "type": "string",
            "enum": ["0", "1", "false", "true"],
            "description": "Whether the result keeps the colours of the photo. Default: no.",
        },
        "levels": {
            "type": "string",
            "description": (
                "Shares of `tau` for small, middle and large features of the style, as JSON."
            ),
            "examples": ['{"colour": 1, "texture": 0.5, "structure": 0}'],
        },
        "brush": {
            "type": "string",
            "enum": list(Brush),
            "description": f"{BRUSH_DESCRIPTION} Default: `{DEFAULT_BRUSH}`.",
        },
        "output_format": {"type": "string", "enum": ["jpeg", "png", "webp"]},
        "max_side_px": {
            "type": "string",
            "pattern": "^[0-9]{1,6}$",
            "description": "The maximum long side of the result. Default: the render size.",
        },
        "title": {"type": "string", "maxLength": MAX_TITLE},
        "client_key": CLIENT_KEY_FIELD,
    },
    required=[],
    json_kind=StylizationBody,
)
