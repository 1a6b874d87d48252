"""Measurements of the presets, from pictures and options to a folder of results."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from PIL import Image

from imaging.decode import open_picture
from model import held_out
from model.evaluation.faces import Detector, HaarDetector, measure_faces
from model.evaluation.options import EvaluationOptions
from model.evaluation.picture_selection import (
    draw_pictures,
    list_pictures,
    resize_short_side,
    shuffled,
)
from model.evaluation.preset_distances import measure_distances
from model.evaluation.section import Section
from model.evaluation.strokes import measure_reduced_view, measure_strokes
from model.inference import Stylizer
from model.perceptual.vgg import load_vgg
from model.presets.sources import find_sources

Pictures = dict[str, Image.Image]


def measure_presets(options: EvaluationOptions) -> str:
    """Measure the presets, write each part to `options.out` when it ends, return the tables.

    Raises:
        ValueError, OSError: pictures, weights, ids or numbers are unusable.
    """
    stylizer = Stylizer.load(device="cpu", precision=options.precision)
    texts = []
    for section in _sections(stylizer, options):
        section.write(options.out)
        texts.append(section.text)
    return "\n".join(texts)


def _sections(stylizer: Stylizer, options: EvaluationOptions) -> Iterator[Section]:
    for side_px in options.sides_px:
        size = f"short side {side_px} px" if side_px else "original size"
        if options.presets is not None:
            yield _distances(stylizer, options, side_px, f"Presets, {size}")
        if options.strokes is not None:
            yield _strokes(stylizer, options, side_px, f"Strokes, {size}")
        if options.faces is not None:
            yield _faces(stylizer, options, side_px, f"Faces, {size}")
    if options.strokes is not None:
        yield _reduced_view(stylizer, options)


def _distances(
    stylizer: Stylizer, options: EvaluationOptions, side_px: int | None, title: str
) -> Section:
    return measure_distances(
        stylizer,
        load_vgg(options.vgg),
        _photos(options, side_px),
        _sources(stylizer, options, options.presets or (), side_px),
        title=title,
        seed=options.seed,
    )


def _strokes(
    stylizer: Stylizer, options: EvaluationOptions, side_px: int | None, title: str
) -> Section:
    return measure_strokes(
        stylizer,
        load_vgg(options.vgg),
        _photos(options, side_px),
        _sources(stylizer, options, options.strokes or (), None),
        title=title,
        seed=options.seed,
    )


def _reduced_view(stylizer: Stylizer, options: EvaluationOptions) -> Section:
    return measure_reduced_view(
        stylizer,
        load_vgg(options.vgg),
        _photos(options, None),
        _sources(stylizer, options, options.strokes or (), None),
        seed=options.seed,
    )


def _faces(
    stylizer: Stylizer, options: EvaluationOptions, side_px: int | None, title: str
) -> Section:
    if options.catalogue is None:
        raise ValueError("--faces needs --catalogue, the file with the strengths of the presets")
    strengths = _read_strengths(options.catalogue)
    detector = HaarDetector()
    return measure_faces(
        stylizer,
        detector,
        _photos_with_faces(options, side_px, detector),
        {style_id: strengths[style_id] for style_id in _ids(options.faces or (), strengths)},
        title=title,
        seed=options.seed,
    )


def _photos(options: EvaluationOptions, side_px: int | None) -> Pictures:
    paths = _photo_paths(options, held_out_only=True)
    photos = draw_pictures(paths, options.photo_count, seed=options.seed)
    return {name: resize_short_side(photo, side_px) for name, photo in photos.items()}


def _photos_with_faces(
    options: EvaluationOptions, side_px: int | None, detector: Detector
) -> Pictures:
    """Return the first photos, in the order of the seed, in which the detector finds a face.

    The research data has few faces among its held-out photos, so all of its photos are searched.

    Raises:
        ValueError: no photo has a face.
    """
    photos: Pictures = {}
    paths = _photo_paths(options, held_out_only=False)
    for path in shuffled(paths, options.seed):
        photo = resize_short_side(open_picture(path), side_px)
        if detector.faces(photo):
            photos[str(path)] = photo
        if len(photos) == options.photo_count:
            break
    if not photos:
        raise ValueError(f"the detector finds no face in {len(paths)} photos")
    return photos


def _photo_paths(options: EvaluationOptions, *, held_out_only: bool) -> list[Path]:
    if options.photos:
        return list_pictures(options.photos)
    if options.research_data is None:
        raise ValueError("give --photographs or --shared")
    if held_out_only:
        return list_pictures([options.research_data / "content"], held_out.PHOTO_PREFIXES)
    folders = [options.research_data / name for name in ("content", "phone")]
    return list_pictures([folder for folder in folders if folder.is_dir()])


def _sources(
    stylizer: Stylizer, options: EvaluationOptions, ids: Sequence[str], side_px: int | None
) -> dict[str, list[Image.Image]]:
    if options.research_data is None:
        raise ValueError("the presets need --shared, the folder with their source pictures")
    paths = find_sources(options.research_data, options.drawn)
    return {
        style_id: [resize_short_side(open_picture(path), side_px) for path in paths[style_id]]
        for style_id in _ids(ids, [one for one in stylizer.preset_ids() if one in paths])
    }


def _ids(wanted: Sequence[str], known: Iterable[str]) -> list[str]:
    """Return the wanted presets, or all if none is named.

    Raises:
        ValueError: a wanted one is not known.
    """
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise ValueError(f"unknown presets: {', '.join(unknown)}; known: {', '.join(known)}")
    return list(wanted or known)


def _read_strengths(catalogue: Path) -> dict[str, float]:
    """Return the strength of each preset by id.

    Raises:
        ValueError: the file is not a catalogue.
        OSError: it cannot be read.
    """
    try:
        entries = json.loads(catalogue.read_text(encoding="utf-8"))
        return {entry["id"]: float(entry["default_tau"]) for entry in entries}
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{catalogue} is not a catalogue of presets: {error!r}") from error
