# SPDX-License-Identifier: MIT
"""One log with thousands of viewers: nothing may be lost, and the build server is asked by one reader only."""
from harness.fake_server import FakeServer, Log
from harness.measure import Fact
from harness.packages import small_tarball
from harness.rig import BenchFailed, eventually


def run(rig, scale):
    viewers = min(scale.pick(5000, 50), rig.files - 1000)
    per_second = 50
    lines = per_second * 10 if not scale.smoke else 20
    log = Log(lines, per_second)
    server = rig.keep(FakeServer(log))
    short = {"follow.statusInterval": "200ms", "follow.logInterval": "100ms"} if scale.smoke else {}
    farm = rig.farm([server.url], {"http.maxStreams": str(viewers + 100), **short})
    build = farm.submit(small_tarball())
    eventually("the start of the build", lambda: farm.details(build)["status"] == "building")
    audience = rig.start_tool("bench-viewers", farm.port, f"/build/{build}/stream", viewers, lines, 60)
    if audience.stdout.readline() != "ready\n":
        raise BenchFailed(audience.communicate()[1])
    asked = log.asked
    log.start()
    output, errors = audience.communicate(timeout=120)
    asked = log.asked - asked
    if audience.returncode != 0:
        raise BenchFailed(errors)
    ended, lost, repeated, *times = map(float, output.split())
    case = f"{viewers} viewers"
    yield Fact("stream", case, f"{lost:.0f} lines lost, {repeated:.0f} repeated of {viewers * lines:,}; "
               f"{ended:.0f} saw the end; the server was asked {asked} times", "0 lost")
    for name, (median, most, longest) in (("since the farm had it", times[:3]), ("since it was written", times[3:])):
        yield Fact("stream", case, f"{name}: median {median:.0f} ms, p99 {most:.0f} ms, last {longest:.0f} ms")
    if scale.smoke and (lost or ended != viewers):
        raise BenchFailed(f"{lost:.0f} lines were lost, {ended:.0f} of {viewers} viewers saw the end")
