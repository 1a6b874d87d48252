"""Reads the boxes of AVIF and HEIC files, which are ISO base media files.

Only boxes that describe the picture are read; see ISO/IEC 14496-12 and 23008-12. Nothing is
decoded. ValueError is raised when the file ends too early or a table is damaged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

_MAX_BOXES: Final = 32_768  # in one box; an item cannot refer to more properties
_MAX_TABLE_BYTES: Final = 128 * 1024  # of one table; a picture of 1000 tiles needs 20 KB
_MAX_ASSOCIATION_TABLES: Final = 4  # one for each size of identifiers and numbers
_SIZE_TO_END: Final = 0  # a box of this size fills the rest of the file
_SIZE_OF_8_BYTES: Final = 1  # the size follows the kind
_PARTS_OF_PICTURE: Final = frozenset({b"ftyp", b"meta", b"moov", b"mdat"})
_IN_FILE, _IN_IDAT = 0, 1  # construction methods: what the offsets of an item refer to
_TO_SAMPLE_TABLES: Final = (b"trak", b"mdia", b"minf", b"stbl")
_VISUAL_SAMPLE_ENTRY_BYTES: Final = 78  # its fields; boxes follow them


class Box(NamedTuple):
    """A box whose content is `data[start:end]` of the file."""

    kind: bytes
    start: int
    end: int


class Extent(NamedTuple):
    """A part of an item's data: `data[start:end]`. It may lie beyond the end of the file."""

    start: int
    end: int


@dataclass(frozen=True)
class Item:
    """A coded picture, a picture that is assembled from others, or metadata."""

    kind: bytes = b""
    extents: tuple[Extent, ...] = ()
    properties: tuple[Box, ...] = ()
    described: tuple[int, ...] = ()
    """The items that it describes, if it is metadata."""
    sources: tuple[int, ...] = ()
    """The items from which it is assembled, such as tiles."""

    @property
    def size(self) -> int:
        """The length of its data in bytes, as the table iloc states it."""
        return sum(extent.end - extent.start for extent in self.extents)


@dataclass(frozen=True)
class BoxedFile:
    """The description of the pictures in a file."""

    data: bytes
    items: dict[int, Item]
    primary: Item
    """The picture that is shown; without properties if the file names none."""
    track_properties: tuple[Box, ...] = ()
    """The description of the first track, an animation; empty without one."""
    first_sample: int = 0
    """Where the data of the first track starts."""

    def content(self, part: Box | Extent) -> bytes:
        """The bytes of a box or an extent."""
        return self.data[part.start : part.end]

    def item_data(self, item: Item) -> bytes:
        """The data of an item.

        Raises:
            ValueError: the data is longer than the file, because its parts overlap.
        """
        if item.size > len(self.data):
            raise ValueError("the parts of an item overlap")
        return b"".join(self.content(extent) for extent in item.extents)

    def is_cut(self) -> bool:
        """Whether data of an item lies beyond the end of the file."""
        extents = (extent for item in self.items.values() for extent in item.extents)
        return any(extent.end > len(self.data) for extent in extents)

    def is_about_primary(self, item: Item) -> bool:
        """Whether an item is metadata of the picture that is shown."""
        return any(self.items.get(each) is self.primary for each in item.described)


def read_boxed_file(data: bytes) -> BoxedFile:
    """Read the description of the pictures in an AVIF or HEIC file.

    Raises:
        ValueError: the file ends within a box, or a table is damaged.
    """
    top = _top_boxes(data)
    items: dict[int, Item] = {}
    primary = Item()
    if b"meta" in top:
        meta = _by_kind(_children(data, top[b"meta"], skipped=4))
        items = _read_items(data, meta)
        primary = items.get(_read_primary_id(data, meta), primary)
    if b"moov" not in top:
        return BoxedFile(data, items, primary)
    return BoxedFile(data, items, primary, *_read_track(data, top[b"moov"]))


# Boxes


