"""What every interface for machines shares: strict input, problem answers, idempotency, pages by keyset. Knows no business."""

import json
import re
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, pagination, parsers, serializers, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from foundation.crypto import digest_token
from foundation.exceptions import NotAllowedError, Reason, ReasonedError, VersionConflictError
from foundation.keyset import InvalidCursorError, keyset_page
from foundation.verbs import is_replay

MOST_JSON_BYTES = 5 * 1024 * 1024
LONGEST_KEY = 200
PROBLEM = "application/problem+json"
# An escape that may stand for half a sign, which no text can hold.
HALF_SIGN = re.compile(r"\\u[dD][89a-fA-F]")


class TooLargeError(exceptions.APIException):
    """The body is larger than this address takes. HTTP 413."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class BoundedJSONParser(parsers.BaseParser):
    """JSON of a bounded size and depth; NaN, infinity and broken text are refused.

    Not a ``JSONParser``: the framework would read those through ``request.body``, whose limit is meant for forms.
    """

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        body = stream.read(MOST_JSON_BYTES + 1)
        if len(body) > MOST_JSON_BYTES:
            raise TooLargeError(_("Send at most 5 MB at once."))
        try:
            text = body.decode("utf-8")
            content = json.loads(text, parse_constant=_refuse_constant)
            if HALF_SIGN.search(text):
                json.dumps(content, ensure_ascii=False).encode("utf-8")
        except (ValueError, RecursionError) as error:
            raise exceptions.ParseError(_("The body is not valid JSON.")) from error
        return content


class StrictSerializer(serializers.Serializer):
    """A serializer that refuses fields it does not know, so that a typing mistake or a forbidden field never passes in silence."""

    def to_internal_value(self, data):
        if isinstance(data, dict):
            writable = {field.field_name for field in self._writable_fields}
            unknown = sorted(str(name) for name in data.keys() - writable)
            if unknown:
                raise serializers.ValidationError({name: [_("There is no such field to write.")] for name in unknown[:20]}, code="unknown")
        return super().to_internal_value(data)


class KeysetPagination(pagination.BasePagination):
    """Pages by the last row's values (``?cursor=``); the order is the view's ``keyset_order``, never the caller's."""

    page_size = 50
    largest = 200

    def paginate_queryset(self, queryset, request, view=None):
        self.request = request
        size = _read_size(request.query_params.get("limit"), default=self.page_size, largest=self.largest)
        self.page = keyset_page(queryset, order=view.keyset_order, after=request.query_params.get("cursor", ""), size=size)
        return self.page.rows

    def get_paginated_response(self, data):
        return Response({"results": data, "next": self.page.next_cursor, "previous": self.page.previous_cursor})

    def get_paginated_response_schema(self, schema):
        cursor = {"type": "string", "description": "Send it as `cursor` to get that page; empty when there is none."}
        properties = {"results": schema, "next": cursor, "previous": cursor}
        return {"type": "object", "required": list(properties), "properties": properties}

    def get_schema_operation_parameters(self, view):
        size = {"type": "integer", "minimum": 1, "maximum": self.largest, "default": self.page_size}
        return [
            {"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"}},
            {"name": "limit", "in": "query", "required": False, "schema": size},
        ]


class RequestKey(NamedTuple):
    """The ``Idempotency-Key`` of a request, to be used as the services' request id, and whether it was carried out before."""

    id: str | None
    is_repeat: bool


def claim_key(request) -> RequestKey:
    """Bind the ``Idempotency-Key`` of a request to its address and body; the same key with other content is a ``RefusedError``.

    Call it inside the transaction of the act: a refused act frees its key.
    """
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        return RequestKey(None, False)
    if len(key) > LONGEST_KEY:
        raise exceptions.ParseError(_("An idempotency key has at most 200 characters."))
    content = json.dumps(_plain(request.data), sort_keys=True, default=str)
    fingerprint = digest_token(f"{request.method} {request.path}\n{content}")
    return RequestKey(key, is_replay(request.auth, "api", key, by=request.user, fingerprint=fingerprint))


def explain_error(error: Exception, context: dict) -> Response | None:
    """Answer every expected error as a problem (RFC 9457); None lets an unexpected one become a 500."""
    found = _problem_of(error)
    if found is None:
        return None
    set_rollback()
    code, problem, headers = found
    return Response({"status": code, **problem}, status=code, headers=headers, content_type=PROBLEM)


def _problem_of(error: Exception) -> tuple[int, dict, dict] | None:
    if isinstance(error, VersionConflictError):
        text = _("Someone else changed it since you read it. Read it again and decide once more.")
        return 409, {"code": "version_conflict", "title": text, "current_version": error.current.version}, {}
    if isinstance(error, ReasonedError):
        return error.status_code, _refusal(error), {}
    if isinstance(error, InvalidCursorError):
        return 400, {"code": "invalid_cursor", "title": _("This page link is not complete.")}, {}
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    return _api_problem(error) if isinstance(error, exceptions.APIException) else None


def _refusal(error: ReasonedError) -> dict:
    title = _("You may not do this.") if isinstance(error, NotAllowedError) else _("This cannot be done now.")
    return {"code": error.reasons[0].code, "title": title, "reasons": [_reason(reason) for reason in error.reasons]}


def _reason(reason: Reason) -> dict:
    return {"code": reason.code, "text": str(reason.text), "cure": str(reason.cure)}


def _api_problem(error: exceptions.APIException) -> tuple[int, dict, dict]:
    headers = {"WWW-Authenticate": error.auth_header} if getattr(error, "auth_header", None) else {}
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait))
    if isinstance(error, exceptions.ValidationError):
        return 400, {"code": "invalid", "title": _("Please check these fields."), "errors": error.detail}, headers
    return error.status_code, {"code": error.default_code, "title": str(error.detail)}, headers


def _plain(data: Any) -> Any:
    """Form input as plain lists; an uploaded file counts by name and size."""
    lists = getattr(data, "lists", None)
    if lists is None:
        return data
    return {name: [str(getattr(value, "size", "")) + str(value) for value in values] for name, values in lists()}


def _read_size(text: str | None, *, default: int, largest: int) -> int:
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= largest:
        raise exceptions.ValidationError({"limit": [_("Give a number from 1 to %(largest)d.") % {"largest": largest}]})
    return int(text)


def _refuse_constant(name: str):
    raise ValueError(name)
