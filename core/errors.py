# ruff: noqa: N818  # "raise FileTooLarge" says it; a suffix on thirty names adds nothing
"""Everything that can go wrong, and how it is told to people.

* AppError                     an answer to a client: code, HTTP status, words in two languages
  * BadRequest                 400 bad_request
    * MissingFile              422 missing_file
    * MissingStyle             422 missing_style
    * InvalidTau               422 invalid_tau
    * UnknownStyle             422 unknown_style
    * UnknownPicture           422 unknown_picture
    * InvalidWebhookAddress    422 invalid_webhook_address
    * PrivateWebhookAddress    422 private_webhook_address
    * InvalidValue             422 bad_request
  * Unauthenticated            401 unauthenticated
  * Forbidden                  403 forbidden
    * MissingScope             403 missing_scope
  * NotFound                   404 not_found
  * MethodNotAllowed           405 method_not_allowed
  * UploadTimedOut             408 upload_timeout
  * IdempotencyConflict        409 idempotency_conflict
  * AlreadyFinished            409 already_finished
  * NotFinished                409 not_finished
  * TooManyWebhooks            409 too_many_webhooks
  * Expired                    410 expired
  * FileTooLarge               413 file_too_large
  * UnsupportedImage           415 unsupported_image
  * TruncatedImage             422 truncated_image
  * ImageTooSmall              422 image_too_small
    * ImageTooNarrow           422 image_too_small
  * DecompressionBomb          422 decompression_bomb
  * RateLimited                429 rate_limited
  * QuotaExceeded              429 quota_exceeded
  * TooManyStreams             429 too_many_streams
  * QueueFull                  503 queue_full
  * NotReady                   503 not_ready
  * ServerError                500 server_error
  * RowFailure                 what a worker writes on a row: see core/failures.py
  * what comes of WeChat, its logins, messages and content check: see core/wechat/errors.py
* IllegalTransition                  a step that the row's status does not allow (a defect or a race)
  * ClaimLost                  the row is no longer this worker's; its work is dropped
* SetupError                   the command line cannot start; one clear line, no trace

The codes are the contract with every client; messages carry the numbers.
"""

from typing import ClassVar

from core.languages import DEFAULT_LANGUAGE, Language, LocalizedText


