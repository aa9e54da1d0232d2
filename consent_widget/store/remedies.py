"""What to say about an error of the database: its cause, without any value of a row, and the remedy."""

from __future__ import annotations

import os
import re
from pathlib import Path

#: Values of a row begin after one of these in a message: in PostgreSQL's DETAIL line, or in quotes.
BEFORE_VALUES = re.compile(r"['\n]")
OTHERS_TABLE = (
    "A table whose name begins with consent_ is another program's, or of another version: give ours a database or a "
    "schema of their own (docs/operations.md, Migrations of your own)."
)
#: By PostgreSQL's code of the error (its appendix A), or by words of the message.
REMEDIES = {
    "42703": OTHERS_TABLE,
    "no such column": OTHERS_TABLE,
    "Unknown column": OTHERS_TABLE,
    "42501": "Give the role that CONSENT_DATABASE names its rights: GRANT CREATE, USAGE ON SCHEMA public TO the role, "
    "or make the tables as another role and GRANT SELECT, INSERT, UPDATE, DELETE on them.",
    "authentication failed": "Check the user and the password in CONSENT_DATABASE, and pg_hba.conf.",
    "does not exist": "Make it (createuser, createdb), or name another one in CONSENT_DATABASE.",
    "53100": "The disk of the database is full: make room.",
    "too many": "Raise max_connections, or run fewer processes: each has up to four connections.",
    "25006": "This server only reads, as a standby does. Name the primary in CONSENT_DATABASE.",
    "57014": "It took too long: see what else the server is doing, and which locks are held (pg_locks).",
    "55P03": "See which locks are held (pg_locks).",
    "timeout expired": "See whether its server runs, and whether this machine reaches it (CONSENT_DATABASE).",
    "unsupported startup parameter": "A pooler such as PgBouncer is between: let it ignore options "
    "(ignore_startup_parameters), and set them for the role. docs/scale.md shows how.",
    "42P01": "A table is gone. Restart the site, which makes what is missing, or restore it from a backup "
    "(CONSENT_DATABASE).",
    "is locked": "Another program has been writing for long: a shell, or a copy of the file that is being made. End it "
    "(CONSENT_DATABASE).",
    "readonly": "The user who runs the site must be able to write the file and its folder (CONSENT_DATABASE).",
    "is full": "The disk of the database is full: make room (CONSENT_DATABASE).",
    "not a database": "Name another file in CONSENT_DATABASE, or restore this one from a backup.",
    "codec can't decode": "It is damaged: restore it from a backup (CONSENT_DATABASE).",
    "malformed": "The file is damaged: restore it from a backup (CONSENT_DATABASE).",
    "disk I/O error": "The disk of the database fails, or is full (CONSENT_DATABASE).",
}


def explained(error: Exception, file: str = "") -> str:
    """One or two sentences. `file` is where an SQLite database is."""
    cause = getattr(error, "orig", None) or error
    return f"The database cannot be used ({_without_values(error, cause)}). {_remedy(cause, file)}"


def _without_values(error: Exception, cause: BaseException) -> str:
    """The kind of error. Of one about the database itself, also how its message begins."""
    kind = type(error).__name__
    names = {each.__name__ for each in type(error).__mro__}
    if kind == "DatabaseError" or names & {"OperationalError", "ProgrammingError", "InternalError"}:
        code, *text = cause.args or ("",)  # MySQL's are a number and a text
        said = str(text[0]) if text and isinstance(code, int) else str(cause)
        kind += f": {BEFORE_VALUES.split(said, maxsplit=1)[0].strip()}"
    return kind


def _remedy(cause: BaseException, file: str) -> str:
    code, text = str(getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None) or ""), str(cause)
    if "unable to open" in text and file:
        return _about_folder(Path(file).parent)
    for key, remedy in REMEDIES.items():
        if key == code or key in text:
            return remedy
    return "Check CONSENT_DATABASE." if file else "Check CONSENT_DATABASE, and that its server runs."


def _about_folder(folder: Path) -> str:
    if not folder.is_dir():
        return f"The folder {folder} is not there: make it, or name another one in CONSENT_DATABASE."
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"The user who runs the site may not write in {folder}: give them the folder (CONSENT_DATABASE)."
    return f"Check the file in {folder}, and who may read and write it (CONSENT_DATABASE)."
