"""The rules of the house: which folder may include which, what the library exports and what it never does.

Each check returns the list of what is wrong. It is first fed a tree or a listing with the fault in it and must see it,
then the real one.
"""
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ.get("FERRULE_SOURCE", Path(__file__).resolve().parent.parent))
BUILD = Path(os.environ.get("FERRULE_BUILD", SOURCE / "build"))

# Lowest first: a folder includes itself and those before it.
FLOORS = ("base store knowledge body solve course infer advise session trial exchange report serve cli").split()
# Open to every floor.
OPEN = {"ferrule.h", "ferrule_version.h", "knowledge/embedded.h"}
# Floors of the program alone; the others make the library.
PROGRAM = {"serve", "cli"}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">]+)[">]', re.M)

# Words of unfinished work, and paths that hold on one machine only. Written apart so that this file passes itself.
FORBIDDEN = re.compile(
    r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b"
    r"|\b(place" r"holder|not yet impl" r"emented|not impl" r"emented|lorem ip" r"sum)\b"
    r"|(?<![\w.])/(ho" r"me|ro" r"ot|wo" r"rk|Us" r"ers)/\w"
)

# What a library must not do: end the process, print, read a global random stream.
NEVER_CALLED = re.compile(
    r"^(_?exit|_Exit|quick_exit|abort|(__)?v?printf(_chk)?|puts|putchar|perror|stdout|stderr|s?rand|s?random|system)$"
)


def sources(root, *folders, suffixes=(".c", ".h")):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file():
                yield path


def includes(path):
    return INCLUDE.findall(path.read_text(encoding="utf-8"))


def includes_against_the_floors(root):
    wrong = []
    for path in sources(root, "src"):
        shown = path.relative_to(root)
        floor = shown.parts[1]
        if floor not in FLOORS or len(shown.parts) < 3:
            wrong.append(f"{shown}: lies in no floor of the house")
            continue
        for mark, name in includes(path):
            if name in OPEN or (mark == "<" and not (root / "src" / name).exists()):
                continue
            target = name.split("/")[0]
            if "/" not in name or ".." in name.split("/"):
                wrong.append(f"{shown}: include {name} by its floor and name")
            elif target not in FLOORS:
                wrong.append(f"{shown} includes {name}, which is in no floor of the house")
            elif FLOORS.index(target) > FLOORS.index(floor):
                wrong.append(f"{shown} includes {name}: {target} stands above {floor}")
    return wrong


def public_headers_that_look_inside(root):
    wrong = []
    for path in sources(root, "include"):
        for mark, name in includes(path):
            if mark == '"' and not (root / "include" / name).exists() or (root / "src" / name).exists():
                wrong.append(f"{path.relative_to(root)} includes {name}")
    return wrong


def names_used_twice(root):
    seen = {}
    for path in sources(root, "src", "include"):
        seen.setdefault(path.name, []).append(str(path.relative_to(root)))
    return [" and ".join(paths) for paths in seen.values() if len(paths) > 1]