class AppError(Exception):
    """An answer to a client. The subclasses are the whole vocabulary.

    `numbers` fill the braces of the words.

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
        self, *, field: str | None = None, retry_after_s: int | None = None, **numbers: object
    ) -> None:
        """`field` is the form field at fault, `retry_after_s` the seconds to wait."""
        self.field = field
        self.retry_after_s = retry_after_s
        self.numbers = numbers
        super().__init__(self.message("en"))

    def message(self, language: Language = DEFAULT_LANGUAGE) -> str:
        """The message in one language, safe to show to a client."""
        return self.text.in_language(language).format_map(self.numbers)

    def messages(self) -> dict[str, str]:
        """The message in both languages, as a row stores it."""
        return {"zh": self.message("zh"), "en": self.message("en")}


class BadRequest(AppError):
    """The request cannot be read. Needs `reason`, a short English phrase."""

    code = "bad_request"
    status = 400
    text = LocalizedText(zh="请求无法识别：{reason}。", en="The request cannot be read: {reason}.")


class InvalidValue(BadRequest):
    """A field holds a value that is not allowed. Needs `name` and `reason`."""

    status = 422
    text = LocalizedText(
        zh="字段 {name} 的值无效：{reason}。",
        en="The value of {name} is not valid: {reason}.",
    )


class MissingFile(BadRequest):
    """No picture came with the request."""

    code = "missing_file"
    status = 422
    text = LocalizedText(
        zh="没有收到图片，请在 file 字段中上传一张图片。",
        en="No picture was received. Send one in the form field file.",
    )


class MissingStyle(BadRequest):
    """Neither a style id nor a style picture came with the request."""

    code = "missing_style"
    status = 422
    text = LocalizedText(
        zh="请选择一种风格（style_id），或上传一张风格图片（style）。",
        en="Choose a style (style_id) or send a style picture (style).",
    )


class InvalidTau(BadRequest):
    """The strength is not a number from `low` to `high`; needs these and `value`. Never clamped."""

    code = "invalid_tau"
    status = 422
    text = LocalizedText(
        zh="风格强度 tau 须为 {low} 到 {high} 之间的数，收到的是“{value}”。",
        en='The style strength tau must be a number from {low} to {high}, not "{value}".',
    )


class UnknownStyle(BadRequest):
    """No such style for this user. Needs `style_id`."""

    code = "unknown_style"
    status = 422
    text = LocalizedText(zh="没有名为“{style_id}”的风格。", en='There is no style "{style_id}".')


class UnknownPicture(BadRequest):
    """No such picture for this user, or no longer. Needs `picture_id`."""

    code = "unknown_picture"
    status = 422
    text = LocalizedText(
        zh="没有图片“{picture_id}”，或已过期，请重新上传。",
        en='There is no picture "{picture_id}", or its time is over. Send it again.',
    )


class InvalidWebhookAddress(BadRequest):
    """Not an address that a webhook may have. Needs `longest`, in characters."""

    code = "invalid_webhook_address"
    status = 422
    text = LocalizedText(
        zh="回调地址须为 https 网址，不含密码和 # 片段，最长 {longest} 个字符。",
        en="An https address without password or fragment, of at most {longest} characters.",
    )


class PrivateWebhookAddress(BadRequest):
    """A webhook to this machine or its network. Needs `host`."""

    code = "private_webhook_address"
    status = 422
    text = LocalizedText(
        zh="回调地址 {host} 不是公网地址。", en="The address {host} is not on the public Internet."
    )


class Unauthenticated(AppError):
    """No key, or one that is unknown, retired or expired."""

    code = "unauthenticated"
    status = 401
    text = LocalizedText(
        zh="请先登录，或提供有效的密钥（Authorization: Bearer …）。",
        en="A valid key is needed (Authorization: Bearer ...).",
    )


class Forbidden(AppError):
    """Known, but not allowed; also a picture address whose signature is wrong."""

    code = "forbidden"
    status = 403
    text = LocalizedText(zh="没有权限访问。", en="This is not allowed.")


class MissingScope(Forbidden):
    """The key is known, but was not made for this. Needs `scope`."""

    code = "missing_scope"
    text = LocalizedText(
        zh="该密钥没有“{scope}”权限。", en='This key does not have the scope "{scope}".'
    )


class NotFound(AppError):
    """Nothing there for this user; somebody else's things look the same."""

    code = "not_found"
    status = 404
    text = LocalizedText(zh="没有找到。", en="Not found.")


class MethodNotAllowed(AppError):
    """The address exists, the verb does not."""

    code = "method_not_allowed"
    status = 405
    text = LocalizedText(zh="该地址不支持此操作。", en="This address does not take this method.")


class UploadTimedOut(AppError):
    """The body did not arrive whole within `seconds`."""

    code = "upload_timeout"
    status = 408
    retryable = True
    text = LocalizedText(
        zh="上传超过 {seconds} 秒仍未完成，请检查网络后重试。",
        en="The upload took longer than {seconds} seconds. Please try again.",
    )


class IdempotencyConflict(AppError):
    """The same `client_key` came with another request."""

    code = "idempotency_conflict"
    status = 409
    text = LocalizedText(
        zh="同一个 client_key 已用于另一个请求，请换一个。",
        en="This client_key was already used for a different request. Use a new one.",
    )


class AlreadyFinished(AppError):
    """The stylization has ended and cannot be cancelled. Needs `state`."""

    code = "already_finished"
    status = 409
    text = LocalizedText(
        zh="作品已结束（{state}），不能取消。", en="It has already ended ({state})."
    )


class NotFinished(AppError):
    """The stylization has no picture that could be shared. Needs `state`."""

    code = "not_finished"
    status = 409
    text = LocalizedText(
        zh="作品尚未完成（{state}），暂不能分享。",
        en="It has no picture to be shared yet ({state}).",
    )


class TooManyWebhooks(AppError):
    """This owner has `limit` webhooks already."""

    code = "too_many_webhooks"
    status = 409
    text = LocalizedText(
        zh="最多可有 {limit} 个回调，请先删除一个。",
        en="There are {limit} webhooks already. Delete one first.",
    )


