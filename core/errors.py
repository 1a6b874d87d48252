# ruff: noqa: N818  # `raise FileTooLarge` is clear without the suffix Error
"""All errors that a client can see, as one tree.

* AppError                     an error response: code, HTTP status, message in two languages
  * BadRequest                 400 bad_request
  * InvalidValue               422 bad_request
  * MissingFile                422 missing_file
  * MissingStyle               422 missing_style
  * InvalidTau                 422 invalid_tau
  * UnknownStyle               422 unknown_style
  * UnknownPicture             422 unknown_picture
  * InvalidWebhookAddress      422 invalid_webhook_address
  * PrivateWebhookAddress      422 private_webhook_address
  * Unauthenticated            401 unauthenticated
  * Forbidden                  403 forbidden
    * MissingScope             403 missing_scope
  * NotFound                   404 not_found
  * MethodNotAllowed           405 method_not_allowed
  * UploadTimedOut             408 upload_timeout
  * IdempotencyConflict        409 idempotency_conflict
    * ReplayOfDeleted          409 idempotency_conflict
  * AlreadyFinished            409 already_finished
  * NotFinished                409 not_finished
  * TooManyWebhooks            409 too_many_webhooks
  * Expired                    410 expired
  * FileTooLarge               413 file_too_large
  * UnsupportedImage           415 unsupported_image
    * UnsupportedImageKind     415 unsupported_image
    * UnsupportedImageCoding   415 unsupported_image
  * RangeNotSatisfiable        416 range_not_satisfiable
  * TruncatedImage             422 truncated_image
  * ImageTooSmall              422 image_too_small
    * ImageTooNarrow           422 image_too_small
  * TooManyPixels              422 too_many_pixels
  * DecompressionBomb          422 decompression_bomb
  * RateLimited                429 rate_limited
  * QuotaExceeded              429 quota_exceeded
  * TooManyStreams             429 too_many_streams
  * QueueFull                  503 queue_full
  * NotReady                   503 not_ready
  * ServerError                500 server_error
  * JobFailure                 why a job failed, see core/failures.py
  * errors of WeChat (logins, messages, content check): see core/wechat/errors.py
* IllegalTransition            a status change that is not allowed (a defect or a race)
  * ClaimLost                  the job no longer belongs to this worker, which drops its result
* SetupError                   the process cannot start; one line without a traceback

Clients depend on the codes. The messages contain the limits and the values.
"""

from typing import ClassVar

from core.languages import DEFAULT_LANGUAGE, Language, LocalizedText


class AppError(Exception):
    """An error response. Every error that a client can see is a subclass.

    The keyword arguments replace the names in braces in the message. An argument that contains
    words is a `LocalizedText`. The message can also contain `{field}`.

    Usage: `raise FileTooLarge(max_mb=20)`; `error.message("zh")`.
    """

    code: ClassVar[str] = "server_error"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False
    text: ClassVar[LocalizedText] = LocalizedText(
        zh="服务器出了点问题，请稍后再试。",
        en="Something went wrong on the server. Please try again later.",
    )

    def __init__(
        self, *, field: str | None = None, retry_after_s: int | None = None, **values: object
    ) -> None:
        """`field` is the invalid field, `retry_after_s` the time to wait before a retry."""
        self.field = field
        self.retry_after_s = retry_after_s
        self.values = values
        super().__init__(self.message("en"))

    def message(self, language: Language = DEFAULT_LANGUAGE) -> str:
        """Return the message in one language. It is safe to show to a client."""
        values = {"field": self.field} | {
            name: value.in_language(language) if isinstance(value, LocalizedText) else value
            for name, value in self.values.items()
        }
        return self.text.in_language(language).format_map(values)

    def messages(self) -> dict[str, str]:
        """Return the message in both languages, as the database stores it."""
        return {"zh": self.message("zh"), "en": self.message("en")}


