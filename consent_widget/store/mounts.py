"""Where a file is: on a disk of this machine, or on a network file system, where SQLite's log does not work."""

from __future__ import annotations

import re
from contextlib import suppress

#: The kinds that other machines share, as the kernel calls them.
SHARED = {
    "afs", "ceph", "cifs", "fuse.gcsfuse", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "glusterfs",
    "lustre", "nfs", "nfs4", "smb3", "smbfs",
}  # fmt: skip


def network_file_system(path: str, mounts: str = "/proc/self/mounts") -> str:
    """The kind of network file system that a path is on (proc(5)). Empty where it is on none, or nobody can say: only
    Linux does.
    """
    longest, found = "", ""
    with suppress(OSError, ValueError), open(mounts, encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            _, written, kind, *_ = line.split(" ")
            place = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), written).rstrip("/")
            if path.startswith(f"{place}/") and len(place) >= len(longest):  # the last one covers those before
                longest, found = place, kind
    return found if found in SHARED else ""
