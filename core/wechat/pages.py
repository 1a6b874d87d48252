"""Pages of the mini program that WeChat opens; they are part of `miniprogram/src/app.json`."""

from typing import Final

RESULT_PAGE: Final = "pages/job/job"
"""Opened by a subscribe message with `?id=stl_…`."""
SHARE_PAGE: Final = "pages/share/share"
"""Opened by the code on a poster; its scene is the token of the shared link."""
