"""What the service counts, as Prometheus reads it: numbers by site, action, status and kind of request. Nothing about a
visitor, and no label that a visitor chooses.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any, NamedTuple

PREFIX = "consent_widget_"
HELP = {
    "choices_total": "Choices stored, by site and action.",
    "retries_total": "Choices that were sent again, because the browser had not learned that they are stored.",
    "refused_total": "Requests with a choice or a question that were refused, by site and status; 429 is too many.",
    "store_errors_total": "Requests that the store failed (503), by site.",
    "requests_total": "Requests answered, by kind (script, choice, page).",
    "reloads_total": "Reloads by SIGHUP, by result (taken up, or refused because a file is wrong).",
    "processes": "Processes that answered for this page.",
    "request_seconds": "How long requests took, by kind, from the complete request to the answer.",
}
GAUGES = ("processes",)
HISTOGRAM = "request_seconds"
#: The upper ends of the classes of times, in seconds.
ENDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Key(NamedTuple):
    """One number: its metric and its labels."""

    metric: str
    labels: tuple[tuple[str, str], ...] = ()


def key(metric: str, **labels: object) -> Key:
    """The key of a number."""
    return Key(metric, tuple((name, str(value)) for name, value in labels.items()))


class Counts:
    """The numbers of one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._numbers: Counter[Key] = Counter()

    def add(self, *keys: Key) -> None:
        """One more of each."""
        with self._lock:
            self._numbers.update(keys)

    def answered(self, site: str, method: str, path: str, status: int, seconds: float) -> None:
        """Count one answer. `site` is an id of the configuration, or empty; `path` what follows it."""
        is_script = path.startswith(("widget.", "embeds.", "i18n/"))
        kind = "choice" if method == "POST" else "script" if is_script else "page"
        keys = [key("requests_total", kind=kind)]
        keys.append(key(HISTOGRAM, kind=kind, le=next((end for end in ENDS if seconds <= end), "+Inf")))
        if status == 503:
            keys.append(key("store_errors_total", site=site))
        elif method == "POST" and status >= 400:
            keys.append(key("refused_total", site=site, status=status))
        elif method == "POST" and path == "records" and status == 200:
            keys.append(key("retries_total", site=site))
        with self._lock:
            self._numbers.update(keys)
            self._numbers[key(f"{HISTOGRAM}_sum", kind=kind)] += seconds  # type: ignore[assignment]

    def numbers(self) -> Mapping[Key, float]:
        """All of them, as they are now."""
        with self._lock:
            return dict(self._numbers)


def exposition(processes: Iterable[Mapping[Key, float]]) -> str:
    """The page for Prometheus: the sums over all processes."""
    total: Counter[Key] = Counter()
    for numbers in processes:
        total.update(numbers)
    lines = []
    for metric, text in HELP.items():
        kind = "gauge" if metric in GAUGES else "histogram" if metric == HISTOGRAM else "counter"
        lines += [f"# HELP {PREFIX}{metric} {text}", f"# TYPE {PREFIX}{metric} {kind}"]
        own = {each: value for each, value in sorted(total.items()) if each.metric == metric}
        lines += _histogram(own, total) if metric == HISTOGRAM else [_line(each, value) for each, value in own.items()]
    return "\n".join(lines) + "\n"


def _histogram(found: Mapping[Key, float], total: Mapping[Key, float]) -> list[str]:
    """The classes of times are counted one by one; Prometheus wants each with all that are shorter."""
    lines = []
    for kind in sorted({dict(each.labels)["kind"] for each in found}):
        running: float = 0
        for end in (*ENDS, "+Inf"):
            running += found.get(key(HISTOGRAM, kind=kind, le=end), 0)
            lines.append(_line(key(f"{HISTOGRAM}_bucket", kind=kind, le=end), running))
        lines.append(_line(sums := key(f"{HISTOGRAM}_sum", kind=kind), total.get(sums, 0)))
        lines.append(_line(key(f"{HISTOGRAM}_count", kind=kind), running))
    return lines


def _line(each: Key, value: Any) -> str:
    labels = ",".join(f'{name}="{text}"' for name, text in each.labels)
    return f"{PREFIX}{each.metric}{{{labels}}} {value}" if labels else f"{PREFIX}{each.metric} {value}"