class BadRequest(AppError):
    """The request is malformed."""

    code = "bad_request"
    status = 400
    text = LocalizedText(zh="请求无效：{reason}。", en="The request is invalid: {reason}.")

    def __init__(self, reason: LocalizedText) -> None:
        """`reason` is the end of the message, without a full stop."""
        super().__init__(reason=reason)


class InvalidValue(AppError):
    """The value of a field is not allowed."""

    code = "bad_request"
    status = 422
    text = LocalizedText(
        zh="字段 {field} 的值无效：{reason}。",
        en="The value of {field} is not valid: {reason}.",
    )

    def __init__(self, field: str, reason: LocalizedText) -> None:
        """Name the field by its path, such as `looks.0.title`.

        `reason` is the end of the message, without a full stop.
        """
        super().__init__(field=field, reason=reason)


class MissingFile(AppError):
    """The request contains no picture."""

    code = "missing_file"
    status = 422
    text = LocalizedText(
        zh="没有收到图片，请在 file 字段中上传一张图片。",
        en="No picture was received. Send one in the form field file.",
    )


class MissingStyle(AppError):
    """The request contains neither a style id nor a style picture."""

    code = "missing_style"
    status = 422
    text = LocalizedText(
        zh="请选择一种风格（style_id），或上传一张风格图片（style）。",
        en="Choose a style (style_id) or send a style picture (style).",
    )


class InvalidTau(AppError):
    """The strength is out of range and is never clamped. Needs `low`, `high` and `value`."""

    code = "invalid_tau"
    status = 422
    text = LocalizedText(
        zh="风格强度 tau 须为 {low} 到 {high} 之间的数，收到的是“{value}”。",
        en='The style strength tau must be a number from {low} to {high}, not "{value}".',
    )


class UnknownStyle(AppError):
    """This user has no such style. Needs `style_id`."""

    code = "unknown_style"
    status = 422
    text = LocalizedText(zh="没有名为“{style_id}”的风格。", en='There is no style "{style_id}".')


class UnknownPicture(AppError):
    """This user has no such picture, or it has expired. Needs `picture_id`."""

    code = "unknown_picture"
    status = 422
    text = LocalizedText(
        zh="没有图片“{picture_id}”，或已过期，请重新上传。",
        en='There is no picture "{picture_id}", or it has expired. Upload it again.',
    )


class InvalidWebhookAddress(AppError):
    """The URL cannot be used for a webhook. Needs `longest`, in characters."""

    code = "invalid_webhook_address"
    status = 422
    text = LocalizedText(
        zh="回调地址须为 https 网址，不含密码和 # 片段，最长 {longest} 个字符。",
        en="The webhook URL must use https, without a password or fragment, and have at most "
        "{longest} characters.",
    )


class PrivateWebhookAddress(AppError):
    """The URL of a webhook is in a private network. Needs `host`."""

    code = "private_webhook_address"
    status = 422
    text = LocalizedText(
        zh="回调地址 {host} 不是公网地址。", en="The webhook host {host} is not a public address."
    )


class Unauthenticated(AppError):
    """The API key or token is missing, unknown, revoked or expired."""

    code = "unauthenticated"
    status = 401
    text = LocalizedText(
        zh="请先登录，或提供有效的密钥（Authorization: Bearer …）。",
        en="A valid API key or token is required (Authorization: Bearer ...).",
    )


class Forbidden(AppError):
    """The caller is not allowed to do this, or the signature of a picture URL is wrong."""

    code = "forbidden"
    status = 403
    text = LocalizedText(zh="没有权限访问。", en="This is not allowed.")


class MissingScope(Forbidden):
    """The API key does not have the required scope. Needs `scope`."""

    code = "missing_scope"
    text = LocalizedText(
        zh="该密钥没有“{scope}”权限。", en='This API key does not have the scope "{scope}".'
    )


class NotFound(AppError):
    """The resource does not exist, or belongs to another user."""

    code = "not_found"
    status = 404
    text = LocalizedText(zh="没有找到。", en="Not found.")


