# ruff: noqa: N818  # as in errors.py
"""What comes of WeChat: its logins, its messages, its content check.

* UnknownTemplate          422 unknown_template
* InvalidLoginCode         401 invalid_login_code
* ContentRejected            403 content_rejected
* AccountBlocked           403 account_blocked
* NotAWeChatUser           403 not_a_wechat_user
* LoginNotSetUp            404 login_not_set_up
* CheckPending               423 check_pending
* UnderReview                423 under_review
* WeChatUnavailable                 503 wechat_away
* WeChatRefused              503 wechat_refuses
"""

from core.errors import AppError, BadRequest, Forbidden, NotFound, Unauthenticated
from core.languages import LocalizedText


class UnknownTemplate(BadRequest):
    """No such template of subscribe messages is set up. Needs `template_id`."""

    code = "unknown_template"
    status = 422
    text = LocalizedText(
        zh="没有配置订阅消息模板“{template_id}”。",
        en='There is no message template "{template_id}".',
    )


class InvalidLoginCode(Unauthenticated):
    """WeChat does not know the code of `wx.login`: used before, older than 5 minutes, made up."""

    code = "invalid_login_code"
    text = LocalizedText(
        zh="登录码无效、已使用或已过期，请重新调用 wx.login。",
        en="The login code is not valid, was used before or has expired. Call wx.login again.",
    )


class AccountBlocked(Forbidden):
    """WeChat holds this user for a risk and lets nobody log them in."""

    code = "account_blocked"
    text = LocalizedText(zh="该微信账号已被微信限制登录。", en="WeChat has blocked this account.")


class NotAWeChatUser(Forbidden):
    """WeChat's messages reach only those who came by WeChat."""

    code = "not_a_wechat_user"
    text = LocalizedText(
        zh="只有微信用户才能接收订阅消息。",
        en="Only users of WeChat can be sent its messages. Use a webhook.",
    )


class LoginNotSetUp(NotFound):
    """Nobody can log in this way, since its settings are not made."""

    code = "login_not_set_up"
    text = LocalizedText(zh="本服务未开通微信登录。", en="Login by WeChat is not set up here.")


class ContentRejected(AppError):
    """The work did not pass the content check; it is not shared, and its picture is gone."""

    code = "content_rejected"
    status = 403
    text = LocalizedText(
        zh="作品未通过内容安全检查，不能分享。",
        en="This work did not pass the content check and cannot be shared.",
    )


class CheckPending(AppError):
    """The content check of the work is under way; until it has passed it is not shared."""

    code = "check_pending"
    status = 423
    retryable = True
    text = LocalizedText(
        zh="作品正在进行内容安全检查，通过后即可分享。",
        en="This work is being checked; it can be shared once it has passed.",
    )


class UnderReview(AppError):
    """The content check has left the decision to a person of the service."""

    code = "under_review"
    status = 423
    text = LocalizedText(
        zh="作品需要人工审核，暂不能分享。",
        en="This work waits for a review by a person and cannot be shared yet.",
    )


class WeChatUnavailable(AppError):
    """WeChat's servers are busy, silent for `seconds`, or not to be reached."""

    code = "wechat_away"
    status = 503
    retryable = True
    text = LocalizedText(
        zh="微信服务器繁忙或 {seconds} 秒内没有回应，请稍后再试。",
        en="WeChat is busy or did not answer within {seconds} seconds. Please try again later.",
    )


class WeChatRefused(AppError):
    """WeChat refuses us, not the user. Needs `errcode`; `errmsg` is for the operator alone."""

    code = "wechat_refuses"
    status = 503
    text = LocalizedText(
        zh="微信拒绝了本服务的请求（{errcode}），请联系管理员。",
        en="WeChat refuses this service (error {errcode}). The operator has to put it right.",
    )
