"""dicognito with its own rules."""

from dicognito.anonymizer import Anonymizer

from benchmarks.engines.over_pydicom import over_pydicom

deidentify = over_pydicom(Anonymizer(seed="bench").anonymize)
