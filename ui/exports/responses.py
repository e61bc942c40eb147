"""A sheet as an answer: a file with a name, sent while it is written."""

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from ui.exports.csv_file import write_csv
from ui.exports.sheets import Sheet
from ui.exports.workbook import stream_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WRITERS = {"csv": (write_csv, "text/csv; charset=utf-8"), "xlsx": (stream_xlsx, XLSX)}


def sheet_response(sheet: Sheet, *, name: str, extension: str) -> StreamingHttpResponse:
    """Send a sheet as ``name.csv`` or ``name.xlsx``; whoever asks has been checked, counted and written down before."""
    write, content_type = WRITERS[extension]
    response = StreamingHttpResponse(write(sheet), content_type=content_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.{extension}")
    response.headers["Cache-Control"] = "no-store, private"
    return response
