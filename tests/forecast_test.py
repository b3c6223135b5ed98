"""`ferrule forecast` as its users meet it: who can be foreseen, from which labs, at which times, and what the numbers must be.

Most questions are asked of the library in one process (tests/tools/ask_many.c), with few draws. What a course becomes in the body is
held against `ferrule simulate` of the same patient written by hand: with no spread between patients every band is that one line."""
import copy
import csv
import datetime
import json
import math
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("FERRULE_SOURCE", pathlib.Path(__file__).resolve().parent.parent))
BUILD = pathlib.Path(os.environ.get("FERRULE_BUILD", SOURCE / "build"))
FERRULE = os.path.abspath(os.environ.get("FERRULE", str(BUILD / "ferrule")))
AT = "2026-03-02T12:00+01:00"
LABS_AT = "2026-03-02T08:00+01:00"
QUANTILES = ("p5", "p25", "p50", "p75", "p95")
UNITS = {"hemoglobin": "g/dL", "ferritin": "ug/L", "tsat": "%", "crp": "mg/L", "phosphate": "mg/dL", "egfr": "mL/min/{1.73_m2}",
         "irls": "{score}", "fatigue": "{score}", "serum-iron": "ug/dL", "tibc": "ug/dL", "transferrin": "g/L", "uibc": "ug/dL"}
WOMAN = {"sex": "female", "age_years": 40, "weight_kg": 64, "height_cm": 168,
         "conditions": ["iron-deficiency-anemia", "heavy-menstrual-bleeding"], "cause": ["heavy-menstrual-bleeding"], "allergies": [],
         "reactions": [], "pregnancy": None, "oral_iron": "intolerant", "blood_loss_ml_per_day": 4}
LABS = {"hemoglobin": 8.9, "ferritin": 9, "tsat": 8, "crp": 2, "phosphate": 3.4, "egfr": 100}


# ---- courses --------------------------------------------------------------------------------------------------------------


MOMENT = 1e-6  # h


def day(n, clock="08:00"):
    """Day n counted from that of the labs (day 0)."""
    return f"{datetime.date(2026, 3, 2) + datetime.timedelta(n)}T{clock}+01:00"


def rows_of(name):
    with open(SOURCE / "data" / "model" / name, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def lab(name, value, at=LABS_AT, **more):
    return {"at": at, "lab": name, "value": value, "unit": UNITS[name], **more}


def labs(at=LABS_AT, **values):
    return [lab(n.replace("_", "-"), v, at) for n, v in {**LABS, **values}.items() if v is not None]


def iron(mg=1000, at=day(0, "14:00"), product="fcm-eu", minutes=15, **more):
    event = {"at": at, "infusion": product, "dose_mg": mg, "minutes": minutes, **more}
    return {k: v for k, v in event.items() if v is not None}


def course(*events, goals=None, measured=None, **patient):
    c = {"ferrule": 1, "patient": {**WOMAN, **patient}, "events": (labs() if measured is None else measured) + list(events)}
    c["patient"] = {k: v for k, v in c["patient"].items() if v != "absent"}
    return {**c, "goals": goals} if goals else c


RESTLESS = dict(conditions=["restless-legs-syndrome"])
DIALYSIS = dict(sex="male", conditions=["hemodialysis"], cause=["hemodialysis"], oral_iron="not-tried", height_cm=175)
STEADY = labs(hemoglobin=13.2, ferritin=45, tsat=24)


# ---- asking ---------------------------------------------------------------------------------------------------------------


class Asker:
    """One process that answers question after question."""

    def __init__(self, folder=None):
        words = [str(BUILD / "tests" / "ask_many")] + ([str(folder)] if folder else [])
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, c, question="forecast", region="eu", at=AT, draws=12, **more):
        line = {"question": question, "region": region, "at": at, "draws": draws, "input": c, **more}
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


asker = None


def setUpModule():
    global asker
    asker = Asker()


def tearDownModule():
    asker.close()


def ask(c, **more):
    return asker.ask(c, **more)


def soon(c, **more):
    """Two weeks: when only the verdict is looked at."""
    return ask(c, draws=3, weeks=2, **more)


