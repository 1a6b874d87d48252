"""One evaluation: a comparison of methods, or measurements of the presets."""

from model.evaluation.comparison import compare_methods
from model.evaluation.options import EvaluationOptions
from model.evaluation.preset_run import measure_presets


def evaluate(options: EvaluationOptions) -> str:
    """Measure what the options ask for, write it to `options.out` and return the tables.

    Raises:
        ValueError, OSError: pictures, weights or numbers are unusable.
    """
    if any(ids is not None for ids in (options.presets, options.faces, options.strokes)):
        return measure_presets(options)
    return compare_methods(options)
