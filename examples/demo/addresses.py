"""Where the demo's sites are: four origins, and no two of them share cookies."""

from __future__ import annotations

from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Addresses:
    """The origin of each site."""

    shop: str
    vendors: str
    journal: str
    brew: str

    @classmethod
    def at(cls, port: int) -> Addresses:
        """Those of a demo whose shop is at `port`.

        Host names differ, not only ports: cookies do not tell ports apart, and the sites must be strangers to each
        other. Browsers know by themselves that whatever ends in .localhost is this computer.
        """
        hosts = ("127.0.0.1", "localhost", "journal.localhost", "brew.localhost")
        return cls(*(f"http://{host}:{port + at}" for at, host in enumerate(hosts)))

    def put_right(self, text: str) -> str:
        """`text` of a file that names the addresses of the usual demo, with these in their place."""
        for written, meant in zip(astuple(Addresses.at(8000)), astuple(self), strict=True):
            text = text.replace(written, meant)
        return text
