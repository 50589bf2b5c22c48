"""Delivery by STOW-RS (PS3.18 10.5): settings, requests, answers, the sender and the doctor."""

from philae.destinations.stow.doctor import StowDoctor
from philae.destinations.stow.sender import StowSender
from philae.destinations.stow.settings import StowSettings
from philae.destinations.stow.sharing import Sharing

__all__ = ["Sharing", "StowDoctor", "StowSender", "StowSettings"]
