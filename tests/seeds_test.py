"""Each seed statement shows in its places: one course that makes it show, and one a single value away where it does not.

seeds/pairs.json holds the pairs. A pair starts from a course (and an order) of seeds/bases.json:
    run     the words after ferrule; {course}, {order} and {events} stand for files
    base, order, events   names in bases.json
    course  JSON pointer -> value put into the base; "-" at the end appends; "order:" before it means the order, "events:" the record of an
            infusion;
            "drop": pointers taken out of it
    change  pointer -> value of the near miss; or "remove": the pointer that it lacks; or "run_change": option -> value
            (null leaves the option out), or word -> word
    shows   what stands in the first answer and not in the second: seed (one id or several), place, and for a field assert (a pointer;
            * is any element, *[key=value] those with that value) with id (equal), contains (part of a text), above or below (a number)

Places are question/name: a finding, check or sheet line of findings.csv, or a field of FIELDS (answers.md, section 7).
seeds/uncovered.csv lists those without a pair. `python3 tests/seeds_test.py --uncovered` prints that list.
"""
import concurrent.futures
import copy
import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("FERRULE_SOURCE", pathlib.Path(__file__).resolve().parent.parent))
FERRULE = os.environ.get("FERRULE", str(SOURCE / "build" / "ferrule"))
FOLDER = SOURCE / "tests" / "seeds"
AT = "2026-03-02T12:00+01:00"

# What issue 2 asks: these topics show wherever these questions have a place for them.
QUESTIONS = ("assess", "plan", "prepare", "check", "deficit", "infuse")
TOPICS = ("indication", "ibd", "ckd", "hf", "preop", "pregnancy", "dose", "product_choice", "pre_infusion", "infusion", "observation", "reaction",
          "followup_labs")
# Here the finding's sources are the two sides of whichever contradiction it names.
THE_SIDES_ARE_ITS_SOURCES = ("prepare/sources-differ", "check/sources-differ", "deficit/sources-differ", "forecast/sources-differ",
                          "infuse/sources-differ")
# Who builds a place, by its question.
BUILT_BY = {"infuse": "The infusion"}
# Who asks for the other topics of the questions above.
TOPIC_ASKED_BY = {"interpretation": "This patient", "overload": "This patient", "rls": "This patient", "reaction": "The infusion"}


def seeds_of(text):
    """'S000-01..S000-03 S002-27' as ids."""
    ids = []
    for word in text.split():
        first, _, last = word.partition("..")
        numbers = range(int(first[5:]), int((last or first)[5:]) + 1)
        ids += [f"{first[:5]}{n:02d}" for n in numbers]
    return ids


# Section 7 of answers.md: the seeds that also show in a field, and the field.
FIELDS = [
    ("S000-01..S000-12 S002-27", "assess/indications assess/routes assess/verdict"),
    ("S000-13", "assess/indications"),
    ("S000-14", "assess/causes"),
    ("S000-15", "plan/visits"),
    ("S000-16", "plan/deficit_mg plan/methods"),
    ("S000-17", "plan/infusions.dose_mg"),
    ("S000-18 S000-27 S001-18 S001-19", "forecast/goals forecast/series.fatigue forecast/expectations"),
    ("S000-19..S000-22", "assess/checklist"),
    ("S000-23 S000-24", "plan/setup infuse/checklist"),
    ("S000-25 S002-05 S002-07 S002-08 S003-13 S003-17", "plan/infusions.minutes plan/infusions.ml_per_h plan/chances.fishbane"),
    ("S000-26 S002-26", "plan/observe_minutes infuse/observation infuse/leave"),
    ("S000-29..S000-39 S002-01 S002-04 S002-17..S002-24", "infuse/grade infuse/advice plan/patient_sheet"),
    ("S000-40 S002-16", "plan/patient_sheet"),
    ("S001-01..S001-05 S001-09..S001-13", "interpret/labs.reading interpret/findings"),
    ("S001-12", "interpret/derived.tsat_pct"),
    ("S001-06..S001-08", "forecast/windows interpret/retest plan/calendar"),
    ("S001-14..S001-17", "plan/calendar interpret/labs.reading"),
    ("S001-14..S001-16", "forecast/series.hemoglobin"),
    ("S001-17", "forecast/series.tsat"),
    ("S002-06 S003-18 S003-19", "plan/options.why plan/chances"),
    ("S002-09..S002-14", "infuse/advice infuse/resume"),
    ("S002-15", "plan/premedication"),
    ("S003-01..S003-04 S003-08", "forecast/series.irls forecast/series.irls-drug forecast/expectations"),
    ("S003-05..S003-07 S003-24", "forecast/chances.rls-response"),
    ("S003-09..S003-12 S003-22", "assess/indications assess/missing"),
    ("S003-14..S003-16", "plan/test_dose_mg plan/test_wait_minutes"),
    ("S003-20 S003-21 S003-23", "interpret/findings interpret/retest plan/calendar"),
]


