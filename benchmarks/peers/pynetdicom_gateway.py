"""The plain gateway: pynetdicom receives, a pydicom walk de-identifies, pynetdicom sends on, then the sender is answered."""

import socket
import sys
from pathlib import Path
from typing import Any

from pydicom.uid import (
    ComprehensiveSRStorage,
    CTImageStorage,
    EnhancedCTImageStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    MRImageStorage,
    UltrasoundImageStorage,
)
from pynetdicom import AE, evt

from benchmarks.engines.naive_rules import deidentify
from benchmarks.processes import HOST, Server, free_port, start

SOP_CLASSES = (CTImageStorage, EnhancedCTImageStorage, MRImageStorage, UltrasoundImageStorage, ComprehensiveSRStorage)
NATIVE = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
PDU = 131072
UNABLE_TO_PROCESS = 0x0110


def pynetdicom_gateway(folder: Path, associations: int, destination_port: int) -> Server:
    """Start the plain gateway in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.peers.pynetdicom_gateway", str(port), str(destination_port)]
    root = Path(__file__).parents[2]
    env = {"PYTHONPATH": f"{root}:{root / 'src'}"}
    return start("pynetdicom + pydicom", [*command, str(associations)], port, folder, env=env)


class Gateway:
    """Keeps one association to the destination for each association that comes in."""

    def __init__(self, destination_port: int) -> None:
        self.destination_port = destination_port
        self.out: dict[int, Any] = {}
        self.requestor = AE(ae_title="PLAIN")
        for sop_class in SOP_CLASSES:
            self.requestor.add_requested_context(sop_class, NATIVE)
            self.requestor.add_requested_context(sop_class, JPEG2000Lossless)

    def store(self, event: Any) -> int:
        """De-identify one instance and answer what the destination answered."""
        dataset = event.dataset
        dataset.file_meta = event.file_meta
        deidentify(dataset)
        for _ in range(2):
            status = self._association(event.assoc).send_c_store(dataset)
            if "Status" in status:
                return int(status.Status)
            self.out.pop(id(event.assoc)).abort()
        return UNABLE_TO_PROCESS

    def close(self, event: Any) -> None:
        """Release the association that belonged to the one that ended."""
        association = self.out.pop(id(event.assoc), None)
        if association is not None:
            association.release()

    def _association(self, incoming: Any) -> Any:
        association = self.out.get(id(incoming))
        if association is None:
            association = self.requestor.associate(
                HOST, self.destination_port, max_pdu=PDU, evt_handlers=[(evt.EVT_CONN_OPEN, _without_nagle)]
            )
            self.out[id(incoming)] = association
        return association


def _without_nagle(event: Any) -> None:
    event.assoc.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def main() -> None:
    """Serve until ended: PORT DESTINATION_PORT ASSOCIATIONS."""
    port, destination_port, associations = map(int, sys.argv[1:4])
    acceptor = AE(ae_title="PLAIN")
    acceptor.maximum_associations = associations + 1
    acceptor.maximum_pdu_size = PDU
    for sop_class in SOP_CLASSES:
        acceptor.add_supported_context(sop_class, [*NATIVE, JPEG2000Lossless])
    gateway = Gateway(destination_port)
    handlers: list[Any] = [
        (evt.EVT_CONN_OPEN, _without_nagle),
        (evt.EVT_C_STORE, gateway.store),
        (evt.EVT_RELEASED, gateway.close),
        (evt.EVT_ABORTED, gateway.close),
    ]
    acceptor.start_server((HOST, port), block=True, evt_handlers=handlers)


if __name__ == "__main__":
    main()