def forbidden_words(root):
    wrong = []
    for path in sources(root, "src", "include", "tools", "tests", "bench", "fuzz", "examples", suffixes=(".c", ".h", ".py", ".in")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if match := FORBIDDEN.search(line):
                wrong.append(f"{path.relative_to(root)}:{number}: {match.group(0).strip()}")
    return wrong


# ---------------------------------------------------------------- what nm and objdump list

# Of the tools that instrument a build, not of the library.
INSTRUMENT = re.compile(r"^(__odr_asan|__asan|__ubsan|__gcov|__sanitizer|__sancov|__start_|__stop_|asan\.|sancov\.)|^(_init|_fini|mangle_path)$")


def listing(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def defined_names(nm_listing):
    """Names of `nm -P`: name, type, ...; members of an archive stand as lines that end in a colon."""
    rows = (line.split() for line in nm_listing.splitlines() if not line.endswith(":"))
    return [row[0].split("@")[0] for row in rows if len(row) >= 2 and row[1] != "U"]


def names_outside(nm_listing, prefix):
    return sorted({n for n in defined_names(nm_listing) if not n.startswith(prefix) and not INSTRUMENT.match(n)})


def private_names_exported(nm_listing):
    return sorted(n for n in defined_names(nm_listing) if n.startswith("fe__"))


def never_called(nm_listing):
    rows = (line.split() for line in nm_listing.splitlines() if not line.endswith(":"))
    return sorted({row[0] for row in rows if len(row) >= 2 and row[1] == "U" and NEVER_CALLED.match(row[0])})


def mutable_globals(objdump_listing):
    """Objects of `objdump -t` that lie in memory which can be written (tables of constants lie in .data.rel.ro)."""
    wrong = []
    for line in objdump_listing.splitlines():
        match = re.match(r"^[0-9a-f]+ .{6}O (\S+)\s+[0-9a-f]+ (?:\.hidden )?(\S+)$", line)
        if match and re.match(r"\.(data|bss)|\*COM\*", match[1]) and not match[1].startswith(".data.rel.ro"):
            wrong.append(match[2])
    return sorted(wrong)


def build_setting(name):
    match = re.search(rf"^{name}:\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.M)
    return match[1] if match else ""


def instrumented():
    return any(build_setting(f"FERRULE_{kind}") == "ON" for kind in ("SANITIZE", "COVERAGE", "FUZZ"))


# ---------------------------------------------------------------- the tests


class HouseTest(unittest.TestCase):
    def tree(self, files):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = Path(folder.name)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return root

    def test_an_include_that_runs_up_the_house_is_seen(self):
        fine = {
            "src/base/arena.h": "#include <stddef.h>\n",
            "src/base/arena.c": '#include "base/arena.h"\n#include "ferrule.h"\n',
            "src/advise/plan.c": '#include "base/arena.h"\n#include "knowledge/embedded.h"\n#include <jansson.h>\n',
        }
        self.assertEqual(includes_against_the_floors(self.tree(fine)), [])
        for name, line in {
            "src/base/arena.c": '#include "advise/plan.h"',
            "src/base/text.h": '  #  include "store/rows.h"',
            "src/course/play.c": '#include "../base/arena.h"',
            "src/course/event.c": '#include "course.h"',
            "src/course/stray.c": '#include "tests/tool.h"',
            "src/lonely.c": "",
            "src/attic/old.c": "",
        }.items():
            wrong = includes_against_the_floors(self.tree(fine | {name: line + "\n"}))
            self.assertEqual(len(wrong), 1, f"{name}: {line}: {wrong}")
            self.assertIn(name, wrong[0])

    def test_an_include_in_angle_brackets_is_held_to_the_floors_too(self):
        root = self.tree({"src/advise/plan.h": "", "src/base/arena.c": "#include <advise/plan.h>\n"})
        self.assertEqual(len(includes_against_the_floors(root)), 1)

    def test_no_include_runs_up_the_house(self):
        self.assertEqual(includes_against_the_floors(SOURCE), [])

    def test_a_public_header_that_looks_inside_is_seen(self):
        inside = {"include/ferrule.h": '#include "base/arena.h"\n', "src/base/arena.h": ""}
        self.assertEqual(len(public_headers_that_look_inside(self.tree(inside))), 1)
        angled = inside | {"include/ferrule.h": "#include <base/arena.h>\n"}
        self.assertEqual(len(public_headers_that_look_inside(self.tree(angled))), 1)

    def test_no_public_header_looks_inside(self):
        self.assertEqual([p.name for p in sources(SOURCE, "include")], ["ferrule.h"])
        self.assertEqual(public_headers_that_look_inside(SOURCE), [])

    def test_file_names_are_unique(self):
        twice = self.tree({"src/base/text.c": "", "src/report/text.c": ""})
        self.assertEqual(names_used_twice(twice), ["src/base/text.c and src/report/text.c"])
        self.assertEqual(names_used_twice(SOURCE), [])

    def test_no_source_speaks_of_unfinished_work_or_of_one_machine(self):
        for line in ("/* TO" "DO: more */", '"/ho' 'me/me/data"', "a place" "holder"):
            self.assertEqual(len(forbidden_words(self.tree({"src/base/a.c": line + "\n"}))), 1, line)
        self.assertEqual(forbidden_words(SOURCE), [])

    def test_the_shared_library_exports_only_the_public_interface(self):
        self.assertEqual(names_outside("fe_plan T 0 1\nhelper T 0 1\nmalloc U\n_init T 0\n", "fe_"), ["helper"])
        self.assertEqual(private_names_exported("fe_plan T 0 1\nfe__alloc T 0 1\n"), ["fe__alloc"])
        exported = listing("nm", "-D", "-P", "--defined-only", str(BUILD / "libferrule.so"))
        self.assertEqual(names_outside(exported, "fe_"), [])
        self.assertEqual(private_names_exported(exported), [])
        self.assertNotEqual(defined_names(exported), [])

    def test_every_name_of_the_static_library_begins_with_the_prefix(self):
        self.assertEqual(names_outside("lib.a[a.o]:\nfe__x T 0 1\nparse T 0 1\n", "fe_"), ["parse"])
        self.assertEqual(names_outside(listing("nm", "-g", "-P", str(BUILD / "libferrule.a")), "fe_"), [])

    def test_the_library_neither_ends_the_process_nor_prints(self):
        self.assertEqual(never_called("a.a[a.o]:\nexit U\nfe__x T 0 1\n__printf_chk U\nvsnprintf U\n"),
                         ["__printf_chk", "exit"])
        if not instrumented():
            self.assertEqual(never_called(listing("nm", "-g", "-P", str(BUILD / "libferrule.a"))), [])

    def test_the_library_has_no_state_of_its_own(self):
        with tempfile.TemporaryDirectory() as folder:
            code = Path(folder) / "a.c"
            code.write_text('int counter; static int started = 1;\nstatic const char *const names[] = {"a", "b"};\n'
                            "const char *name(int i) { return counter++ + started++ ? names[i] : 0; }\n")
            listing(build_setting("CMAKE_C_COMPILER"), "-fPIC", "-c", str(code), "-o", f"{folder}/a.o")
            self.assertEqual(mutable_globals(listing("objdump", "-t", f"{folder}/a.o")), ["counter", "started"])
        if not instrumented():
            self.assertEqual(mutable_globals(listing("objdump", "-t", str(BUILD / "libferrule.a"))), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
