# ruff: noqa: N818  # as in errors.py
"""Why a stylization or a style has failed: what a worker writes on its row.

A client reads it in the row's `error`.

* RowFailure                 what a worker writes on a row; a client reads it in the row's `error`
  * StyleFailed              style_failed (422 where a request names a failed style)
  * RenderFailed             render_failed
  * WorkerDied               worker_died
  * PictureLost              picture_lost
  * StyleLost                style_lost
  * OutOfMemory              out_of_memory
  * TimedOut                 timed_out
"""

from core.errors import AppError
from core.languages import LocalizedText


class RowFailure(AppError):
    """Why a stylization or a style ended as failed."""


class StyleFailed(RowFailure):
    """The own style that it waited for, or names, could not be prepared."""

    code = "style_failed"
    status = 422
    text = LocalizedText(
        zh="所选风格图片处理失败，请换一张风格图片。",
        en="The chosen style could not be prepared. Use another style picture.",
    )


class RenderFailed(RowFailure):
    """The model refused or broke on this picture."""

    code = "render_failed"
    retryable = True
    text = LocalizedText(
        zh="这张图片处理失败，请重试或换一张。",
        en="This picture could not be stylized.",
    )


class WorkerDied(RowFailure):
    """The worker died on it `attempts` times."""

    code = "worker_died"
    retryable = True
    text = LocalizedText(
        zh="处理中断了 {attempts} 次，请换一张图片再试。",
        en="Processing broke off {attempts} times. Try again with another picture.",
    )


class PictureLost(RowFailure):
    """The uploaded picture is no longer in storage."""

    code = "picture_lost"
    text = LocalizedText(
        zh="上传的图片已不存在，请重新上传。",
        en="The uploaded picture is gone. Send it again.",
    )


class StyleLost(RowFailure):
    """The style is no longer known to the model. Needs `style_id`."""

    code = "style_lost"
    text = LocalizedText(
        zh="风格“{style_id}”已不存在。", en='The style "{style_id}" no longer exists.'
    )


class OutOfMemory(RowFailure):
    """One picture alone does not fit. Needs `width` and `height`."""

    code = "out_of_memory"
    text = LocalizedText(
        zh="内存不足，无法处理 {width}×{height} 的图片。",
        en="There is not enough memory for a picture of {width}x{height}.",
    )


class TimedOut(RowFailure):
    """It took longer than `seconds`."""

    code = "timed_out"
    retryable = True
    text = LocalizedText(
        zh="处理超过 {seconds} 秒，已停止。",
        en="It was stopped after {seconds} seconds.",
    )
