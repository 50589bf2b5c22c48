"""Peers that people want to test: DICOM nodes and DICOMweb endpoints."""

from sqlalchemy import Column, Integer, Table, UniqueConstraint

from philae.store.tables.columns import counted_column, metadata, text_column

dicom_node = Table(
    "dicom_node",
    metadata,
    counted_column("id"),
    text_column("description"),
    text_column("ae_title"),
    text_column("hostname"),
    Column("port", Integer, nullable=False),
    text_column("kind"),
    text_column("book_group"),
    UniqueConstraint("book_group", "ae_title", "hostname", "port"),
)
"""DICOM nodes; ``kind`` is WORKSTATION, WORKLIST or a word of people's own."""

web_endpoint = Table(
    "web_endpoint",
    metadata,
    counted_column("id"),
    text_column("description"),
    text_column("url"),
    text_column("services"),
    text_column("book_group"),
    UniqueConstraint("book_group", "url"),
)
"""DICOMweb endpoints; ``services`` are names with spaces between."""
