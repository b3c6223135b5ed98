"""Ten thousand plans with one seeded breach each: the verifier finds every one and names the limit."""
import os
import pathlib
import re
import subprocess
import unittest

BUILD = pathlib.Path(os.environ.get("FERRULE_BUILD", pathlib.Path(__file__).resolve().parent.parent / "build"))
# Every name of a label limit or gate that a plan can be made to break. Names of cautions (max-single-soft, off-label-regimen) and of
# instructions to the chair are held by the unit tests of the verifier.
NAMES = {"max-single-dose", "max-single-mg-per-kg", "max-single-hemodialysis", "max-daily", "max-weekly", "max-course", "min-interval",
         "max-interval", "max-doses-per-week", "min-concentration", "max-concentration", "min-volume", "max-volume", "diluent",
         "min-minutes", "route", "injection-max-rate", "injection-max-dose", "min-age", "pregnancy", "contraindication", "indication", "phosphate", "test-dose",
         "overload", "infection"}


class Breach(unittest.TestCase):
    def test_every_breach_is_found_and_named(self):
        done = subprocess.run([str(BUILD / "tests" / "breach"), "10000"], capture_output=True, text=True, check=False)
        print(done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout)
        made = {name: int(count) for name, count in re.findall(r"^(\S+) +(\d+) made", done.stdout, re.M)}
        self.assertEqual(NAMES - set(made), set(), "no breach of these names was made")
        self.assertEqual(sum(made.values()), 10000)


if __name__ == "__main__":
    unittest.main()
