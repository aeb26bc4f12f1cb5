# SPDX-License-Identifier: MIT
"""Small answers to keep-alive clients, against nginx that returns the same body, and beside idle connections."""
import contextlib
import socket

from harness.measure import compare, wrk

IDLE = 5000


@contextlib.contextmanager
def idle_connections(port, count):
    """Each has had one answer, as those of a browser that stays on its page."""
    request = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), 30))
            connection.sendall(request)
            if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
                raise OSError("an idle connection was refused")
        yield


def run(rig, scale):
    farm = rig.farm()
    nginx = rig.nginx(farm.health)
    for clients in scale.pick((64, 256), (8,)):
        yield compare(scale, "health", f"{clients} clients", "/s", "nginx", 0.7,
                      lambda: wrk(scale, farm.port, "/health", clients),
                      lambda: wrk(scale, nginx.port, "/health", clients))
    count = min(scale.pick(IDLE, 50), rig.files - 1000)
    clients = scale.pick(64, 8)

    def beside_idle():
        with idle_connections(farm.port, count):
            return wrk(scale, farm.port, "/health", clients)

    yield compare(scale, "health", f"beside {count} idle", "/s", "farm without", 0.9, beside_idle,
                  lambda: wrk(scale, farm.port, "/health", clients))
