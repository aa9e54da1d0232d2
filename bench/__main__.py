"""`python -m bench [size] [cost] [page] [start] …`: all, or those named, as one Markdown table."""

from __future__ import annotations

import argparse
from importlib import import_module

from .row import table

BENCHES = (
    "size", "cost", "page", "gating", "start", "durable", "record", "post", "grown", "life", "log", "webhooks",
    "service", "paint", "slow", "press",
)  # fmt: skip

parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(BENCHES)}; all when none is given")
names = parser.parse_args().names or BENCHES
#: Measured only when it is named: a rival has to be installed.
ONLY_NAMED = ("peer",)
if unknown := set(names) - {*BENCHES, *ONLY_NAMED}:
    parser.error(f"no such benchmark: {', '.join(unknown)}. There are: {', '.join(BENCHES)}.")
print(table(row for name in names for row in import_module(f"bench.{name}").measure()))
