"""The tree as scripts/lint reads it without running anything: line ends, JSON, scripts, and the format of the sources."""
import os
import pathlib
import shutil
import subprocess
import unittest

SOURCE = pathlib.Path(os.environ.get("FERRULE_SOURCE", pathlib.Path(__file__).resolve().parent.parent))


class Lint(unittest.TestCase):
    @unittest.skipUnless((SOURCE / ".git").exists(), "a tree without its history: which files are the project's is not known")
    def test_the_tree_is_clean(self):
        self.assertTrue(shutil.which("clang-format"), "clang-format is missing: scripts/setup test installs it")
        done = subprocess.run([str(SOURCE / "scripts" / "lint"), "--quick"], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
