"""`ferrule simulate`: garbage ends with every fault at its JSON pointer, a patient who cannot start with a named refusal, and what is
printed reads back as what was computed."""
import copy
import csv
import json
import os
import pathlib
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent
FERRULE = os.path.join(os.environ.get("FERRULE_BUILD", HERE.parent / "build"), "ferrule")

GOOD = {"scenario": "good", "patient": {"sex": "f", "wt": 64, "Hb": 8.9, "F": 7, "IRLS0": 25, "FS0": None},
        "events": [[0, "infuse", {"prod": "fcm", "dose": 1000, "min": 15}]], "times_h": [0, 0.25, 24, 168.1]}

STATES = "D D2 T TIBC ML M H Z INF CRP P E1 E2 RET R1 R2 R3 R4 R5 R6 F FA X PH B W Q HF HS A G CABS CLOSS".split()
OBSERVED = "Hb Hct Vp TSAT_true TSAT_obs SI_obs Hepcidin C_drug NTBI LPI RETpct UIBC_mgL IRLS fatigue iron_total JM JH Jab Ue".split()


def ask(scenario, *words):
    text = scenario if isinstance(scenario, (str, bytes)) else json.dumps(scenario)
    data = text if isinstance(text, bytes) else text.encode()
    return subprocess.run([FERRULE, "simulate", "--scenario", "-", *words], input=data, capture_output=True, timeout=120, check=False)


def changed(**parts):
    """GOOD with other parts; a part given as None is left out."""
    out = copy.deepcopy(GOOD)
    for key, value in parts.items():
        if value is None:
            del out[key]
        else:
            out[key] = value
    return out


def patient(**fields):
    return changed(patient={**GOOD["patient"], **fields})


def events(*list_):
    return changed(events=list(list_))


def infuse(t, minutes, **more):
    return [t, "infuse", {"prod": "is", "dose": 100, "min": minutes, **more}]


# What is wrong, and every place that must be named, no more and no less.
FAULTS = [
    (patient(sex="x"), ["/patient/sex"]),
    (patient(sex=None), ["/patient/sex"]),
    (patient(Hb="9"), ["/patient/Hb"]),
    (patient(Hb=[9]), ["/patient/Hb"]),
    (patient(Hb=True), ["/patient/Hb"]),
    (patient(wt=-64, F=-1, TSAT=-0.001, CRP=-5, bloss=-1), ["/patient/wt", "/patient/F", "/patient/TSAT", "/patient/CRP", "/patient/bloss"]),
    (patient(weight=64), ["/patient/weight"]),
    (patient(**{"a/b~c": 1}), ["/patient/a~1b~0c"]),
    (patient(e=1), ["/patient/e"]),
    (patient(Hb=1e300), ["/patient/Hb"]),
    (changed(patient=None), ["/patient"]),
    (changed(patient=[]), ["/patient"]),
    (changed(patient={}), ["/patient/sex"]),
    (changed(times_h=None), ["/times_h"]),
    (changed(times_h=[]), ["/times_h"]),
    (changed(times_h=5), ["/times_h"]),
    (changed(times_h=[0, 2, 1, 3]), ["/times_h/2"]),
    (changed(times_h=[0, 1, 1]), ["/times_h/2"]),
    (changed(times_h=[-1, "2", None, 1e9]), ["/times_h/0", "/times_h/1", "/times_h/2", "/times_h/3"]),
    (changed(patient=None, times_h=None), ["/patient", "/times_h"]),
    (changed(event=[], timesh=[]), ["/event", "/timesh"]),
    (changed(events={}), ["/events"]),
    (events(5), ["/events/0"]),
    (events([0, "esa"]), ["/events/0"]),
    (events([0, "esa", {"u": 1}, 4]), ["/events/0"]),
    (events([0, "walk", {}]), ["/events/0/1"]),
    (events([0, 3, {}]), ["/events/0/1"]),
    (events([0, "esa", 1]), ["/events/0/2"]),
    (events([-1, "esa", {"u": 1}]), ["/events/0/0"]),
    (events(["0", "esa", {"u": -1}]), ["/events/0/0", "/events/0/2/u"]),
    (events([0, "infuse", {}]), ["/events/0/2/dose", "/events/0/2/min", "/events/0/2/prod"]),
    (events([0, "infuse", {"prod": "xyz", "dose": "1", "min": 0}]), ["/events/0/2/prod", "/events/0/2/dose", "/events/0/2/min"]),
    (events([0, "infuse", {"prod": "fcm", "dose": -1}]), ["/events/0/2/dose", "/events/0/2/min"]),
    (events([0, "rate", {"mg_h": -1}]), ["/events/0/2/mg_h", "/events/0/2/prod"]),
    (events([0, "oral", {"mg": 1, "prod": "fcm"}]), ["/events/0/2/prod"]),
    (events([0, "bleed", {"mL": -450}]), ["/events/0/2/mL"]),
    (events([0, "loss", {"mL": 4}]), ["/events/0/2/mL", "/events/0/2/mL_d"]),
    (events([0, "transfuse", {"units": -1}], [0, "inflam", {"mg_l": None}]), ["/events/0/2/units", "/events/1/2/mg_l"]),
    (events([0, "delivery", {"Hbn": 1}]), ["/events/0/2/Hbn", "/events/0/2/bvf", "/events/0/2/mL_d"]),
    (events(infuse(0, 60), infuse(0.5, 60)), ["/events/1"]),
    (events(infuse(0.5, 60), infuse(0, 60)), ["/events/0"]),
    (events(infuse(0, 60), [0.5, "rate", {"prod": "is", "mg_h": 0}]), ["/events/1"]),
    (events(infuse(0, 60), infuse(0.1, 6), [0.5, "esa", {"u": 1}], infuse(2, 30), infuse(2.2, 30)), ["/events/1", "/events/4"]),
    (events(infuse(0, 60), infuse(0, 60)), ["/events/1"]),
    (changed(patient={"sex": 1, "Hbb": 3}, events=[[0, "oral", {}], 7], times_h=[1, 0], x=1),
     ["/patient/sex", "/patient/Hbb", "/events/0/2/mg", "/events/1", "/times_h/1", "/x"]),
]

