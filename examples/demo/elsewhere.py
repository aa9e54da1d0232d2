"""Sites of other companies, which the shop links to. They are fictional too; the vendors' server answers for them."""

from __future__ import annotations

from urllib.parse import urlsplit

MUSEUM, TEAHOUSE = "kiln-museum.localhost", "茶馆.localhost"
AFFILIATES = ("journal.localhost", "brew.localhost", "office.localhost")


def outside(vendor_url: str) -> dict[str, str]:
    """Their addresses: names that end in .localhost are this computer."""
    port = urlsplit(vendor_url).port or 80
    return {"museum": f"http://{MUSEUM}:{port}/elsewhere", "teahouse": f"http://{TEAHOUSE}:{port}/elsewhere"}


def leave_setting(vendor_url: str) -> dict[str, object]:
    """CONSENT_LEAVE: no notice before links to the shop's own other sites; the museum's notice links to its policy."""
    return {"affiliates": list(AFFILIATES), "policies": {MUSEUM: outside(vendor_url)["museum"] + "#privacy"}}
