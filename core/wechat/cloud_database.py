"""Documents and files in WeChat's cloud: one collection and the file storage beside it.

Every operation can be repeated: a second call leaves the cloud as the first one did. All of them
raise `WeChatUnavailable` or `WeChatRefused`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.wechat import cloud_queries
from core.wechat.client import WeChat
from core.wechat.cloud_queries import Value
from core.wechat.error_codes import CLOUD_FILE_NOT_FOUND
from core.wechat.errors import WeChatAccessRefused, WeChatRefused

ADD_PATH: Final = "/tcb/databaseadd"
COUNT_PATH: Final = "/tcb/databasecount"
DELETE_PATH: Final = "/tcb/databasedelete"
UPLOAD_PATH: Final = "/tcb/uploadfile"
DELETE_FILES_PATH: Final = "/tcb/batchdeletefile"


@dataclass(frozen=True)
class FileUpload:
    """Permission to upload one file."""

    file_id: str  # the file's id in the cloud
    url: str
    fields: dict[str, str]  # of the form, before the file


class CloudDatabase:
    """One collection of a cloud environment, and the environment's files."""

    def __init__(self, wechat: WeChat, *, environment: str, collection: str) -> None:
        self._wechat = wechat
        self._environment = environment
        self._collection = collection

    def add(self, document: Mapping[str, Value]) -> None:
        """Add a document with an `_id`. An existing document with this id stays unchanged."""
        try:
            self._post(ADD_PATH, query=cloud_queries.add(self._collection, document))
        except WeChatAccessRefused:
            raise
        except WeChatRefused:
            # WeChat does not document the errcode for an id that exists already.
            if not self._has(str(document["_id"])):
                raise

    def remove(self, document_id: str) -> None:
        """Remove a document. A missing document is not an error."""
        self._post(DELETE_PATH, query=cloud_queries.remove(self._collection, document_id))

    def request_upload(self, name: str) -> FileUpload:
        """Request permission to upload a file. Files of the same name replace each other."""
        path = f"{self._collection}/{name}"
        response = self._post(UPLOAD_PATH, path=path)
        fields = {
            "key": path,
            "Signature": str(response.get("authorization", "")),
            "x-cos-security-token": str(response.get("token", "")),
            "x-cos-meta-fileid": str(response.get("cos_file_id", "")),
        }
        return FileUpload(str(response.get("file_id", "")), str(response.get("url", "")), fields)

    def upload(self, upload: FileUpload, name: str, data: bytes, *, media_type: str) -> None:
        """Upload the bytes of a file."""
        self._wechat.upload_file(upload.url, upload.fields, (name, data, media_type))

    def delete_file(self, file_id: str) -> None:
        """Delete a file. A missing file is not an error."""
        response = self._post(DELETE_FILES_PATH, fileid_list=[file_id])
        for file in response.get("delete_list", []):
            if file.get("status") not in (0, CLOUD_FILE_NOT_FOUND):
                raise WeChatRefused(errcode=file.get("status"), errmsg="the file was not deleted")

    def _has(self, document_id: str) -> bool:
        query = cloud_queries.count(self._collection, document_id)
        return bool(self._post(COUNT_PATH, query=query).get("count"))

    def _post(self, path: str, /, **content: object) -> dict[str, Any]:
        return self._wechat.post(path, {"env": self._environment, **content})
