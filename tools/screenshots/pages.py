"""The pages that there are pictures of."""

from typing import Final

PAGES: Final = {
    "home": "/",
    "monitoring": "/monitoring",
    "monitoring-tree": "/monitoring?view=tree",
    "monitoring-charts": "/monitoring?view=charts",
    "delivery": "/monitoring?status=sent > .deliveries tbody a",
    "nodes": "/nodes",
    "node": "/node?name=PHILAE",
    "node-sources": "/node?name=PHILAE&tab=sources",
    "node-settings": "/node?name=PHILAE&tab=settings",
    "destination": "/destination?id=1",
    "destination-form": "/destination/new?node=PHILAE&kind=stow",
    "profiles": "/profiles",
    "projects": "/projects",
    "pseudonyms": "/pseudonyms",
    "tools": "/tools",
    "users": "/users",
    "audit": "/audit",
    "configuration": "/configuration",
    "version": "/configuration/version?number=1",
    "system": "/system",
    "help": "/help",
    "first-steps": "/first-steps",
    "account": "/account",
}
"""By the name of the picture."""
