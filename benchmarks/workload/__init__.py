"""What the benchmarks send: the same arguments give the same bytes."""

from benchmarks.workload.catalogue import Workload, ct, jpeg2000, multiframe, small

__all__ = ["Workload", "ct", "jpeg2000", "multiframe", "small"]
