"""Says of a picture, on it and in it, that AI made it: the mark and the metadata of GB 45438-2025.

The mark is text at a corner, at least 5 % of the short side high. The metadata is the XMP property
`TC260:AIGC`, a JSON of seven fields; JPEG, PNG and WebP all carry it. `encode_labelled` is the one
door: what it gives has both.
"""

import html
import math
import re
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Any, Final, Literal
from xml.parsers import expat

from PIL import Image, ImageDraw, ImageFont, ImageStat
from PIL.PngImagePlugin import PngInfo
from pydantic import BaseModel, ConfigDict, Field

from imaging.text import font, missing_characters

NAMESPACE: Final = "http://www.tc260.org.cn/ns/AIGC/1.0/"
PNG_KEYWORD: Final = "XML:com.adobe.xmp"
LEAST_HEIGHT_SHARE: Final = 0.05  # GB 45438-2025: of the picture's short side
FAINT_PX: Final = 1.5  # added to the height, for the outermost rows of letters may be faint
LEAST_TEXT_PX: Final = 11  # below it nobody reads the text, however small the picture
MAKER: Final = re.compile(r"(?<![a-z])ai(?![a-z])|人工智[能慧]", re.IGNORECASE)
MAKING: Final = re.compile("生成|合成|產生|generated|synthesized|synthetic", re.IGNORECASE)

# The mark's measures, as shares of its text's height
PADDING_X: Final = 0.45
PADDING_Y: Final = 0.36
MARGIN: Final = 0.5
SIDES: Final = 2 * (PADDING_X + MARGIN)  # what the mark takes of the width beside its text

# A veil over the picture in the tone of its ground, and letters of the other tone: quiet, and still
# of a contrast of 5.2 to 1 where the dark veil lies over a white pixel, which is the worst case.
VEIL_OPACITY: Final = 0.66
PAPER: Final = (251, 248, 243)
INK: Final = (28, 26, 25)
LIGHT_GROUND: Final = 140  # mean of 0..255 from which a ground counts as light
MEASURED_PX: Final = 1000  # the em at which outlines are measured
SMOOTHING: Final = 4  # letters and round corners are drawn this much larger

PACKET: Final = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:TC260="{namespace}">'
    "<TC260:AIGC>{record}</TC260:AIGC>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
    '<?xpacket end="w"?>'
)


class Corner(StrEnum):
    """Where the mark stands."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"

    @property
    def is_at_the_top(self) -> bool:
        """Else at the bottom."""
        return self in (Corner.TOP_LEFT, Corner.TOP_RIGHT)

    @property
    def is_at_the_left(self) -> bool:
        """Else at the right."""
        return self in (Corner.TOP_LEFT, Corner.BOTTOM_LEFT)


class PictureFormat(StrEnum):
    """The formats that carry a label."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"

    @property
    def pillow_name(self) -> str:
        """As Pillow and the table of pictures name it."""
        return self.value.upper()

    @property
    def extension(self) -> str:
        """Of a file's name."""
        return "jpg" if self is PictureFormat.JPEG else self.value


@dataclass(frozen=True)
class Label:
    """How pictures are labelled here.

    Usage: `Label("AI生成", producer="DualTrans")`; `settings.label`.
    """

    text: str = "AI生成"
    height_share: float = LEAST_HEIGHT_SHARE  # of the short side, the text's
    corner: Corner = Corner.BOTTOM_RIGHT
    producer: str = "DualTrans"  # the provider's name or code

    def mark_room_px(self, size: tuple[int, int]) -> tuple[int, int]:
        """The width and height that the mark with its margins takes of a picture of this size."""
        height_px = self.text_height_px(size)
        width = height_px * (_breadth(self.text) + SIDES)
        return math.ceil(width), math.ceil(height_px * (1 + 2 * (PADDING_Y + MARGIN)))

    def text_height_px(self, size: tuple[int, int]) -> float:
        """The height of the text's outline on a picture of this size.

        Less than asked for, but never under 5 %, where a long text would not fit.
        """
        wanted = max(self.height_share * min(size) + FAINT_PX, LEAST_TEXT_PX)
        fitting = size[0] / (_breadth(self.text) + SIDES)
        return max(min(wanted, fitting), LEAST_HEIGHT_SHARE * min(size))


