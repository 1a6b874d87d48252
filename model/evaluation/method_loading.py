"""Loads the methods that the options of an evaluation name."""

from pathlib import Path

from model.adain import load_adain
from model.evaluation.baselines.adain import Adain
from model.evaluation.baselines.magenta import load_magenta
from model.evaluation.baselines.microast import load_microast
from model.evaluation.methods import DUALTRANS, Codes, DualTrans, Method
from model.evaluation.options import EvaluationOptions, FittingNetwork
from model.evaluation.picture_selection import SizedPictures
from model.fitting.photos import packaged_photos
from model.inference import Stylizer
from model.perceptual.vgg import Vgg19
from model.presets.training_photos import draw_training_photos

_FITTING_PHOTOS = 40


def load_methods(options: EvaluationOptions, vgg: Vgg19, artworks: SizedPictures) -> list[Method]:
    """Return DualTrans with the codes of the style controller and with fitted codes, and others.

    Args:
        options: which weights and which other methods.
        vgg: also the encoder of AdaIN.
        artworks: the artworks that the methods will be given, at any of their sizes.

    Raises:
        ValueError, OSError: weights or photos are unusable.
    """
    methods: list[Method] = []
    for argument in options.weights or (None,):
        name, path = _name_and_path(argument)
        stylizer = Stylizer.load(path, device="cpu", precision=options.precision)
        codes = Codes(stylizer.style_code, largest=artworks.largest)
        methods.append(DualTrans(name, stylizer, options.strengths, codes=codes))
        for network in options.fit_with if options.fit_steps else ():
            codes = _fitted_codes(stylizer, artworks, options, network)
            refined = f"{name} refined, {network}"
            methods.append(DualTrans(refined, stylizer, options.strengths, codes=codes))
    if options.adain:
        methods.append(Adain(vgg, load_adain(options.adain)))
    if options.microast:
        methods.append(load_microast(options.microast))
    if options.magenta:
        methods.append(load_magenta(options.magenta))
    return methods


def _fitted_codes(
    stylizer: Stylizer,
    artworks: SizedPictures,
    options: EvaluationOptions,
    network: FittingNetwork,
) -> Codes:
    """Return codes that are fitted on photos that are not measured.

    They are training photos of the research data if it is given, else those of the model.
    """
    if options.research_data:
        folders = [options.research_data / name for name in ("content", "phone")]
        photos = draw_training_photos([one for one in folders if one.is_dir()], _FITTING_PHOTOS)
    else:
        photos = packaged_photos()
    fitter = stylizer.style_fitter(options.vgg if network == "vgg19" else None, photos)
    return Codes(
        lambda artwork: fitter.fit([artwork], steps=options.fit_steps).code,
        origin=f"fitted in {options.fit_steps} steps with {network}",
        largest=artworks.largest,
    )


def _name_and_path(argument: str | None) -> tuple[str, Path | None]:
    """Split NAME=FILE or FILE; None means the released weights."""
    if argument is None:
        return DUALTRANS, None
    name, _, path = argument.rpartition("=")
    return f"{DUALTRANS} {name or Path(path).stem}", Path(path)
