"""Data sets: rows mean what docs/data-sets.md says they mean, what is foreseen is what the reference integrator says, faults have their place, and
an interruption keeps what is done."""
import csv
import io
import json
import math
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

FERRULE = os.environ["FERRULE"]
SOURCE = pathlib.Path(os.environ["FERRULE_SOURCE"])
HEADER = "ID,TIME,EVID,CMT,AMT,DUR,RATE,ADDL,II,DVID,DV,MDV,CENS,SEX,AGE,WT,HT,POP,BLOSS,EGFR"
COLUMNS = HEADER.split(",")
PATIENT = {"SEX": "f", "AGE": 39, "WT": 64, "HT": 168, "POP": "ida-hmb", "BLOSS": 4, "EGFR": 100}
START = [("Hb", 8.9), ("ferritin", 7), ("TSAT", 6), ("CRP", 2)]


def rows(*more, who=1, start=START, **patient):
    """Of one patient: the start, then dicts of cells."""
    known = {"ID": who, **PATIENT, **patient}
    first = [{"TIME": 0, "EVID": 0, "DVID": n, "DV": v} for n, v in start]
    return [{**known, **r} for r in [*first, *more]]


def text(*all_rows):
    out = io.StringIO()
    w = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    w.writeheader()
    for r in all_rows:
        w.writerows(r)
    return out.getvalue()


def dose(t, mg=1000, hours=0.25, cmt="fcm", **more):
    return {"TIME": t, "EVID": 1, "CMT": cmt, "AMT": mg, "DUR": hours, **more}


def seen(t, what, value="", **more):
    return {"TIME": t, "EVID": 0, "DVID": what, "DV": value, **more}


