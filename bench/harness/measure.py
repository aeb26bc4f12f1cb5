# SPDX-License-Identifier: MIT
"""Two sides measured in turns, and the table of what came out."""
import dataclasses
import re
import statistics
import subprocess
import time

from harness.rig import BenchFailed


@dataclasses.dataclass
class Scale:
    """How much and how long."""
    smoke: bool = False
    rounds: int = 5
    seconds: float = 4
    calm: float = 0     # seconds to wait at most, before each measurement, for a machine that does nothing else

    def pick(self, full, tiny):
        return tiny if self.smoke else full


@dataclasses.dataclass
class Comparison:
    """Rates of the farm and of what it is measured against, a pair per round."""
    bench: str
    case: str
    unit: str
    against: str
    goal: float
    farm: list
    other: list

    def ratio(self):
        return statistics.median(self.farm) / statistics.median(self.other)


@dataclasses.dataclass
class Fact:
    """Something that is not a ratio."""
    bench: str
    case: str
    text: str
    goal: str = ""


def busy_share(seconds=0.3):
    """Of all cores over a moment."""
    def times():
        with open("/proc/stat", encoding="ascii") as file:
            numbers = [int(word) for word in file.readline().split()[1:9]]
        return sum(numbers), numbers[3] + numbers[4]   # idle, and idle while the disk works

    total, idle = times()
    time.sleep(seconds)
    total_after, idle_after = times()
    return 1 - (idle_after - idle) / max(1, total_after - total)


def wait_for_calm(scale):
    end = time.monotonic() + scale.calm
    while time.monotonic() < end and busy_share() > 0.1:
        pass


def alternate(scale, farm, other):
    """Calls both in turns. The lists of what they answered, one value per round."""
    ours, theirs = [], []
    for _ in range(1 if scale.smoke else scale.rounds):
        wait_for_calm(scale)
        ours.append(farm())
        wait_for_calm(scale)
        theirs.append(other())
    return ours, theirs


def compare(scale, bench, case, unit, against, goal, farm, other):
    return Comparison(bench, case, unit, against, goal, *alternate(scale, farm, other))


def wrk(scale, port, path, clients):
    """Answers per second to keep-alive clients."""
    seconds = max(1, int(scale.pick(scale.seconds, 1)))   # it knows whole seconds only
    command = ["wrk", "-t2", f"-c{clients}", f"-d{seconds}s", f"http://127.0.0.1:{port}{path}"]
    output = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=True).stdout
    trouble = re.search(r"(Socket errors|Non-2xx).*", output)
    rate = re.search(r"Requests/sec:\s*([0-9.]+)", output)
    if trouble or not rate:
        raise BenchFailed("wrk: " + (trouble.group(0) if trouble else output))
    return float(rate.group(1))


def spread(values):
    """Between the lowest and the highest, in percent of the median."""
    return f"{100 * (max(values) - min(values)) / statistics.median(values):.0f} %"


def rows_of(results):
    yield ["bench", "case", "farm", "spread", "against", "", "spread", "ratio", "goal"]
    for result in results:
        if isinstance(result, Fact):
            yield [result.bench, result.case, result.text, "", "", "", "", "", result.goal]
            continue
        number = lambda values: f"{statistics.median(values):,.0f} {result.unit}"
        yield [result.bench, result.case, number(result.farm), spread(result.farm), result.against,
               number(result.other), spread(result.other), f"{result.ratio():.2f}", f"{result.goal:.2f}"]


def line_of(row, widths):
    if row[3]:
        return "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
    # The text of a fact runs over the columns to its right.
    room = sum(widths[2:8]) + 2 * 5
    return "  ".join([row[0].ljust(widths[0]), row[1].ljust(widths[1]), row[2].ljust(room), row[8]]).rstrip()


def table(results):
    rows = list(rows_of(results))
    widths = [max(len(row[i]) for row in rows if i < 2 or row[3]) for i in range(len(rows[0]))]
    return "\n".join(line_of(row, widths) for row in rows)