def _named(name: str, default: str = "") -> Any:  # noqa: ANN401  # what pydantic's Field gives
    return Field(default=default, validation_alias=name, serialization_alias=name)


class AigcRecord(BaseModel):
    """The seven fields of `TC260:AIGC`."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    label: Literal["1", "2", "3"] = _named("Label", "1")  # is, may be, is suspected to be AI's
    content_producer: str = _named("ContentProducer")
    produce_id: str = _named("ProduceID")
    reserved_code_1: str = _named("ReservedCode1")
    content_propagator: str = _named("ContentPropagator")
    propagate_id: str = _named("PropagateID")
    reserved_code_2: str = _named("ReservedCode2")

    def to_json(self) -> str:
        """As it stands in a file."""
        return self.model_dump_json(by_alias=True)


def checked_text(text: str) -> str:
    """The text of a mark, without blanks around it.

    Raises:
        ValueError: it does not say that AI made the picture, holds characters that the font lacks,
            or is too long for a picture's short side.
    """
    text = text.strip()
    if not MAKER.search(text) or not MAKING.search(text):
        raise ValueError(
            f"the mark {text!r} must say that AI generated the picture: "
            "AI or 人工智能, and 生成, 合成 or generated"
        )
    if missing := missing_characters(text):
        raise ValueError(f"the mark {text!r} has characters that cannot be drawn: {missing}")
    widest = 0.95 / LEAST_HEIGHT_SHARE - SIDES  # some pixels are lost in rounding
    if _breadth(text) > widest:
        raise ValueError(
            f"the mark {text!r} is {_breadth(text):.1f} times as wide as high; "
            f"a picture's short side has room for {widest:.1f}"
        )
    return text


def encode_labelled(
    picture: Image.Image,
    picture_format: PictureFormat,
    *,
    label: Label,
    produce_id: str,
    quality: int,
) -> bytes:
    """The picture as a file that says, on it and in it, that AI made it.

    Args:
        picture: Without a mark; its own metadata is left behind.
        picture_format: The file's format.
        label: How it is labelled.
        produce_id: The picture's number with its producer: the id of its stylization.
        quality: 0 to 100; without effect in PNG.
    """
    record = AigcRecord(content_producer=label.producer, produce_id=produce_id)
    packet = PACKET.format(namespace=NAMESPACE, record=html.escape(record.to_json()))
    how: dict[str, Any] = {"quality": quality, "xmp": packet.encode()}
    if picture_format is PictureFormat.PNG:
        info = PngInfo()
        info.add_itxt(PNG_KEYWORD, packet)
        how = {"pnginfo": info}
    buffer = BytesIO()
    draw_mark(picture, label).save(buffer, picture_format.pillow_name, **how)
    return buffer.getvalue()


# The mark


def draw_mark(picture: Image.Image, label: Label) -> Image.Image:
    """A copy in RGB with the mark in its corner, and nothing but pixels."""
    marked = Image.new("RGB", picture.size)
    marked.paste(picture)
    height_px = label.text_height_px(picture.size)
    letters = _letters(label.text, height_px)
    veil = _veil(letters.size, round(height_px * PADDING_X), round(height_px * PADDING_Y))
    box = _placed(veil.size, marked.size, label.corner, round(height_px * MARGIN))
    veil_color, ink = _tones(marked.crop(box))
    marked.paste(veil_color, box, mask=veil)
    inner = ((veil.width - letters.width) // 2, (veil.height - letters.height) // 2)
    marked.paste(ink, (box[0] + inner[0], box[1] + inner[1]), mask=letters)
    return marked


def _breadth(text: str) -> float:
    """The width of a text as a multiple of its outline's height."""
    left, top, right, bottom = _inked(font(MEASURED_PX), text)
    return (right - left) / (bottom - top)


