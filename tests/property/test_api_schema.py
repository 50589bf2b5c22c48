"""Whatever anybody sends to the REST API, it answers as its OpenAPI document says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from philae.admin.tokens import SCOPES, issue
from philae.web.gateway import Gateway
from philae.web.server import create_app
from tests.support.documents import document, node, to_folder
from tests.support.web import web_gateway

EXAMPLES = 4
READ_BY_MEANING = {"authentications", "configuration", "nodes", "profiles", "projects", "pseudonyms", "targets"}
"""What these take is a part of the whole configuration, or a file: no schema says everything that is asked of it."""
READ_AS_DOCUMENT = {"configuration", "nodes", "targets"}
"""In a document a number may stand where a text is wanted."""
QUICK = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("api")
    with web_gateway(folder, document(node(to_folder(Path("/out"))))) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def operations(gateway: Gateway) -> list[Any]:
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", create_app(gateway))
    return [each.ok() for each in schema.get_all_operations()]  # type: ignore[union-attr]  # a faulty schema raises here


@pytest.fixture(scope="module")
def credentials(gateway: Gateway) -> dict[str, str]:
    _, text = issue(gateway.tokens, "schema", SCOPES, datetime.now(UTC), None)
    return {"Authorization": f"Bearer {text}"}


def excluded(operation: Any) -> list[Any]:
    tags = set(operation.tags)
    by_meaning = [positive_data_acceptance] if tags & READ_BY_MEANING else []
    return [*by_meaning, *([negative_data_rejection] if tags & READ_AS_DOCUMENT else [])]


def takes_anything(operation: Any) -> bool:
    """Without a parameter and a body nothing can be sent that the schema forbids."""
    raw = operation.definition.raw
    return "parameters" in raw or "requestBody" in raw


def check(operation: Any, mode: GenerationMode, credentials: dict[str, str]) -> None:
    but = excluded(operation)

    @QUICK
    @given(operation.as_strategy(generation_mode=mode))
    def answers_as_documented(case: Any) -> None:
        case.call_and_validate(headers=credentials, excluded_checks=but)

    answers_as_documented()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_every_operation_answers_as_documented(
    operations: list[Any], credentials: dict[str, str], mode: GenerationMode
) -> None:
    asked = [each for each in operations if mode is GenerationMode.POSITIVE or takes_anything(each)]
    assert len(asked) > 40

    for operation in asked:
        check(operation, mode, credentials)
