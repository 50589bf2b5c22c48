"""DICOM upper layer for C-STORE and C-ECHO, as acceptor and as requestor."""
