"""What a document says about web services is read, and its secrets are not shown."""

from __future__ import annotations

from pathlib import Path

from philae.config.document import dump_document, load_document

DOCUMENT = """
web_services:
  allowed_hosts: [registry.example]
  timeout_s: 2.5
  authentications:
    - {name: registry, token_url: "https://id.example/token", client_id: philae, client_secret: hidden, scope: read all}
"""


def test_web_services_are_read_and_their_secrets_not_shown() -> None:
    configuration = load_document(DOCUMENT, Path(), destination_kinds={}, pseudonym_kinds={})

    services = configuration.web_services

    registry = services.authentication("registry")
    assert (services.allowed_hosts, services.timeout_s, services.attempts) == (("registry.example",), 2.5, 3)
    assert registry is not None
    assert (registry.client_secret, registry.scope) == ("hidden", "read all")
    assert "hidden" not in repr(services)
    assert "hidden" not in dump_document(configuration)
    assert services.authentication("other") is None
