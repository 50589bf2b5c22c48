"""A walk over a pydicom dataset, as most scripts do it."""

from benchmarks.engines import naive_rules
from benchmarks.engines.over_pydicom import over_pydicom

deidentify = over_pydicom(naive_rules.deidentify)
