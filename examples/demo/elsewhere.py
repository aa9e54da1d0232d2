"""Other people's sites, which the shop links to. They are made up too, and answer on the vendors' origin."""

from __future__ import annotations

from urllib.parse import urlsplit

MUSEUM, TEAHOUSE, AFFILIATES = "kiln-museum.localhost", "茶馆.localhost", ("journal.localhost", "brew.localhost")


def outside(vendor_url: str) -> dict[str, str]:
    """Where they are: names that end in .localhost are this computer."""
    port = urlsplit(vendor_url).port or 80
    return {"museum": f"http://{MUSEUM}:{port}/elsewhere", "teahouse": f"http://{TEAHOUSE}:{port}/elsewhere"}


def leaving(vendor_url: str) -> dict[str, object]:
    """CONSENT_LEAVE: the shop's own other sites are not announced, and the museum's policy is known."""
    return {"affiliates": list(AFFILIATES), "policies": {MUSEUM: outside(vendor_url)["museum"] + "#privacy"}}