def run(question, data, *words):
    done = subprocess.run([FERRULE, question, "-", *words], input=data, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def table(question, data, *words):
    status, out, err = run(question, data, *words)
    assert status in (0, 1), out + err
    return list(csv.DictReader(out.splitlines()))


def faults(data, question="fit"):
    status, out, _ = run(question, data, "--json")
    assert status == 3, (status, out[:300])
    return {f["at"]: f for f in json.loads(out)["faults"]}


def reference(events, times, **patient):
    scenario = {"patient": {"sex": "f", "age": 39, "wt": 64, "ht": 168, "Hb": 8.9, "F": 7, "TSAT": 6, "CRP": 2, "bloss": 4, "LS": 115, "egfr": 100,
                            "PH": 3.4, **patient}, "events": events, "times_h": sorted(set(times))}
    done = subprocess.run([FERRULE, "simulate", "--scenario", "-"], input=json.dumps(scenario), capture_output=True, text=True, check=True)
    return {float(r["t_h"]): r for r in csv.DictReader(done.stdout.splitlines())}


OF_REFERENCE = {"Hb": "Hb", "ferritin": "F", "TSAT": "TSAT_obs", "TIBC": "TIBC", "phosphate": "PH", "CRP": "CRP", "drug-iron": "C_drug",
                "reticulocytes": "RETpct", "NTBI": "NTBI"}


class Meaning(unittest.TestCase):
    """The typical patient of `simulate DATA.csv` is the one of `simulate --scenario`, which is held against the reference trajectories."""

    def same(self, events, *more, times=(48, 200, 900, 2000), empty=False, **patient):
        asked = [seen(t, what, **({"BLOSS": ""} if empty else {})) for t in times for what in OF_REFERENCE]
        data = text(sorted(rows(*more, *asked), key=lambda r: float(r["TIME"])))
        want = reference(events, times, **patient)
        got = [r for r in table("simulate", data) if float(r["TIME"]) > 0]
        self.assertEqual(len(got), len(asked))
        for r in got:
            w = float(want[float(r["TIME"])][OF_REFERENCE[r["DVID"]]])
            self.assertAlmostEqual(float(r["IPRED"]), w, delta=3e-4 * abs(w) + 1e-6, msg=(r["DVID"], r["TIME"]))

    def test_an_infusion_by_its_duration_or_its_rate(self):
        given = [[24, "infuse", {"prod": "fcm", "dose": 1000, "min": 15}]]
        self.same(given, dose(24))
        self.same(given, dose(24, DUR="", RATE=4000))
        self.same(given, dose(24, CMT=1))

    def test_doses_that_repeat(self):
        given = [[24 + 168 * i, "infuse", {"prod": "is", "dose": 200, "min": 30}] for i in range(3)]
        self.same(given, dose(24, 200, 0.5, "is", ADDL=2, II=168))

    def test_other_compartments(self):
        given = [[24, "oral", {"mg": 60}], [30, "bleed", {"mL": 300}], [100, "transfuse", {"units": 2}], [120, "inflam", {"mg_l": 80}]]
        self.same(given, dose(24, 60, "", "oral"), dose(30, 300, "", "bleed"), dose(100, 2, "", 9), dose(120, 80, "", "inflam"))

    def test_a_covariate_counts_from_its_row_on(self):
        self.same([[500, "loss", {"mL_d": 20}], [1200, "loss", {"mL_d": 1}]], {"TIME": 500, "EVID": 2, "BLOSS": 20},
                  {"TIME": 700, "EVID": 2, "BLOSS": ""}, {"TIME": 1200, "EVID": 2, "BLOSS": 1}, empty=True)

    def test_the_start_is_that_of_hour_0(self):
        """A second ferritin at hour 0 does not move the start; it is a result of its own."""
        data = text(rows(seen(0, "ferritin", 30), seen(500, "Hb", 9)))
        got = table("fit", data)
        self.assertEqual([r["STATUS"] for r in got], ["start"] * 4 + ["fitted"] * 2)
        self.assertEqual({float(r["PRED"]) for r in got if r["DVID"] == "ferritin"}, {7.0})

    def test_a_result_at_the_time_of_a_dose_is_drawn_before_it(self):
        data = text(rows(seen(24, "Hb"), dose(24, 500, "", "bleed"), seen(24.1, "Hb")))
        first, second = (float(r["IPRED"]) for r in table("simulate", data)[4:])
        self.assertAlmostEqual(first, 8.9, delta=1e-4)
        self.assertLess(second, 8.3)


class Fit(unittest.TestCase):
    LATER = (dose(24), seen(700, "Hb", 10.8), seen(700, "ferritin", 240), seen(700, "TSAT", 22))

    def test_it_is_the_fit_of_the_course(self):
        """The same patient as a course: the same likeliest etas."""
        start = "2026-09-01T08:00+01:00"
        units = {"hemoglobin": "g/dL", "ferritin": "ug/L", "tsat": "%", "crp": "mg/L"}

        def lab(name, value, at):
            return {"at": at, "lab": name, "value": value, "unit": units[name]}
        later = "2026-09-30T12:00+01:00"
        events = [lab(n, v, start) for n, v in zip(units, (8.9, 7, 6, 2))]
        events += [{"at": "2026-09-02T08:00+01:00", "infusion": "fcm-eu", "dose_mg": 1000, "minutes": 15}]
        events += [lab("hemoglobin", 10.8, later), lab("ferritin", 240, later), lab("tsat", 22, later)]
        course = {"ferrule": 1, "patient": {"sex": "female", "age_years": 39, "weight_kg": 64, "height_cm": 168, "blood_loss_ml_per_day": 4,
                                            "conditions": ["heavy-menstrual-bleeding", "iron-deficiency-anemia"]}, "events": events}
        _, out, _ = run("fit", json.dumps(course), "--json", "--at", "2026-11-01T12:00+01:00")
        one = json.loads(out)
        with tempfile.TemporaryDirectory() as folder:
            etas = pathlib.Path(folder) / "etas.csv"
            table("fit", text(rows(*self.LATER)), "--etas", str(etas))
            two = next(csv.DictReader(etas.read_text().splitlines()))
        self.assertEqual(one["population"], "ida-hmb")
        self.assertAlmostEqual(one["objective"]["total"], float(two["OBJ"]), delta=2e-2)
        for e in one["etas"]:
            self.assertAlmostEqual(e["map"], float(two[f"ETA{e['eta']}"]), delta=0.05 * e["omega"])

    def test_residuals_add_up(self):
        for r in table("fit", text(rows(*self.LATER))):
            dv, ipred = float(r["DV"]), float(r["IPRED"])
            self.assertAlmostEqual(float(r["IRES"]), dv - ipred, delta=1e-6 * dv)
            sd = {"Hb": 0.03, "ferritin": 0.16, "TSAT": math.hypot(0.28, 1 / ipred), "CRP": 0.45}[r["DVID"]]
            self.assertAlmostEqual(float(r["IWRES"]), math.log(dv / ipred) / sd, delta=1e-6)

    def test_bounds_and_what_is_not_measured(self):
        data = text(rows(dose(24), seen(700, "ferritin", 100, CENS=1), seen(800, "ferritin", "", MDV=1), seen(900, "ferritin")))
        got = table("fit", data)[4:]
        self.assertEqual([(r["CENS"], r["MDV"], r["STATUS"]) for r in got], [("1", "0", "fitted"), ("0", "1", "foreseen"), ("0", "1", "foreseen")])
        free = table("fit", text(rows(dose(24), seen(700, "ferritin"), seen(800, "ferritin"))))[4:]
        self.assertLess(float(got[1]["IPRED"]), float(free[1]["IPRED"]))
        self.assertEqual(got[1]["DV"] + got[1]["IRES"] + got[0]["IWRES"], "")

    def test_a_patient_without_a_fit_is_named_everywhere(self):
        """Nobody else is touched, and the exit says so."""
        good, bad = rows(*self.LATER, who="good"), rows(*self.LATER, who="bad", start=START[1:])
        alone = run("fit", text(good))[1].splitlines()[1:]
        status, out, err = run("fit", text(bad, good))
        self.assertEqual(status, 1)
        got = list(csv.DictReader(out.splitlines()))
        self.assertEqual({r["STATUS"] for r in got if r["ID"] == "bad"}, {"hemoglobin is missing"})
        self.assertEqual({r["IPRED"] for r in got if r["ID"] == "bad"}, {""})
        self.assertEqual(out.splitlines()[-len(alone):], alone)
        self.assertIn("bad (line 2)", err)
        answer = json.loads(run("fit", text(bad, good), "--json")[1])
        self.assertEqual((answer["verdict"], [f["id"] for f in answer["failed"]]), ("partly-fitted", ["bad"]))

    def test_an_interruption_keeps_the_patients_that_are_done(self):
        data = text(*(rows(*self.LATER, who=k) for k in range(400)))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "data.csv"
            path.write_text(data)
            out = pathlib.Path(folder) / "out.csv"
            with out.open("w") as to, subprocess.Popen([FERRULE, "fit", str(path)], stdout=to, stderr=subprocess.PIPE, text=True) as p:
                while out.stat().st_size < 2000 and p.poll() is None:
                    time.sleep(0.01)
                p.send_signal(signal.SIGINT)
                err = p.communicate(timeout=60)[1]
            got = list(csv.DictReader(out.read_text().splitlines()))
        self.assertEqual(p.returncode, 130)
        self.assertIn("Interrupted", err)
        each = len(self.LATER) - 1 + len(START)
        self.assertEqual(len(got) % each, 0)
        self.assertLess(len(got), 400 * each)
        self.assertTrue(all(r["STATUS"] in ("start", "fitted") for r in got))


class Simulate(unittest.TestCase):
    ASKED = (dose(24), seen(700, "Hb"), seen(700, "ferritin"), seen(700, "phosphate"))

    def test_errors_are_those_of_the_assay(self):
        got = table("simulate", text(rows(*self.ASKED)), "--draws", "400")
        self.assertEqual({r["REP"] for r in got}, {str(k) for k in range(1, 401)})
        for what, sd in (("Hb", 0.03), ("ferritin", 0.16), ("phosphate", 0.09)):
            e = [math.log(float(r["DV"]) / float(r["IPRED"])) for r in got if r["DVID"] == what and r["TIME"] == "700"]
            mean, spread = sum(e) / len(e), math.sqrt(sum(x * x for x in e) / len(e))
            self.assertAlmostEqual(mean, 0, delta=4 * sd / 20)
            self.assertAlmostEqual(spread, sd, delta=4 * sd / math.sqrt(800))

    def test_given_etas_are_used(self):
        header = HEADER + ",ETA6,ETA9"
        lines = text(rows(*self.ASKED)).splitlines()
        data = "\n".join([header] + [l + ",0.5,-0.5" for l in lines[1:]]) + "\n"
        plain, given = (table("simulate", d)[4:] for d in (text(rows(*self.ASKED)), data))
        self.assertGreater(float(given[1]["IPRED"]), 1.08 * float(plain[1]["IPRED"]))
        self.assertGreater(float(given[2]["IPRED"]), float(plain[2]["IPRED"]) + 0.2)

    def test_the_same_seed_is_the_same_table(self):
        one, two = (run("simulate", text(rows(*self.ASKED)), "--draws", "5")[1] for _ in range(2))
        self.assertEqual(one, two)

    def test_json_has_the_same_columns(self):
        answer = json.loads(run("simulate", text(rows(*self.ASKED)), "--json")[1])
        got = table("simulate", text(rows(*self.ASKED)))
        self.assertEqual(list(answer["rows"]), list(got[0]))
        for i, r in enumerate(got):
            self.assertEqual((answer["rows"]["ID"][i], answer["rows"]["DVID"][i]), (r["ID"], r["DVID"]))
            self.assertAlmostEqual(answer["rows"]["IPRED"][i], float(r["IPRED"]), delta=1e-8 * abs(float(r["IPRED"])))


class Schema(unittest.TestCase):
    def test_answers_keep_theirs(self):
        import jsonschema
        data = text(rows(*Fit.LATER), rows(*Fit.LATER, who=2, start=START[1:]))
        for question in ("fit", "simulate"):
            schema = json.loads((SOURCE / "data" / "schema" / f"{question}-data.json").read_text())
            answer = json.loads(run(question, data, "--json")[1])
            jsonschema.validate(answer, schema)
            answer["verdict"] = "perhaps"
            with self.assertRaises(jsonschema.ValidationError):
                jsonschema.validate(answer, schema)


class Faults(unittest.TestCase):
    def test_each_has_its_line_and_column(self):
        cases = [(dict(dose(24), CMT="fcmx"), "CMT"), (dict(dose(24), DUR=""), "RATE"), (dict(dose(24), RATE=4000), "RATE"), (dict(dose(24), AMT=-5), "AMT"),
                 (dict(dose(24), ADDL=3), "II"), (dict(dose(24), ADDL=100000, II=24), "ADDL"), (seen(24, "haemoglobin", 9), "DVID"), (seen(24, "Hb", 90), "DV"),
                 (seen(24, "Hb", "nine"), "DV"), (seen(24, "Hb", 9, MDV=2), "MDV"), (seen(24, "Hb", 9, CENS=3), "CENS"), (seen(-1, "Hb", 9), "TIME"),
                 (seen("", "Hb", 9), "TIME"), (dict(seen(24, "Hb", 9), EVID=4), "EVID"), (dict(seen(24, "Hb", 9), WT=70), "WT"),
                 (dict(seen(24, "Hb", 9), SEX="m"), "SEX"), (dict(seen(24, "Hb", 9), POP="ibd"), "POP"), (dict(seen(24, "Hb", 9), POP="men"), "POP"),
                 (dict(seen(24, "Hb", 9), BLOSS=-1), "BLOSS")]
        for row, column in cases:
            self.assertEqual(list(faults(text(rows(row)))), [f"line 6, column {column}"], row)
        for column, value in (("SEX", 1), ("SEX", ""), ("WT", 5000), ("AGE", "old")):
            self.assertIn(f"line 2, column {column}", faults(text(rows(**{column: value}))), (column, value))

    def test_half_of_a_flag_and_an_infusion_of_no_time_are_faults(self):
        for row, column in ((seen(24, "Hb", 9, CENS=0.5), "CENS"), (seen(24, "Hb", 9, MDV=0.99), "MDV"), (dict(dose(24), ADDL=1.9, II=24), "ADDL"),
                            (dict(dose(24), DUR="", RATE=1e-300), "RATE"), (dict(dose(24), DUR=1e-9), "DUR")):
            self.assertEqual(list(faults(text(rows(row)))), [f"line 6, column {column}"], row)
        for column, value in (("LS", 1e300), ("BVF", 1e6), ("AMAX", 0)):
            lines = text(rows(seen(24, "Hb", 9))).splitlines()
            data = "\n".join([lines[0] + "," + column] + [f"{l},{value}" for l in lines[1:]]) + "\n"
            self.assertIn(f"line 2, column {column}", faults(data))

    def test_what_a_screen_obeys_is_no_name(self):
        self.assertIn("line 2, column ID", faults(text(rows(who="\x1b[31mred"))))
        self.assertIn("line 1", faults(text(rows()).replace("EGFR", "\x1b]0;x\x07", 1)))

    def test_all_at_once(self):
        got = faults(text(rows(seen(24, "Hb", "x"), dict(dose(30), CMT="?"), seen(10, "Hb", 9))))
        self.assertEqual(list(got), ["line 6, column DV", "line 7, column CMT", "line 8, column TIME"])

    def test_patients_that_come_back_and_infusions_that_overlap(self):
        self.assertEqual(list(faults(text(rows(who=1), rows(who=2), rows(who=1)))), ["line 10, column ID"])
        self.assertIn("another runs", faults(text(rows(dose(24, hours=2), dose(25))))["line 2, column TIME"]["found"])

    def test_columns_that_are_missing_and_those_that_mean_nothing(self):
        self.assertIn("a column DVID", faults("ID,TIME,SEX\n1,0,f\n")["line 1"]["expected"])
        data = "\n".join(l + (",STUDY" if i == 0 else ",x") for i, l in enumerate(text(rows(seen(9, "Hb", 9))).splitlines())) + "\n"
        self.assertEqual(json.loads(run("fit", data, "--json")[1])["ignored"], ["STUDY"])

    def test_garbage(self):
        for data in ("ID\n", "ID,TIME,DVID,SEX\n", "ID,TIME,DVID,SEX\n1,0\n", 'ID,"TIME\n', "\0", "x" * 5000, "ID,ID\n1,1\n"):
            self.assertEqual(run("fit", data)[0], 3, data[:20])
        self.assertEqual(run("simulate", "", "--json")[0], 3)

    def test_the_table_of_etas_harms_no_file(self):
        """Neither what is read, nor what stands there when the data have faults or nobody writes it."""
        good, bad = text(rows(*Fit.LATER)), text(rows(seen(24, "Hb", "x")))
        with tempfile.TemporaryDirectory() as folder:
            data, old = pathlib.Path(folder) / "data.csv", pathlib.Path(folder) / "old.csv"
            old.write_text("precious")
            for content, words, status in ((good, ("--etas", str(data)), 2), (good, ("--json", "--etas", str(old)), 2), (bad, ("--etas", str(old)), 3)):
                data.write_text(content)
                done = subprocess.run([FERRULE, "fit", str(data), *words], capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertEqual((data.read_text(), old.read_text()), (content, "precious"))
            course = subprocess.run([FERRULE, "fit", str(SOURCE / "examples" / "after-iron.json"), "--etas", str(old)], capture_output=True, check=False)
            self.assertEqual((course.returncode, old.read_text()), (2, "precious"))

    def test_an_answer_that_cannot_be_written_is_no_success(self):
        with open("/dev/full", "w") as full:
            for question in (["fit", "--json"], ["forecast", "--region", "eu", "--draws", "20"]):
                done = subprocess.run([FERRULE, question[0], str(SOURCE / "examples" / "after-iron.json"), *question[1:]], stdout=full,
                                      stderr=subprocess.PIPE, text=True, check=False)
                self.assertEqual(done.returncode, 4)
                self.assertIn("could not be written", done.stderr)

    def test_a_table_that_cannot_be_written_is_said(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "data.csv"
            path.write_text(text(rows(seen(24, "Hb", 9))))
            full = subprocess.run(f"{FERRULE} fit {path} > /dev/full", shell=True, capture_output=True, text=True, check=False)
            self.assertEqual(full.returncode, 4)
            self.assertIn("could not be written", full.stderr)
            done = run("fit", path.read_text(), "--etas", f"{folder}/no/such/file")
            self.assertEqual((done[0], "no/such/file" in done[2]), (4, True))


if __name__ == "__main__":
    unittest.main()