class MethodNotAllowed(AppError):
    """The route does not support this method."""

    code = "method_not_allowed"
    status = 405
    text = LocalizedText(zh="该地址不支持此操作。", en="This URL does not support this method.")


class UploadTimedOut(AppError):
    """The upload did not complete within `seconds`."""

    code = "upload_timeout"
    status = 408
    retryable = True
    text = LocalizedText(
        zh="上传超过 {seconds} 秒仍未完成，请检查网络后重试。",
        en="The upload took longer than {seconds} seconds. Please try again.",
    )


class IdempotencyConflict(AppError):
    """The `client_key` was used for a different request."""

    code = "idempotency_conflict"
    status = 409
    text = LocalizedText(
        zh="同一个 client_key 已用于另一个请求，请换一个。",
        en="This client_key was already used for a different request. Use a new one.",
    )


class ReplayOfDeleted(IdempotencyConflict):
    """The same request created something with this `client_key` that was deleted since."""

    text = LocalizedText(
        zh="用这个 client_key 创建的内容已被删除，如需重新创建，请换一个 client_key。",
        en="What this client_key created was deleted. Use a new one to create it again.",
    )


class AlreadyFinished(AppError):
    """The stylization has ended and cannot be cancelled. Needs `state`."""

    code = "already_finished"
    status = 409
    text = LocalizedText(
        zh="作品已结束（{state}），不能取消。",
        en="The stylization has already ended ({state}) and cannot be cancelled.",
    )


class NotFinished(AppError):
    """The stylization has no result to share. Needs `state`."""

    code = "not_finished"
    status = 409
    text = LocalizedText(
        zh="作品尚未完成（{state}），暂不能分享。",
        en="The stylization has no result to share yet ({state}).",
    )


class TooManyWebhooks(AppError):
    """The user already has `limit` webhooks."""

    code = "too_many_webhooks"
    status = 409
    text = LocalizedText(
        zh="最多可有 {limit} 个回调，请先删除一个。",
        en="You already have {limit} webhooks. Delete one first.",
    )


class Expired(AppError):
    """The URL has expired, or its picture has."""

    code = "expired"
    status = 410
    text = LocalizedText(zh="链接或图片已过期。", en="The link or the picture has expired.")


class FileTooLarge(AppError):
    """The file is larger than `max_mb` MiB."""

    code = "file_too_large"
    status = 413
    text = LocalizedText(
        zh="文件过大，上限为 {max_mb} MB。",
        en="The file is too large; the limit is {max_mb} MB.",
    )


class UnsupportedImage(AppError):
    """The file is not a picture in a supported format. Needs `formats`."""

    code = "unsupported_image"
    status = 415
    text = LocalizedText(
        zh="无法识别该图片，请使用 {formats} 格式。",
        en="The picture format is not supported. Use {formats}.",
    )


class UnsupportedImageKind(UnsupportedImage):
    """The file is of another kind. Needs `kind` (a `LocalizedText`) and `formats`."""

    text = LocalizedText(
        zh="不支持这种文件：{kind}，请使用 {formats} 格式。",
        en="The file is {kind}, which is not supported. Use {formats}.",
    )


class UnsupportedImageCoding(UnsupportedImage):
    """The file is a rare variant of a supported format. Needs `kind` (a `LocalizedText`)."""

    text = LocalizedText(
        zh="无法读取这种文件：{kind}，请用常规设置重新保存后再上传。",
        en="The file is {kind}, which cannot be read. Save it again with common settings.",
    )


class RangeNotSatisfiable(AppError):
    """`Range` names no byte of the file. Needs its `size` in bytes."""

    code = "range_not_satisfiable"
    status = 416
    text = LocalizedText(
        zh="请求的范围不在文件内，文件共 {size} 字节。",
        en="The requested range is not in the file, which has {size} bytes.",
    )