def ferrule(*words, data=None):
    done = subprocess.run([FERRULE, *words], input=data, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def at_day(series, t, q="p50"):
    return series[q][series["t_days"].index(t)]


def ids(answer):
    return [f["id"] for f in answer["findings"]]


# ---- who, and from which labs ---------------------------------------------------------------------------------------------


class Start(unittest.TestCase):
    def refused(self, c, verdict, reason, **more):
        answer = soon(c, **more)
        self.assertEqual((answer["verdict"], answer.get("reason")), (verdict, reason), answer.get("why"))
        self.assertNotIn("series", answer)
        self.assertTrue(answer["why"])
        return answer

    def starts(self, c, **more):
        answer = soon(c, **more)
        self.assertEqual(answer["verdict"], "forecast", answer.get("why") or answer.get("faults"))
        return answer

    def test_a_complete_course_is_foreseen(self):
        answer = self.starts(course(iron()))
        self.assertEqual(answer["basis"]["start"], LABS_AT)
        self.assertEqual(answer["basis"]["draws"], 3)
        self.assertEqual(answer["basis"]["draws_failed"], 0)

    def test_exit_status_and_refusal(self):
        for c, status in ((course(iron()), 0), (course(iron(at=day(-3))), 1)):
            done = ferrule("forecast", "-", "--region", "eu", "--at", AT, "--draws", "2", "--weeks", "2", "--json", data=json.dumps(c))
            self.assertEqual(done[0], status, done[1][:300])

    def test_labs_within_eight_weeks_after_a_disturbance_start_nothing(self):
        """The day counts, not the hour: labs count from the 56th day after on."""
        disturbed = {"iron": lambda d: iron(at=d), "transfusion": lambda d: {"at": d, "transfusion": 2},
                     "surgery": lambda d: {"at": d, "surgery": "hip", "expected_blood_loss_ml": 600},
                     "phlebotomy": lambda d: {"at": d, "phlebotomy": 450}, "bleeding": lambda d: {"at": d, "bleeding": 800},
                     "delivery": lambda d: {"at": d, "delivery": True}}
        for name, event in disturbed.items():
            for clock in ("06:00", "20:00"):
                with self.subTest(name, clock=clock):
                    answer = self.refused(course(event(day(-55, clock))), "cannot-start", "labs-too-soon")
                    self.assertEqual(answer["labs_count_from"], "2026-03-03")
                    self.assertIn("2026-03-03", answer["why"])
                    self.starts(course(event(day(-56, clock))))

    def test_the_date_that_is_told_is_the_first_that_starts(self):
        for back in (1, 20, 55):
            told = self.refused(course(iron(at=day(-back, "17:30"))), "cannot-start", "labs-too-soon")["labs_count_from"]
            for late, verdict in ((0, "forecast"), (-1, "cannot-start")):
                date = datetime.date.fromisoformat(told) + datetime.timedelta(late)
                new = labs(at=f"{date}T07:00+01:00")
                answer = soon(course(iron(at=day(-back, "17:30")), measured=new), at=f"{date}T12:00+01:00")
                self.assertEqual(answer["verdict"], verdict, (back, late))

    def test_dates_of_the_patient_disturb_too(self):
        self.refused(course(last_iv_iron_on="2026-01-20"), "cannot-start", "labs-too-soon")
        self.refused(course(delivered_on="2026-02-20"), "cannot-start", "labs-too-soon")
        self.starts(course(last_iv_iron_on="2025-12-20"))

    def test_earlier_labs_start_and_what_happened_is_played(self):
        before = labs(at=day(-40), hemoglobin=9.4)
        answer = self.starts(course(iron(at=day(-30)), measured=before + labs()))
        self.assertEqual((answer["basis"]["start"], answer["t0"]), (day(-40), day(-30)))
        hb = answer["series"]["hemoglobin"]
        self.assertAlmostEqual(hb["p50"][0], 9.4, delta=0.4)
        self.assertNotEqual(at_day(hb, 14), hb["p50"][0])

    def test_usual_hemoglobin_stands_in_for_blood_loss_only(self):
        bleeds = {"bleeding": {"at": day(-3), "bleeding": 900}, "surgery": {"at": day(-3), "surgery": "hip", "expected_blood_loss_ml": 600},
                  "phlebotomy": {"at": day(-3), "phlebotomy": 450}, "delivery": {"at": day(-3), "delivery": True}}
        for name, event in bleeds.items():
            with self.subTest(name):
                answer = self.starts(course(event, usual_hemoglobin_g_dl=12.5))
                self.assertEqual(answer["basis"]["start"], LABS_AT)
                hb = ask(course(event, usual_hemoglobin_g_dl=12.5), weeks=12)["series"]["hemoglobin"]
                self.assertGreater(hb["p50"][-1], hb["p50"][0] + 0.5, "it recovers towards the usual")
        for event in (iron(at=day(-3)), {"at": day(-3), "transfusion": 1}):
            self.refused(course(event, usual_hemoglobin_g_dl=12.5), "cannot-start", "labs-too-soon")

    def test_planned_events_do_not_disturb_labs_of_today(self):
        self.starts(course({"at": day(5), "surgery": "hip", "expected_blood_loss_ml": 600}, iron(at=day(1))))

    def test_ranges_of_a_start(self):
        cases = [("tsat", 95.1, 95), ("tsat", 1.4, 1.5), ("ferritin", 3001, 3000), ("ferritin", 0.9, 1), ("crp", 401, 400),
                 ("hemoglobin", 2.9, None), ("hemoglobin", 20.1, None)]
        for name, out, inside in cases:
            with self.subTest(name, value=out):
                self.refused(course(measured=labs(**{name: out})), "cannot-start", name)
                if inside is not None:
                    self.assertNotEqual(soon(course(measured=labs(**{name: inside}))).get("reason"), name)
        for hb, other in ((3, 20), (20, 30)):
            self.assertNotEqual(soon(course(measured=labs(hemoglobin=hb, tsat=other, ferritin=100))).get("reason"), "hemoglobin")
        below = labs(egfr=None) + [lab("egfr", 1, comparator="<")]
        self.refused(course(measured=below), "cannot-start", "egfr")
        self.assertNotEqual(soon(course(measured=labs(egfr=1), **DIALYSIS)).get("reason"), "egfr")

    def test_labs_that_contradict_each_other(self):
        """A marrow that would have to respond more than fourfold; between three- and fourfold the bands are wide and it is said."""
        self.refused(course(measured=labs(hemoglobin=14.5, tsat=6, ferritin=20)), "cannot-start", "contradiction")
        doubted, usual = (ask(course(measured=labs(hemoglobin=hb, tsat=6, ferritin=20)), draws=30, weeks=1) for hb in (14, 13.4))
        self.assertEqual([a["basis"]["labs_contradict"] for a in (doubted, usual)], [True, False])
        wide, narrow = (a["series"]["tsat"]["p95"][0] / a["series"]["tsat"]["p5"][0] for a in (doubted, usual))
        self.assertGreater(wide, 1.2 * narrow)

    def test_children_are_not_modelled(self):
        answer = self.refused(course(age_years=17), "not-modelled", "under-18")
        self.assertIn("pediatric-not-modelled", ids(answer))
        self.assertNotIn("pediatric-not-modelled", ids(self.starts(course(age_years=18))))

    def test_iron_that_is_not_in_the_model(self):
        answer = self.refused(course(iron(route="intramuscular", product="lmwid-us", minutes=None), ), "not-modelled", "unknown-iron", region="us")
        self.assertIn("intramuscular", answer["why"])
        for formulation in ("fcm", "fdi", "is", "sfg", "fmx", "lmwid"):
            self.starts(course(iron(mg=100, product=formulation)))

    def test_infusions_that_overlap(self):
        def two(minutes):
            return course(iron(500, day(1, "10:00"), minutes=30), iron(500, f"2026-03-03T10:{minutes:02}+01:00", minutes=15))
        self.refused(two(29), "cannot-start", "infusions-overlap")
        self.starts(two(30))

    def test_missing_data(self):
        for drop, item in ((("hemoglobin",), "hemoglobin"), (("ferritin", "tsat"), "ferritin")):
            answer = self.refused(course(measured=labs(**{n: None for n in drop})), "missing-data", "no-labs")
            self.assertEqual((answer["item"], [m["item"] for m in answer["missing"]]), (item, [item]))
            self.assertTrue(answer["missing"][0]["how_to_get"])
            self.assertIn("data-missing", ids(answer))
        for alone in ("ferritin", "tsat"):
            other = {"ferritin": "tsat", "tsat": "ferritin"}[alone]
            answer = self.starts(course(measured=labs(**{other: None})))
            self.assertIn(other, [a["item"] for a in answer["assumed"]])
        parts = labs(ferritin=None, tsat=None) + [lab("serum-iron", 32), lab("tibc", 400)]
        self.assertAlmostEqual(at_day(self.starts(course(measured=parts))["series"]["tsat"], 0), 8, delta=2.5)
        self.refused(course(measured=parts[:-1]), "missing-data", "no-labs")

    def test_too_soon_whatever_iron_lab_it_is(self):
        parts = labs(ferritin=None, tsat=None) + [lab("serum-iron", 32), lab("tibc", 400)]
        self.refused(course(iron(at=day(-5)), measured=parts), "cannot-start", "labs-too-soon")

    def test_labs_of_one_start_lie_together(self):
        def apart(days):
            return course(measured=[e for e in labs() if e["lab"] != "ferritin" and e["lab"] != "tsat"] + [lab("ferritin", 9, day(-days))])
        self.starts(apart(90))
        self.refused(apart(91), "missing-data", "no-labs")

    def test_what_is_assumed_is_said(self):
        bare = {"ferrule": 1, "patient": {"sex": "female", "age_years": 40, "weight_kg": 64},
                "events": [lab("hemoglobin", 8.9), lab("ferritin", 9)]}
        assumed = {a["item"]: a["value"] for a in self.starts(bare)["assumed"]}
        self.assertEqual(set(assumed), {"blood_loss_ml_per_day", "height_cm", "crp", "tsat", "egfr", "phosphate", "fatigue"})
        self.assertEqual({k: assumed[k] for k in ("blood_loss_ml_per_day", "height_cm", "crp", "egfr", "phosphate", "fatigue")},
                         {"blood_loss_ml_per_day": 1.2, "height_cm": 163, "crp": 1.2, "egfr": 100, "phosphate": 3.4, "fatigue": 5})
        c00 = next(float(r["value"]) for r in rows_of("parameters.csv") if r["symbol"] == "C00")
        by_hand = 100 * (0.02 + 0.066 * math.log(9 / 2)) * (8.9 / 13.5) * ((2 + c00) / (1.2 + c00)) ** 0.25
        self.assertAlmostEqual(assumed["tsat"], by_hand, delta=1e-9)


# ---- times and bands ------------------------------------------------------------------------------------------------------


class Times(unittest.TestCase):
    def test_horizon(self):
        for c, weeks in ((course(iron()), 24), (course(iron(), **RESTLESS), 52)):
            answer = ask(c, draws=2)
            self.assertEqual((answer["weeks"], answer["series"]["hemoglobin"]["t_days"][-1]), (weeks, weeks * 7))
        for weeks in ("1", "60"):
            self.assertEqual(ferrule("forecast", "-", "--region", "eu", "--at", AT, "--weeks", weeks, "--draws", "1", "--json",
                                     data=json.dumps(course()))[0], 0)
        for weeks in ("0.9", "60.1", "0", "-3"):
            status, out, _ = ferrule("forecast", "-", "--region", "eu", "--at", AT, "--weeks", weeks, "--json", data=json.dumps(course()))
            self.assertEqual((status, [f["at"] for f in json.loads(out)["faults"]]), (2, ["--weeks"]), weeks)

    def test_day_0_is_the_first_infusion_or_now(self):
        self.assertEqual(ask(course(), draws=1, weeks=1)["t0"], AT)
        self.assertEqual(ask(course(iron(at=day(9, "10:00")), iron(at=day(2, "11:00"))), draws=1, weeks=1)["t0"], day(2, "11:00"))

    def test_daily_then_weekly_and_around_each_infusion(self):
        first, second = day(1, "10:00"), day(16, "22:00")
        for weeks in (1, 3, 5):
            t = ask(course(iron(at=first), iron(500, second)), draws=1, weeks=weeks)["series"]["hemoglobin"]["t_days"]
            around = (0, 0.25 - MOMENT, 1, 6, 12)  # hours from its start; both run for a quarter of an hour
            want = {float(d) for d in range(15)} | {21.0, 28.0, 35.0} | {h / 24 for h in around} | {15.5 + h / 24 for h in around}
            want = sorted(d for d in want if d <= 7 * weeks)
            self.assertEqual(len(t), len(want))
            for a, b in zip(t, want):
                self.assertAlmostEqual(a, b, delta=1e-9)

    def test_bands_and_change(self):
        answer = ask(course(iron(), measured=labs(irls=25, fatigue=6), **RESTLESS), weeks=6)
        self.assertEqual(set(answer["series"]), {"hemoglobin", "hematocrit", "reticulocytes", "ferritin", "tsat", "serum-iron", "tibc",
                                                  "transferrin", "phosphate", "crp", "hepcidin", "drug-iron", "labile-iron", "irls",
                                                  "irls-drug", "fatigue", "fatigue-drug", "reaction-risk"})
        self.assertEqual(set(answer["change"]), set(answer["series"]))
        for name in answer["series"]:
            for which in ("series", "change"):
                band = answer[which][name]
                self.assertEqual(band["t_days"], answer["series"]["hemoglobin"]["t_days"])
                for column in zip(*(band[q] for q in QUANTILES)):
                    self.assertEqual(list(column), sorted(column), name)
                    self.assertTrue(all(math.isfinite(v) for v in column))
            self.assertEqual([answer["change"][name][q][0] for q in QUANTILES], [0] * 5, name)
            self.assertEqual("unvalidated" in answer["series"][name], name == "reaction-risk")
        for name, unit in UNITS.items():
            if name in answer["series"]:
                self.assertEqual(answer["series"][name]["unit"], unit)
        self.assertGreater(at_day(answer["series"]["ferritin"], 42, "p95"), at_day(answer["series"]["ferritin"], 42, "p5"))
        self.assertEqual(answer["series"]["reaction-risk"]["p95"][0], 0)

    def test_placebo_is_in_one_series_and_not_in_the_other(self):
        answer = ask(course(iron(), measured=labs(irls=25, fatigue=6), **RESTLESS), weeks=6)
        for name in ("irls", "fatigue"):
            both, drug = answer["series"][name], answer["series"][name + "-drug"]
            self.assertEqual(both["p50"][0], drug["p50"][0])
            self.assertLess(at_day(both, 21), at_day(drug, 21))
        still = ask(course(measured=labs(irls=25, fatigue=6), **RESTLESS), weeks=6)["series"]
        self.assertAlmostEqual(at_day(still["irls"], 21), still["irls"]["p50"][0], delta=0.3)

    def test_a_score_at_its_bound_leaves_only_that_series_out(self):
        for name, top in (("irls", 40), ("fatigue", 10)):
            other = "fatigue" if name == "irls" else "irls"
            for value, out in ((0, True), (top, True), (1, False), (top - 1, False)):
                answer = soon(course(iron(), measured=labs(**{"irls": 25, "fatigue": 6, name: value}), **RESTLESS))
                self.assertEqual(answer["verdict"], "forecast")
                self.assertEqual((name in answer["series"], name + "-drug" in answer["series"], name in answer["change"]), (not out,) * 3)
                self.assertEqual(answer["basis"]["left_out"], [name] if out else [])
                self.assertIn(other, answer["series"])

    def test_irls_only_where_there_are_restless_legs(self):
        self.assertNotIn("irls", soon(course(iron()))["series"])
        self.assertIn("irls", soon(course(iron(), measured=labs(irls=20)))["series"])
        restless = soon(course(iron(), **RESTLESS))
        self.assertIn({"item": "irls", "value": 27, "unit": "{score}", "why": "not scored: the middle of such patients"}, restless["assumed"])
        self.assertNotIn("irls", soon(course(iron(), sex="male", conditions=[]))["series"])


# ---- a body without spread: the course against the scenario --------------------------------------------------------------------


class OneLine(unittest.TestCase):
    """With no spread between patients every draw is the typical body; its course is that of `simulate`."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        data = pathlib.Path(cls.folder.name) / "data"
        shutil.copytree(SOURCE / "data", data)
        rows = rows_of("variability.csv")
        for row in rows:
            row["omega"], row["cv_pct"] = "1e-9", ""
        with open(data / "model" / "variability.csv", "w", newline="") as f:
            writer = csv.DictWriter(f, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        cls.one = Asker(data)

    @classmethod
    def tearDownClass(cls):
        cls.one.close()
        cls.folder.cleanup()

    COLUMNS = {"hemoglobin": "Hb", "ferritin": "F", "tsat": "TSAT_obs", "phosphate": "PH", "crp": "CRP", "hepcidin": "Hepcidin",
               "drug-iron": "C_drug", "labile-iron": "NTBI", "serum-iron": "SI_obs", "tibc": "TIBC", "hematocrit": "Hct",
               "reticulocytes": "RETpct", "irls": "IRLS", "fatigue": "fatigue"}

    def same(self, c, patient, events, weeks=10, **more):
        answer = self.one.ask(c, draws=2, weeks=weeks, **more)
        self.assertEqual(answer["verdict"], "forecast", answer.get("why") or answer)
        start, t0 = (datetime.datetime.fromisoformat(t) for t in (answer["basis"]["start"], answer["t0"]))
        shift = (t0 - start).total_seconds() / 3600
        hours = [d * 24 + shift for d in answer["series"]["hemoglobin"]["t_days"]]
        hours[0] -= MOMENT  # before the pump starts: what changes with it is a change from there
        scenario = {"patient": {"sex": "f", "age": 40, "wt": 64, "ht": 168, "Hb": 8.9, "F": 9, "TSAT": 8, "CRP": 2, "PH": 3.4, "egfr": 100,
                                "bloss": 4, "LS": 115, "FS0": 5, **patient}, "events": events, "times_h": hours}
        status, out, err = ferrule("simulate", "--scenario", "-", data=json.dumps(scenario))
        self.assertEqual(status, 0, out[:300] + err[:300])
        table = list(csv.DictReader(out.splitlines()))
        for name, band in answer["series"].items():
            if name not in self.COLUMNS:
                continue
            top = max(abs(float(r[self.COLUMNS[name]])) for r in table)
            for i, row in enumerate(table):
                want = float(row[self.COLUMNS[name]])
                for q in ("p5", "p50", "p95"):
                    self.assertAlmostEqual(band[q][i], want, delta=2e-4 * abs(want) + 2e-5 * top, msg=(name, q, hours[i]))
        return answer

    def test_iron(self):
        self.same(course(iron(), iron(500, day(8, "10:00"), "fdi-eu", 30)), {},
                  [[6, "infuse", {"prod": "fcm", "dose": 1000, "min": 15}], [194, "infuse", {"prod": "fdi", "dose": 500, "min": 30}]])

    def test_nothing(self):
        self.same(course(), {}, [])

    def test_the_minutes_that_are_not_said_are_those_of_the_label(self):
        answer = self.same(course(iron(minutes=None)), {}, [[6, "infuse", {"prod": "fcm", "dose": 1000, "min": 15}]], weeks=2)
        self.assertIn(15, [a["value"] for a in answer["assumed"] if a["item"] == "/events/6"])

    def test_blood(self):
        events = [{"at": day(3, "08:00"), "transfusion": 2}, {"at": day(5, "08:00"), "phlebotomy": 450}, {"at": day(7, "08:00"), "bleeding": 300},
                  {"at": day(10, "08:00"), "surgery": "hip", "expected_blood_loss_ml": 700},
                  {"since": day(12, "08:00"), "until": day(30, "08:00"), "bleeding_ml_per_day": 20}]
        self.same(course(*events), {"LS": 110, "amax": 2.5}, [[72, "transfuse", {"units": 2}], [120, "bleed", {"mL": 450}], [168, "bleed", {"mL": 300}],
                                        [240, "bleed", {"mL": 700}], [240, "inflam", {"mg_l": 250}], [288, "loss", {"mL_d": 24}],
                                        [720, "loss", {"mL_d": 4}]])

    def test_oral_iron(self):
        c = course({"since": day(1, "08:00"), "until": day(8, "08:00"), "oral-iron": True, "mg_per_dose": 60, "doses_per_day": 2})
        self.same(c, {}, [[24 + 12 * i, "oral", {"mg": 60}] for i in range(14)], weeks=4)

    def test_esa(self):
        c = course({"since": day(-30), "until": day(20), "esa": "epoetin", "iu_per_week": 9600},
                   {"since": day(10), "until": day(40), "esa": "epoetin", "iu_per_week": 3200})
        self.same(c, {"uESA": 1.5}, [[240, "esa", {"u": 2}], [480, "esa", {"u": 0.5}], [960, "esa", {"u": 0}]])

    def test_bleeding_that_runs_since_before_and_ends(self):
        c = course({"since": day(-100), "until": day(14), "bleeding_ml_per_day": 6}, blood_loss_ml_per_day=2)
        self.same(c, {"bloss": 8}, [[336, "loss", {"mL_d": 2}]])

    def test_pregnancy_and_birth(self):
        """The volume settles at birth and six weeks later; a bleeding that goes on after the birth goes on."""
        c = course({"at": day(14), "delivery": True}, {"at": day(14), "bleeding": 500}, {"since": day(15), "until": day(20), "bleeding_ml_per_day": 30},
                   pregnancy={"gestation_weeks": 38, "on": "2026-03-02"}, blood_loss_ml_per_day=8)
        self.same(c, {"bloss": 8, "bvf": 1.35, "Hbn": 12, "amax": 4},
                  [[336, "delivery", {"bvf": 1.1, "Hbn": None, "mL_d": 1.5}], [336, "bleed", {"mL": 500}], [360, "loss", {"mL_d": 31.5}],
                   [480, "loss", {"mL_d": 1.5}], [336 + 1008, "delivery", {"bvf": 1, "Hbn": None, "mL_d": 1.5}]], weeks=12)

    def test_after_birth(self):
        """Two weeks after a birth, with the usual hemoglobin: the volume is still large, and settles six weeks after it."""
        c = course(delivered_on="2026-02-16", usual_hemoglobin_g_dl=12, blood_loss_ml_per_day=1.5, measured=labs(crp=20))
        settled = (datetime.datetime.fromisoformat("2026-03-30T12:00+01:00") - datetime.datetime.fromisoformat(LABS_AT)).total_seconds() / 3600
        self.same(c, {"bloss": 1.5, "bvf": 1.1, "Hbu": 12, "CRP": 20, "CRPb": 3},
                  [[settled, "delivery", {"bvf": 1, "Hbn": None, "mL_d": 1.5}]], weeks=12)

    def test_labs_below_a_limit_count_half(self):
        c = course(measured=labs(crp=None) + [lab("crp", 5, comparator="<")])
        self.same(c, {"CRP": 2.5}, [], weeks=2)

    def test_dialysis(self):
        measured = labs(hemoglobin=10.6, ferritin=300, tsat=22, crp=6, egfr=7, phosphate=None)
        c = course(iron(125, product="sfg-us", minutes=60), {"since": day(-90), "esa": "epoetin"}, measured=measured,
                   **{**DIALYSIS, "blood_loss_ml_per_day": "absent"})
        self.same(c, {"sex": "m", "ht": 175, "Hb": 10.6, "F": 300, "TSAT": 22, "CRP": 6, "egfr": 7, "PH": 5, "bloss": 7, "LS": 75, "uESA": 1.5,
                      "amax": 0.8}, [[6, "infuse", {"prod": "sfg", "dose": 125, "min": 60}]], region="us")


# ---- goals, chances, risks ----------------------------------------------------------------------------------------------------


def wilson(hits, n):
    z2 = 1.6448536269514722 ** 2
    p = hits / n
    center, half = (p + z2 / (2 * n)) / (1 + z2 / n), math.sqrt(z2) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return {"p": p, "p5": max(0, center - half), "p95": min(1, center + half)}


def responds(fall):
    """A fall of 5 or more when the score is taken: it varies by itself from visit to visit (data/model/numbers.csv, irls_change_sd)."""
    sd = next(float(r["value"]) for r in rows_of("numbers.csv") if r["name"] == "irls_change_sd")
    return math.erfc(-(fall - 5) / sd / math.sqrt(2)) / 2


class Chances(unittest.TestCase):
    PATIENTS = [dict(weight_kg=kg, blood_loss_ml_per_day=loss) for kg, loss in ((48, 1), (60, 2), (64, 4), (75, 3), (88, 8), (95, 2))]

    def close(self, chance, hits, n=1):
        want = wilson(hits, n)
        self.assertEqual(set(chance), set(want))
        for key in want:
            self.assertAlmostEqual(chance[key], want[key], delta=1e-8)

    def test_meaning_in_one_body(self):
        """One draw: the series are that draw, and every chance is 0 or 1 as its meaning says."""
        seen = {}
        cases = ((100, 3.4, 25), (300, 3.4, 9), (500, 2.6, 6), (750, 3.4, 25), (1000, 2.2, 25), (1000, 3.4, 20))
        for patient, (mg, phosphate, irls) in zip(self.PATIENTS, cases):
            a = ask(course(iron(mg), measured=labs(irls=irls, phosphate=phosphate), **{**patient, **RESTLESS}), draws=1, weeks=14)
            s, t = a["series"], a["series"]["phosphate"]["t_days"]
            want = {"hb-rise-1": max(v for d, v in zip(t, a["change"]["hemoglobin"]["p50"]) if d <= 56) >= 1,
                    "hb-rise-2": max(v for d, v in zip(t, a["change"]["hemoglobin"]["p50"]) if d <= 56) >= 2,
                    "hypophosphatemia": min(v for d, v in zip(t, s["phosphate"]["p50"]) if d <= 42) < 2.0,
                    "hypophosphatemia-severe": min(v for d, v in zip(t, s["phosphate"]["p50"]) if d <= 42) < 1.0,
                    "ferritin-over-500": at_day(s["ferritin"], 84) > 500,
                    "rls-response": responds(at_day(s["irls"], 0) - at_day(s["irls"], 21))}
            self.assertAlmostEqual(a["drift"]["hemoglobin"], 0, delta=0.02)
            for name, holds in want.items():
                self.close(a["chances"][name], float(holds))
                seen.setdefault(name, set()).add(holds)
            self.assertAlmostEqual(a["chances"]["fishbane"]["p"], s["reaction-risk"]["p50"][-1], delta=1e-12)
            for name in ("hb-goal", "ferritin-goal", "both-goals", "retreatment-6-months"):
                self.assertIsNone(a["chances"][name])
        for name in ("hb-rise-1", "hb-rise-2", "hypophosphatemia"):
            self.assertEqual(seen[name], {True, False}, name)

    def test_the_day_of_a_chance_is_its_day(self):
        """Bodies that pass the bound between that day and the week before or after it."""
        rich = labs(hemoglobin=12.6, ferritin=430, tsat=32)
        seen = set()
        low, high = 100, 2000  # the dose with which the body passes the bound on the day itself
        for _ in range(12):
            mg = (low + high) / 2
            a = ask(course(iron(mg), measured=rich), draws=1, weeks=13)
            over = [at_day(a["series"]["ferritin"], d) > 500 for d in (77, 84, 91)]
            self.close(a["chances"]["ferritin-over-500"], int(over[1]))
            seen.add(tuple(over))
            low, high = (low, mg) if over[1] else (mg, high)
        self.assertTrue({(True, False, False), (True, True, False)} <= seen, seen)
        replete = labs(hemoglobin=13.5, ferritin=60, tsat=26)
        seen = set()
        for score in [6 + 0.25 * i for i in range(36)]:
            a = ask(course(iron(500), measured=replete + [lab("irls", score)], **RESTLESS), draws=1, weeks=4)
            fallen = [score - at_day(a["series"]["irls"], d) >= 5 for d in (14, 21, 28)]
            self.close(a["chances"]["rls-response"], responds(score - at_day(a["series"]["irls"], 21)))
            seen.add(tuple(fallen))
        self.assertTrue({(False, False, True), (False, True, True)} <= seen, seen)

    def test_intervals_are_wilsons(self):
        chance = ask(course(iron(500)), draws=24, weeks=9)["chances"]["hb-rise-2"]
        self.assertTrue(0 < chance["p"] < 1)
        self.close(chance, round(chance["p"] * 24), 24)

    def test_horizon_leaves_out_what_lies_behind_it(self):
        names = {"rls-response": 3, "hypophosphatemia": 6, "hypophosphatemia-severe": 6, "hb-rise-1": 8, "hb-rise-2": 8, "ferritin-over-500": 12}
        for weeks in (2, 3, 5, 6, 7, 8, 11, 12):
            chances = ask(course(iron(), measured=labs(irls=25), **RESTLESS), draws=1, weeks=weeks)["chances"]
            for name, first in names.items():
                self.assertEqual(chances[name] is None, weeks < first, (name, weeks))

    def test_without_iron_there_is_no_chance_but_of_goals(self):
        answer = ask(course(goals={"hemoglobin_g_dl": 8, "by_weeks": 6}), weeks=8)
        self.assertEqual({k for k, v in answer["chances"].items() if v}, {"hb-goal"})

    def test_more_iron_lowers_phosphate_and_raises_ferritin_hemoglobin_and_risk(self):
        before = None
        for mg in (200, 500, 1000):
            answer = ask(course(iron(mg)), draws=24, weeks=8)
            hypo, severe, fishbane = (answer["chances"][n]["p"] for n in ("hypophosphatemia", "hypophosphatemia-severe", "fishbane"))
            self.assertTrue(0 <= severe <= hypo <= 1)
            now = [hypo, severe, fishbane, answer["chances"]["hb-rise-1"]["p"], answer["chances"]["hb-rise-2"]["p"]]
            now += [at_day(answer["series"]["ferritin"], d, q) for d in (8, 28, 56) for q in QUANTILES]
            now += [at_day(answer["series"]["hemoglobin"], d, q) for d in (28, 56) for q in QUANTILES]
            if before:
                for a, b in zip(before, now):
                    self.assertLessEqual(a, b + 1e-6)
                self.assertGreater(now[5], before[5])
                self.assertGreater(now[2], before[2])
            before = now
        self.assertGreater(before[0], 0.2)
        gentle = ask(course(iron(product="fdi-eu", minutes=30)), draws=24, weeks=8)["chances"]
        self.assertLess(gentle["hypophosphatemia"]["p"], before[0])

    def test_risks_of_two_infusions_make_the_whole(self):
        a = ask(course(iron(500, day(0, "14:00"), "iron-sucrose-eu", 210), iron(200, day(4, "14:00"), "iron-sucrose-eu", 30)), draws=1, weeks=2)
        one, two = a["infusions"]
        self.assertEqual([(i["product"], i["on"], i["day"], i["dose_mg"], i["minutes"]) for i in (one, two)],
                         [("iron-sucrose-eu", "2026-03-02", 0, 500, 210), ("iron-sucrose-eu", "2026-03-06", 4, 200, 30)])
        whole = 1 - (1 - one["fishbane"]["p"]) * (1 - two["fishbane"]["p"])
        self.assertAlmostEqual(whole, a["chances"]["fishbane"]["p"], delta=1e-4)
        self.assertGreater(two["fishbane"]["p"], 0)

    def test_a_risk_that_is_certain_already_is_told_too(self):
        """Bodies of whom nothing is left to which a further infusion could happen"""
        events = [iron(500, day(n, "14:00"), "iron-sucrose-eu", 5) for n in range(8)]
        a = ask(course(*events, measured=labs(hemoglobin=7, ferritin=86, tsat=17), weight_kg=126), draws=40)
        self.assertEqual(len(a["infusions"]), 8)
        for i in a["infusions"]:
            self.assertTrue(0.3 < i["fishbane"]["p"] <= i["fishbane"]["p95"] <= 1, i)
        self.assertEqual(a["infusions"][-1]["fishbane"]["p95"], 1)

    def test_susceptible_patients(self):
        """Factors on the susceptibility of section 9: each raises the risk of every draw."""
        usual = ask(course(iron()), draws=6, weeks=1)["chances"]["fishbane"]
        raised = [dict(reactions=[{"on": "2025-01-10", "infusion": "is", "grade": 2, "signs": ["flushing"]}]),
                  dict(allergies=[{"to": "penicillin", "severity": "mild"}, {"to": "sulfa", "severity": "mild"}]),
                  dict(conditions=WOMAN["conditions"] + ["severe-asthma"]), dict(conditions=WOMAN["conditions"] + ["rheumatoid-arthritis"])]
        for patient in raised:
            answer = ask(course(iron(), **patient), draws=6, weeks=1)
            self.assertNotIn("faults", answer)
            self.assertGreater(answer["chances"]["fishbane"]["p"], 1.5 * usual["p"], patient)
        self.assertAlmostEqual(ask(course(iron(), allergies=[{"to": "penicillin", "severity": "mild"}]), draws=6, weeks=1)["chances"]["fishbane"]["p"], usual["p"],
                               delta=1e-12)
        alone, allergic, atopic, both = (math.log1p(-ask(course(iron(), **who), draws=61, weeks=1)["series"]["reaction-risk"]["p50"][-1])
                                         for who in ({}, raised[1], raised[2], {**raised[1], **raised[2]}))
        self.assertAlmostEqual(both * alone / (allergic * atopic), 1, delta=0.05)  # each times the other


class Goals(unittest.TestCase):
    GOALS = {"hemoglobin_g_dl": 11, "ferritin_ug_l": 60, "irls": 20, "fatigue": 4, "by_weeks": 8}

    def crossing(self, band, value, upward, first=0.0):
        before = None
        for t, v in zip(band["t_days"], band["p50"]):
            if t < first:
                continue
            if (v >= value) if upward else (v <= value):
                return t / 7 if before is None else (before[0] + (value - before[1]) / (v - before[1]) * (t - before[0])) / 7
            before = t, v
        return None

    def test_weeks_by_hand(self):
        reached = 0
        for kg in (50, 64, 90):
            a = ask(course(iron(), measured=labs(irls=25, fatigue=6), goals=self.GOALS, weight_kg=kg, **RESTLESS), draws=1, weeks=14)
            series = {"hemoglobin_g_dl": "hemoglobin", "ferritin_ug_l": "ferritin"}
            self.assertEqual([g["id"] for g in a["goals"]], list(self.GOALS)[:4])
            for g in a["goals"]:
                band = a["series"][series.get(g["id"], g["id"])]
                want = self.crossing(band, g["value"], g["id"] in series, 28 if g["id"] == "ferritin_ug_l" else 0)
                self.assertEqual((g["value"], g["by_week"]), (self.GOALS[g["id"]], 8))
                for q in ("week_p5", "week_p50", "week_p95"):
                    self.assertEqual(g[q] is None, want is None)
                    if want is not None:
                        self.assertAlmostEqual(g[q], want, delta=1e-9)
                self.assertEqual(g["p_by_horizon"], int(want is not None and want <= 8))
                reached += want is not None
        self.assertGreater(reached, 6)

    def test_goal_chances_hold_at_their_week(self):
        a = ask(course(iron(), goals={"hemoglobin_g_dl": 11, "ferritin_ug_l": 70, "by_weeks": 8}), draws=24, weeks=12)
        hb, fe, both = (a["chances"][n]["p"] for n in ("hb-goal", "ferritin-goal", "both-goals"))
        self.assertTrue(max(0, hb + fe - 1) - 1e-9 <= both <= min(hb, fe) + 1e-9)
        for week in (5, 8, 12):
            one = ask(course(iron(), goals={"hemoglobin_g_dl": 11, "ferritin_ug_l": 70, "by_weeks": week}), draws=1, weeks=12)
            hold = [at_day(one["series"]["hemoglobin"], 7 * week) >= 11, at_day(one["series"]["ferritin"], 7 * week) >= 70]
            self.assertEqual([one["chances"][n]["p"] for n in ("hb-goal", "ferritin-goal", "both-goals")], [hold[0], hold[1], all(hold)])

    def test_by_weeks_behind_the_horizon_is_the_horizon(self):
        for by, weeks, want in ((8, 12, 8), (30, 12, 12), (None, 12, 12)):
            goals = {"hemoglobin_g_dl": 11, **({"by_weeks": by} if by else {})}
            self.assertEqual(ask(course(iron(), goals=goals), draws=1, weeks=weeks)["goals"][0]["by_week"], want)

    def test_a_ferritin_spike_reaches_no_goal(self):
        """It peaks at several hundred in the second week; nothing before day 28 after the last iron counts."""
        a = ask(course(iron(), goals={"ferritin_ug_l": 400}), draws=12, weeks=12)
        self.assertGreater(at_day(a["series"]["ferritin"], 8), 400)
        self.assertLess(at_day(a["series"]["ferritin"], 28, "p95"), 400)
        self.assertEqual((a["goals"][0]["week_p5"], a["goals"][0]["p_by_horizon"], a["chances"]["ferritin-goal"]["p"]), (None, 0, 0))
        a = ask(course(iron(), goals={"ferritin_ug_l": 100}), draws=12, weeks=12)
        self.assertEqual(a["goals"][0]["week_p5"], 4)
        for by, known in ((2, False), (3, False), (4, True)):
            a = ask(course(iron(), goals={"ferritin_ug_l": 100, "by_weeks": by}), draws=4, weeks=12)
            self.assertEqual(a["chances"]["ferritin-goal"] is not None, known, by)
        a = ask(course(iron(500), iron(500, day(14, "14:00")), goals={"ferritin_ug_l": 100}), draws=4, weeks=12)
        self.assertEqual(a["goals"][0]["week_p5"], 6)

    def test_no_goal_no_line(self):
        self.assertEqual(ask(course(iron()), draws=1, weeks=2)["goals"], [])
        self.assertEqual(ask(course(iron(), goals={"irls": 10}), draws=1, weeks=2)["goals"], [], "no IRLS series")


# ---- windows, expectations, misses ----------------------------------------------------------------------------------------------


class Words(unittest.TestCase):
    def test_windows_hang_on_the_last_infusion(self):
        for second, last in ((None, 0), (day(10, "06:00"), 10)):
            a = soon(course(iron(), *([iron(500, second)] if second else [])))
            for name in ("ferritin", "tsat"):
                rows = [(w["id"], w["from_day"] - last, w["to_day"] and w["to_day"] - last) for w in a["windows"] if w["lab"] == name]
                self.assertEqual(rows, [("not-interpretable", 0, 27), ("provisional", 28, 83), ("reliable", 84, None)])
        self.assertEqual(soon(course())["windows"], [])
        given = soon(course(iron(at=day(-30)), iron(at=day(-20)), measured=labs(at=day(-40))))
        self.assertEqual({w["planned"] for w in given["windows"]}, {False})
        self.assertEqual({w["planned"] for w in soon(course(iron()))["windows"]}, {True})

    ALWAYS = {"expect-better-in-a-week", "expect-fatigue-two-weeks", "expect-symptoms-matter", "expect-faster-than-oral", "expect-ferritin-peak"}
    ANEMIA = {"expect-two-months", "expect-hb-start"}
    LEGS = {"expect-rls-onset", "expect-rls-irls-fall", "expect-rls-peak", "expect-rls-duration", "expect-rls-placebo", "expect-rls-predictors"}

    def test_expectations(self):
        well = labs(hemoglobin=13.2, ferritin=20, tsat=18)
        for c, want in ((course(), set()), (course(iron()), self.ALWAYS | self.ANEMIA), (course(iron(), measured=well), self.ALWAYS),
                        (course(iron(), measured=well, **RESTLESS), self.ALWAYS | self.LEGS),
                        (course(iron(), **RESTLESS), self.ALWAYS | self.ANEMIA | self.LEGS | {"expect-rls-76-47"})):
            a = soon(c)
            self.assertEqual({e["id"] for e in a["expectations"]}, want)
            for e in a["expectations"]:
                self.assertTrue(e["text"] and e["source"] and e["rules"], e)

    def test_findings(self):
        for c, want in ((course(iron()), {"ferritin-expected-spike", "phosphate-fall-likely"}), (course(iron(product="fdi-eu")), {"ferritin-expected-spike"}),
                        (course(), set()), (course(iron(), **RESTLESS), {"ferritin-expected-spike", "phosphate-fall-likely", "rls-predictors"})):
            self.assertEqual(set(ids(soon(c))) & {"ferritin-expected-spike", "phosphate-fall-likely", "rls-predictors"}, want)

    def test_misses_touch_only_what_they_should(self):
        """Against misses.csv itself: the formulation given, the populations by hand, those that begin inside the horizon."""
        rows = rows_of("misses.csv")
        men = dict(sex="male", conditions=[], cause=[], height_cm=178)
        replete = labs(hemoglobin=15, ferritin=150, tsat=32)
        dialyzed = labs(hemoglobin=10.5, ferritin=300, tsat=30, egfr=8) + [{"since": day(-90), "esa": "epoetin"}]
        not_anemic = labs(hemoglobin=13.2, ferritin=12, tsat=15)
        cases = [(course(iron()), {"fcm"}, {"ida-hmb"}), (course(iron(product="fdi-eu")), {"fdi"}, {"ida-hmb"}), (course(), set(), {"ida-hmb"}),
                 (course(iron(500), iron(500, day(8), "fdi-eu", 30)), {"fcm", "fdi"}, {"ida-hmb"}),
                 (course(iron(), measured=replete, **men), {"fcm"}, {"replete"}),
                 (course(iron(), measured=not_anemic, conditions=[]), {"fcm"}, {"id-not-anemic"}),
                 (course(iron(100, product="sfg-us"), measured=dialyzed, **DIALYSIS), {"sfg"}, {"hd-ckd"}),
                 (course(measured=dialyzed, **DIALYSIS), set(), {"hd-ckd"}),
                 (course(iron(), measured=labs(hemoglobin=13.4, ferritin=20, tsat=18), **RESTLESS), {"fcm"}, {"rls", "id-not-anemic"}),
                 (course(iron(), **RESTLESS), {"fcm"}, {"rls", "rls-anemic", "ida-hmb"}),
                 (course(iron(200, product="iron-sucrose-eu"), **RESTLESS), {"is"}, {"rls", "rls-anemic", "ida-hmb"}),
                 (course(iron(), measured=labs(hemoglobin=10, ferritin=60, tsat=15, egfr=30), conditions=["chronic-kidney-disease"], ckd_stage=4),
                  {"fcm"}, {"nd-ckd", "ida-hmb"})]
        for number, (c, given, who) in enumerate(cases):
            for weeks in (1, 7, 30):
                region = "us" if any("-us" in e.get("infusion", "") for e in c["events"]) else "eu"
                a = ask(c, draws=1, weeks=weeks, region=region)
                self.assertEqual(a["verdict"], "forecast", a.get("why"))
                want = [r["evidence"] for r in rows
                        if (r["formulation"] in given or (r["formulation"] == "any" and given) or (r["formulation"] == "none" and not given))
                        and (r["population"] == "any" or r["population"] in who) and float(r["weeks"].split("-")[0]) <= weeks]
                self.assertEqual([m["evidence"] for m in a["misses"]], want, (number, weeks))
        self.assertEqual(ask(cases[0][0], draws=1, weeks=7)["misses"][0].keys(), {"endpoint", "formulation", "population", "weeks", "direction", "size", "evidence"})

    def test_populations(self):
        cases = {"hd-ckd": DIALYSIS, "pregnancy-t3": dict(pregnancy={"gestation_weeks": 28, "on": "2026-03-02"}),
                 "nd-ckd": dict(conditions=["chronic-kidney-disease"], ckd_stage=4), "hf": dict(conditions=["heart-failure"]),
                 "ibd": dict(conditions=["inflammatory-bowel-disease"]), "rls": RESTLESS, "ida-hmb": {}, None: dict(conditions=[])}
        for name, patient in cases.items():
            self.assertEqual(soon(course(**patient))["basis"]["population"], name)
        self.assertEqual(soon(course(pregnancy={"gestation_weeks": 27, "on": "2026-03-02"}))["basis"]["population"], "ida-hmb")
        planned = {"at": day(20), "surgery": "hip", "expected_blood_loss_ml": 800}
        self.assertEqual(soon(course(planned, conditions=[]))["basis"]["population"], "pre-op")
        born = dict(delivered_on="2026-02-20", usual_hemoglobin_g_dl=12)
        self.assertEqual(soon(course(**born))["basis"]["population"], "postpartum")


# ---- what must hold of any body ----------------------------------------------------------------------------------------------------


class Sense(unittest.TestCase):
    def test_same_input_same_bytes(self):
        words = ("forecast", "-", "--region", "eu", "--at", AT, "--draws", "5", "--weeks", "8", "--json")
        data = json.dumps(course(iron(), goals={"hemoglobin_g_dl": 12}))
        self.assertEqual(ferrule(*words, data=data), ferrule(*words, data=data))
        self.assertEqual(json.loads(ferrule(*words, data=data)[1])["basis"]["seed"], 1)

    def test_draws_are_counted_and_numbered(self):
        """Number 0 is the same body in any company; a course's draws do not depend on its iron."""
        few, more = (ask(course(iron()), draws=n, weeks=3) for n in (1, 2))
        self.assertEqual((few["basis"]["draws"], more["basis"]["draws"]), (1, 2))
        for name, band in more["series"].items():
            for i, (a, b) in enumerate(zip(band["p5"], band["p95"])):
                ends = (a - 0.05 * (b - a) / 0.9, b + 0.05 * (b - a) / 0.9)
                one = few["series"][name]["p50"][i]
                self.assertLess(min(abs(one - e) for e in ends), 1e-6 * (1 + abs(one)), name)
        self.assertNotEqual(more["series"]["ferritin"]["p5"][0], more["series"]["ferritin"]["p95"][0])
        other = ask(course(iron(500)), draws=2, weeks=3)
        for name in ("hemoglobin", "ferritin", "tsat", "fatigue"):
            self.assertEqual([other["series"][name][q][0] for q in QUANTILES], [more["series"][name][q][0] for q in QUANTILES])
        usual = json.loads(ferrule("forecast", "-", "--region", "eu", "--at", AT, "--weeks", "1", "--json", data=json.dumps(course()))[1])
        self.assertEqual(usual["basis"]["draws"], 4000)

    def test_untreated_is_flat(self):
        """A start is a steady state: each draw stays where it is."""
        a = ask(course(measured=STEADY, conditions=[], blood_loss_ml_per_day=0.1), weeks=24)
        for name in ("hemoglobin", "ferritin", "tsat", "phosphate", "crp", "hepcidin"):
            for q in QUANTILES:
                self.assertAlmostEqual(a["change"][name][q][-1], 0, delta=2e-3 * a["series"][name]["p50"][0], msg=name)

    def test_bands_hold_the_labs_at_the_start(self):
        a = ask(course(measured=STEADY), draws=60, weeks=1)["series"]
        for name, value, cv in (("hemoglobin", 13.2, 0.03), ("ferritin", 45, 0.2), ("tsat", 24, 0.28)):
            self.assertLess(a[name]["p5"][0], value)
            self.assertGreater(a[name]["p95"][0], value)
            self.assertLess(a[name]["p95"][0] / a[name]["p5"][0], math.exp(2 * 2.6 * cv), name)
        for name, value in (("phosphate", 3.4), ("crp", 2)):
            self.assertEqual((a[name]["p5"][0], a[name]["p95"][0]), (value, value), "measured without an eta")

    def test_a_lab_that_was_not_measured_is_wide(self):
        known, unknown = (ask(course(measured=labs(tsat=v)), draws=100, weeks=1)["series"]["tsat"] for v in (8, None))
        self.assertGreater(unknown["p95"][0] / unknown["p5"][0], 1.15 * known["p95"][0] / known["p5"][0])

    def test_more_loss_lower_hemoglobin(self):
        before = None
        for loss in (0, 15, 40):
            bleeding = [{"since": day(1), "bleeding_ml_per_day": loss}] if loss else []
            a = ask(course(*bleeding, measured=STEADY), weeks=24)
            now = [at_day(a["series"]["hemoglobin"], d, q) for d in (56, 168) for q in QUANTILES]
            now += [at_day(a["series"]["ferritin"], d, q) for d in (56, 168) for q in QUANTILES]
            if before:
                for x, y in zip(before, now):
                    self.assertGreater(x, y + 0.02)
            before = now

    def test_drift(self):
        """Nothing for who is steady; a fall for who loses faster than a gut absorbs, and it is said."""
        steady = ask(course(iron(), measured=STEADY, conditions=[], blood_loss_ml_per_day=0.5), weeks=24)
        self.assertEqual(set(steady["drift"]), {"hemoglobin", "ferritin", "tsat"})
        for name, value in steady["drift"].items():
            self.assertAlmostEqual(value, 0, delta=1e-3 * {"hemoglobin": 13.2, "ferritin": 45, "tsat": 24}[name])
        self.assertFalse(steady["basis"]["loses_faster_than_absorbed"])
        bleeder = ask(course(iron(), measured=STEADY, conditions=[], blood_loss_ml_per_day=60), weeks=24)
        self.assertTrue(bleeder["basis"]["loses_faster_than_absorbed"])
        self.assertLess(bleeder["drift"]["hemoglobin"], -0.03)
        self.assertLess(bleeder["drift"]["ferritin"], -5)
        alone = ask(course(measured=STEADY, conditions=[], blood_loss_ml_per_day=60), weeks=24)
        for name in ("hemoglobin", "ferritin", "tsat"):
            self.assertAlmostEqual(bleeder["drift"][name], at_day(alone["change"][name], 168), delta=0.02 * abs(bleeder["drift"][name]) + 0.01)

    def test_a_course_without_iron_says_its_drift(self):
        event = {"at": day(-3), "bleeding": 900}
        alone = ask(course(event, usual_hemoglobin_g_dl=13.5, conditions=[], blood_loss_ml_per_day=1,
                           measured=labs(hemoglobin=10.2, ferritin=90, tsat=25)), draws=12, weeks=9)
        self.assertGreater(alone["drift"]["hemoglobin"], 0.8)

    def test_contradicting_labs_widen_the_bands(self):
        """Hemoglobin 16 with a ferritin of 2,500: its band at the start is wider than the 3% of its measurement."""
        plain, odd = (ask(course(measured=m, conditions=[]), draws=60, weeks=2) for m in (STEADY, labs(hemoglobin=16, ferritin=2500, tsat=80)))
        self.assertEqual((plain["basis"]["labs_contradict"], odd["basis"]["labs_contradict"]), (False, True))
        width = [a["series"]["hemoglobin"]["p95"][0] / a["series"]["hemoglobin"]["p5"][0] for a in (plain, odd)]
        self.assertGreater(width[1] - 1, 1.4 * (width[0] - 1))

    def test_results_after_the_start_are_explained(self):
        """A hemoglobin above what was foreseen lifts the forecast, and narrows it; without one nothing is explained."""
        before, given = labs(at=day(-60)), iron(at=day(-58, "14:00"))
        high = lab("hemoglobin", 13.4, at=day(-9))
        plain, told = (ask(course(given, *extra, measured=before), draws=400, weeks=16) for extra in ([], [high]))
        self.assertEqual((plain["basis"]["explains"], plain["basis"]["fit"]), ([], None))
        self.assertEqual([(e["lab"], e["value"]) for e in told["basis"]["explains"]], [("hemoglobin", 13.4)])
        for d in (56, 84):
            one, two = ({q: at_day(a["series"]["hemoglobin"], d, q) for q in ("p5", "p50", "p95")} for a in (plain, told))
            self.assertGreater(two["p50"], one["p50"] + 0.1)
            self.assertLess(two["p95"] - two["p5"], 0.9 * (one["p95"] - one["p5"]))

    def test_what_was_foreseen_of_a_lab_did_not_know_it(self):
        """Its own value changes nothing of it, that of an earlier day does."""
        def foreseen(first, second):
            later = [lab("hemoglobin", first, at=day(-40)), lab("hemoglobin", second, at=day(-9))]
            return ask(course(iron(at=day(-58, "14:00")), *later, measured=labs(at=day(-60))), draws=200, weeks=16)["foreseen"]
        one, two, three = foreseen(10, 12), foreseen(10, 13), foreseen(11, 12)
        self.assertEqual([(f["lab"], f["value"]) for f in one], [("hemoglobin", 10), ("hemoglobin", 12)])
        for f in one:
            self.assertTrue(f["foreseen"]["p5"] < f["foreseen"]["p50"] < f["foreseen"]["p95"])
        self.assertEqual(one[1]["foreseen"]["p50"], two[1]["foreseen"]["p50"])
        self.assertLess(one[1]["foreseen"]["percentile"], two[1]["foreseen"]["percentile"])
        self.assertGreater(three[1]["foreseen"]["p50"], one[1]["foreseen"]["p50"] + 0.1)
        self.assertEqual(ask(course(), draws=20, weeks=2)["foreseen"], [])

    def test_an_absurd_result_is_named_and_moves_nothing(self):
        before, given = labs(at=day(-60)), iron(at=day(-58, "14:00"))
        absurd = lab("hemoglobin", 6, at=day(-9))
        plain, told = (ask(course(given, *extra, measured=before), draws=400, weeks=16) for extra in ([], [absurd]))
        self.assertGreater(told["basis"]["explains"][0]["impossible"], 0.99)
        for d in (56, 84):
            one, two = (at_day(a["series"]["hemoglobin"], d) for a in (plain, told))
            self.assertAlmostEqual(one, two, delta=0.25)

    def test_labs_that_hardly_go_together_are_said(self):
        self.assertFalse(ask(course(measured=STEADY), draws=20, weeks=2)["basis"]["labs_unusual"])
        odd = ask(course(measured=labs(hemoglobin=10, ferritin=800, tsat=40, crp=0.5)), draws=20, weeks=2)
        self.assertEqual((odd["verdict"], odd["basis"]["labs_unusual"]), ("forecast", True))

    def test_a_fall_below_the_model_is_said(self):
        bleed = {"since": day(1), "bleeding_ml_per_day": 200}
        answer = ask(course(bleed, iron(), measured=labs(hemoglobin=10, ferritin=20)), draws=20, weeks=24)
        self.assertTrue(answer["basis"]["leaves_range"])
        self.assertFalse(ask(course(iron()), draws=20, weeks=24)["basis"]["leaves_range"])

    # A transfusion after iron drives the hemoglobin of some bodies beyond what the model can play.

    def transfused(self, units, draws=200, **more):
        rich = {"at": day(60), "transfusion": units}
        return ask(course(iron(at=day(2)), rich, measured=labs(hemoglobin=11.3, ferritin=15, tsat=8)), draws=draws, weeks=24, **more)

    def test_a_body_that_cannot_be_played_is_left_out_alone(self):
        failing = [(units, a) for units in (8.6, 8.7, 8.8, 8.9) for a in [self.transfused(units)] if a["verdict"] == "forecast" and a["basis"]["draws_failed"]]
        self.assertTrue(failing)
        for units, answer in failing:
            self.assertLessEqual(answer["basis"]["draws_failed"], 10)
            self.assertEqual(answer["basis"]["draws"] + answer["basis"]["draws_failed"], 200)
            self.assertIn("hemoglobin runs away", answer["basis"]["failure"])
            self.assertTrue(0 <= answer["chances"]["hb-rise-1"]["p"] <= 1)

    def test_the_few_that_can_be_played_are_no_forecast(self):
        answer = self.transfused(16)
        self.assertEqual((answer["verdict"], answer["reason"]), ("cannot-start", "solver"))
        self.assertIn("runs away", answer["why"])

    def test_the_seed_is_taken_and_said(self):
        words = ("forecast", "-", "--region", "eu", "--at", AT, "--draws", "40", "--weeks", "4", "--json")
        one, other, again = (json.loads(ferrule(*words, "--seed", s, data=json.dumps(course(iron())))[1]) for s in ("7", "8", "7"))
        self.assertEqual([a["basis"]["seed"] for a in (one, other)], [7, 8])
        self.assertEqual(one, again)
        self.assertNotEqual(one["series"]["ferritin"]["p95"], other["series"]["ferritin"]["p95"])
        for bad in ("-1", "1.5", "x", "1e300"):
            self.assertEqual(ferrule(*words, "--seed", bad, data=json.dumps(course()))[0], 2)

    def test_an_infusion_behind_the_end_is_said(self):
        events = iron(at=day(2, "10:00")), iron(at=day(30, "10:00"))
        self.assertEqual([ask(course(*events), draws=1, weeks=w)["basis"]["infusions_beyond"] for w in (2, 6)], [1, 0])

    def test_an_infusion_of_no_time_is_a_fault(self):
        status, out, _ = ferrule("forecast", "-", "--region", "eu", "--at", AT, "--json", data=json.dumps(course(iron(minutes=0))))
        self.assertEqual((status, [f["at"] for f in json.loads(out)["faults"]]), (3, ["/events/%d/minutes" % len(labs())]))

    def test_no_bodies_is_usage(self):
        status = ferrule("forecast", "-", "--region", "eu", "--at", AT, "--draws", "0", data=json.dumps(course()))[0]
        self.assertEqual(status, 2)

    def test_what_comes_back_by_itself_is_no_rise(self):
        """After a bleed hemoglobin recovers without iron: the rise counts only what iron adds."""
        event = {"at": day(-3), "bleeding": 900}
        patient = dict(usual_hemoglobin_g_dl=13.5, conditions=[], blood_loss_ml_per_day=1, measured=labs(hemoglobin=10.2, ferritin=90, tsat=25))
        iron_only = ask(course(event, iron(20), **patient), draws=12, weeks=9)
        self.assertGreater(at_day(iron_only["change"]["hemoglobin"], 56), 1)
        self.assertGreater(iron_only["drift"]["hemoglobin"], 0.8)
        self.assertEqual(iron_only["chances"]["hb-rise-1"]["p"], 0)


# ---- plan, and the shape of answers --------------------------------------------------------------------------------------------------


class Plans(unittest.TestCase):
    def plan(self, c, *words):
        status, out, err = ferrule("plan", "-", "--region", "eu", "--at", AT, "--json", *words, data=json.dumps(c))
        self.assertIn(status, (0, 1), err)
        return json.loads(out)

    def test_each_option_carries_its_forecast(self):
        answer = self.plan(course(iron(300, day(20)), goals={"hemoglobin_g_dl": 11, "by_weeks": 8}), "--draws", "6")
        self.assertGreater(len(answer["options"]), 1)
        for o in answer["options"]:
            f = o["forecast"]
            self.assertEqual((f["basis"]["draws"], f["weeks"]), (6, 24))
            self.assertEqual([(i["product"], i["on"], i["dose_mg"]) for i in f["infusions"]],
                             [(o["product"], i["on"], i["dose_mg"]) for i in o["infusions"]], "the plan stands in for the course's own")
            self.assertEqual(o["chances"]["fishbane"]["p"] > 0, True)
            for name in ("hb-goal", "hb-rise-1", "hypophosphatemia", "ferritin-over-500"):
                self.assertEqual(set(o["chances"][name]), {"p", "p5", "p95"})

    def test_an_option_is_foreseen_as_the_same_course(self):
        answer = self.plan(course(), "--product", "fcm-eu", "--draws", "6")
        option = answer["options"][0]
        own = [iron(i["dose_mg"], f"{i['on']}T12:00+01:00", "fcm-eu", i["minutes"]) for i in option["infusions"]]
        same = ask(course(*own), draws=6)
        self.assertEqual(option["forecast"]["series"]["hemoglobin"], same["series"]["hemoglobin"])
        self.assertEqual(option["chances"], same["chances"])

    def test_usual_draws(self):
        words = ("--product", "fcm-eu")
        for option in self.plan(course(), *words)["options"]:
            self.assertEqual(option["forecast"]["basis"]["draws"], 4000)

    def test_no_draws_no_forecast(self):
        answer = self.plan(course(), "--draws", "0")
        for o in answer["options"]:
            self.assertIsNone(o.get("forecast"))
            self.assertEqual(set(o["chances"].values()), {None})

    def test_a_forecast_does_not_hang_on_the_options_beside_it(self):
        restless = course(goals={"irls": 15}, measured=labs(irls=25, hemoglobin=10.2), usual_hemoglobin_g_dl=13, **RESTLESS)
        bleeding = course({"at": day(-3), "bleeding": 900}, usual_hemoglobin_g_dl=13.5, conditions=["iron-deficiency-anemia"],
                          blood_loss_ml_per_day=1, measured=labs(hemoglobin=10.2, ferritin=25, tsat=15))
        for c in (course(), restless, bleeding):
            for region in ("eu", "us"):
                together = ask(c, question="plan", draws=300, region=region)["options"]
                self.assertGreater(len(together), 1)
                self.assertGreater(len({len(o["forecast"]["series"]["hemoglobin"]["t_days"]) for o in together}), 1, "other times, one play without iron")
                for o in together:
                    alone, = ask(c, question="plan", draws=300, region=region, product=o["product"])["options"]
                    self.assertEqual((alone["forecast"], alone["chances"]), (o["forecast"], o["chances"]), o["product"])

    def test_drift_is_no_rise_of_a_plan(self):
        patient = dict(usual_hemoglobin_g_dl=13.5, conditions=["iron-deficiency-anemia"], blood_loss_ml_per_day=1, measured=labs(hemoglobin=10.2, ferritin=25, tsat=15))
        answer = ask(course({"at": day(-3), "bleeding": 900}, **patient), question="plan", draws=12, product="iron-sucrose-eu", need_mg=100)
        option = answer["options"][0]
        self.assertGreater(option["forecast"]["drift"]["hemoglobin"], 0.8)
        self.assertGreater(at_day(option["forecast"]["change"]["hemoglobin"], 56), 1.2)
        self.assertLess(option["chances"]["hb-rise-1"]["p"], 0.2)

    def test_a_plan_without_a_start_has_no_chances(self):
        answer = self.plan(course(iron(at=day(-20))), "--draws", "4")
        for o in answer["options"]:
            self.assertEqual(o["forecast"]["verdict"], "cannot-start")
            self.assertIn("2026-04-07", o["forecast"]["why"])
            self.assertEqual(set(o["chances"].values()), {None})


class Schemas(unittest.TestCase):
    def test_answers_keep_their_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.fail("python3-jsonschema is missing: scripts/setup test installs it")
        schemas = {n: json.loads((SOURCE / "data" / "schema" / f"{n}.json").read_text()) for n in ("forecast", "simulate", "plan")}
        full = course(iron(), goals=Goals.GOALS, measured=labs(irls=25, fatigue=6), **RESTLESS)
        answers = [("forecast", ask(c, draws=2, weeks=3)) for c in (full, course(), course(iron(at=day(-3))), course(age_years=9), course(measured=[]),
                                                                     course(measured=labs(tsat=96)), course(measured=labs(irls=40), **RESTLESS))]
        answers.append(("plan", ask(full, question="plan", draws=2)))
        answers.append(("plan", ask(full, question="plan", draws=0)))
        scenario = {"patient": {"sex": "f", "wt": 64, "Hb": 9, "F": 9}, "events": [], "times_h": [0, 24]}
        answers.append(("simulate", json.loads(ferrule("simulate", "--scenario", "-", "--json", data=json.dumps(scenario))[1])))
        for name, answer in answers:
            jsonschema.validate(answer, schemas[name])
            for spoil in (lambda a: a.update(verdict="perhaps"), lambda a: a.update(surprise=1)):
                other = copy.deepcopy(answer)
                spoil(other)
                with self.assertRaises(jsonschema.ValidationError, msg=name):
                    jsonschema.validate(other, schemas[name])
        other = copy.deepcopy(answers[0][1])
        other["series"]["hemoglobin"]["p50"][0] = "high"
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.validate(other, schemas["forecast"])


# ---- what it runs on ------------------------------------------------------------------------------------------------------------


class InstructionSet(unittest.TestCase):
    SLOW = "without fused multiply-add"

    def on(self, isa, *words):
        done = subprocess.run([FERRULE, *words], capture_output=True, text=True, timeout=120, check=True, env={**os.environ, "FERRULE_ISA": isa})
        return done.stdout, done.stderr

    def test_the_version_names_it(self):
        self.assertRegex(self.on("baseline", "--version")[0], r"\Aferrule \d+\.\d+\.\d+\nsolver on baseline\n\Z")
        self.assertRegex(self.on("", "--version")[0], r"\nsolver on (avx512|avx2|neon|scalar|baseline)\n\Z")

    def test_a_set_that_is_none_is_said_not_passed_over(self):
        course = "examples/restless-legs.json"
        words = ["forecast", course, "--region", "eu", "--at", "2026-11-02T12:00+01:00", "--json", "--draws", "3", "--weeks", "2"]
        for isa in ("AVX2", "%s%n", "fast"):
            self.assertIn(f"FERRULE_ISA={isa} is none that this machine has", self.on(isa, *words)[1])
        for isa in ("", "scalar"):
            self.assertEqual(self.on(isa, *words)[1], "")

    def test_without_fused_multiply_add_it_says_so_and_answers_the_same(self):
        course = "examples/restless-legs.json"
        words = [course, "--region", "eu", "--at", "2026-11-02T12:00+01:00", "--json"]
        slow, told = self.on("baseline", "forecast", *words, "--draws", "20", "--weeks", "8")
        self.assertEqual(told.count(self.SLOW), 1)
        fast, told = self.on("scalar", "forecast", *words, "--draws", "20", "--weeks", "8")
        self.assertEqual(slow, fast)
        self.assertIn(self.SLOW, self.on("baseline", "plan", *words, "--draws", "2")[1])
        for question in (["plan", *words, "--draws", "0"], ["assess", *words]):  # nothing is played
            self.assertEqual(self.on("baseline", *question)[1], "")


if __name__ == "__main__":
    unittest.main()
