"""A local HTTP(S) server that records requests and returns configured responses."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Received:
    """A recorded request."""

    path: str
    headers: dict[str, str]  # by lower-case name
    body: bytes


@dataclass
class Receiver:
    """The recorded requests, and the responses: each status once, the last one repeatedly."""

    statuses: list[int] = field(default_factory=lambda: [200])
    response_body: bytes = b"{}"
    response_headers: dict[str, str] = field(default_factory=dict)
    is_endless: bool = False  # the body of the response never ends
    is_silent: bool = False  # no response until the server stops
    received: list[Received] = field(default_factory=list)
    port: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def next_status(self) -> int:
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


@contextmanager
def run_receiver(receiver: Receiver, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Run the server while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(self.path, headers, body))
            if receiver.is_silent:
                receiver.stopping.wait()
                return
            self.send_response(receiver.next_status())
            for name, value in receiver.response_headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(receiver.response_body)
            while receiver.is_endless and not receiver.stopping.is_set():
                self.wfile.write(b"x" * 65536)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            pass  # some tests close the connection early

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()
