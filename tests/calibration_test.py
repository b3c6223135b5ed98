"""The 99 targets of the model's calibration come out of the program as the specification prints them, and a change is seen."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "calibration"))

import calibrate  # noqa: E402
from body import SOURCE, agrees  # noqa: E402

SCRIPT = SOURCE / "tests" / "calibration" / "calibrate.py"


def run(folder, *words):
    out = pathlib.Path(folder) / "calibration.json"
    done = subprocess.run([sys.executable, str(SCRIPT), "--targets", "--out", str(out), *words], capture_output=True, text=True, check=False)
    return done, json.loads(out.read_text())["summary"]


class Calibration(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def changed_data(self, old, new):
        shutil.copytree(SOURCE / "data", self.folder / "data")
        path = self.folder / "data" / "model" / "parameters.csv"
        text = path.read_text(encoding="utf-8")
        self.assertEqual(text.count(old), 1)
        path.write_text(text.replace(old, new), encoding="utf-8")
        return str(self.folder / "data")

    def test_every_target_is_as_printed(self):
        done, summary = run(self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((summary["targets"], summary["misses"], round(summary["rms_z"], 2), summary["differing"]), (99, 13, 1.35, 0))

    def test_a_parameter_changed_by_one_in_a_thousand_is_seen(self):
        done, summary = run(self.folder, "--data", self.changed_data(",kM,0.002502,", ",kM,0.002504,"))
        self.assertEqual(done.returncode, 1)
        self.assertGreater(summary["differing"], 50)
        self.assertIn("seed ferritin d56", done.stderr)

    def test_a_difference_must_be_explained_and_an_explanation_must_explain(self):
        near = {"row": "a", "model": 1.02, "specification": "1.00", "agrees": False}
        fine = {"row": "b", "model": 1.00, "specification": "1.00", "agrees": True}
        said = {"a": {"within_pct": "3", "why": "rounding"}}
        self.assertEqual(list(calibrate.faults_of([near, fine], said, "", True)), [])
        for rows, words, whole in (([near], {}, False), ([near | {"model": 1.04}], said, False), ([near | {"model": float("nan")}], said, False),
                                   ([fine], {"b": said["a"]}, False), ([fine], said, True)):
            self.assertEqual(len(list(calibrate.faults_of(rows, words, "", whole))), 1, (rows, words))

    def test_agreement_is_to_the_printed_digit(self):
        for value, printed, expected in ((654.084, "654.08", True), (654.087, "654.08", False), (1.804e4, "1.8e+04", True),
                                         (1.856e4, "1.8e+04", False), (float("nan"), "1", False)):
            self.assertEqual(agrees(value, printed), expected, (value, printed))


if __name__ == "__main__":
    unittest.main()
