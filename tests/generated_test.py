"""The C of the body model is what its equations give: fresh in the tree, seen when stale, the same whatever the hash seed."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("FERRULE_SOURCE", pathlib.Path(__file__).resolve().parent.parent))
BODY = SOURCE / "src" / "body"
FILES = ("generated.c", "generated.h")


def generator(folder, *words, seed="random"):
    return subprocess.run([sys.executable, "-B", str(folder / "model.py"), *words], capture_output=True, text=True, check=False,
                          env=dict(os.environ, PYTHONHASHSEED=seed))


class Generated(unittest.TestCase):
    def copy(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name in ("model.py", *FILES):
            shutil.copy(BODY / name, folder.name)
        return pathlib.Path(folder.name)

    def change(self, path, old, new):
        text = path.read_text()
        self.assertEqual(text.count(old), 1, old)
        path.write_text(text.replace(old, new))

    def test_the_tree_is_fresh(self):
        done = generator(BODY, "--check")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_an_edited_file_is_seen_and_left_alone(self):
        for name in FILES:
            folder = self.copy()
            edited = (folder / name).read_text() + "/* by hand */\n"
            (folder / name).write_text(edited)
            done = generator(folder, "--check")
            self.assertEqual(done.returncode, 1)
            self.assertIn(name, done.stderr)
            self.assertNotIn(({*FILES} - {name}).pop(), done.stderr)
            self.assertEqual((folder / name).read_text(), edited)

    def test_a_missing_file_is_seen(self):
        folder = self.copy()
        (folder / "generated.h").unlink()
        self.assertEqual(generator(folder, "--check").returncode, 1)

    def test_a_changed_equation_makes_the_files_stale_until_they_are_written_again(self):
        folder = self.copy()
        self.change(folder / "model.py", "dM/dt     = kML*ML + death + fin*Ue - JM", "dM/dt     = kML*ML + death + fin*Ue - 2*JM")
        self.assertEqual(generator(folder, "--check").returncode, 1)
        self.assertEqual(generator(folder).returncode, 0)
        self.assertEqual(generator(folder, "--check").returncode, 0)
        self.assertNotEqual((folder / "generated.c").read_text(), (BODY / "generated.c").read_text())

    def test_the_output_does_not_depend_on_the_hash_seed(self):
        for seed in ("0", "1", "random"):
            folder = self.copy()
            for name in FILES:
                (folder / name).unlink()
            self.assertEqual(generator(folder, seed=seed).returncode, 0)
            for name in FILES:
                self.assertEqual((folder / name).read_bytes(), (BODY / name).read_bytes(), f"{name} with seed {seed}")

    def test_an_unknown_symbol_is_no_equation(self):
        folder = self.copy()
        self.change(folder / "model.py", "dG/dt     = -kG*G", "dG/dt     = -kGG*G")
        done = generator(folder)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("kGG", done.stderr)

    def test_every_equation_stands_in_the_specification(self):
        """Sections 3 and 4 of docs/model.md and model.py are the same lines, but for parentheses and how Python writes a product."""
        sys.path.insert(0, str(BODY))
        sys.dont_write_bytecode = True
        import model
        spec = (SOURCE / "docs" / "model.md").read_text()
        plain = lambda s: "".join(c for c in s.replace("**", "^").replace("[", "(").replace("]", ")") if c not in " *()")
        written = {}
        for line in spec.splitlines():
            for part in line.split(";"):
                if "=" in part and not part.startswith("|"):
                    name, text = part.split("=", 1)
                    written.setdefault(plain(name), set()).add(plain(text.split("   ")[0]))
        for line in (model.QUANTITIES + model.RATES).strip().splitlines():
            if "=" not in line:
                continue
            name, text = line.split("#")[0].split("=", 1)
            name, text = plain(name), plain(text)
            if name in ("dF/dt", "dPH/dt") or name[:2] == "dR" and name[2].isdigit() and name != "dR1/dt":
                continue  # a power written as exp and ln; the chain, which the specification writes with j
            self.assertIn(text, written.get(name, set()), name)


if __name__ == "__main__":
    unittest.main()
