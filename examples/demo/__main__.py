"""`python -m examples.demo --port 8000`: the shop on one origin, the vendors on another."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from contextlib import suppress
from threading import Thread

from werkzeug.serving import make_server

from .counts import Counts
from .shop import create_app
from .vendors import create_vendors


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m examples.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="of the shop; the vendors take the next one")
    port: int = parser.parse_args().port
    # Two host names, not only two ports: cookies do not tell ports apart, and the vendors must be strangers.
    shop_url, vendor_url = f"http://127.0.0.1:{port}", f"http://localhost:{port + 1}"

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    counts = Counts()
    try:
        vendors = make_server("127.0.0.1", port + 1, create_vendors(counts), threaded=True)
        shop = make_server("127.0.0.1", port, create_app(vendor_url, counts), threaded=True)
    except (OSError, OverflowError) as error:
        parser.exit(1, f"Ports {port} and {port + 1} cannot be used ({error}). Choose others with --port.\n")
    Thread(target=vendors.serve_forever, daemon=True).start()
    print(f"Shop:    {shop_url}\nVendors: {vendor_url}\nStop with Ctrl-C.", flush=True)
    with suppress(KeyboardInterrupt):
        shop.serve_forever()
    print()


if __name__ == "__main__":
    main()