# ---- the pairs ------------------------------------------------------------------------------------------------------------


def put(documents, pointer, value, remove=False):
    which, _, pointer = pointer.rpartition(":")
    document = documents[which or "course"]
    *path, last = pointer.split("/")[1:]
    for step in path:
        document = document[int(step)] if isinstance(document, list) else document[step]
    if remove:
        del document[int(last) if isinstance(document, list) else last]
    elif isinstance(document, list) and last == "-":
        document.append(value)
    else:
        document[int(last) if isinstance(document, list) else last] = value


def options_of(words):
    """The plain words, and each option with its value."""
    plain, options, words = [], {}, list(words)
    while words:
        word = words.pop(0)
        if word.startswith("--"):
            options.setdefault(word, []).append(words.pop(0) if words and not words[0].startswith("--") else None)
        else:
            plain.append(word)
    return {"words": plain, "options": options}


def words_of(options):
    return options["words"] + [w for name, values in options["options"].items() for v in values for w in (name, v) if w is not None]


def build(pair, bases, near):
    """The course, the order and the words of the trigger, or of the near miss."""
    inputs = {"course": copy.deepcopy(bases["courses"][pair["base"]]) if "base" in pair else None,
              "order": copy.deepcopy(bases["orders"][pair["order"]]) if "order" in pair else None,
              "events": copy.deepcopy(bases["events"][pair["events"]]) if "events" in pair else None}
    run = options_of(pair["run"])
    for pointer in pair.get("drop", []):
        put(inputs, pointer, None, remove=True)
    for pointer, value in pair.get("course", {}).items():
        put(inputs, pointer, copy.deepcopy(value))
    if near:
        for pointer, value in pair.get("change", {}).items():
            put(inputs, pointer, copy.deepcopy(value))
        if "remove" in pair:
            put(inputs, pair["remove"], None, remove=True)
        for name, value in pair.get("run_change", {}).items():
            if not name.startswith("--"):
                run["words"][run["words"].index(name)] = value
            elif value is None:
                del run["options"][name]
            else:
                run["options"][name] = [value]
    return {**inputs, "run": run}


def differences(a, b):
    """How many values or fields differ. A field or list entry that only one of them has counts once."""
    if isinstance(a, dict) and isinstance(b, dict):
        return sum(differences(a[k], b[k]) if k in a and k in b else 1 for k in a.keys() | b.keys())
    if isinstance(a, list) and isinstance(b, list):
        if len(a) == len(b):
            return sum(differences(x, y) for x, y in zip(a, b))
        short, long = sorted((a, b), key=len)
        if not short:
            return len(long)
        return 1 + min(differences(short, long[:i] + long[i + 1:]) for i in range(len(long)))
    return 0 if type(a) is type(b) and a == b else 1


def ask(inputs):
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for key in ("course", "order", "events"):
            if inputs[key] is not None:
                names[key] = os.path.join(folder, key + ".json")
                pathlib.Path(names[key]).write_text(json.dumps(inputs[key]))
        line = [FERRULE] + [names[w[1:-1]] if w in ("{course}", "{order}", "{events}") else w for w in words_of(inputs["run"])]
        line += ["--draws", "0"] if line[1] == "plan" and "--draws" not in line else []
        line += [] if "--at" in line else ["--at", AT]
        done = subprocess.run(line + ["--json"], capture_output=True, text=True, timeout=60)
    if done.returncode not in (0, 1):
        raise AssertionError(f"exit {done.returncode}: {' '.join(line[1:])}\n{done.stdout[:600]}{done.stderr[:600]}")
    return json.loads(done.stdout)


