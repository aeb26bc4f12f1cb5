#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""As much of systemctl as docs/migrating.md and docs/operating.md use: one service, whose command is the last ExecStart of its unit and
drop-ins in $UNITS. Its process id and output are kept beside the unit."""
import glob
import os
import signal
import subprocess
import sys
import time

folder = os.environ["UNITS"]


def command_of(unit):
    lines = []
    for file in [f"{folder}/{unit}.service"] + sorted(glob.glob(f"{folder}/{unit}.service.d/*.conf")):
        with open(file) as text:
            lines += [line[len("ExecStart="):].strip() for line in text if line.startswith("ExecStart=")]
    return lines[-1].split()


def is_running(pid):
    try:
        os.kill(pid, 0)
        return True
    except ProcessLookupError:
        return False


def stop(unit):
    try:
        with open(f"{folder}/{unit}.pid") as file:
            pid = int(file.read())
    except FileNotFoundError:
        return
    os.remove(f"{folder}/{unit}.pid")
    if is_running(pid):
        os.kill(pid, signal.SIGTERM)
    while is_running(pid):
        time.sleep(0.02)


def start(unit):
    # An extra process in between, so that nobody has to wait for the service but init.
    script = '"$@" </dev/null >>"$0.log" 2>&1 & echo $! >"$0.pid"'
    subprocess.run(["sh", "-c", script, f"{folder}/{unit}"] + command_of(unit), check=True,
                   env=os.environ | {"HOME": os.environ["FARM_HOME"]})


verb, unit = sys.argv[1], sys.argv[-1]
if verb in ("stop", "restart"):
    stop(unit)
if verb in ("start", "restart") or (verb == "enable" and "--now" in sys.argv):
    start(unit)
if verb == "reload":
    with open(f"{folder}/{unit}.pid") as file:
        os.kill(int(file.read()), signal.SIGHUP)
