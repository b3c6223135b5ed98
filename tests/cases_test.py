#!/usr/bin/env python3
"""Tests the case runner tests/cases/run with a fake ferrule.

The fake prints what its course file says (`out` as JSON or `raw` as text) and ends as it says
(`exit`, `signal`, after `sleep`), so that each case below carries the answer that it is checked against.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

RUNNER = pathlib.Path(__file__).resolve().parent / "cases" / "run"
HEADER = "id,sources,side_taken,why\n"
FAKE = f"#!{sys.executable} -ISE\n" + '''
import json, os, sys, time
if sys.argv[1] == "unknown":
    sys.stderr.write("ferrule: no such command\\n")
    sys.exit(2)
if sys.argv[1] == "words":  # says what it was called with
    files = {os.path.basename(a): json.load(open(a)) for a in sys.argv[2:] if a.endswith(".json")}
    print(json.dumps({"words": sys.argv[1:], "files": files, "here": os.listdir("."),
                      "home": os.environ["HOME"],
                      "asan": os.environ["ASAN_OPTIONS"], "ubsan": os.environ["UBSAN_OPTIONS"]}))
    sys.exit(0)
say = json.load(open(sys.argv[2]))
sys.stdout.write(say["raw"] if "raw" in say else json.dumps(say.get("out", {})))
sys.stdout.flush()
time.sleep(say.get("sleep", 0))
if "signal" in say:
    os.kill(os.getpid(), say["signal"])
sys.exit(say.get("exit", 0))
'''

ANSWER = {
    "verdict": "planned", "total_mg": 1500, "none": None, "empty": [], "yes": True, "zero": 0, "edge": 1.1,
    "routes": ["iv", "oral"], "a/b": {"~": 1}, "counts": [3, 1, 4],
    "findings": [{"id": "f1", "sources": [{"id": "s1"}, {"id": "s2"}]},
                 {"id": "f2", "sources": [{"id": "s3"}]}],
    "options": [{"product": "x", "day": 7, "ok": True, "mg": [1]}, {"product": "x", "day": 7.0, "mg": [2]},
                {"product": "y", "day": 42, "mg": [3, 4]}],
    "by_name": {"a": {"mg": 1}, "b": {"mg": 2}},
}
# p95/p5 = e^3.29, so s = 1: with n = 4 the width is 1.645 sqrt(1/2) = 1.16319. On the log scale the
# band is 100 exp(-+1.16319), 31.25 to 320.0, of a median, and 51.52 to 527.6 of a mean.
# Linear, s = 1, it is 10 -+ 1.16319.
LOG = {"t_days": [0, 10, 20], "p5": [100 / 2.718281828 ** 1.645] * 3, "p50": [100] * 3,
       "p95": [100 * 2.718281828 ** 1.645] * 3}
LINEAR = {"t_days": [0, 10, 20], "p5": [10 - 1.645] * 3, "p50": [10] * 3, "p95": [10 + 1.645] * 3}
RAMP = {"t_days": [0, 7, 14, 28], "p5": [9, 19, 29, 4], "p50": [10, 20, 30, 5], "p95": [11, 21, 31, 6]}
FORECAST = {
    "series": {"ferritin": LOG, "hemoglobin": LINEAR, "tsat": RAMP, "crp": dict(LINEAR, p5=[0] * 3),
               "phosphate": dict(LINEAR, p5=[1, 2]), "tibc": dict(LINEAR, p50=[1, None, 2]),
               "irls": dict(LINEAR, t_days=[0, 20, 10]), "hepcidin": LOG, "serum-iron": LOG},
    "change": {"ferritin": LINEAR},
}


def seen(**what):
    return [what]


# (at, op, value, tol or None, holds)
CHECKS = [
    # the pointer
    ("/verdict", "equals", "planned", None, True),
    ("/verdict", "equals", "refused", None, False),
    ("/nowhere", "equals", None, None, False),
    ("/none", "equals", None, None, True),
    ("/a~1b/~0", "equals", 1, None, True),
    ("/counts/2", "equals", 4, None, True),
    ("/counts/3", "absent", None, None, True),
    ("/counts/-1", "absent", None, None, True),
    ("/options/product=x/mg", "equals", [2], None, True),       # the last of two
    ("/options/product=x/mg", "equals", [1], None, False),
    ("/options/product=z/mg", "absent", None, None, True),
    ("/options/day=42.0/product", "equals", "y", None, True),   # a number compared as a number
    ("/options/day=7/mg/0", "equals", 2, None, True),
    ("/options/day=seven", "absent", None, None, True),
    ("/options/ok=true/mg/0", "equals", 1, None, True),
    ("/options/*/product", "equals", ["x", "x", "y"], None, True),
    ("/options/*/product", "equals", ["x", "y", "x"], None, False),
    ("/options/*/ok", "equals", [True], None, True),            # what does not exist selects nothing
    ("/findings/*/sources/*/id", "equals", ["s1", "s2", "s3"], None, True),
    ("/by_name/*/mg", "equals", [1, 2], None, True),
    ("/verdict/*", "absent", None, None, True),
    ("verdict", "equals", "planned", None, False),
    # equals
    ("/total_mg", "equals", 1500.001, None, True),
    ("/total_mg", "equals", 1500.01, None, False),
    ("/total_mg", "equals", 1500.01, 0.01, True),
    ("/total_mg", "equals", 1500.01, 0.009, False),
    ("/total_mg", "equals", "1500", None, False),
    ("/yes", "equals", True, None, True),
    ("/yes", "equals", 1, None, False),
    ("/zero", "equals", False, None, False),
    ("/empty", "equals", [], None, True),
    ("/options/*/none", "equals", [], None, True),
    ("/by_name", "equals", {"a": {"mg": 1}, "b": {"mg": 2.0}}, None, True),
    ("/by_name", "equals", {"a": {"mg": 1}}, None, False),
    ("/counts", "equals", [3, 1], None, False),
    # near, between
    ("/total_mg", "near", 1500.1, 0.1, True),
    ("/total_mg", "near", 1500.2, 0.1, False),
    ("/edge", "near", 1.0, 0.1, True),                          # 1.1 - 1.0 is above 0.1 in binary
    ("/nowhere", "near", 0, 5, False),
    ("/verdict", "near", 0, 5, False),
    ("/none", "near", 0, 5, False),
    ("/total_mg", "near", 1500, None, False),                   # without tol it cannot be made
    ("/total_mg", "between", [1500, 1500], None, True),
    ("/total_mg", "between", [None, 1499], None, False),
    ("/total_mg", "between", [1501, None], None, False),
    ("/total_mg", "between", [None, None], None, True),
    ("/options/*/day", "between", [7, 42], None, True),
    ("/options/*/day", "between", [7, 41], None, False),
    ("/nowhere", "between", [None, None], None, False),
    ("/none", "between", [None, None], None, False),
    # contains, lacks
    ("/routes", "contains", ["oral"], None, True),
    ("/routes", "contains", ["oral", "im"], None, False),
    ("/routes/*", "contains", ["oral", "iv"], None, True),
    ("/options/*/mg", "contains", [4, 1], None, True),
    ("/nowhere", "contains", ["iv"], None, False),
    ("/verdict", "contains", "plan", None, False),              # value must be a list
    ("/routes", "lacks", ["im"], None, True),
    ("/routes", "lacks", ["im", "iv"], None, False),
    ("/findings/*/id", "lacks", ["f2"], None, False),
    ("/nowhere", "lacks", ["iv"], None, True),
    # one_of, exists, absent
    ("/verdict", "one_of", ["refused", "planned"], None, True),
    ("/verdict", "one_of", ["refused"], None, False),
    ("/nowhere", "one_of", [None], None, False),
    ("/options/*/product", "one_of", [["y"], ["x", "x", "y"]], None, True),
    ("/options/*/product", "one_of", ["x", "y"], None, False),
    ("/zero", "exists", None, None, True),
    ("/none", "exists", None, None, False),
    ("/empty", "exists", None, None, False),
    ("/nowhere", "exists", None, None, False),
    ("/options/*/ok", "exists", None, None, True),
    ("/none", "absent", None, None, True),
    ("/empty", "absent", None, None, True),
    ("/zero", "absent", None, None, False),
    ("/verdict", "resembles", "planned", None, False),          # no such operator
    # covers
    ("/series/ferritin", "covers", seen(day=5, median=31.3, n=4), None, True),
    ("/series/ferritin", "covers", seen(day=5, median=31.2, n=4), None, False),
    ("/series/ferritin", "covers", seen(day=5, median=319, n=4), None, True),
    ("/series/ferritin", "covers", seen(day=5, median=321, n=4), None, False),
    ("/series/ferritin", "covers", seen(day=5, mean=51.6, n=4), None, True),
    ("/series/ferritin", "covers", seen(day=5, mean=51.4, n=4), None, False),
    ("/series/ferritin", "covers", seen(day=5, mean=527, n=4), None, True),
    ("/series/ferritin", "covers", seen(day=5, mean=528, n=4), None, False),
    ("/series/hepcidin", "covers", seen(day=5, mean=527, n=4), None, True),
    ("/series/serum-iron", "covers", seen(day=5, mean=527, n=4), None, True),
    ("/change/ferritin", "covers", seen(day=5, mean=11.16, n=4), None, True),   # never log
    ("/change/ferritin", "covers", seen(day=5, mean=11.17, n=4), None, False),
    ("/series/hemoglobin", "covers", seen(day=20, mean=8.84, n=4), None, True),
    ("/series/hemoglobin", "covers", seen(day=20, mean=8.83, n=4), None, False),
    ("/series/hemoglobin", "covers", seen(day=20, mean=10.875), None, True),    # n = 30: 0.87552
    ("/series/hemoglobin", "covers", seen(day=20, mean=10.876), None, False),
    ("/series/hemoglobin", "covers", seen(day=5, mean=10, sd=0.823), None, True),
    ("/series/hemoglobin", "covers", seen(day=5, mean=10, sd=0.822), None, False),
    ("/series/hemoglobin", "covers", seen(day=20.1, mean=10), None, False),     # not forecast
    ("/series/hemoglobin", "covers", seen(day=-1, mean=10), None, False),
    ("/series/hemoglobin", "covers", [{"day": 5, "mean": 10}, {"day": 6, "mean": 12}], None, False),
    ("/series/hemoglobin", "covers", seen(day=5), None, False),
    ("/series/tsat", "covers", seen(day=3.5, mean=15), None, True),             # between two points
    ("/series/tsat", "covers", seen(day=3.5, mean=16), None, False),
    ("/series/tsat", "covers", seen(days=[2, 9], mean=16), None, True),         # on day 4.2
    ("/series/tsat", "covers", seen(days=[2, 3], mean=16), None, False),
    ("/series/tsat", "covers", seen(days=[27, 40], mean=5), None, True),
    ("/series/tsat", "covers", seen(days=[40, 50], mean=5), None, False),
    ("/series/tsat", "covers", seen(day=7, p50_below=20.1), None, True),
    ("/series/tsat", "covers", seen(day=7, p50_below=20), None, False),
    ("/series/tsat", "covers", seen(day=7, p50_above=19.9), None, True),
    ("/series/tsat", "covers", seen(day=7, p50_above=20), None, False),
    ("/series/crp", "covers", seen(day=5, mean=10), None, False),               # p5 of 0 has no log
    ("/series/phosphate", "covers", seen(day=5, p50_above=1), None, False),     # not of one length
    ("/series/tibc", "covers", seen(day=5, p50_above=0), None, False),          # a null among the numbers
    ("/series/irls", "covers", seen(day=5, p50_above=0), None, False),          # days out of order
    ("/series/nothing", "covers", seen(day=5, mean=10), None, False),
    # slope, peaks
    ("/series/tsat", "slope", {"from_day": 0, "to_day": 14, "per_week": [9.99, 10.01]}, None, True),
    ("/series/tsat", "slope", {"from_day": 0, "to_day": 14, "per_week": [10.01, None]}, None, False),
    # days 7, 14, 28 and 20, 30, 5: Sty/Stt = -198.333/228.667 a day, -42.5/7 a week
    ("/series/tsat", "slope", {"from_day": 7, "to_day": 28, "per_week": [-6.0715, -6.0714]}, None, True),
    ("/series/tsat", "slope", {"from_day": 8, "to_day": 15, "per_week": [None, None]}, None, False),
    ("/series/nothing", "slope", {"from_day": 0, "to_day": 14, "per_week": [None, None]}, None, False),
    ("/series/tsat", "peaks", [14, 14], None, True),
    ("/series/tsat", "peaks", [15, 28], None, False),
    ("/series/tsat", "peaks", [None, 13], None, False),
]


def a_check(at, op, value=None, tol=None):
    check = {"at": at, "op": op}
    if op not in ("exists", "absent"):
        check["value"] = value
    if tol is not None:
        check["tol"] = tol
    return check


def a_part(course, *checks, command="assess"):
    return {"run": [command, "{course}", "--json"], "course": course, "assert": list(checks)}


def a_case(name, course, *checks, kind="A", command="assess"):
    return {"id": name, "kind": kind, **a_part(course, *checks, command=command)}


EXIT0 = a_check("", "exit", [0])
PASSES = {"out": {}}
FAILS = {"out": {}, "exit": 1}


class Runner(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="cases-test-")
        self.addCleanup(holder.cleanup)
        self.root = pathlib.Path(holder.name)
        self.folder = self.root / "cases"
        self.folder.mkdir()
        self.fake = self.root / "ferrule"
        self.fake.write_text(FAKE)
        self.fake.chmod(0o755)
        self.argued = self.root / "argued.csv"
        self.argued.write_text(HEADER)

    def run_cases(self, cases, *options, file="A.json"):
        if cases is not None:
            (self.folder / file).write_text(json.dumps(cases))
        done = subprocess.run(
            [sys.executable, RUNNER, self.folder, "--ferrule", self.fake, "--argued", self.argued, *options],
            capture_output=True, text=True, timeout=120)
        self.out, self.err, self.status = done.stdout, done.stderr, done.returncode
        self.lines = self.out.splitlines()
        return self

    def closes(self, passed, failed, status):
        self.assertEqual((self.lines or [""])[-1], f"{passed} passed, {failed} failed", self.out + self.err)
        self.assertEqual(self.status, status, self.out)

    def says(self, pattern):
        self.assertRegex(self.out, re.compile(pattern, re.M))

    # --- checks

    def test_each_check_holds_or_fails_as_the_format_says(self):
        cases = []
        for i, (at, op, value, tol, _) in enumerate(CHECKS):
            out = FORECAST if re.match("/(series|change)", at) else ANSWER
            cases.append(a_case(f"T{i}", {"out": out}, a_check(at, op, value, tol)))
        self.run_cases(cases)
        failed = {line.split()[0] for line in self.lines[:-1]}
        for i, row in enumerate(CHECKS):
            with self.subTest(check=row):
                self.assertEqual(f"T{i}" not in failed, row[-1])
        self.says(r"^T\d+ /series/crp covers: .* p5 0, p95 11\.645 on a log scale$")
        holding = sum(row[-1] for row in CHECKS)
        self.closes(holding, len(CHECKS) - holding, 1)

    def test_each_operator_is_tested_both_ways(self):
        for op in {row[1] for row in CHECKS} - {"resembles"}:
            self.assertEqual({row[-1] for row in CHECKS if row[1] == op}, {True, False}, op)

    def test_a_failure_says_case_pointer_operator_expected_and_found(self):
        self.run_cases([a_case("X1", {"out": ANSWER}, a_check("/total_mg", "near", 1000, 5),
                               a_check("/verdict", "equals", "planned"), a_check("/nowhere", "exists"),
                               a_check("/routes", "contains", ["im"]), a_check("/routes", "lacks", ["iv"]))])
        self.assertEqual(self.lines[:-1], [
            "X1 /total_mg near: expected 1000 within 5, found 1500",
            "X1 /nowhere exists: found nothing",
            'X1 /routes contains: expected ["im"], found no ["im"] in ["iv", "oral"]',
            'X1 /routes lacks: expected ["iv"], found ["iv"]'])
        self.closes(0, 1, 1)

    def test_a_long_value_is_cut(self):
        self.run_cases([a_case("X1", {"out": {"long": "y" * 5000}}, a_check("/long", "equals", "n"))])
        self.says(r"^X1 /long equals: .*y \.\.\.$")
        self.assertLess(len(self.out), 400)

    # --- runs

    def test_exit_status(self):
        rows = [(0, None, True), (1, None, True), (2, None, False), (3, None, False), (4, None, False),
                (0, [0], True), (1, [0], False), (1, [1], True), (1, [0, 1], True), (3, [3], True),
                (2, [0, 1], False), (99, None, False)]
        cases = []
        for i, (status, want, _) in enumerate(rows):
            checks = [a_check("/ok", "equals", 1)] + ([a_check("", "exit", want)] if want else [])
            cases.append(a_case(f"T{i}", {"out": {"ok": 1}, "exit": status}, *checks))
        self.run_cases(cases)
        failed = {line.split()[0] for line in self.lines[:-1]}
        self.assertEqual(failed, {f"T{i}" for i, row in enumerate(rows) if not row[-1]})
        self.says(r"^T2 exit: expected \[0, 1\], found 2$")
        self.closes(6, 6, 1)

    def test_a_crash_fails(self):
        self.run_cases([a_case("X1", {"out": {}, "signal": 9}, a_check("", "exit", [0, 1]))])
        self.says(r"^X1 exit: expected \[0, 1\], found a crash \(signal 9, Killed\)$")
        self.closes(0, 1, 1)
        self.run_cases([a_case("X1", {"out": {}, "exit": 99}, a_check("/x", "absent"))])
        self.says(r"^X1 exit: .* found a crash \(exit 99\)$")
        self.closes(0, 1, 1)

    def test_an_answer_that_is_not_json_fails(self):
        raws = ("", "planned", "{} {}", '{"a": NaN}', "[" * 100000, "\ufeff{}")
        self.run_cases([a_case(f"T{i}{name}", {"raw": raw}, check) for i, raw in enumerate(raws)
                        for name, check in (("a", EXIT0), ("b", a_check("/x", "absent")))])
        self.closes(0, 12, 1)
        for line in self.lines[:-1]:
            self.assertRegex(line, r"^T\d[ab] stdout: expected JSON, found ")

    def test_a_number_without_bound_is_no_number(self):
        self.run_cases([a_case("X1", {"raw": '{"x": 1e999}'}, a_check("/x", "between", [0, None]))]).closes(0, 1, 1)

    def test_a_check_of_an_answer_that_is_not_json_fails_without_json_asked_for(self):
        for raw, holds in (("text", 0), ("{}", 1)):
            case = a_case("X1", {"raw": raw}, a_check("/x", "absent"))
            case["run"].remove("--json")
            self.run_cases([case]).closes(holds, 1 - holds, 1 - holds)

    def test_a_usage_error_may_be_plain_text_where_it_is_expected(self):
        self.run_cases([a_case("X1", {"raw": "usage", "exit": 2}, a_check("", "exit", [2]))]).closes(1, 0, 0)

    def test_an_unknown_command_fails_with_what_the_binary_said(self):
        self.run_cases([a_case("X1", PASSES, a_check("/x", "absent"), command="unknown")])
        self.says(r"^X1 exit: expected \[0, 1\], found 2: ferrule: no such command$")
        self.closes(0, 1, 1)

    def test_a_run_that_does_not_end_fails(self):
        self.run_cases([a_case("X1", {"out": {}, "sleep": 30}, EXIT0)], "--timeout", "0.5")
        self.says(r"^X1 run: .* none within 0\.5 s$")
        self.closes(0, 1, 1)

    def test_files_are_written_and_the_run_has_a_home_of_its_own(self):
        run = ["words", "{order}", "{course}", "{events}", "--json", "a{course}"]
        case = {"id": "X1", "kind": "A", "run": run, "order": {"o": 1}, "course": {"c": "é"}, "events": {"e": [2]},
                "assert": [a_check("/files", "equals", {"order.json": {"o": 1}, "course.json": {"c": "é"},
                                                        "events.json": {"e": [2]}}),
                           a_check("/words/4", "equals", "--json"), a_check("/words/5", "equals", "a{course}"),
                           a_check("/here", "contains", ["course.json"]),
                           a_check("/home", "one_of", [os.environ.get("HOME", "/")])]}
        self.run_cases([case])
        self.assertEqual([line.split(":")[0] for line in self.lines], ["X1 /home one_of", "0 passed, 1 failed"])

    def test_a_report_of_a_sanitizer_is_a_crash(self):
        self.run_cases([{"id": "X1", "kind": "A", "run": ["words"], "assert": [
            a_check("/asan", "equals", "shown"), a_check("/ubsan", "equals", "shown")]}])
        self.assertEqual(len(self.lines), 3, self.out)
        self.assertRegex(self.lines[0], r'found "(.*:)?exitcode=99"$')
        self.assertRegex(self.lines[1], r'found "(.*:)?halt_on_error=1:exitcode=99"$')

    def test_a_case_that_cannot_be_run_fails(self):
        broken = [{"id": "X1", "kind": "A", "run": ["assess", "{course}"], "assert": [EXIT0]},
                  {"id": "X2", "kind": "A", "run": ["assess"], "assert": []}, {"id": "X3", "kind": "A", "assert": [EXIT0]}]
        self.run_cases(broken).closes(0, 3, 1)

    # --- counts

    def test_a_case_passes_when_all_parts_do_and_counts_once(self):
        good, bad = a_part(PASSES, EXIT0), dict(a_part(FAILS, EXIT0), what="the second")
        self.run_cases([{"id": "X1", "kind": "A", "parts": [good, bad, bad]},
                        {"id": "X2", "kind": "A", "parts": [good, good]}])
        self.says(r"^X1 part 2 \(the second\) exit: expected \[0\], found 1$")
        self.says(r"^X1 part 3 ")
        self.assertNotIn("part 1", self.out)
        self.closes(1, 1, 1)

    def test_every_file_but_unrunnable_is_read(self):
        (self.folder / "B.json").write_text(json.dumps([a_case("B1", PASSES, EXIT0), a_case("B2", FAILS, EXIT0)]))
        (self.folder / "unrunnable.json").write_text(json.dumps([{"id": "C1", "kind": "C", "reason": "none"}]))
        (self.folder / "notes.txt").write_text("no JSON")
        self.run_cases([a_case("A1", PASSES, EXIT0)]).closes(2, 1, 1)

    def test_all_passing_is_exit_0_and_prints_the_count_alone(self):
        self.run_cases([a_case("A1", PASSES, EXIT0), a_case("A2", PASSES, EXIT0)], "--jobs", "1").closes(2, 0, 0)
        self.assertEqual(self.out, "2 passed, 0 failed\n")

    def test_verbose_names_what_passed_and_the_source_of_what_failed(self):
        self.run_cases([a_case("A1", PASSES, EXIT0), dict(a_case("A2", FAILS, EXIT0), source="A label")], "-v")
        self.says(r"^A1 passed$")
        self.says(r"^A2 source: A label$")
        self.closes(1, 1, 1)

    def test_selection_leaves_out_and_says_how_many_and_why(self):
        two = {"id": "A3", "kind": "A", "parts": [a_part(PASSES, EXIT0), a_part(PASSES, EXIT0, command="infuse")]}
        cases = [a_case("A1", PASSES, EXIT0), a_case("A2", PASSES, EXIT0, command="plan"), two,
                 a_case("B1", FAILS, EXIT0, kind="B"), a_case("B2", PASSES, EXIT0, kind="B")]
        self.run_cases(cases, "--kinds", "A,C", "--commands", "assess").closes(1, 0, 0)
        self.assertEqual(self.lines[-2], "left out: 4 of 5 cases (command infuse: 1, command plan: 1, kind B: 2)")
        self.run_cases(cases, "--commands", "assess,plan,infuse").closes(4, 1, 1)
        self.assertNotIn("left out", self.out)
        self.run_cases(cases, "--id", "B1", "--id", "A1,A2").closes(2, 1, 1)
        self.says(r"^left out: 2 of 5 cases \(not asked for by id: 2\)$")

    def test_a_run_of_nothing_is_no_success(self):
        self.run_cases([a_case("A1", PASSES, EXIT0)], "--kinds", "Z").closes(0, 0, 1)
        self.says("^no case was run$")

    def test_what_cannot_be_read_is_exit_2(self):
        self.assertEqual(self.run_cases(None).status, 2)                                          # empty folder
        self.assertEqual(self.run_cases([a_case("A1", PASSES, EXIT0)] * 2).status, 2)             # id twice
        self.assertEqual(self.run_cases([a_case("A1", PASSES, EXIT0)], "--ferrule", "/nowhere").status, 2)
        (self.folder / "A.json").write_text("[{]")
        self.assertEqual(self.run_cases(None).status, 2)

    # --- argued

    def argue(self, *ids):
        self.argued.write_text(HEADER + "".join(f"{i},G-001 G-002,the label,the trial reads otherwise\n" for i in ids))

    def many(self, *failing):
        return [a_case(f"A{i}", FAILS if i in failing else PASSES, EXIT0) for i in range(20)]

    def test_an_argued_case_counts_as_failed_but_does_not_turn_the_status(self):
        self.argue("A7")
        self.run_cases(self.many(7)).closes(19, 1, 0)
        self.says(r"^A7 exit: .* \[argued\]$")
        self.says(r"^A7 argued: the label; the trial reads otherwise$")
        self.run_cases(self.many(7, 8)).closes(18, 2, 1)
        self.says(r"^A8 exit: .* found 1$")

    def test_an_argued_case_that_passes_is_said(self):
        self.argue("A7")
        self.run_cases(self.many()).closes(20, 0, 0)
        self.says(r"^A7 argued, yet it passes: ")

    def test_more_than_5_percent_of_the_folder_argued_fails(self):
        self.argue("A7", "A8")
        self.run_cases(self.many(7, 8)).closes(18, 2, 1)
        self.says(r"^too many argued: 10\.0% ")
        self.run_cases(self.many(), "--id", "A1").closes(1, 0, 1)  # of the folder, not of the selection
        self.argue("A7", "Z1", "Z2")                               # ids of another folder do not count
        self.run_cases(self.many(7), "--id", "A7").closes(0, 1, 0)

    def test_a_faulty_argued_file_is_exit_2(self):
        for text in ("", "id,why\n", HEADER + "A1,s,side\n", HEADER + "A1,s,side,\n", HEADER + "A1,s,side,why,more\n",
                     HEADER + "A1,s,side,why\nA1,s,side,why\n"):
            with self.subTest(text=text):
                self.argued.write_text(text)
                self.assertEqual(self.run_cases([a_case("A1", PASSES, EXIT0)]).status, 2)

    def test_the_argued_file_of_the_repository_is_read(self):
        (self.folder / "A.json").write_text(json.dumps([a_case("A1", PASSES, EXIT0)]))
        done = subprocess.run([RUNNER, self.folder], env=dict(os.environ, FERRULE=str(self.fake)),
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "1 passed, 0 failed\n", ""))


if __name__ == "__main__":
    unittest.main()
