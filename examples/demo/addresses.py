"""The addresses of the demo's sites: six origins, and no two of them share cookies."""

from __future__ import annotations

from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Addresses:
    """The origin of each site."""

    shop: str
    vendors: str
    journal: str
    brew: str
    fair: str = ""
    office: str = ""

    @classmethod
    def at(cls, port: int) -> Addresses:
        """The addresses of a demo whose shop is at `port`.

        The host names differ, not only the ports: cookies do not depend on the port, and these sites must not share
        any. Browsers resolve every name that ends in .localhost to this computer.
        """
        hosts = ("127.0.0.1", "localhost", "journal.localhost", "brew.localhost")
        own = [f"http://{host}:{port + offset}" for offset, host in enumerate(hosts)]
        # at the shop's port, under names of their own
        own += [f"http://{name}.localhost:{port}" for name in ("fair", "office")]
        return cls(*own)

    def replace_in(self, text: str) -> str:
        """The text of a file, which names the demo's default addresses, with these addresses instead."""
        for default, address in zip(astuple(Addresses.at(8000)), astuple(self), strict=True):
            text = text.replace(default, address)
        return text
