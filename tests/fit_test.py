"""`ferrule fit`: the objective is the one of docs/model.md (sections 7 and 10), what is foreseen is what `simulate` says, results narrow what they
tell of, and an absurd one is named.

That the draws are those of the posterior is held by sbc_test.py.
"""
import csv
import json
import math
import os
import pathlib
import subprocess
import unittest

FERRULE = os.environ["FERRULE"]
SOURCE = pathlib.Path(os.environ["FERRULE_SOURCE"])
AT = "2026-11-02T12:00+01:00"
UNITS = {"hemoglobin": "g/dL", "ferritin": "ug/L", "tsat": "%", "phosphate": "mg/dL", "hepcidin": "nmol/L", "crp": "mg/L",
         "hematocrit": "%", "tibc": "ug/dL", "serum-iron": "ug/dL"}
START = {"hemoglobin": 8.9, "ferritin": 7, "tsat": 6, "crp": 2}


def lab(name, value, at, **more):
    return {"at": at, "lab": name, "value": value, "unit": UNITS[name], **more}


def course(*later, iron=True, **patient):
    events = [lab(n, v, "2026-09-01T08:30+01:00") for n, v in START.items()]
    if iron:
        events.append({"at": "2026-09-09T10:00+01:00", "infusion": "fcm-eu", "dose_mg": 1000, "minutes": 15})
    return {"ferrule": 1, "patient": {"sex": "female", "age_years": 39, "weight_kg": 64, "height_cm": 168,
                                      "conditions": ["heavy-menstrual-bleeding"], "blood_loss_ml_per_day": 4, **patient}, "events": events + list(later)}


WEEK_4, WEEK_6 = "2026-10-07T08:30+01:00", "2026-10-21T08:30+01:00"
LATER = [lab("hemoglobin", 10.6, WEEK_4), lab("ferritin", 300, WEEK_4), lab("tsat", 24, WEEK_4), lab("hemoglobin", 11.2, WEEK_6)]


