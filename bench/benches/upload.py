# SPDX-License-Identifier: MIT
"""A large upload that is inspected and on disk when the answer comes, against nginx that writes the body to a file, and
against the same with what the farm promises on top: the file is on disk, and its digest is known."""
import hashlib
import os
import time

from harness.measure import compare
from harness.packages import MIB, write_large_tarball


def large_files(folder):
    return [path for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith("farm.db") and path.stat().st_size >= MIB]


def sync_and_digest(path):
    """The seconds that takes."""
    start = time.monotonic()
    with open(path, "rb") as file:
        os.fdatasync(file.fileno())
        digest = hashlib.sha256()
        while piece := file.read(MIB):
            digest.update(piece)
    return time.monotonic() - start


def run(rig, scale):
    farm = rig.farm()
    nginx = rig.nginx()
    size = scale.pick(500, 2)
    tarball = rig.folder / "large.tar.gz"
    write_large_tarball(tarball, size)

    def upload(port, path, folder, *token, afterwards=lambda file: 0):
        os.sync()   # nobody pays for what was written before
        seconds, sent = rig.tool("bench-transfer", "upload", port, path, tarball, *token)
        # Removed, so that each upload is the first of its kind, and the disk does not fill up.
        for file in large_files(folder):
            seconds += afterwards(file)
            file.unlink()
        return sent / MIB / seconds

    def to_farm():
        return upload(farm.port, "/build", farm.state, farm.token)

    def to_nginx(**more):
        return upload(nginx.port, "/upload", nginx.folder / "bodies", **more)

    yield compare(scale, "upload", f"{size} MiB", "MiB/s", "nginx", 0.7, to_farm, to_nginx)
    yield compare(scale, "upload", f"{size} MiB, equal duty", "MiB/s", "nginx, sync, SHA-256", 0.7, to_farm,
                  lambda: to_nginx(afterwards=sync_and_digest))
