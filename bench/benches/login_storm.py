# SPDX-License-Identifier: MIT
"""Small answers while others log in without pause, against the same farm alone."""
import contextlib
import threading

from harness.measure import Fact, compare, wrk

CLIENTS = 16
LOGGING_IN = 8


class Storm:
    """Clients that log in, one after the other, while the `with` lasts."""

    def __init__(self, farm):
        self.farm = farm
        self.count = 0

    @contextlib.contextmanager
    def blowing(self):
        over = threading.Event()
        threads = [threading.Thread(target=self.log_in_until, args=(over,)) for _ in range(LOGGING_IN)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def log_in_until(self, over):
        while not over.is_set():
            if self.farm.log_in():
                self.count += 1


def run(rig, scale):
    rounds = scale.pick("600000", "10000")
    farm = rig.farm(properties={"auth.local.iterations": rounds})
    assert farm.token   # the first account is there
    storm = Storm(farm)

    def during():
        with storm.blowing():
            return wrk(scale, farm.port, "/health", CLIENTS)

    yield compare(scale, "login-storm", f"{CLIENTS} clients", "/s", "farm alone", 0.6, during,
                  lambda: wrk(scale, farm.port, "/health", CLIENTS))
    yield Fact("login-storm", f"{LOGGING_IN} logging in", f"{storm.count} log-ins meanwhile")
    if scale.smoke and storm.count == 0:
        raise RuntimeError("nobody could log in")
