"""What `ferrule simulate` answers for one patient, and the little arithmetic that the rows of the calibration share."""
import bisect
import csv
import functools
import json
import math
import os
import pathlib
import subprocess

SOURCE = pathlib.Path(os.environ.get("FERRULE_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
FERRULE = os.environ.get("FERRULE", str(SOURCE / "build" / "ferrule"))

# arms.json leaves these out where the calibration took them for granted. Neither number is printed: they are the ones that give all
# 99 printed values to five digits, where the medians of section 6 (lifespan 120 days, loss 1.2 and 0.1 mL/d) give them for 31 only.
TAKEN_FOR_GRANTED = {"LS": 115, "bloss": 0}


class Trajectory:
    """Columns over time; x(column, day) is a value at an output time, in days."""

    def __init__(self, answer):
        self.columns, self.solved = answer["columns"], answer["solved"]
        self.hours = self.columns["t_h"]

    def x(self, column, day=0):
        i = bisect.bisect_left(self.hours, 24 * day)
        if self.hours[i] != 24 * day:
            raise KeyError(f"day {day} is no output time")
        return self.columns[column][i]

    def rise(self, column, day):
        return self.x(column, day) - self.x(column, 0)


def simulate(patient, events, hours, data=None):
    scenario = {"patient": patient, "events": events, "times_h": hours}
    words = [FERRULE, "simulate", "--json", "--scenario", "-"] + (["--data", str(data)] if data else [])
    done = subprocess.run(words, input=json.dumps(scenario), capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise RuntimeError(f"{patient}: {done.stdout[:300]} {done.stderr[:300]}")
    return Trajectory(json.loads(done.stdout))


@functools.cache
def parameter(symbol, formulation=None):
    """A number of data/model."""
    name = "formulations.csv" if formulation else "parameters.csv"
    with open(SOURCE / "data" / "model" / name, encoding="utf-8", newline="") as f:
        rows = [r for r in csv.DictReader(f) if r["symbol"] == symbol and r.get("formulation") == formulation]
    return float(rows[0]["value"])


def omega(eta):
    """The spread of an eta, from data/model/variability.csv."""
    with open(SOURCE / "data" / "model" / "variability.csv", encoding="utf-8", newline="") as f:
        return next(float(r["omega"]) for r in csv.DictReader(f) if r["eta"] == str(eta))


def infuse(product, mg, minutes, at=0.0):
    return [at, "infuse", {"prod": product, "dose": mg, "min": minutes}]


def area(x, y):
    return sum((x[i + 1] - x[i]) * (y[i] + y[i + 1]) / 2 for i in range(len(x) - 1))


def slope(points):
    """Of the least-squares line through (x, y)."""
    mean_x, mean_y = (sum(p[k] for p in points) / len(points) for k in (0, 1))
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def three_digits(value):
    return f"{value:.3g}"


def agrees(value, printed):
    """Whether a value rounds to a number as printed, half a unit of its last digit and one part in 10^6 either way (the printed number
    was rounded from another solver's value)."""
    number = float(printed)
    digits, _, exponent = printed.lower().partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))
    return math.isfinite(value) and abs(value - number) <= unit / 2 + 1e-6 * abs(number)
