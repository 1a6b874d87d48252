# ruff: noqa: N818  # as in core/errors.py
"""Errors of WeChat features: login, subscribe messages, content check.

* UnknownTemplate          422 unknown_template
* InvalidLoginCode         401 invalid_login_code
* ContentRejected          403 content_rejected
* AccountBlocked           403 account_blocked
* NotAWeChatUser           403 not_a_wechat_user
* LoginNotSetUp            404 login_not_set_up
* CheckPending             423 check_pending
* UnderReview              423 under_review
* WeChatUnavailable        503 wechat_away
* WeChatRefused            503 wechat_refuses
  * WeChatAccessRefused    503 wechat_refuses
"""

from core.errors import AppError, Forbidden, NotFound, Unauthenticated
from core.languages import LocalizedText


class UnknownTemplate(AppError):
    """The template of subscribe messages is not configured. Needs `template_id`."""

    code = "unknown_template"
    status = 422
    text = LocalizedText(
        zh="没有配置订阅消息模板“{template_id}”。",
        en='The message template "{template_id}" is not configured.',
    )


class InvalidLoginCode(Unauthenticated):
    """The code of `wx.login` is invalid, already used, or older than 5 minutes."""

    code = "invalid_login_code"
    text = LocalizedText(
        zh="登录码无效、已使用或已过期，请重新调用 wx.login。",
        en="The login code is invalid, already used or expired. Call wx.login again.",
    )


class AccountBlocked(Forbidden):
    """WeChat has blocked logins of this user because of a risk."""

    code = "account_blocked"
    text = LocalizedText(
        zh="该微信账号已被微信限制登录。",
        en="WeChat has blocked logins of this account.",
    )


class NotAWeChatUser(Forbidden):
    """Subscribe messages can only be sent to users who logged in with WeChat."""

    code = "not_a_wechat_user"
    text = LocalizedText(
        zh="只有微信用户才能接收订阅消息。",
        en="Only WeChat users can receive subscribe messages. Use a webhook.",
    )


class LoginNotSetUp(NotFound):
    """The appid or the secret of the mini program is not set."""

    code = "login_not_set_up"
    text = LocalizedText(zh="本服务未开通微信登录。", en="WeChat login is not configured.")


class ContentRejected(AppError):
    """The result did not pass the content check. It cannot be shared, and it is deleted."""

    code = "content_rejected"
    status = 403
    text = LocalizedText(
        zh="作品未通过内容安全检查，不能分享。",
        en="This work did not pass the content check and cannot be shared.",
    )


class CheckPending(AppError):
    """The content check of the result is in progress. It can be shared once it has passed."""

    code = "check_pending"
    status = 423
    retryable = True
    text = LocalizedText(
        zh="作品正在进行内容安全检查，通过后即可分享。",
        en="The content check of this work is in progress. You can share it once it has passed.",
    )


class UnderReview(AppError):
    """The result needs a manual review by an operator."""

    code = "under_review"
    status = 423
    text = LocalizedText(
        zh="作品需要人工审核，暂不能分享。",
        en="This work needs a manual review and cannot be shared yet.",
    )


class WeChatUnavailable(AppError):
    """WeChat is busy or not reachable; the same call may succeed later.

    Needs `seconds`, the timeout, and `reason`, which only operators see.
    """

    code = "wechat_away"
    status = 503
    retryable = True
    text = LocalizedText(
        zh="微信服务器繁忙或 {seconds} 秒内没有回应，请稍后再试。",
        en="WeChat is busy or did not respond within {seconds} seconds. Please try again later.",
    )

    @property
    def reason(self) -> str:
        """What happened, for logs and operators."""
        return str(self.values["reason"])


class WeChatRefused(AppError):
    """WeChat does not accept a call of this service; the user is not at fault.

    Needs `errcode`, and `errmsg`, which only operators see.
    """

    code = "wechat_refuses"
    status = 503
    text = LocalizedText(
        zh="微信拒绝了本服务的请求（{errcode}），请联系管理员。",
        en="WeChat rejected a request of this service (error {errcode}). Contact the operator.",
    )

    @property
    def errcode(self) -> object:
        """The error code as WeChat returned it."""
        return self.values["errcode"]

    @property
    def reason(self) -> str:
        """What happened, for logs and operators."""
        return f"WeChat refused a call: {self.errcode} {self.values['errmsg']}".rstrip()


class WeChatAccessRefused(WeChatRefused):
    """WeChat accepts no calls of this service at present, whatever their content.

    The credentials or the access token are not accepted, or the daily quota is used up. Background
    tasks repeat such a call later and do not count it as refused.
    """
