# SPDX-License-Identifier: MIT
"""The download of a package that the farm keeps, against nginx that sends the same file."""
import os

from harness.fake_server import FakeServer, Log
from harness.measure import compare
from harness.packages import MIB, small_tarball, write_random_file
from harness.rig import BenchFailed, eventually

NAME = "bench-1.0-1-x86_64.pkg.tar.zst"
DOWNLOADS = 8   # per measurement: one alone is over in a moment


def stored_package(farm, size):
    return next(path for path in farm.state.rglob("*") if path.is_file() and path.stat().st_size == size)


def run(rig, scale):
    size = scale.pick(256, 2)
    package = rig.folder / NAME
    write_random_file(package, size)
    log = Log(1, 1000)
    log.start()
    server = rig.keep(FakeServer(log, package))
    farm = rig.farm([server.url], {"follow.statusInterval": "100ms", "follow.logInterval": "50ms"})
    nginx = rig.nginx()
    build = farm.submit(small_tarball())
    path = f"/build/{build}/download/{NAME}"
    eventually("the package on the farm", lambda: farm.request("HEAD", path)[0] == 200, 120)
    # The same file under a second name: both sides send the same pages of memory.
    os.link(stored_package(farm, package.stat().st_size), nginx.folder / "files" / NAME)
    (nginx.folder / "files" / NAME).chmod(0o644)

    def download(port, where):
        total = 0
        for _ in range(DOWNLOADS):
            seconds, received = rig.tool("bench-transfer", "download", port, where)
            if received != size * MIB:
                raise BenchFailed(f"{received:.0f} bytes came instead of {size * MIB}")
            total += seconds
        return DOWNLOADS * size / total

    yield compare(scale, "artifact", f"{size} MiB", "MiB/s", "nginx", 0.95, lambda: download(farm.port, path),
                  lambda: download(nginx.port, "/files/" + NAME))
