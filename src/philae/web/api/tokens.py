"""API tokens: who has which. They are issued on the gateway's own machine, by `philae tokens create`."""

from fastapi import APIRouter, Depends

from philae.web.auth import Reached, allowed

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"], dependencies=[Depends(allowed("audit"))])


@router.get("", summary="Every token, without its text")
def read_tokens(gateway: Reached) -> list[dict[str, object]]:
    return [
        {
            "name": token.name,
            "scopes": sorted(token.scopes),
            "created_at": token.created_at.isoformat(),
            "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        }
        for token in gateway.tokens.all()
    ]
