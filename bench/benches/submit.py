# SPDX-License-Identifier: MIT
"""Small submissions, each on disk when its answer comes, against the SQLite library that commits the same rows."""
from harness.measure import compare

CLIENTS = 64
BYTES = 2048


def run(rig, scale):
    farm = rig.farm()
    database = rig.folder / "rows.db"
    seconds = scale.pick(scale.seconds, 0.3)

    def rate(name, *arguments):
        count, taken = rig.tool(name, *arguments)
        return count / taken

    yield compare(scale, "submit", f"{CLIENTS} clients", "/s", "SQLite", 0.3,
                  lambda: rate("bench-submit", farm.port, farm.token, CLIENTS, seconds, BYTES),
                  lambda: rate("bench-group_commit", database, CLIENTS, seconds, BYTES))
