"""Every reference trajectory of the model's specification comes out of `ferrule simulate`: states, observables and solved constants.

Pass (docs/model.md, section 16): |value - reference| <= 1e-6 max(|reference|, 1e-3 m), m the largest of its column; in a column of
zeros |value| <= 1e-12. Iron is conserved to 1e-9 of the total in each.
"""
import csv
import json
import os
import pathlib
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent
FERRULE = os.path.join(os.environ.get("FERRULE_BUILD", HERE.parent / "build"), "ferrule")
FOLDER = pathlib.Path(os.environ.get("FERRULE_REFERENCE", HERE / "reference"))


def simulate(path, *words):
    done = subprocess.run([FERRULE, "simulate", "--scenario", str(path), *words], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, (path, done.stdout[:500], done.stderr[:500])
    return done.stdout


def number(cell):
    return float(cell) if cell not in ("", "nan", "NaN") else None


def infused_mg(events, until):
    """What has run in by a time, from the scenario alone."""
    total, rate, since = 0.0, 0.0, 0.0
    edges = []
    for at, kind, a in events:
        if kind == "infuse":
            edges += [(at, 1, a["dose"] / (a["min"] / 60)), (at + a["min"] / 60, 0, 0.0)]
        if kind == "rate":
            edges.append((at, 1 if a["mg_h"] > 0 else 0, a["mg_h"]))
    for at, _, new in sorted(edges):
        if at > until:
            break
        total += rate * (at - since)
        rate, since = new, at
    return total + rate * (until - since)


class Reference(unittest.TestCase):
    def test_there_are_thirteen(self):
        self.assertGreaterEqual(len(list(FOLDER.glob("*.json"))), 13)

    def test_every_trajectory(self):
        for path in sorted(FOLDER.glob("*.json")):
            with self.subTest(path.stem), open(path.with_suffix(".csv"), encoding="utf-8") as f:
                want = list(csv.DictReader(f))
                got = list(csv.DictReader(simulate(path, "--csv").splitlines()))
                self.assertEqual(len(got), len(want))
                for column in want[0]:
                    reference = [number(row[column]) for row in want]
                    largest = max(abs(v) for v in reference if v is not None)
                    for row, expected in zip(got, reference):
                        value = number(row[column])
                        if expected is None:
                            self.assertIsNone(value, column)
                            continue
                        bound = 1e-6 * max(abs(expected), 1e-3 * largest) if largest else 1e-12
                        self.assertLessEqual(abs(value - expected), bound, f"{column} at {row['t_h']} h: {value} against {expected}")

    def test_solved_constants(self):
        for path in sorted(FOLDER.glob("*.json")):
            want = json.loads(path.read_text())["solved"]
            got = json.loads(simulate(path, "--json"))["solved"]
            for name, value in want.items():
                self.assertAlmostEqual(got[name], value, delta=1e-12 * abs(value), msg=f"{path.stem} {name}")

    def test_iron_is_conserved(self):
        for path in sorted(FOLDER.glob("*.json")):
            scenario = json.loads(path.read_text())
            columns = json.loads(simulate(path, "--json"))["columns"]
            given = [infused_mg(scenario["events"], t) for t in columns["t_h"]]
            units = [sum(a["units"] for at, kind, a in scenario["events"] if kind == "transfuse" and at <= t) for t in columns["t_h"]]
            balance = [columns["iron_total"][i] - given[i] - 200 * units[i] - columns["CABS"][i] + columns["CLOSS"][i] for i in range(len(given))]
            for t, value in zip(columns["t_h"], balance):
                self.assertAlmostEqual(value, balance[0], delta=1e-9 * columns["iron_total"][0], msg=f"{path.stem} at {t} h")


if __name__ == "__main__":
    unittest.main()