def run(*words, data=None):
    done = subprocess.run([FERRULE, "fit", *words], input=json.dumps(data) if data else None, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def fit(*later, draws=1000, **more):
    status, out, err = run("-", "--at", AT, "--draws", str(draws), "--json", data=course(*later, **more))
    assert status in (0, 1), out + err
    return json.loads(out)


def rows_of(name):
    with open(SOURCE / "data" / "model" / name, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def eta(answer, n):
    return next(e for e in answer["etas"] if e["eta"] == n)


class Objective(unittest.TestCase):
    def test_it_is_that_of_the_specification(self):
        """Recomputed from what the answer says of etas, constants and foreseen values, with the numbers of data/model alone."""
        answer = fit(*LATER, lab("phosphate", 2.1, WEEK_4), lab("ferritin", 90, WEEK_6, comparator="<"))
        spread = sum((e["map"] / e["omega"]) ** 2 for e in answer["etas"] if e["estimated"])
        centers = {(r["quantity"], r["population"]): (float(r["center"]), float(r["sd"])) for r in rows_of("closure.csv")}
        (_, sd_e), (_, sd_z), (a, sd_a) = centers["ln e", "any"], centers["z", "any"], centers["a*", "ida-hmb"]
        s = answer["solved"]
        closure = (math.log(s["e"]) / sd_e) ** 2 + (s["z"] / sd_z) ** 2 + (math.log(s["a_star"] / a) / sd_a) ** 2
        errors = {r["lab"]: r for r in rows_of("labs.csv") if r["lab"]}
        numbers = {r["name"]: float(r["value"]) for r in rows_of("numbers.csv")}
        share, wide = numbers["outlier_share"], numbers["outlier_log_sd"]
        results = 0
        for l in answer["labs"]:
            e, f, y = errors[l["lab"]], l["ipred"], l["value"]
            sd = math.hypot(float(e["log_sd_pct"]) / 100, float(e["additive_sd"]) / f)
            z = math.log(y / f)
            if l["bound"]:
                p = [math.erfc(-z / s / math.sqrt(2)) / 2 for s in (sd, wide)]
            else:
                p = [math.exp(-(z / s) ** 2 / 2) / (s * math.sqrt(2 * math.pi)) for s in (sd, wide)]
            results -= 2 * math.log((1 - share) * p[0] + share * p[1])
        o = answer["objective"]
        for got, want in ((o["etas"], spread), (o["closure"], closure), (o["results"], results), (o["total"], spread + closure + results)):
            self.assertAlmostEqual(got, want, delta=1e-6 * (1 + abs(want)))
        self.assertEqual([l["bound"] for l in answer["labs"]].count("below"), 1)

    def test_which_etas_are_sought(self):
        """Section 10: 9 with phosphate after a dose, 10 with iron labs within two days of one, 14 with hepcidin."""
        always = set(range(1, 9))
        for later, more in (([], set()), ([lab("phosphate", 2.1, WEEK_4)], {9}), ([lab("hepcidin", 3, WEEK_4)], {14}),
                            ([lab("tsat", 40, "2026-09-10T10:00+01:00")], {10}), ([lab("tsat", 40, "2026-09-12T10:00+01:00")], set())):
            answer = fit(*LATER, *later)
            self.assertEqual({e["eta"] for e in answer["etas"] if e["estimated"]}, always | more, later)
            for e in answer["etas"]:
                if not e["estimated"]:
                    self.assertEqual(e["map"], 0)
                    self.assertAlmostEqual(e["shrinkage"], 1, delta=0.25)

    def test_typical_values_are_those_of_the_reference_integrator(self):
        answer = fit(*LATER)
        patient = {"sex": "f", "age": 39, "wt": 64, "ht": 168, "Hb": 8.9, "F": 7, "TSAT": 6, "CRP": 2, "bloss": 4, "LS": 115, "egfr": 100, "PH": 3.4}
        scenario = {"patient": patient, "events": [[193.5, "infuse", {"prod": "fcm", "dose": 1000, "min": 15}]],
                    "times_h": sorted({l["t_h"] for l in answer["labs"]})}
        done = subprocess.run([FERRULE, "simulate", "--scenario", "-"], input=json.dumps(scenario), capture_output=True, text=True, check=True)
        table = {float(r["t_h"]): r for r in csv.DictReader(done.stdout.splitlines())}
        for l in answer["labs"]:
            want = float(table[l["t_h"]][{"hemoglobin": "Hb", "ferritin": "F", "tsat": "TSAT_obs"}[l["lab"]]])
            self.assertAlmostEqual(l["pred"], want, delta=2e-4 * want)


class Results(unittest.TestCase):
    def test_more_of_them_leave_less(self):
        few = fit(*LATER[:2])
        many = fit(*LATER, lab("ferritin", 85, "2026-11-01T08:30+01:00"), lab("tsat", 21, "2026-11-01T08:30+01:00"))
        left = [sum(math.log(e["sd"] / e["omega"]) for e in a["etas"] if e["estimated"]) for a in (few, many)]
        self.assertLess(left[1], left[0] - 0.3)

    def test_what_is_measured_once_counts_once(self):
        """Hemoglobin and hematocrit, TSAT and serum iron, of one drawing are one measurement."""
        twice = fit(*LATER, lab("hematocrit", 32, WEEK_4), lab("serum-iron", 80, WEEK_4))
        self.assertEqual([l["lab"] for l in twice["labs"]], [l["lab"] for l in LATER])
        alone = fit(lab("hematocrit", 32, WEEK_4), lab("serum-iron", 80, WEEK_4), lab("tibc", 340, WEEK_4))
        self.assertEqual({l["lab"] for l in alone["labs"]}, {"hematocrit", "serum-iron", "tibc"})

    def test_labs_of_the_start_are_not_counted_again(self):
        answer = fit()
        self.assertEqual((answer["verdict"], answer["reason"]), ("nothing-to-fit", "no-results"))

    def test_a_repeated_measurement_of_the_start_counts(self):
        """A second ferritin a week before the first labs pulls the start towards it."""
        again = [lab("ferritin", 12, "2026-08-27T08:30+01:00")]
        answer = fit(*again, iron=False)
        self.assertEqual([(l["lab"], l["t_h"]) for l in answer["labs"]], [("ferritin", 0)])
        self.assertGreater(eta(answer, 2)["map"], 0.05)
        self.assertLess(eta(answer, 2)["sd"], 0.9 * eta(answer, 2)["omega"])

    def test_an_absurd_one_is_named_and_not_averaged_in(self):
        plain, told = fit(*LATER), fit(*LATER[:3], lab("hemoglobin", 6, WEEK_6))
        self.assertGreater(told["labs"][3]["impossible"], 0.99)
        self.assertLess(max(l["impossible"] for l in plain["labs"]), 0.1)
        self.assertLess(abs(eta(plain, 4)["map"] - eta(told, 4)["map"]), 0.5 * eta(told, 4)["omega"])
        status, text, _ = run("-", "--at", AT, data=course(*LATER[:3], lab("hemoglobin", 6, WEEK_6)))
        self.assertEqual(status, 0)
        self.assertIn("fits badly", text)

    def test_several_that_agree_are_no_slip(self):
        """Where a body explains them it is found, whatever the seed; its likeliest values lie among its draws."""
        days = ("2026-10-06", "2026-10-08", "2026-10-13", "2026-10-20")
        flat = [lab("hemoglobin", v, d + "T08:30+01:00") for v, d in zip((9.3, 9.2, 9.4, 9.1), days)]
        totals, middles = [], []
        for seed in ("1", "2", "3"):
            answer = json.loads(run("-", "--at", AT, "--json", "--seed", seed, data=course(*flat))[1])
            totals.append(answer["objective"]["total"])
            middles.append(answer["labs"][-1]["ipred_p50"])
            for l in answer["labs"]:
                self.assertLess(l["impossible"], 0.5)
                self.assertTrue(0.97 * l["ipred_p5"] < l["ipred"] < 1.03 * l["ipred_p95"])
        self.assertLess(max(totals) - min(totals), 0.1)
        self.assertLess(max(middles) - min(middles), 0.1)

    def test_several_that_agree_with_nothing_else_are_something_that_happened(self):
        good = [lab("hemoglobin", 11.8, "2026-10-07T08:30+01:00"), lab("ferritin", 230, "2026-10-07T08:30+01:00")]
        fall = [lab("hemoglobin", v, d + "T08:30+01:00") for v, d in ((7.9, "2026-10-19"), (7.7, "2026-10-24"), (7.8, "2026-10-29"))]
        answer = fit(*good, *fall)
        self.assertEqual((answer["unexplained"]["lab"], answer["unexplained"]["results"], answer["unexplained"]["side"]), ("hemoglobin", 3, "below"))
        self.assertTrue(answer["unexplained"]["since"].startswith("2026-10-19"))
        self.assertIsNone(fit(*good, fall[0])["unexplained"])  # one alone may be a slip

    def test_a_lab_on_the_hour_of_an_event_is_drawn_before_it(self):
        """Two units at the minute of a hemoglobin do not stand in it."""
        units = {"at": WEEK_6, "transfusion": 2}
        with_units, without = fit(*LATER, units), fit(*LATER)
        self.assertAlmostEqual(with_units["labs"][3]["ipred"], without["labs"][3]["ipred"], delta=1e-3)


class Program(unittest.TestCase):
    def test_answers_keep_their_schema(self):
        import jsonschema
        schema = json.loads((SOURCE / "data" / "schema" / "fit.json").read_text())
        for answer in (fit(*LATER), fit(), json.loads(run("-", "--at", AT, "--json", data=course(*LATER, age_years=12))[1])):
            jsonschema.validate(answer, schema)
        answer["verdict"] = "perhaps"
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.validate(answer, schema)

    def test_the_same_question_has_the_same_answer(self):
        one, two = (run("-", "--at", AT, "--json", data=course(*LATER))[1] for _ in range(2))
        self.assertEqual(one, two)

    def test_refusals_and_garbage(self):
        for patient, verdict in (({"age_years": 12}, "not-modelled"), ({}, "nothing-to-fit")):
            status, out, _ = run("-", "--at", AT, "--json", data=course(**patient))
            self.assertEqual((status, json.loads(out)["verdict"]), (1, verdict))
        done = subprocess.run([FERRULE, "fit", "-", "--json"], input="{", capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertEqual(run("-", "--draws", "0", "--json", data=course(*LATER))[0], 2)


if __name__ == "__main__":
    unittest.main()
