"""The batch solver against CVODE at rtol 1e-12: virtual patients on random regimens, every observable at every output time, the hour
after each infusion's start and stop included. The bounds stand in tests/tools/accuracy.c; make accuracy plays a thousand."""
import os
import pathlib
import re
import subprocess
import unittest

BUILD = pathlib.Path(os.environ.get("FERRULE_BUILD", pathlib.Path(__file__).resolve().parent.parent / "build"))
SERIES = 32


class Accuracy(unittest.TestCase):
    def test_every_observable_is_as_near_as_its_tolerance_promises(self):
        done = subprocess.run([str(BUILD / "tests" / "accuracy"), "250"], capture_output=True, text=True, check=False)
        print(done.stdout.strip())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"250 patients on regimens of their own, seed \d+")
        rows = re.findall(r"^.{20} +\d+( +[0-9.]+e[+-]\d+){4}$", done.stdout, re.M)
        self.assertEqual(len(rows), 3 * (SERIES + 1))
        for series in ("NTBI", "LPI", "hemoglobin", "ferritin", "phosphate", "reaction hazard"):
            self.assertEqual(len(re.findall(rf"^{series} +\d", done.stdout, re.M)), 3, series)


if __name__ == "__main__":
    unittest.main()
