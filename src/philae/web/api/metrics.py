"""The accounting identity for Prometheus."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from typing_extensions import override

from philae.admin.status import DestinationStatus, GatewayStatus
from philae.web.auth import Caller, Reached, allowed

router = APIRouter(tags=["metrics"])


@router.get("/metrics", summary="Counts per destination, as Prometheus reads them", response_class=Response)
def read_metrics(gateway: Reached, _caller: Annotated[Caller, Depends(allowed("status"))]) -> Response:
    """Instances accepted and deliveries by node, destination and state; the states of a destination add up to opened."""
    registry = CollectorRegistry()
    registry.register(_Counts(gateway.standing()))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Counts(Collector):
    """One look at the ledger."""

    def __init__(self, status: GatewayStatus) -> None:
        self._status = status

    @override
    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily("philae_instances_accepted", "Instances ever accepted", value=self._status.accepted)
        labels = ["node", "destination"]
        opened = CounterMetricFamily("philae_deliveries_opened", "Deliveries ever opened", labels=labels)
        states = GaugeMetricFamily("philae_deliveries", "Deliveries by state", labels=[*labels, "state"])
        for node, destination in self._destinations():
            opened.add_metric([node, destination.name], destination.tally.opened)
            for state, count in destination.tally.as_words().items():
                if state != "opened":
                    states.add_metric([node, destination.name, state], count)
        yield opened
        yield states

    def _destinations(self) -> Iterator[tuple[str, DestinationStatus]]:
        return ((node.ae_title, each) for node in self._status.nodes for each in node.destinations)
