"""A thousand random courses of 24 weeks with every kind of event: iron is conserved to 1e-9 in each, and enough was played to say so."""
import os
import pathlib
import re
import subprocess
import unittest

BUILD = pathlib.Path(os.environ.get("FERRULE_BUILD", pathlib.Path(__file__).resolve().parent.parent / "build"))


class Conservation(unittest.TestCase):
    def test_iron_is_conserved_in_a_thousand_courses(self):
        done = subprocess.run([str(BUILD / "tests" / "conserve"), "1000"], capture_output=True, text=True, check=False)
        print(done.stdout.strip())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"1000 courses, seed \d+")
        self.assertLessEqual(float(re.search(r"largest imbalance (\S+)", done.stdout)[1]), 1e-9)
        refused, ended = map(int, re.search(r"(\d+) starts refused, (\d+) courses ended early", done.stdout).groups())
        self.assertLessEqual(refused, 300)
        self.assertLessEqual(ended, 50)
        self.assertGreater(int(re.search(r"(\d+) steps", done.stdout)[1]), 100000)


if __name__ == "__main__":
    unittest.main()
