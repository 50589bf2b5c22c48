"""dicomweb-client, which reads and encodes each instance anew."""

from collections.abc import Mapping
from typing import Any

from dicomweb_client import DICOMwebClient
from pydicom import dcmread

from benchmarks.clients import Deliver, Share


def deliver_to(settings: Mapping[str, Any]) -> Deliver:
    """Post ``batch_instances`` files at once to ``url``."""

    def deliver(share: Share) -> None:
        archive, most = DICOMwebClient(settings["url"]), settings["batch_instances"]
        for first in range(0, len(share), most):
            archive.store_instances([dcmread(path) for path in share[first : first + most]])

    return deliver
