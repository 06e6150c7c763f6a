"""Signing in to Emby: by password and by API key; it has no Quick Connect. Source: Emby's REST reference 4.8."""

from framewright.vendors.exchange import Call
from framewright.vendors.mediabrowser.signing_in import SignedIn, Visit, checked, introduced, signed_in

_PRODUCT = "Emby"


async def by_password(visit: Visit, username: str, password: str) -> SignedIn:
    """The credential of a user.

    Raises:
        Reject: code UNAUTHORIZED, name or password are wrong; WRONG_SERVER; as `exchange.send`.
        Retry: as `exchange.send`.
    """
    identity = await introduced(visit, _PRODUCT)
    stranger = visit.endpoint({"X-Emby-Authorization": f"Emby {visit.introduction(UserId='')}"})
    call = Call("POST", "/Users/AuthenticateByName", body={"Username": username, "Pw": password})
    return await signed_in(stranger, call, identity)


async def by_api_key(visit: Visit, api_key: str) -> SignedIn:
    """An API key that the server takes; see `signing_in.checked`."""
    identity = await introduced(visit, _PRODUCT)
    return await checked(visit.endpoint({"X-Emby-Token": api_key}), api_key, identity)
