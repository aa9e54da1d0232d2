"""What the service logs: lines for people, or JSON for programs that collect logs. No address, no token, no URL."""

from __future__ import annotations

import json
import logging
import logging.config
from datetime import UTC, datetime
from typing import Any, Literal

from .words import in_words_of_file

Form = Literal["text", "json"]


class TextFormatter(logging.Formatter):
    """The level and the message. Keys are named as in sites.toml."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the traceback if there is one."""
        return in_words_of_file(super().format(record))


class JSONFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """`time` (UTC, ISO 8601), `level`, `process`, `logger`, `message`, and `error` with the traceback if any."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": record.process,
            "logger": record.name.removeprefix("_"),
            "message": in_words_of_file(record.getMessage()),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def log_config(form: Form) -> dict[str, Any]:
    """The configuration of logging (`logging.config.dictConfig`), also for granian's own messages. All goes to the
    standard output.
    """
    formatter = (
        {"()": JSONFormatter} if form == "json" else {"()": TextFormatter, "format": "[%(levelname)s] %(message)s"}
    )
    logger = {"handlers": ["console"], "level": "INFO", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stdout"}},
        "loggers": {"_granian": logger, "consent_widget": logger},
        "root": {"handlers": ["console"], "level": "WARNING"},
    }


def begin_logging(form: Form) -> None:
    """Log like this from now on."""
    logging.config.dictConfig(log_config(form))
