"""Random plausible patients x products x regions: every plan keeps its label, no legal plan is refused."""
import os
import pathlib
import subprocess
import unittest

BUILD = pathlib.Path(os.environ.get("FERRULE_BUILD", pathlib.Path(__file__).resolve().parent.parent / "build"))


class PlanProperty(unittest.TestCase):
    def test_twenty_thousand_plans_hold(self):
        done = subprocess.run([str(BUILD / "tests" / "plan_property"), "20000"], capture_output=True, text=True, check=False)
        print(done.stdout.strip())
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr)
        self.assertIn(" 0 violations", done.stdout)


if __name__ == "__main__":
    unittest.main()
