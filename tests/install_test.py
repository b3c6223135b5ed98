"""Installs the library into an empty folder and builds examples/minimal.c against that copy, as a user would."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ.get("FERRULE_SOURCE", Path(__file__).resolve().parent.parent))
BUILD = Path(os.environ.get("FERRULE_BUILD", SOURCE / "build"))
EXAMPLE = SOURCE / "examples" / "minimal.c"
CACHE = dict(re.findall(r"^(\w+):\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.M))
INSTRUMENTED = any(CACHE.get(f"FERRULE_{kind}") == "ON" for kind in ("SANITIZE", "COVERAGE", "FUZZ"))


def run(*command, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **more)
    if done.returncode:
        raise AssertionError(f"{command} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


@unittest.skipIf(INSTRUMENTED, "an instrumented library is not what users install")
class InstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # The folder is moved once installed: nothing in it may know where it was.
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        top = Path(cls.folder.name)
        run("cmake", "--install", BUILD, "--prefix", top / "first")
        shutil.move(top / "first", top / "copy")
        cls.prefix = top / "copy"
        cls.lib = cls.prefix / CACHE["CMAKE_INSTALL_LIBDIR"]
        cls.env = dict(os.environ, PKG_CONFIG_PATH=str(cls.lib / "pkgconfig"))

    def pkg_config(self, *options):
        return run("pkg-config", *options, "ferrule", env=self.env).split()

    def plan_of(self, name, *flags):
        program = self.prefix / name
        warnings = ["-std=c17", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
        run(CACHE["CMAKE_C_COMPILER"], *warnings, EXAMPLE, "-o", program, *flags)
        text = run(program, cwd="/", env=dict(os.environ, LD_LIBRARY_PATH=str(self.lib)))
        self.assertRegex(text, r"\b\d+ mg\b")
        self.assertRegex(text, r"\bmL/h\b")
        self.assertRegex(text, r"\bmin")
        return program, text

    def test_the_example_is_short(self):
        self.assertLess(len(EXAMPLE.read_text().splitlines()), 40)

    def test_the_example_prints_the_same_plan_with_the_shared_and_the_static_library(self):
        shared, shared_text = self.plan_of("shared", *self.pkg_config("--cflags", "--libs"))
        flags = self.pkg_config("--static", "--cflags", "--libs")
        static, static_text = self.plan_of("static", *(re.sub(r"^-lferrule$", "-l:libferrule.a", f) for f in flags))
        self.assertEqual(shared_text, static_text)
        self.assertIn("libferrule.so.0", run("objdump", "-p", shared))
        self.assertNotIn("libferrule", run("objdump", "-p", static))

    def test_the_header_compiles_by_itself_in_c_and_in_cplusplus(self):
        for language, standard in (("c", "c99"), ("c++", "c++11")):
            if language == "c++" and not shutil.which("c++"):
                continue
            compiler = CACHE["CMAKE_C_COMPILER"] if language == "c" else "c++"
            subprocess.run([compiler, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only",
                            *self.pkg_config("--cflags"), "-x", language, "-"],
                           input="#include <ferrule.h>\n", text=True, check=True)

    def test_pkg_config_tells_the_version_and_the_private_libraries(self):
        self.assertEqual(self.pkg_config("--modversion"), [CACHE["CMAKE_PROJECT_VERSION"]])
        self.assertEqual(self.pkg_config("--print-requires"), [])
        static = self.pkg_config("--static", "--libs")
        self.assertLessEqual({"-ljansson", "-lsodium", "-lm"}, set(static))

    def test_the_installed_program_stands_alone(self):
        course = (SOURCE / "examples" / "heavy-menstrual-bleeding.json").read_text()
        for question in ("assess", "plan"):
            text = run(self.prefix / "bin" / "ferrule", question, "-", "--region", "eu",
                       "--at", "2026-11-02T12:00+01:00", input=course, cwd=self.prefix, env={"PATH": "/nonexistent"})
            self.assertTrue(text.strip())
        knows_its_source = str(SOURCE).encode() in (self.prefix / "bin" / "ferrule").read_bytes()
        self.assertFalse(knows_its_source, f"{SOURCE} stands in the installed program")

    def test_an_install_for_a_package_stays_under_destdir(self):
        with tempfile.TemporaryDirectory() as stage:
            run("cmake", "--install", BUILD, "--prefix", "/opt/ferrule", env=dict(os.environ, DESTDIR=stage))
            self.assertEqual([p.name for p in Path(stage).iterdir()], ["opt"])
            for name in ("bin/ferrule", "include/ferrule.h"):
                self.assertTrue((Path(stage) / "opt/ferrule" / name).is_file(), name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
