"""The XML of a simulated plex.tv, in the attributes that python-plexapi reads."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, tostring

from framewright.vendors.plex.plextv_simulator.state import Advertised, PinState, PlexTvState


def user(state: PlexTvState, token: str) -> bytes:
    """The account."""
    root = Element(
        "user",
        id="1",
        uuid="0123456789abcdef",
        username=state.username,
        title=state.username,
        friendlyName=state.username,
        email="admin@example.org",
        authToken=token,
        scrobbleTypes="",
    )
    active = "1" if state.plex_pass else "0"
    about = {"active": active, "status": "Active" if state.plex_pass else "Inactive", "plan": "lifetime"}
    features = SubElement(SubElement(root, "subscription", about), "features")
    for name in ("webhooks", "hardware_transcoding") if state.plex_pass else ("companions",):
        SubElement(features, "feature", id=name)
    SubElement(root, "profile", defaultSubtitleAccessibility="0", defaultSubtitleForces="0", autoSelectSubtitle="0")
    return tostring(root)


def pin(one: PinState) -> bytes:
    """A PIN for those that ask for XML."""
    return tostring(Element("pin", id=str(one.id), code=one.code, authToken=one.token))


def resources(servers: Iterable[Advertised]) -> bytes:
    """The devices of the account; a player stands among them, as in every account."""
    root = Element("resources")
    SubElement(root, "resource", name="Telly", clientIdentifier="player1", provides="client,player", owned="1")
    for server in servers:
        _resource(root, server)
    return tostring(root)


def webhooks(urls: Iterable[str]) -> bytes:
    """The list of webhooks."""
    root = Element("webhooks")
    for url in urls:
        SubElement(root, "webhook", url=url)
    return tostring(root)


def _resource(root: Element, server: Advertised) -> None:
    element = SubElement(
        root,
        "resource",
        name=server.name,
        product="Plex Media Server",
        productVersion="1.42.1.10060",
        clientIdentifier=server.machine_id,
        provides=server.provides,
        owned=_flag(server.owned),
        presence=_flag(server.present),
        accessToken=server.token,
        httpsRequired=_flag(server.https_required),
        publicAddressMatches="1",
    )
    connections = SubElement(element, "connections")
    for way in server.ways:
        SubElement(
            connections,
            "connection",
            protocol=way.uri.partition(":")[0],
            address=way.address,
            port=str(way.port),
            uri=way.uri,
            local=_flag(way.local),
            relay=_flag(way.relay),
            IPv6=_flag(way.ipv6),
        )


def _flag(value: bool) -> str:
    return "1" if value else "0"