def _boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes one after another, up to the first that is damaged.

    The last one may claim to end after `end`.
    """
    for _ in range(_MAX_BOXES):
        size, content = int.from_bytes(data[start : start + 4], "big"), start + 8
        kind = data[start + 4 : content]
        if size == _SIZE_OF_8_BYTES:
            size, content = int.from_bytes(data[content : content + 8], "big"), content + 8
        box_end = end if size == _SIZE_TO_END else start + size
        if content > end or box_end < content:
            return
        yield Box(kind, content, box_end)
        start = box_end


def _top_boxes(data: bytes) -> dict[bytes, Box]:
    """The first box of each kind at the top; unrelated data may follow the picture's boxes."""
    found = _by_kind(_boxes(data, 0, len(data)))
    for box in found.values():
        if box.kind in _PARTS_OF_PICTURE and box.end > len(data):
            raise ValueError(f"the file ends within the box {box.kind!r}")
    return found


def _children(data: bytes, parent: Box, *, skipped: int = 0) -> Iterator[Box]:
    """The boxes in a box, after `skipped` bytes of its own fields."""
    for box in _boxes(data, parent.start + skipped, parent.end):
        if box.end <= parent.end:
            yield box


def _version(data: bytes, box: Box) -> int:
    return int.from_bytes(data[box.start : box.start + 1], "big")


def _by_kind(boxes: Iterator[Box]) -> dict[bytes, Box]:
    """The first box of each kind."""
    found: dict[bytes, Box] = {}
    for box in boxes:
        found.setdefault(box.kind, box)
    return found


def _refuse_large(table: Box) -> None:
    if table.end - table.start > _MAX_TABLE_BYTES:
        raise ValueError(f"the table {table.kind!r} has {table.end - table.start} bytes")


class _Table:
    """The content of a box; gives big-endian numbers one after another."""

    def __init__(self, data: bytes, box: Box, *, has_version: bool = True) -> None:
        _refuse_large(box)
        self._content = data[box.start : box.end]
        self._at = 0
        self.version = self.number(1) if has_version else 0
        self.flags = self.number(3) if has_version else 0

    def number(self, size: int) -> int:
        """The next `size` bytes as a number; no bytes are the number 0."""
        return int.from_bytes(self.take(size), "big")

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        taken = self._content[self._at : self._at + size]
        if len(taken) < size:
            raise ValueError("a table has fewer entries than it states")
        self._at += size
        return taken


# Items


def _read_primary_id(data: bytes, meta: dict[bytes, Box]) -> int:
    if b"pitm" not in meta:
        return 0
    table = _Table(data, meta[b"pitm"])
    return table.number(2 if table.version == 0 else 4)


def _read_items(data: bytes, meta: dict[bytes, Box]) -> dict[int, Item]:
    extents = _read_extents(data, meta)
    properties = _read_properties(data, meta)
    sources = _read_references(data, meta, b"dimg")
    described = _read_references(data, meta, b"cdsc")
    return {
        item_id: Item(
            kind,
            extents.get(item_id, ()),
            properties.get(item_id, ()),
            described.get(item_id, ()),
            sources.get(item_id, ()),
        )
        for item_id, kind in _read_kinds(data, meta).items()
    }


def _read_kinds(data: bytes, meta: dict[bytes, Box]) -> dict[int, bytes]:
    """The kind of each item, for example grid or hvc1."""
    if b"iinf" not in meta:
        return {}
    kinds: dict[int, bytes] = {}
    version = _version(data, meta[b"iinf"])
    for entry in _children(data, meta[b"iinf"], skipped=6 if version == 0 else 8):
        table = _Table(data, entry)
        item_id = table.number(4 if table.version == 3 else 2)
        table.take(2)  # the index of its protection
        kinds[item_id] = table.take(4)
    return kinds


