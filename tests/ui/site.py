"""A small real site for the scripts: one page in the desk's frame, the static files, and addresses that remember what they got."""

import json
import mimetypes
import threading
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from django.template import engines
from django.test import RequestFactory

STATIC = Path(__file__).parents[2] / "static"
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob:; form-action 'self'; base-uri 'none'; object-src 'none'"
)
REPLIES = [
    {"title": "Refund", "text": "We refund {amount} today.", "meta": "tk", "sent_as": "tk@1"},
    {"title": "Sorry", "text": "We are sorry.", "meta": "bq", "sent_as": "bq@3"},
]
PAGE = (Path(__file__).parent / "scripts_page.html").read_text()


class Site:
    """The running server; ``received`` lists (path, fields) of every POST in order."""

    def __init__(self):
        self.received: list[tuple[str, dict]] = []
        self.refuse_uploads = False
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"site": self}))
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def posts(self, path: str) -> list[dict]:
        return [fields for to, fields in self.received if to == path]

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    site: Site

    def log_message(self, *args):
        """Quiet."""

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            self.answer(file.read_bytes() if file.is_file() else b"", mimetypes.guess_type(path)[0] or "", 200 if file.is_file() else 404)
        elif path == "/replies/":
            asked = query.partition("q=")[2].lower()
            self.answer_json({"replies": [reply for reply in REPLIES if asked in (reply["meta"] + reply["title"]).lower()]})
        elif path == "/palette/":
            self.answer(b'<div class="palette__group">Complaints</div><a class="option" role="option" href="#found">C42</a>', "text/html")
        else:
            page = engines["django"].from_string(PAGE).render({}, RequestFactory().get("/"))
            self.answer(page.encode(), "text/html; charset=utf-8")

    def do_POST(self):
        fields = self.fields()
        self.site.received.append((self.path, fields))
        if self.path == "/upload/" and self.site.refuse_uploads:
            self.answer_json({"error": "Too large"}, 422)
        elif self.path == "/upload/":
            self.answer_json({"id": f"f{len(self.site.posts('/upload/'))}", "remove_url": "/remove/"}, 201)
        else:
            self.answer(b"", "text/plain", 204)

    def fields(self) -> dict:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        message: EmailMessage = BytesParser(policy=HTTP).parsebytes(head + body)
        parts = message.iter_parts() if message.is_multipart() else ()
        return {part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in parts}

    def answer_json(self, content: dict, status: int = 200) -> None:
        self.answer(json.dumps(content).encode(), "application/json", status)

    def answer(self, body: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)
