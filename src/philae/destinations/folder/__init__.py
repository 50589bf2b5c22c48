"""Delivery into a folder: settings, sender and doctor."""

from philae.destinations.folder.doctor import FolderDoctor
from philae.destinations.folder.sender import FolderSender
from philae.destinations.folder.settings import FolderSettings

__all__ = ["FolderDoctor", "FolderSender", "FolderSettings"]