def _read_extents(data: bytes, meta: dict[bytes, Box]) -> dict[int, tuple[Extent, ...]]:
    """Where the data of each item is."""
    if b"iloc" not in meta:
        return {}
    table = _Table(data, meta[b"iloc"])
    sizes = table.number(2)  # of the numbers below, 4 bits each
    offset_size, length_size, base_size, index_size = (sizes >> at & 15 for at in (12, 8, 4, 0))
    if table.version == 0:
        index_size = 0
    if offset_size == length_size == 0:
        raise ValueError("the table iloc has no positions")
    places = {_IN_FILE: Extent(0, len(data))}
    if b"idat" in meta:
        places[_IN_IDAT] = Extent(meta[b"idat"].start, meta[b"idat"].end)
    id_size = 4 if table.version == 2 else 2
    extents: dict[int, tuple[Extent, ...]] = {}
    for _ in range(table.number(id_size)):
        item_id = table.number(id_size)
        method = table.number(2) & 15 if table.version > 0 else _IN_FILE
        table.take(2)  # the file: this one
        base = table.number(base_size)
        found = []
        for _ in range(table.number(2)):
            table.take(index_size)
            found.append((base + table.number(offset_size), table.number(length_size)))
        if method in places:
            extents[item_id] = tuple(_extent(places[method], *each) for each in found)
    return extents


def _extent(place: Extent, offset: int, length: int) -> Extent:
    """An extent within the file or the box idat; a length of 0 means up to its end."""
    start = place.start + offset
    return Extent(start, start + length if length else max(start, place.end))


def _read_properties(data: bytes, meta: dict[bytes, Box]) -> dict[int, tuple[Box, ...]]:
    """The properties of each item in the order of their application."""
    if b"iprp" not in meta:
        return {}
    boxes = list(_children(data, meta[b"iprp"]))
    known = [each for box in boxes if box.kind == b"ipco" for each in _children(data, box)]
    properties: dict[int, tuple[Box, ...]] = {}
    for box in [box for box in boxes if box.kind == b"ipma"][:_MAX_ASSOCIATION_TABLES]:
        for item_id, numbers in _read_associations(_Table(data, box)):
            found = tuple(known[each - 1] for each in numbers if 0 < each <= len(known))
            properties.setdefault(item_id, found)
    return properties


def _read_associations(table: _Table) -> Iterator[tuple[int, list[int]]]:
    """Each item's identifier and the numbers of its properties, counted from 1."""
    number_size = 2 if table.flags & 1 else 1
    essential_bit = 1 << (8 * number_size - 1)
    for _ in range(table.number(4)):
        item_id = table.number(2 if table.version == 0 else 4)
        yield item_id, [table.number(number_size) % essential_bit for _ in range(table.number(1))]


def _read_references(
    data: bytes, meta: dict[bytes, Box], kind: bytes
) -> dict[int, tuple[int, ...]]:
    """The items to which each item refers by references of one kind."""
    if b"iref" not in meta:
        return {}
    _refuse_large(meta[b"iref"])
    references: dict[int, tuple[int, ...]] = {}
    id_size = 2 if _version(data, meta[b"iref"]) == 0 else 4
    for box in _children(data, meta[b"iref"], skipped=4):
        if box.kind == kind:
            reference = _Table(data, box, has_version=False)
            item_id = reference.number(id_size)
            count = reference.number(2)
            references[item_id] = tuple(reference.number(id_size) for _ in range(count))
    return references


# Tracks


def _read_track(data: bytes, moov: Box) -> tuple[tuple[Box, ...], int]:
    """The properties of the first track and the position of its data."""
    box = moov
    for kind in _TO_SAMPLE_TABLES:
        found = _by_kind(_children(data, box)).get(kind)
        if found is None:
            return (), 0
        box = found
    tables = _by_kind(_children(data, box))
    return _read_sample_description(data, tables), _read_first_offset(data, tables)


def _read_sample_description(data: bytes, tables: dict[bytes, Box]) -> tuple[Box, ...]:
    if b"stsd" not in tables:
        return ()
    for entry in _children(data, tables[b"stsd"], skipped=8):
        return tuple(_children(data, entry, skipped=_VISUAL_SAMPLE_ENTRY_BYTES))
    return ()


def _read_first_offset(data: bytes, tables: dict[bytes, Box]) -> int:
    for kind, size in ((b"stco", 4), (b"co64", 8)):
        if kind in tables:
            first = tables[kind].start + 8  # after the version, the flags and the count
            return int.from_bytes(data[first : first + size], "big")
    return 0