# Texts that are no JSON at all: the place is a line.
BROKEN = [b"", b"{", json.dumps(GOOD).encode()[:-1], json.dumps(GOOD).encode()[:60], b"[1,2", b"{\"patient\":NaN,\"times_h\":[0]}",
          b"{\"patient\":{\"sex\":\"f\",\"wt\":1e999},\"times_h\":[0]}", b"\xff\xfe{}", b"{\"times_h\":[0],\"times_h\":[1]}",
          json.dumps(GOOD).encode() + b"x", b"[" * 100000, b"{\"patient\":Infinity}"]

CANNOT_START = {"no-weight": {"wt": None}, "no-hemoglobin": {"Hb": None}, "no-iron": {"F": None}, "hemoglobin": {"Hb": 2.9},
                "ferritin": {"F": 3001}, "tsat": {"TSAT": 96}, "crp": {"CRP": 401}, "egfr": {"egfr": 0.9},
                "usual-hemoglobin": {"Hbu": 8.8}, "contradiction": {"Hb": 16, "TSAT": 2, "egfr": 35}}


class Simulate(unittest.TestCase):
    def faults_of(self, done):
        self.assertEqual(done.returncode, 3, (done.stdout[:500], done.stderr[:500]))
        return [fault["at"] for fault in json.loads(done.stdout)["faults"]]

    def test_every_fault_at_its_pointer_and_all_at_once(self):
        for scenario, places in FAULTS:
            with self.subTest(json.dumps(scenario)[:200]):
                self.assertEqual(sorted(self.faults_of(ask(scenario, "--json"))), sorted(places))

    def test_without_json_the_faults_are_text_on_standard_error(self):
        for scenario, places in FAULTS:
            done = ask(scenario)
            self.assertEqual((done.returncode, done.stdout), (3, b""))
            for place in places:
                self.assertIn(f"{place}: ", done.stderr.decode().replace("\n", " "))

    def test_no_json_is_a_fault_at_its_line(self):
        for data in BROKEN:
            with self.subTest(data[:60]):
                places = self.faults_of(ask(data, "--json"))
                self.assertEqual(len(places), 1)
                self.assertRegex(places[0], r"^line \d+, column \d+$")

    def test_huge_lists_are_refused_or_played(self):
        self.assertEqual(self.faults_of(ask(changed(times_h=list(range(1000001))), "--json")), ["/times_h"])
        self.assertEqual(self.faults_of(ask(changed(events=[[1, "esa", {"u": 0}]] * 100001), "--json")), ["/events"])
        many = self.faults_of(ask(changed(events=[7] * 1000), "--json"))
        self.assertEqual(many[0], "/events/0")
        self.assertLess(len(many), 1000)
        done = ask(changed(events=[[1, "oral", {"mg": 0.01}]] * 1000, times_h=[0, 1, 2]), "--json")
        self.assertAlmostEqual(json.loads(done.stdout)["columns"]["G"][1], 10, delta=1e-9)

    def test_a_value_at_its_bound_passes(self):
        for scenario in (patient(TSAT=95, uESA=5), events(infuse(0, 60), infuse(1, 60)), events([87360, "esa", {"u": 0}]),
                         events([0, "delivery", {"bvf": 0.5, "Hbn": None, "mL_d": 0}]), changed(events=None), changed(scenario=None)):
            self.assertEqual(ask(scenario).returncode, 0, scenario)

    def test_who_cannot_start_is_refused_by_name(self):
        for status, fields in CANNOT_START.items():
            done = ask(patient(**fields), "--json")
            answer = json.loads(done.stdout)
            self.assertEqual((done.returncode, answer["verdict"], answer["status"]), (1, "cannot-simulate", status), fields)
            self.assertNotIn("columns", answer)
            text = ask(patient(**fields))
            self.assertEqual(text.returncode, 1)
            self.assertEqual(" ".join(text.stdout.decode().split()), "Not simulated: " + answer["why"])

    def test_a_runaway_is_refused_and_prints_no_number(self):
        done = ask(changed(events=[[24, "transfuse", {"units": 50}]]), "--json")
        answer = json.loads(done.stdout)
        self.assertEqual((done.returncode, answer["status"]), (1, "solver"))
        self.assertIn("runs away", answer["why"])
        self.assertNotIn("columns", answer)

    def test_csv_has_the_columns_of_the_specification(self):
        rows = list(csv.reader(ask(GOOD).stdout.decode().splitlines()))
        self.assertEqual(rows[0], ["t_h", *STATES, *OBSERVED])
        self.assertEqual([float(row[0]) for row in rows[1:]], GOOD["times_h"])
        self.assertTrue(all(len(row) == len(rows[0]) for row in rows))
        self.assertEqual(ask(GOOD, "--csv").stdout, ask(GOOD).stdout)

    def test_csv_reads_back_as_the_json(self):
        rows = list(csv.DictReader(ask(GOOD).stdout.decode().splitlines()))
        columns = json.loads(ask(GOOD, "--json").stdout)["columns"]
        self.assertEqual(list(columns), list(rows[0]))
        long = 0
        for name, values in columns.items():
            for row, value in zip(rows, values, strict=True):
                self.assertEqual(float(row[name]) if row[name] else None, value, name)
                long += len(row[name].lstrip("-0.").split("e")[0].replace(".", "")) == 17
        self.assertGreater(long, 50)  # 17 digits where a double needs them

    def test_a_series_without_a_baseline_is_empty(self):
        rows = list(csv.DictReader(ask(GOOD).stdout.decode().splitlines()))
        self.assertTrue(all(row["fatigue"] == "" and float(row["IRLS"]) > 0 for row in rows))
        self.assertEqual(json.loads(ask(GOOD, "--json").stdout)["columns"]["fatigue"], [None] * 4)

    def test_solved_is_information_and_not_read(self):
        self.assertEqual(ask(changed(solved={"e": 99}, computed_by="anyone")).stdout, ask(GOOD).stdout)

    def test_the_same_question_has_the_same_bytes(self):
        self.assertEqual(ask(GOOD).stdout, ask(GOOD).stdout)

    def test_usage(self):
        done = subprocess.run([FERRULE, "simulate", "--help"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0)
        for word in ("Usage: ferrule simulate", "--scenario FILE", "--csv", "--json", "Examples:"):
            self.assertIn(word, done.stdout)
        for words in ([], ["--scenario"], ["--scenario", "-", "extra"], ["--scenario", "-", "--nothing"]):
            self.assertEqual(subprocess.run([FERRULE, "simulate", *words], input="{}", capture_output=True, text=True, check=False).returncode, 2, words)
        done = subprocess.run([FERRULE, "simulate", "--scenario", "/no/such/file"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn("/no/such/file", done.stderr)


if __name__ == "__main__":
    unittest.main()