def select(answer, pointer):
    found = [answer]
    for step in pointer.split("/")[1:]:
        following = []
        for at in found:
            if step.startswith("*"):
                entries = at if isinstance(at, list) else []
                for test in step[1:].strip("[]").split("][") if step != "*" else []:
                    key, _, value = test.partition("=")
                    entries = [e for e in entries if e.get(key) == (json.loads(value) if value in ("true", "false") else value)]
                following += entries
            elif isinstance(at, dict) and step in at:
                following.append(at[step])
            elif isinstance(at, list) and step.isdigit() and int(step) < len(at):
                following.append(at[int(step)])
        found = following
    return found


def shown(answer, show, kinds):
    """Whether the answer shows it, and if it is a finding, the ids of its sources."""
    question, name = show["place"].split("/")
    if "above" in show or "below" in show:
        bounds = show.get("above", float("-inf")), show.get("below", float("inf"))
        return any(v is not None and bounds[0] < v < bounds[1] for v in select(answer, show["assert"])), None
    if "contains" in show:
        return any(show["contains"] in text for text in select(answer, show["assert"])), None
    if "assert" in show:
        return show["id"] in select(answer, show["assert"]), None
    kind = kinds[name]
    if question == "infuse" and kind in ("advice", "check"):
        rows = select(answer, "/advice/*" if kind == "advice" else "/checklist/*[answer=open]")
        rows = [r for r in rows if r["id"] == name]
        return bool(rows), [s["id"] for r in rows for s in r["sources"]]
    if kind == "check":
        places = ("/checklist/*",) if question == "assess" else ("/setup/*", "/options/0/infusions/*/checks/*",
                                                                 "/options/0/infusions/*/vitals/*")
        return any(name in select(answer, p) for p in places), None
    if kind == "sheet":
        return name in select(answer, "/patient_sheet/*/id"), None
    if kind == "expect" and question == "forecast":
        rows = [e for e in answer.get("expectations", ()) if e["id"] == name]
        return bool(rows), [rule for e in rows for rule in e["rules"]]
    rows = [f for f in answer["findings"] if f["id"] == name]
    return bool(rows), [s["id"] for f in rows for s in f["sources"]]


# ---- what is to be covered ------------------------------------------------------------------------------------------------


def table(name):
    with open(SOURCE / "data" / name, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


TOPIC = {row["id"]: row["topic"] for row in table("guidance.csv") if row["id"].startswith("S0")}
KINDS = {row["id"]: row["kind"] for row in table("findings.csv")}


def places():
    """Every (seed, place)."""
    found = set()
    for row in table("findings.csv"):
        for seed in filter(None, row["seed"].split(";")):
            found |= {(seed, f"{question}/{row['id']}") for question in row["question"].split(";")}
    for seeds, fields in FIELDS:
        found |= {(seed, field) for seed in seeds_of(seeds) for field in fields.split()}
    return found


def asked_now(seed, place):
    question = place.split("/")[0]
    return question in ("forecast", "interpret") or place.startswith("plan/chances") or (TOPIC[seed] in TOPICS and question in QUESTIONS)


def issue_of(seed, place):
    question = place.split("/")[0]
    return BUILT_BY.get(question) or TOPIC_ASKED_BY.get(TOPIC[seed], "The main job")


def seeds_in(show):
    return [show["seed"]] if isinstance(show["seed"], str) else show["seed"]


PAIRS = json.loads((FOLDER / "pairs.json").read_text())
BASES = json.loads((FOLDER / "bases.json").read_text())


def covered():
    return {(seed, show["place"]) for pair in PAIRS for show in pair["shows"] for seed in seeds_in(show)}


def uncovered_csv():
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["seed", "place", "issue"])
    for seed, place in sorted(places() - covered()):
        writer.writerow([seed, place, issue_of(seed, place)])
    return out.getvalue()


