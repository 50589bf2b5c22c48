"""The REST API, and what else the gateway says over HTTP."""
