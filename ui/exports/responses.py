"""A sheet as a file with a name: sent while it is written, or written before."""

from collections.abc import Iterator
from typing import BinaryIO, TypeVar

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from ui.exports.csv_file import write_csv
from ui.exports.sheets import Sheet
from ui.exports.workbook import stream_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Answer = TypeVar("Answer", bound=HttpResponseBase)
WRITERS = {"csv": (write_csv, "text/csv; charset=utf-8"), "xlsx": (stream_xlsx, XLSX)}


def sheet_response(sheet: Sheet, *, name: str, extension: str) -> StreamingHttpResponse:
    """Send a sheet as ``name.csv`` or ``name.xlsx``; whoever asks has been checked, counted and written down before."""
    write, content_type = WRITERS[extension]
    return _named(StreamingHttpResponse(write(sheet), content_type=content_type), name, extension)


def stored_response(file: BinaryIO, *, name: str, extension: str) -> FileResponse:
    """Send the file of a sheet that was written before with ``pieces_of``."""
    return _named(FileResponse(file, content_type=WRITERS[extension][1]), name, extension)


def pieces_of(sheet: Sheet, extension: str) -> Iterator[bytes]:
    """A sheet as the bytes of a file."""
    write, _content_type = WRITERS[extension]
    return (piece if isinstance(piece, bytes) else piece.encode() for piece in write(sheet))


def _named(response: Answer, name: str, extension: str) -> Answer:
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.{extension}")
    response.headers["Cache-Control"] = "no-store, private"
    return response
