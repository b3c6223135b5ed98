"""The documentation is true: its examples run, its picture is fresh."""
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("FERRULE_SOURCE", pathlib.Path(__file__).resolve().parent.parent))
FERRULE = os.path.abspath(os.environ.get("FERRULE", str(SOURCE / "build" / "ferrule")))
PAGES = [SOURCE / "README.md", *sorted((SOURCE / "docs").glob("*.md"))]
PICTURE = ["plan", "examples/heavy-menstrual-bleeding.json", "--region", "eu", "--at", "2026-11-02T12:00+01:00"]


class Readme(unittest.TestCase):
    def test_every_example_runs(self):
        blocks = re.findall(r"<!-- run -->\n```sh\n(.*?)```", "\n".join(p.read_text() for p in PAGES), re.S)
        lines = [line for block in blocks for line in block.splitlines() if line]
        self.assertGreaterEqual(len(lines), 3)
        for line in lines:
            words = shlex.split(line)
            done = subprocess.run([FERRULE] + words[1:], capture_output=True, text=True, cwd=SOURCE, check=False)
            self.assertEqual(done.returncode, 0, line + "\n" + done.stdout + done.stderr)

    def test_the_examples_of_help_run(self):
        for command in ("assess", "plan", "prepare", "deficit", "products", "guidance"):
            text = subprocess.run([FERRULE, command, "--help"], capture_output=True, text=True, check=True).stdout
            examples = [l.strip() for l in text.splitlines() if l.strip().startswith("ferrule ") and "course.json" not in l]
            self.assertTrue(examples, command)
            for line in examples:
                done = subprocess.run([FERRULE] + shlex.split(line)[1:], capture_output=True, text=True, cwd=SOURCE, check=False)
                self.assertIn(done.returncode, (0, 1), line + done.stdout + done.stderr)

    def test_the_picture_is_fresh(self):
        with tempfile.TemporaryDirectory() as folder:
            link = pathlib.Path(folder) / "build"
            link.mkdir()
            (link / "ferrule").symlink_to(FERRULE)
            (pathlib.Path(folder) / "examples").symlink_to(SOURCE / "examples")
            subprocess.run([str(SOURCE / "scripts" / "picture"), "new.svg", "28", "build/ferrule"] + PICTURE, cwd=folder, check=True)
            fresh = (pathlib.Path(folder) / "new.svg").read_text()
        self.assertEqual(fresh, (SOURCE / "docs" / "images" / "plan.svg").read_text(), "run: scripts/picture docs/images/plan.svg 28 build/ferrule ...")


if __name__ == "__main__":
    unittest.main()
