"""The demo gateway as those see it who try the house out: its whole ledger, and the faults that it is to have. No refund goes this way."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from workflows.demo_gateway.ledger import Fact
from workflows.demo_gateway.loopback import call, loopback_place
from workflows.demo_gateway.signing import NONCE, BadSealError, open_seal, seal

SECONDS = 5.0


class NoAnswerError(Exception):
    """The gateway does not run, or what came back is not its answer."""


class RefusedPlanError(Exception):
    """The gateway cannot read the faults that it was given; it keeps those that it has."""


class Control:
    def __init__(self, *, url: str, secret: str):
        self._place, self._secret = loopback_place(url), secret

    def read_facts(self) -> Iterator[Fact]:
        """Everything in its ledger, in order."""
        after, has_more = 0, True
        while has_more:
            answer = self._ask("GET", f"/v1/ledger?after={after}")
            yield from answer["facts"]
            after, has_more = after + len(answer["facts"]), answer["has_more"]

    def read_plan(self) -> dict[str, Any]:
        return self._ask("GET", "/_control/faults")

    def replace_plan(self, plan: Mapping[str, Any]) -> None:
        """Put other faults in force; how often each refund was sent is counted anew."""
        self._ask("PUT", "/_control/faults", plan)

    def _ask(self, method: str, target: str, words: Mapping[str, Any] | None = None) -> dict[str, Any]:
        body = b"" if words is None else json.dumps(words).encode()
        headers = seal(self._secret, "request", method, self._place.path + target, body=body)
        try:
            reply = call(self._place, method, target, body=body, headers=headers, seconds=SECONDS)
            open_seal(self._secret, reply.headers, "answer", str(reply.status), headers[NONCE], body=reply.body)
        except (OSError, BadSealError) as error:
            raise NoAnswerError(type(error).__name__) from error
        if reply.status == 400:
            raise RefusedPlanError(reply.body.decode("utf-8", "replace"))
        if reply.status != 200:
            raise NoAnswerError(f"http_{reply.status}")
        return json.loads(reply.body)