class Expired(AppError):
    """The address or the picture behind it is past its time."""

    code = "expired"
    status = 410
    text = LocalizedText(zh="链接或图片已过期。", en="The address or the picture has expired.")


class FileTooLarge(AppError):
    """More bytes than `max_mb` MiB."""

    code = "file_too_large"
    status = 413
    text = LocalizedText(
        zh="文件过大，上限为 {max_mb} MB。",
        en="The file is too large; the limit is {max_mb} MB.",
    )


class UnsupportedImage(AppError):
    """The bytes are not a picture of an allowed format. Needs `formats`."""

    code = "unsupported_image"
    status = 415
    text = LocalizedText(
        zh="无法识别的图片，请使用 {formats}。",
        en="This is not a picture that can be read. Use {formats}.",
    )


class TruncatedImage(AppError):
    """The picture breaks off before its end."""

    code = "truncated_image"
    status = 422
    text = LocalizedText(
        zh="图片不完整或已损坏，请重新上传。",
        en="The picture is incomplete or damaged.",
    )


class ImageTooSmall(AppError):
    """A side is under `min_side_px`. Needs `width`, `height`, `min_side_px`."""

    code = "image_too_small"
    status = 422
    text = LocalizedText(
        zh="图片太小（{width}×{height}），每边至少 {min_side_px} 像素。",
        en="The picture is too small ({width}x{height}); each side needs {min_side_px} pixels.",
    )


class ImageTooNarrow(ImageTooSmall):
    """At the render size a side would be under `min_side_px`; needs `max_ratio`, long to short."""

    text = LocalizedText(
        zh="图片过于狭长（{width}×{height}），长边最多为短边的 {max_ratio} 倍。",
        en=(
            "The picture is too narrow ({width}x{height}); "
            "its long side may be at most {max_ratio} times its short side."
        ),
    )


class DecompressionBomb(AppError):
    """More pixels than allowed. Needs `megapixels` and `max_megapixels`."""

    code = "decompression_bomb"
    status = 422
    text = LocalizedText(
        zh="图片像素过多（{megapixels} 百万），上限为 {max_megapixels} 百万像素。",
        en="The picture has {megapixels} megapixels; the limit is {max_megapixels}.",
    )


class RateLimited(AppError):
    """Too many uploads, or logins, in a minute. Needs `limit`; say when in `retry_after_s`."""

    code = "rate_limited"
    status = 429
    retryable = True
    text = LocalizedText(
        zh="操作太快，每分钟最多 {limit} 次，请稍后再试。",
        en="Too many requests; {limit} a minute are allowed. Try again shortly.",
    )


class QuotaExceeded(AppError):
    """This owner has `limit` stylizations waiting already."""

    code = "quota_exceeded"
    status = 429
    retryable = True
    text = LocalizedText(
        zh="已有 {limit} 个作品在排队，请等待其中一些完成。",
        en="{limit} stylizations are waiting already. Let some finish first.",
    )


class TooManyStreams(AppError):
    """This owner follows `limit` stylizations already, by streams of events."""

    code = "too_many_streams"
    status = 429
    retryable = True
    text = LocalizedText(
        zh="同时打开的事件流最多 {limit} 个，请先关闭一些。",
        en="{limit} streams of events are open already. Close some first.",
    )


class QueueFull(AppError):
    """The whole service has `limit` stylizations waiting."""

    code = "queue_full"
    status = 503
    retryable = True
    text = LocalizedText(
        zh="排队人数已满（{limit}），请稍后再试。",
        en="The queue is full ({limit} waiting). Please try again later.",
    )


class NotReady(AppError):
    """Something the service stands on is away. Needs `missing`, such as "database"."""

    code = "not_ready"
    status = 503
    retryable = True
    text = LocalizedText(
        zh="服务暂不可用（{missing}）。", en="The service is not ready ({missing})."
    )


class ServerError(AppError):
    """A defect or an outage on our side."""

    retryable = True


class IllegalTransition(RuntimeError):
    """A row was asked for a step that its status does not allow."""


class ClaimLost(IllegalTransition):
    """The row is no longer this worker's: cancelled, finished or given to another."""


class SetupError(Exception):
    """The command line cannot start; its message is one clear line with the remedy."""