class TruncatedImage(AppError):
    """The picture file is incomplete."""

    code = "truncated_image"
    status = 422
    text = LocalizedText(
        zh="图片不完整或已损坏，请重新上传。",
        en="The picture is incomplete or damaged.",
    )


class ImageTooSmall(AppError):
    """A side is shorter than `min_side_px`. Needs `width`, `height` and `min_side_px`."""

    code = "image_too_small"
    status = 422
    text = LocalizedText(
        zh="图片太小（{width}×{height}），每边至少 {min_side_px} 像素。",
        en=(
            "The picture is too small ({width}x{height}); "
            "each side needs at least {min_side_px} pixels."
        ),
    )


class ImageTooNarrow(ImageTooSmall):
    """At the render size a side would be too short. Needs `width`, `height` and `max_ratio`."""

    text = LocalizedText(
        zh="图片过于狭长（{width}×{height}），长边最多为短边的 {max_ratio} 倍。",
        en=(
            "The picture is too narrow ({width}x{height}); "
            "its long side may be at most {max_ratio} times its short side."
        ),
    )


class TooManyPixels(AppError):
    """The picture is larger than the limit. Needs `megapixels` and `max_megapixels`."""

    code = "too_many_pixels"
    status = 422
    text = LocalizedText(
        zh="图片有 {megapixels} 百万像素，上限为 {max_megapixels} 百万像素。",
        en="The picture has {megapixels} megapixels; the limit is {max_megapixels}.",
    )


class DecompressionBomb(AppError):
    """The picture is larger than the limit, and its file is far too small for a photo.

    Needs `megapixels` and `max_megapixels`.
    """

    code = "decompression_bomb"
    status = 422
    text = LocalizedText(
        zh=(
            "图片像素过多（{megapixels} 百万，上限 {max_megapixels} 百万），而文件太小，不是照片。"
        ),
        en=(
            "The picture has {megapixels} megapixels (the limit is {max_megapixels}) "
            "in a file that is too small to be a photo."
        ),
    )


class RateLimited(AppError):
    """Too many uploads or logins in a minute. Needs `limit`; set `retry_after_s`."""

    code = "rate_limited"
    status = 429
    retryable = True
    text = LocalizedText(
        zh="操作太快，每分钟最多 {limit} 次，请稍后再试。",
        en="Too many requests; the limit is {limit} a minute. Please try again later.",
    )


class QuotaExceeded(AppError):
    """The user already has `limit` stylizations in the queue."""

    code = "quota_exceeded"
    status = 429
    retryable = True
    text = LocalizedText(
        zh="已有 {limit} 个作品在排队，请等待其中一些完成。",
        en=(
            "You already have {limit} stylizations in the queue. "
            "Wait until some of them have finished."
        ),
    )


class TooManyStreams(AppError):
    """The user already has `limit` event streams open."""

    code = "too_many_streams"
    status = 429
    retryable = True
    text = LocalizedText(
        zh="同时打开的事件流最多 {limit} 个，请先关闭一些。",
        en="You already have {limit} event streams open. Close some first.",
    )


class QueueFull(AppError):
    """The queue of the service already has `limit` stylizations."""

    code = "queue_full"
    status = 503
    retryable = True
    text = LocalizedText(
        zh="排队任务已满（{limit} 个），请稍后再试。",
        en="The queue is full ({limit} stylizations). Please try again later.",
    )


class NotReady(AppError):
    """A dependency is not available. Needs `missing`, such as "database"."""

    code = "not_ready"
    status = 503
    retryable = True
    text = LocalizedText(
        zh="服务暂不可用（{missing}）。", en="The service is not ready ({missing})."
    )


class ServerError(AppError):
    """A defect, or an outage of the service."""

    retryable = True


class IllegalTransition(RuntimeError):
    """The status of the row does not allow this change."""


class ClaimLost(IllegalTransition):
    """The worker lost the job: it was cancelled, finished or claimed by another worker."""


class SetupError(Exception):
    """The process cannot start. The message is one line and says what to change."""
