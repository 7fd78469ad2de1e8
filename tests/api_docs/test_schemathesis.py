"""Every call does what its description says, whatever it is given: no 5xx, no undocumented answer.

Calls are made up from the OpenAPI document, both as it wants them and not, always the same ones.
"""

from typing import Any

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chatorical.openapi.document import openapi_yaml
from tests.api_docs.conftest import Playground, operator
from tests.customer import new_address
from tests.keyed_browser import KeyedBrowser

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
_LEFT_OUT = {"GET /v1/ws"}  # a handshake; see tests/sockets
_EXAMPLES = 10


def operations() -> dict[str, Any]:
    """All calls of the document, by method and path."""
    document = schemathesis.openapi.from_dict(yaml.safe_load(openapi_yaml()))
    found = {}
    for result in document.get_all_operations():
        assert isinstance(result, Ok), result
        found[result.ok().label] = result.ok()
    return {label: found[label] for label in sorted(found) if label not in _LEFT_OUT}


OPERATIONS = operations()


@pytest.mark.parametrize("label", OPERATIONS)
def test_it_answers_as_described(playground: Playground, label: str) -> None:
    operation = OPERATIONS[label]
    schemes = _schemes_of(operation)
    is_tenants = bool({"apiKeyBearer", "apiKeyHeader"} & schemes)
    conversation_id, token = playground.conversation(playground.slug if is_tenants else "default")
    known = {**playground.known(operation.path), "conversation_id": conversation_id}
    if "{session_id}" in operation.path:
        known["session_id"] = KeyedBrowser(playground.web).start(token).session_id
    key = ""
    if "{file_id}" in operation.path:
        known["file_id"], key = playground.file(conversation_id, token)
    missing = {parameter.name for parameter in operation.path_parameters} - known.keys()
    assert not missing, "tests/api_docs/conftest.py has to say what a call can find there"
    headers = {"X-Forwarded-For": new_address()}
    if "serviceToken" in schemes:
        headers |= operator()
    elif is_tenants:
        headers["X-API-Key"] = playground.api_key
    elif "conversationToken" in schemes:
        headers["Authorization"] = f"Bearer {token}"

    @settings(
        max_examples=_EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        # What is found is readable enough; making it smaller takes more calls than finding it.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_cases(operation), finds_something=st.booleans())
    def call(case: Any, finds_something: bool) -> None:
        if finds_something:
            case.path_parameters = {
                name: known.get(name, value) for name, value in case.path_parameters.items()
            }
            if key:
                case.query["key"] = key
            if isinstance(case.body, dict) and "agent_id" in case.body:
                case.body["agent_id"] = known["agent_id"]
        for name in ("Authorization", "X-Internal-Auth", "X-API-Key"):
            case.headers.pop(name, None)
        response = case.call(base_url=playground.web, headers=headers, timeout=30)
        case.validate_response(response, checks=_CHECKS)

    call()


def _schemes_of(operation: Any) -> set[str]:
    """Which credentials the call takes."""
    wanted = operation.definition.raw.get("security", ())
    return {name for alternative in wanted for name in alternative}


def _cases(operation: Any) -> st.SearchStrategy[Any]:
    """As wanted; and, where anything is said about what is wanted, otherwise."""
    as_wanted: st.SearchStrategy[Any]
    as_wanted = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if operation.body or operation.query or operation.path_parameters:
        otherwise = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
        return st.one_of(as_wanted, otherwise)
    return as_wanted
