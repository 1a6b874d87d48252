"""The values of `errcode` in WeChat's server API that this service handles."""

from typing import Final

SYSTEM_BUSY: Final = frozenset({-1, -1000})  # of the server API and of the cloud API
RATE_LIMITED: Final = 45011  # too many calls in this minute
DAILY_QUOTA_EXCEEDED: Final = 45009

INVALID_ACCESS_TOKEN: Final = frozenset({40001, 40014, 42001})  # replaced, invalid, expired

INVALID_LOGIN_CODE: Final = frozenset({40029, 40163, 41008})  # invalid, already used, missing
BLOCKED_USER: Final = 40226

# Unknown user, unknown template, no consent of the user, invalid page, invalid field value:
# sending the same subscribe message again cannot succeed.
PERMANENT_MESSAGE_ERRORS: Final = frozenset({40003, 40037, 43101, 41030, 47003})

CLOUD_FILE_NOT_FOUND: Final = -503003
