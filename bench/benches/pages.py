# SPDX-License-Identifier: MIT
"""How soon pages are there with a long history in the database while no build server ever answers."""
import contextlib
import random
import socket
import sqlite3
import threading
import time
import uuid
from http.client import HTTPConnection

from harness.measure import Fact
from harness.rig import BenchFailed

BUILDS = 1_000_000
PACKAGES = 3000
ARCHITECTURES = ("x86_64", "aarch64", "riscv64")
SERVERS = 20
CLIENTS = 4
GOAL = 0.1


@contextlib.contextmanager
def hanging_servers(count):
    """Their URLs. The kernel takes the connections; nobody ever reads them."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=4096)) for _ in range(count)]
        yield [f"http://127.0.0.1:{listener.getsockname()[1]}" for listener in sockets]


def history(builds, user):
    """Ended builds, a minute apart, as the farm itself writes them."""
    chance = random.Random(7)
    start = time.time() - builds * 60
    for number in range(builds):
        created = start + number * 60
        state = chance.choices(("completed", "failed", "cancelled"), (90, 8, 2))[0]
        package = f"package-{chance.randrange(PACKAGES)}"
        yield (str(uuid.UUID(int=chance.getrandbits(128), version=4)), "http://127.0.0.1:1",
               ARCHITECTURES[number % 3], package, state, state, created, created + 5, created + 5 + chance.randrange(600),
               str(uuid.UUID(int=number // 3 + 1)), user, number + 1, "1.0", "1")


def fill(database, builds):
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.executemany(
            "INSERT INTO builds (id, server_url, server_arch, pkgname, status, state, created_at, start_time, end_time,"
            " submission_group, user_id, sequence, pkgver, pkgrel) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            history(builds, 1))
        return connection.execute("SELECT id FROM builds ORDER BY sequence DESC LIMIT 1").fetchone()[0]


def pages(newest):
    return {
        "dashboard": "/dashboard",
        "page 3 of builds": "/dashboard/builds/3",
        "builds of a package": "/dashboard/builds?package=package-7",
        "failed builds": "/dashboard/builds?status=failed",
        "packages": "/dashboard/packages",
        "statistics": "/dashboard/statistics",
        "build": f"/build/{newest}/status",
        "build, JSON": f"/build/{newest}/status?format=json",
        "latest builds": "/builds/latest?limit=100",
        "latest of a package": "/builds/pkgname/package-7/latest-by-arch",
        "farm": "/farm",
    }


def visit(port, path, until, times):
    """Answers one after the other over one connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    while time.monotonic() < until:
        begin = time.monotonic()
        connection.request("GET", path, headers={"Accept": "text/html" if "format=json" not in path else "*/*"})
        answer = connection.getresponse()
        body = answer.read()
        times.append(time.monotonic() - begin)
        if answer.status != 200 or not body:
            raise BenchFailed(f"{path} was answered with {answer.status}")


def times_of(port, path, seconds):
    """Sorted, of some people who look at the same page at once."""
    visit(port, path, time.monotonic() + 0.2, [])   # the first one reads the disk
    times, failures = [], []

    def one():
        try:
            visit(port, path, time.monotonic() + seconds, times)
        except Exception as failure:   # told by the main thread
            failures.append(failure)

    threads = [threading.Thread(target=one) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sorted(times)


def run(rig, scale):
    with hanging_servers(scale.pick(SERVERS, 2)) as servers:
        farm = rig.farm(servers)
        assert farm.token   # tables and the first account are there
        builds = scale.pick(BUILDS, 300)
        farm.stop()
        newest = fill(farm.state / "farm.db", builds)
        farm.start(rig)
        for name, path in pages(newest).items():
            times = times_of(farm.port, path, scale.pick(scale.seconds, 0.1))
            p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
            yield Fact("pages", name, f"{builds:,} builds, {len(times)} views: median {1000 * times[len(times) // 2]:.1f} ms, "
                                      f"p99 {1000 * p99:.1f} ms" + ("" if p99 < GOAL else " (missed)"), "100 ms")
