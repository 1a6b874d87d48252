# ruff: noqa: N818  # as in core/errors.py
"""Why a job failed. A worker stores it on the row; a client reads it in the field `error`.

* JobFailure                 a stylization or the preparation of a style has failed
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


class JobFailure(AppError):
    """A stylization or the preparation of a style has failed."""


class StyleFailed(JobFailure):
    """The user's own style of the request could not be prepared."""

    code = "style_failed"
    status = 422
    text = LocalizedText(
        zh="所选风格图片处理失败，请换一张风格图片。",
        en="The chosen style could not be prepared. Please use another style picture.",
    )


class RenderFailed(JobFailure):
    """The model could not render this picture."""

    code = "render_failed"
    retryable = True
    text = LocalizedText(
        zh="这张图片处理失败，请重试或换一张。",
        en="This picture could not be stylized. Try again or use another picture.",
    )


class WorkerDied(JobFailure):
    """The worker process died during `attempts` attempts."""

    code = "worker_died"
    retryable = True
    text = LocalizedText(
        zh="处理中断了 {attempts} 次，请换一张图片再试。",
        en="Processing was interrupted {attempts} times. Try again with another picture.",
    )


class PictureLost(JobFailure):
    """The uploaded picture is no longer stored."""

    code = "picture_lost"
    text = LocalizedText(
        zh="上传的图片已不存在，请重新上传。",
        en="The uploaded picture no longer exists. Upload it again.",
    )


class StyleLost(JobFailure):
    """The style no longer exists. Needs `style_id`."""

    code = "style_lost"
    text = LocalizedText(
        zh="风格“{style_id}”已不存在。", en='The style "{style_id}" no longer exists.'
    )


class OutOfMemory(JobFailure):
    """A single picture does not fit into memory. Needs `width` and `height`."""

    code = "out_of_memory"
    text = LocalizedText(
        zh="内存不足，无法处理 {width}×{height} 的图片。",
        en="There is not enough memory for a picture of {width}x{height}.",
    )


class TimedOut(JobFailure):
    """Rendering took longer than `seconds`."""

    code = "timed_out"
    retryable = True
    text = LocalizedText(
        zh="处理超过 {seconds} 秒，已停止。",
        en="Processing took longer than {seconds} seconds and was stopped.",
    )
