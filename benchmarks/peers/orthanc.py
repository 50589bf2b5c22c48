"""Orthanc: as a store, and as a router that de-identifies with a Lua script."""

import json
from pathlib import Path

from benchmarks.processes import HOST, Server, free_port, nodelay, start, system_program

DICOM_WEB = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"
ROUTER = """
function OnStoredInstance(instance, tags, metadata, origin)
  if origin['RequestOrigin'] ~= 'DicomProtocol' then return end
  local anonymized = RestApiPost('/instances/' .. instance .. '/anonymize', '{}')
  RestApiPost('/modalities/receiver/store-straight', anonymized)
  RestApiDelete('/instances/' .. instance)
end
"""


def orthanc(folder: Path, associations: int, *, sync: bool = True) -> Server:
    """Start Orthanc as a receiver that keeps what it gets; ``sync`` is its own default."""
    return _start("Orthanc" if sync else "Orthanc, sync off", folder, associations, {"SyncStorageArea": sync})


def orthanc_router(folder: Path, associations: int, destination_port: int) -> Server:
    """Start Orthanc so that each instance is de-identified, sent on and deleted.

    The script anonymizes over the REST interface, which is several times faster than ``ModifyInstance`` with
    ``SendToModality``, and sends the result straight on without storing it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "router.lua"
    script.write_text(ROUTER)
    settings = {
        "SyncStorageArea": False,
        "LuaScripts": [str(script)],
        "DicomModalities": {"receiver": ["ANY", HOST, destination_port]},
        "HttpServerEnabled": True,
        "HttpPort": free_port(),
    }
    return _start("Orthanc + Lua", folder, associations, settings)


def orthanc_dicomweb(folder: Path, *, sync: bool = False) -> Server:
    """Start Orthanc as a STOW-RS server on ``port``, as quick as it can be unless it is to sync."""
    port = free_port()
    settings = {"SyncStorageArea": sync, "HttpServerEnabled": True, "HttpPort": port, "Plugins": [DICOM_WEB]}
    return _start("Orthanc STOW", folder, 4, settings, port)


def _start(
    name: str, folder: Path, associations: int, settings: dict[str, object], http_port: int | None = None
) -> Server:
    """Start it; it is there when it listens for associations, or for HTTP where that is what it is for."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    configuration = {
        "Name": "bench",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "DicomAet": "ORTHANC",
        "DicomPort": port,
        "DicomAlwaysAllowStore": True,
        "DicomCheckCalledAet": False,
        "DicomThreadsCount": max(4, associations),
        "UnknownSopClassAccepted": True,
        "MaximumPduLength": 131072,
        "OverwriteInstances": False,
        "StableAge": 3600,
        "HttpServerEnabled": False,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "Plugins": [],
    } | settings
    file = folder / "orthanc.json"
    file.write_text(json.dumps(configuration))
    return start(
        name, [system_program("Orthanc"), str(file)], http_port or port, folder, env=nodelay(), ae_title="ORTHANC"
    )