# ---- the tests ------------------------------------------------------------------------------------------------------------


def answers(pair):
    try:
        return [ask(build(pair, BASES, near)) for near in (False, True)]
    except (AssertionError, LookupError, ValueError) as wrong:
        return wrong


class Pairs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            cls.answers = list(pool.map(answers, PAIRS))

    def each(self, check):
        for number, pair in enumerate(PAIRS):
            for show in pair["shows"]:
                with self.subTest(pair=number, seed=show["seed"], place=show["place"]):
                    if isinstance(self.answers[number], Exception):
                        self.fail(str(self.answers[number]))
                    check(show, *self.answers[number])

    def test_one_value_lies_between_the_two(self):
        for number, pair in enumerate(PAIRS):
            with self.subTest(pair=number, places=[s["place"] for s in pair["shows"]]):
                self.assertEqual(differences(build(pair, BASES, False), build(pair, BASES, True)), 1)

    def test_the_trigger_shows_it(self):
        self.each(lambda show, there, gone: self.assertTrue(shown(there, show, KINDS)[0]))

    def test_the_near_miss_does_not(self):
        self.each(lambda show, there, gone: self.assertFalse(shown(gone, show, KINDS)[0]))

    def test_a_finding_rests_on_the_seed(self):
        def check(show, there, _):
            sources = shown(there, show, KINDS)[1]
            if sources is not None and show["place"] not in THE_SIDES_ARE_ITS_SOURCES:
                self.assertLessEqual(set(seeds_in(show)), set(sources))
        self.each(check)

    def test_a_field_is_the_field_of_its_place(self):
        for pair in PAIRS:
            for show in pair["shows"]:
                question, name = show["place"].split("/")
                self.assertEqual(pair["run"][0], question, show)
                self.assertEqual(len({"id", "contains", "above", "below"} & show.keys()), int("assert" in show), show)
                self.assertNotEqual("assert" in show, name in KINDS, show)
                if "assert" in show:
                    steps = [step.split("[")[0].split("_options")[0] for step in show["assert"].split("/")]
                    self.assertIn(name.split(".")[-1], steps, show)


class Cover(unittest.TestCase):
    def test_every_seed_has_a_place(self):
        self.assertEqual(len(TOPIC), 110)
        self.assertEqual({seed for seed, _ in places()}, set(TOPIC))

    def test_pairs_name_places_that_are(self):
        self.assertEqual(sorted(covered() - places()), [])

    def test_what_is_asked_now_is_covered(self):
        self.assertEqual(sorted(p for p in places() - covered() if asked_now(*p)), [])

    def test_uncovered_is_the_list(self):
        self.assertEqual((FOLDER / "uncovered.csv").read_text(), uncovered_csv())


class Self(unittest.TestCase):
    """The tests above see what they should see."""

    def test_differences_are_counted(self):
        for a, b, n in (({"a": 1}, {"a": 1}, 0), ({"a": 1}, {"a": 2}, 1), ({"a": 1}, {}, 1), ({"a": 1}, {"b": 1}, 2), ([1, 2], [2], 1),
                        ([1, 2], [3], 2), ({"a": None}, {"a": {"b": 1, "c": 2}}, 1), ({"a": {"b": 1, "c": 2}}, {"a": {"b": 2, "c": 3}}, 2),
                        (1, True, 1), (["x"], [], 1), (["x", "y"], [], 2)):
            self.assertEqual(differences(a, b), n, (a, b))

    def test_selections(self):
        answer = {"list": [{"id": "a", "holds": True, "n": [1, 2]}, {"id": "b", "holds": False, "n": [3]}], "v": None}
        for pointer, found in (("/list/*/id", ["a", "b"]), ("/list/*[holds=true]/id", ["a"]), ("/list/*[id=b][holds=false]/n/*", [3]),
                               ("/list/1/n/0", [3]), ("/v", [None]), ("/nothing/*", []), ("/list/7", [])):
            self.assertEqual(select(answer, pointer), found, pointer)


if __name__ == "__main__":
    if sys.argv[1:] == ["--uncovered"]:
        sys.stdout.write(uncovered_csv())
    else:
        unittest.main()
