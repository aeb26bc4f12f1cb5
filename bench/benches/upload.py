# SPDX-License-Identifier: MIT
"""A large upload that is inspected and on disk when the answer comes, against nginx that writes the body to a file."""
import os

from harness.measure import compare
from harness.packages import MIB, write_large_tarball


def remove_large_files(folder):
    """So that each upload is the first of its kind, and the disk does not fill up."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix not in (".db", ".db-wal", ".db-shm") and path.stat().st_size >= MIB:
            path.unlink()


def run(rig, scale):
    farm = rig.farm()
    nginx = rig.nginx()
    size = scale.pick(500, 2)
    tarball = rig.folder / "large.tar.gz"
    write_large_tarball(tarball, size)

    def upload(port, path, folder, *token):
        os.sync()   # nobody pays for what was written before
        seconds, sent = rig.tool("bench-transfer", "upload", port, path, tarball, *token)
        remove_large_files(folder)
        return sent / MIB / seconds

    yield compare(scale, "upload", f"{size} MiB", "MiB/s", "nginx", 0.7,
                  lambda: upload(farm.port, "/build", farm.state, farm.token),
                  lambda: upload(nginx.port, "/upload", nginx.folder / "bodies"))