def _letters(text: str, height_px: float) -> Image.Image:
    """The text as a mask whose outline is that high.

    It is drawn larger: at small sizes whole pixels from letter to letter would make it wider.
    """
    _, top, _, bottom = _inked(font(MEASURED_PX), text)
    large_font = font(MEASURED_PX * height_px * SMOOTHING / (bottom - top))
    left, top, right, bottom = _inked(large_font, text)
    size = (math.ceil((right - left) / SMOOTHING), math.ceil((bottom - top) / SMOOTHING))
    large = Image.new("L", (size[0] * SMOOTHING, size[1] * SMOOTHING))
    ImageDraw.Draw(large).text((-left, -top), text, fill=255, font=large_font)
    return large.resize(size, Image.Resampling.BOX)


def _inked(letters: ImageFont.FreeTypeFont, text: str) -> tuple[int, int, int, int]:
    left, top, right, bottom = letters.getbbox(text)
    return math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)


def _placed(
    size: tuple[int, int], within: tuple[int, int], corner: Corner, margin: int
) -> tuple[int, int, int, int]:
    left = margin if corner.is_at_the_left else within[0] - margin - size[0]
    top = margin if corner.is_at_the_top else within[1] - margin - size[1]
    return left, top, left + size[0], top + size[1]


def _tones(ground: Image.Image) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """The colours of veil and letters over this ground."""
    is_light = ImageStat.Stat(ground.convert("L")).mean[0] >= LIGHT_GROUND
    return (PAPER, INK) if is_light else (INK, PAPER)


def _veil(inner: tuple[int, int], padding_x: int, padding_y: int) -> Image.Image:
    """What lies under letters of this size, as a mask: even, with round corners."""
    size = (inner[0] + 2 * padding_x, inner[1] + 2 * padding_y)
    large = Image.new("L", (size[0] * SMOOTHING, size[1] * SMOOTHING))
    whole = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(
        whole, radius=large.height // 4, fill=round(255 * VEIL_OPACITY)
    )
    return large.resize(size, Image.Resampling.BOX)


# What a file says


def read_label(data: bytes) -> AigcRecord | None:
    """What a JPEG, PNG or WebP says of its making; None when it says nothing.

    Raises:
        OSError: these bytes are no such picture.
        ValueError: it says something that cannot be read.
    """
    with Image.open(BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as picture:
        if "xmp" not in picture.info:
            picture.load()  # a PNG may say it behind its pixels
        packet: bytes | None = picture.info.get("xmp")
    record = None if packet is None else _record_in(packet)
    return None if record is None else AigcRecord.model_validate_json(record)


def _record_in(packet: bytes) -> str | None:
    """The text of `TC260:AIGC`, an element or an attribute, whatever its prefix."""
    name = f"{NAMESPACE} AIGC"
    found: list[str] = []
    open_elements: list[str] = []

    def begin(element: str, attributes: dict[str, str]) -> None:
        open_elements.append(element)
        if name in attributes:
            found.append(attributes[name])

    def read(text: str) -> None:
        if open_elements and open_elements[-1] == name:
            found.append(text)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda _: open_elements.pop()
    parser.CharacterDataHandler = read
    parser.StartDoctypeDeclHandler = _refuse_doctype  # no metadata has one; bombs do
    try:
        parser.Parse(packet.strip(b"\0 \r\n\t"), True)  # noqa: FBT003  # expat's signature
    except expat.ExpatError as error:
        raise ValueError(f"its metadata cannot be read: {error}") from error
    return "".join(found) or None


def _refuse_doctype(*_: object) -> None:
    raise ValueError("its metadata declares a document type, which none does")
