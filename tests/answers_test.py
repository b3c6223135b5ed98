"""The program as its users meet it: exit codes, units, stamps, faults, pages. Each test is a sentence about behaviour."""
import copy
import json
import os
import pathlib
import subprocess
import tempfile
import unittest
from datetime import datetime, timedelta

SOURCE = pathlib.Path(os.environ.get("FERRULE_SOURCE", pathlib.Path(__file__).resolve().parent.parent))
FERRULE = os.path.abspath(os.environ.get("FERRULE", str(SOURCE / "build" / "ferrule")))
AT = "2026-03-02T12:00+01:00"


def lab(name, value, unit, at="2026-03-02T08:00+01:00"):
    return {"at": at, "lab": name, "value": value, "unit": unit}


COURSE = {
    "ferrule": 1,
    "patient": {"sex": "female", "age_years": 40, "weight_kg": 64, "height_cm": 168,
                "conditions": ["iron-deficiency-anemia", "heavy-menstrual-bleeding"], "cause": ["heavy-menstrual-bleeding"],
                "allergies": [], "reactions": [], "pregnancy": None, "oral_iron": "intolerant"},
    "events": [lab("hemoglobin", 8.9, "g/dL"), lab("ferritin", 9, "ug/L"), lab("tsat", 8, "%"), lab("crp", 2, "mg/L"),
               lab("phosphate", 3.4, "mg/dL")],
}


def changed(**patient):
    course = copy.deepcopy(COURSE)
    course["patient"].update(patient)
    return course


def run(*words, course=None, order=None, raw=None):
    """Exit status, standard output, standard error. {course} and {order} stand for files."""
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for key, value in (("course", course), ("order", order)):
            if value is not None:
                names[key] = os.path.join(folder, key + ".json")
                pathlib.Path(names[key]).write_text(value if isinstance(value, str) else json.dumps(value))
        line = [FERRULE] + [word.format(**names) if "{" in word else word for word in words]
        if words[0] == "plan" and len(words) > 2 and "--draws" not in words:
            line += ["--draws", "0"]  # forecast_test looks at what is foreseen
        done = subprocess.run(line, capture_output=True, text=True, timeout=60, input=raw)
        return done.returncode, done.stdout, done.stderr


def ask(*words, **files):
    status, out, err = run(*words, "--json", **files)
    try:
        return status, json.loads(out)
    except json.JSONDecodeError:
        raise AssertionError(f"no JSON: {out[:300]} {err[:300]}") from None


def ids(answer):
    return [f["id"] for f in answer["findings"]]


def option_of(answer):
    return answer["options"][0]


def plan(course, *words, region="eu"):
    return ask("plan", "{course}", "--region", region, "--at", AT, *words, course=course)


class Exits(unittest.TestCase):
    def test_region_is_asked_for(self):
        status, answer = ask("plan", "{course}", "--at", AT, course=COURSE)
        self.assertEqual(status, 2)
        self.assertEqual(answer["faults"][0]["at"], "--region")

    def test_a_region_against_the_site_is_usage(self):
        with tempfile.TemporaryDirectory() as folder:
            site = pathlib.Path(folder) / "site.json"
            site.write_text('{"ferrule": 1, "region": "eu"}')
            for region, status in (("eu", 0), ("us", 2)):
                answer = ask("plan", "{course}", "--at", AT, "--site", str(site), "--region", region, course=COURSE)
                self.assertEqual((answer[0], [f["at"] for f in answer[1].get("faults", [])]), (status, ["--region"] if status else []))

    def test_unknown_words_are_usage(self):
        for words in (["nothing"], ["plan", "--nonsense"], ["plan", "--region"], ["prepare", "fcm-eu", "--region", "eu"],
                      ["prepare", "no-such", "--dose-mg", "100", "--region", "eu"], ["plan", "a", "b", "--region", "eu"]):
            self.assertEqual(run(*words)[0], 2, words)

    def test_an_option_is_written_in_full(self):
        """--weight could be kg, lb or basis, --stores mg or mg/kg: neither is guessed"""
        for words, said in ((["plan", "--weight", "141"], "--weight is not an option"), (["deficit", "--stores", "10"], "--stores is not an option"),
                            (["plan", "--weight=141"], "--weight is not an option"), (["plan", "--reg", "eu"], "--reg is not an option"),
                            (["plan", "-abc"], "-abc is not understood"), (["plan", "--json=1"], "--json takes no value"),
                            (["plan", "--region"], "--region lacks its value")):
            status, _, err = run(*words)
            self.assertEqual(status, 2, words)
            self.assertIn(said, err)
        self.assertEqual(run("deficit", "--method=ganzoni", "--weight-kg=70", "--hb=8")[0], 0)

    def test_an_option_is_taken_once(self):
        for words in (["plan", "--region", "eu", "--region", "us"], ["prepare", "fcm-eu", "--dose-mg", "100", "--dose-mg", "1000"],
                      ["plan", "--accept", "fcm-eu/overload", "--because", "a", "--because", "b"]):
            status, _, err = run(*words)
            self.assertEqual((status, "this option once" in err), (2, True), words)
        for words in (["--weight-kg", "70", "--weight-lb", "300"], ["--hb", "8", "--hb", "12"]):
            status, answer = ask("deficit", "--method", "ganzoni", "--weight-kg", "70", "--hb", "8", *words)
            self.assertEqual((status, answer["faults"][0]["expected"]), (3, "this option once"), words)

    def test_a_reason_that_is_no_text_is_usage(self):
        words = ("plan", "{course}", "--region", "eu", "--at", AT, "--accept", "iron-sucrose-eu/max-weekly", "--because")
        for because in (b"\xff", b"a\x1b[2Jb", "a\u202eb".encode()):
            with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
                f.write(json.dumps(COURSE))
                f.flush()
                line = [FERRULE] + [w.format(course=f.name) for w in words]
                done = subprocess.run([os.fsencode(w) for w in line] + [because], capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 2, because)
            self.assertNotIn(b"\x1b", done.stderr)
            self.assertNotIn("\u202e".encode(), done.stderr)

    def test_a_refusal_is_an_answer_with_status_1(self):
        course = changed(conditions=["iron-deficiency-anemia", "hereditary-hemochromatosis"])
        status, answer = ask("assess", "{course}", "--region", "eu", "--at", AT, course=course)
        self.assertEqual((status, answer["verdict"]), (1, "contraindicated"))

    def test_help_has_examples(self):
        for command in ("assess", "plan", "prepare", "check", "deficit", "products", "guidance", "new"):
            status, out, _ = run(command, "--help")
            self.assertEqual(status, 0, command)
            self.assertIn("Example", out, command)

    def test_unreadable_file(self):
        status, _, err = run("plan", "/nowhere/course.json", "--region", "eu")
        self.assertEqual(status, 3)
        self.assertIn("/nowhere/course.json", err)


class Input(unittest.TestCase):
    def test_wrong_unit_is_refused_with_the_unit_it_would_fit(self):
        status, answer = ask("deficit", "--method", "ganzoni", "--weight-kg", "70", "--hb", "80")
        self.assertEqual(status, 3)
        self.assertIn("g/L", answer["faults"][0]["hint"])
        course = copy.deepcopy(COURSE)
        course["events"][0] = lab("hemoglobin", 89, "g/dL")
        status, answer = plan(course)
        self.assertEqual(status, 3)
        self.assertEqual(answer["faults"][0]["at"], "/events/0/value")
        self.assertIn("g/L", answer["faults"][0]["hint"])

    def test_unusual_value_is_asked_about(self):
        course = copy.deepcopy(COURSE)
        course["events"][0] = lab("hemoglobin", 4.5, "g/dL")
        status, answer = plan(course)
        self.assertIn(status, (0, 1))
        self.assertEqual([c["at"] for c in answer["confirm"]], ["/events/0/value"])
        self.assertEqual(plan(COURSE)[1]["confirm"], [])

    def test_weight_in_pounds(self):
        kg = ask("deficit", "--method", "ganzoni", "--weight-kg", "70", "--hb", "8")[1]["total_mg"]
        lb = ask("deficit", "--method", "ganzoni", "--weight-lb", "154.3236", "--hb", "8")[1]["total_mg"]
        self.assertAlmostEqual(kg, lb, delta=0.5)
        self.assertAlmostEqual(kg, 1676, delta=0.01)
        for pounds in ("154.3236lb", "154.3236 lb", "70kg"):
            self.assertAlmostEqual(ask("deficit", "--method", "ganzoni", "--weight-lb", pounds, "--hb", "8")[1]["total_mg"], kg, delta=0.5)

    def test_all_faults_at_once_with_their_places(self):
        course = changed(weight_kg=900, oral_iron="sometimes", surprise=1)
        course["events"].append({"at": "2026-03-02T08:00", "lab": "ferritin", "value": 9, "unit": "ug/L"})
        course["events"].append(lab("ferritin", 9, "stone"))
        status, answer = plan(course)
        self.assertEqual(status, 3)
        places = {f["at"] for f in answer["faults"]}
        for place in ("/patient/weight_kg", "/patient/oral_iron", "/patient/surprise", "/events/5/at", "/events/6/unit"):
            self.assertIn(place, places)
        for fault in answer["faults"]:
            self.assertTrue(fault["expected"] and fault["found"], fault)

    def test_an_infusion_takes_no_less_than_six_seconds(self):
        """Less is no infusion, and the solver would step through it for ever."""
        for least, fine in ((1e-300, False), (1e-9, False), (0, False), (0.09, False), (0.1, True)):
            course = copy.deepcopy(COURSE)
            course["events"].append({"at": "2026-03-01T08:00+01:00", "infusion": "fcm-eu", "dose_mg": 500, "minutes": least})
            status, answer = ask("forecast", "{course}", "--region", "eu", "--at", AT, "--draws", "5", course=course)
            faults = [f for f in answer.get("faults", []) if f["at"] == f"/events/{len(COURSE['events'])}/minutes"]
            self.assertEqual((status == 3, len(faults)), (not fine, 0 if fine else 1), least)
            self.assertTrue(fine or "0.1 to 1440 min" in faults[0]["expected"], faults)
            order = {"ferrule": 1, "infusions": [{"product": "fcm-eu", "dose_mg": 500, "day": 0, "minutes": least}]}
            status, answer = ask("check", "{order}", "--region", "eu", "--at", AT, order=order)
            self.assertEqual([f["at"] for f in answer.get("faults", [])], [] if fine else ["/infusions/0/minutes"], least)

    def test_a_lab_of_the_future_is_a_fault(self):
        course = copy.deepcopy(COURSE)
        course["events"].append(lab("ferritin", 9, "ug/L", at="2026-03-09T08:00+01:00"))
        self.assertEqual(plan(course)[0], 3)

    def test_garbage_is_refused_with_a_place(self):
        for text in ("", "{", "[]", "null", '{"ferrule":1}', '{"ferrule":2,"patient":{},"events":[]}', "\x00\xff", '{"a":1,"a":2}',
                     "[" * 5000, '{"ferrule":1,"patient":{"sex":"female","age_years":1e999}}'):
            status, answer = plan(text)
            self.assertEqual(status, 3, text[:40])
            self.assertTrue(answer["faults"][0]["at"] is not None)

    def test_course_from_standard_input_and_from_options(self):
        status, out, _ = run("plan", "-", "--region", "eu", "--at", AT, "--json", raw=json.dumps(COURSE))
        self.assertEqual((status, json.loads(out)["verdict"]), (0, "planned"))
        status, answer = ask("plan", "--sex", "f", "--age-years", "39", "--weight-kg", "64", "--height-cm", "168", "--hb", "8.9g/dL",
                             "--ferritin", "7", "--tsat", "6", "--region", "eu", "--at", AT)
        self.assertIn(status, (0, 1))
        self.assertNotIn("faults", answer)


class Answers(unittest.TestCase):
    def test_same_input_same_bytes(self):
        first = run("plan", "{course}", "--region", "eu", "--at", AT, "--json", course=COURSE)
        self.assertEqual(first, run("plan", "{course}", "--region", "eu", "--at", AT, "--json", course=COURSE))
        stamp = json.loads(first[1])["stamp"]
        self.assertEqual(len(stamp["input_sha256"]), 64)
        self.assertEqual((stamp["region"], stamp["at"]), ("eu", AT))
        other = plan(changed(weight_kg=65))[1]["stamp"]
        self.assertNotEqual(stamp["input_sha256"], other["input_sha256"])

    def test_a_day_alone_is_noon_in_the_zone_of_the_course(self):
        for zone in ("+01:00", "-08:00", "+12:00"):
            course = copy.deepcopy(COURSE)
            for e in course["events"]:
                e["at"] = "2026-03-02T08:00" + zone
            answer = ask("plan", "{course}", "--region", "eu", "--at", "2026-03-02", course=course)[1]
            self.assertEqual(answer["stamp"]["at"], "2026-03-02T12:00" + zone)

    def test_the_clock_is_said(self):
        status, answer = ask("prepare", "fcm-eu", "--dose-mg", "500", "--region", "eu")
        self.assertEqual((status, answer["stamp"]["at_from_clock"]), (0, True))

    def test_product_of_another_region_is_refused(self):
        self.assertEqual(run("prepare", "fcm-us", "--dose-mg", "500", "--region", "eu")[0], 2)
        answer = plan(COURSE)[1]
        self.assertTrue(all(o["product"].endswith("-eu") for o in answer["options"]))

    def test_rounding_is_never_faster(self):
        for dose in (100, 137, 200, 201, 333, 500, 501, 777, 1000):
            answer = ask("prepare", "fcm-eu", "--dose-mg", str(dose), "--region", "eu", "--at", AT)[1]
            p = answer["preparation"]
            volume = p["bag_ml"] + p["drug_ml"]
            self.assertLessEqual(p["ml_per_h"], volume / p["minutes"] * 60 + 1e-9)
            self.assertGreaterEqual(p["minutes"], answer["allowed"]["minutes_min"])
            self.assertGreaterEqual(dose / volume, 2)
            self.assertEqual(answer["broken"], [])

    def test_a_dose_too_small_for_any_bag_is_refused(self):
        """2 mg/mL or more: 0.5 mg fit 0.25 mL, of which no bag is made"""
        for dose, verdict in (("0.5", "breaks-label"), ("20", "within-label")):
            status, answer = ask("prepare", "fcm-eu", "--dose-mg", dose, "--region", "eu", "--at", AT)
            self.assertEqual((status, answer["verdict"]), (int(verdict == "breaks-label"), verdict), dose)
            self.assertGreaterEqual(answer["preparation"]["bag_ml"], 1, dose)
        self.assertEqual(ask("prepare", "fcm-eu", "--dose-mg", "0.5", "--route", "injection", "--region", "eu", "--at", AT)[0], 0)

    def test_a_bag_of_nothing_is_usage(self):
        status, answer = ask("prepare", "fcm-eu", "--dose-mg", "500", "--bag-ml", "0", "--region", "eu", "--at", AT)
        self.assertEqual((status, answer["faults"][0]["at"]), (2, "--bag-ml"))

    def test_vials_cover_the_dose_with_least_waste(self):
        p = ask("prepare", "fdi-eu", "--dose-mg", "700", "--region", "eu", "--at", AT)[1]["preparation"]
        self.assertEqual(sum(v["mg"] * v["count"] for v in p["vials"]) - p["discard_mg"], 700)
        self.assertEqual(p["discard_mg"], 0)
        p = ask("prepare", "fcm-us", "--dose-mg", "690", "--region", "us", "--at", AT)[1]["preparation"]
        self.assertEqual(p["discard_mg"], 10)

    def test_iron_given_days_ago_counts(self):
        def given(day, product="fcm-eu", mg=1000):
            course = copy.deepcopy(COURSE)
            course["events"].append({"at": f"{day}T10:00+01:00", "infusion": product, "dose_mg": mg, "minutes": 15})
            return plan(course, "--product", "fcm-eu")[1]
        four, six, weeks = given("2026-02-26"), given("2026-02-24"), given("2026-01-26")
        self.assertEqual(four["options"][0]["infusions"][0]["on"], "2026-03-05")
        self.assertEqual(six["options"][0]["infusions"][0]["on"], "2026-03-03")
        self.assertEqual(weeks["options"][0]["infusions"][0]["on"], "2026-03-02")
        self.assertEqual(four["options"][0]["total_mg"], 500)
        self.assertEqual(weeks["options"][0]["total_mg"], 1500)
        other = given("2026-02-26", "iron-sucrose-eu", 200)
        self.assertEqual(other["options"][0]["infusions"][0]["on"], "2026-03-05")
        self.assertIn("iron-already-given-counts", ids(four))
        self.assertNotIn("iron-already-given-counts", ids(plan(COURSE, "--product", "fcm-eu")[1]))

    def test_iron_just_given_covers_the_need_for_every_product(self):
        """Two hours after 1000 mg of one product, with a need of 802 mg: no regimen of fixed doses of another."""
        course = json.loads((SOURCE / "examples" / "restless-legs.json").read_text())
        answer = ask("plan", "{course}", "--region", "us", "--at", "2026-11-02T12:00+01:00", "--draws", "0", course=course)[1]
        self.assertEqual((answer["verdict"], answer["options"]), ("no-legal-plan", []))
        said = {e["product"]: e["because"] for e in answer["excluded"]}
        for product in ("fcm-us", "ferumoxytol-us", "iron-sucrose-us"):
            self.assertIn("covered by iron already given in this course (1000 mg of 802 mg)", said[product])
        self.assertIn("iron-already-given-counts", ids(answer))

    def test_a_fixed_dose_is_planned_while_half_of_it_is_still_needed(self):
        """PR-41: a need of 1437 mg (64 kg, 8.9 g/dL) and doses of 510 mg; one of the same product counts as a dose of the regimen."""
        course = json.loads((SOURCE / "examples" / "heavy-menstrual-bleeding.json").read_text())
        for product, given, doses in (("lmwid-us", 500, [510, 510]), ("lmwid-us", 671, [510, 510]), ("lmwid-us", 673, [510]),
                                      ("lmwid-us", 1181, [510]), ("lmwid-us", 1183, []), ("ferumoxytol-us", 510, [510])):
            more = copy.deepcopy(course)
            more["events"].append({"at": "2026-11-02T10:00+01:00", "infusion": product, "dose_mg": given})
            answer = ask("plan", "{course}", "--region", "us", "--at", "2026-11-02T12:00+01:00", "--draws", "0", "--product", "ferumoxytol-us",
                         course=more)[1]
            self.assertEqual([i["dose_mg"] for o in answer["options"] for i in o["infusions"]], doses, (product, given))

    def test_accept_needs_a_reason_and_never_passes_a_label_limit(self):
        rule = "iron-sucrose-eu/max-weekly"
        status, answer = plan(COURSE, "--product", "iron-sucrose-eu", "--accept", rule)
        self.assertEqual(status, 2)
        status, answer = plan(COURSE, "--product", "iron-sucrose-eu", "--accept", rule, "--because", "three sessions a week here")
        self.assertEqual(answer["stamp"]["accepted"], [{"rule": rule, "because": "three sessions a week here"}])
        before = plan(COURSE, "--product", "iron-sucrose-eu")[1]
        self.assertGreater(before["options"][0]["infusions"][-1]["day"], answer["options"][0]["infusions"][-1]["day"])
        status, _ = plan(COURSE, "--accept", "fcm-eu/max-single-dose", "--because", "hurry")
        self.assertEqual(status, 2)

    def test_off_label_is_marked(self):
        status, answer = plan(COURSE, "--product", "fcm-eu", "--method", "fcm-eu/fixed-1000", "--off-label", "fcm-eu/fixed-1000")
        self.assertTrue(answer["options"][0]["off_label"])
        self.assertIn("off-label-regimen", ids(answer))
        self.assertEqual(answer["stamp"]["off_label"], ["fcm-eu/fixed-1000"])
        status, answer = plan(COURSE, "--product", "fcm-eu", "--method", "fcm-eu/fixed-1000")
        self.assertEqual((status, answer["options"]), (1, []))

    def test_urgent_comes_first(self):
        course = copy.deepcopy(COURSE)
        course["events"][0] = lab("hemoglobin", 6.4, "g/dL")
        answer = plan(course)[1]
        self.assertEqual(answer["findings"][0]["id"], "urgent-anemia-transfusion-question")
        self.assertTrue(answer["transfusion_question"])
        self.assertFalse(plan(COURSE)[1]["transfusion_question"])

    def test_child_gets_label_dosing_only(self):
        course = changed(age_years=10, weight_kg=36, height_cm=140)
        answer = plan(course, region="us")[1]
        products = {o["product"]: o for o in answer["options"]}
        self.assertEqual([i["dose_mg"] for i in products["fcm-us"]["infusions"]], [540, 540])
        self.assertNotIn("fdi-us", products)
        self.assertIn("pediatric-label-only", ids(answer))

    def test_absent_is_not_no(self):
        course = copy.deepcopy(COURSE)
        del course["patient"]["allergies"]
        answer = ask("assess", "{course}", "--region", "eu", "--at", AT, course=course)[1]
        self.assertIn("check-allergies", answer["checklist"])
        self.assertNotIn("check-allergies", ask("assess", "{course}", "--region", "eu", "--at", AT, course=COURSE)[1]["checklist"])

    def test_missing_ferritin_is_listed_with_its_turning_value(self):
        course = copy.deepcopy(COURSE)
        course["patient"]["conditions"] = ["heavy-menstrual-bleeding"]
        course["events"] = [e for e in course["events"] if e["lab"] not in ("ferritin", "tsat")]
        answer = ask("assess", "{course}", "--region", "eu", "--at", AT, course=course)[1]
        row = {m["item"]: m for m in answer["missing"]}["ferritin"]
        self.assertGreater(row["changes"], 0)
        self.assertIsNotNone(row["turning_value"])
        self.assertTrue(row["how_to_get"])

    def test_old_knowledge_says_so(self):
        answer = ask("assess", "{course}", "--region", "eu", "--at", "2028-03-02T12:00+01:00", course=COURSE)[1]
        self.assertIn("unverified-rule", ids(answer))
        self.assertTrue(any("last_read" in s for f in answer["findings"] for s in f["sources"]))

    def test_site_settings(self):
        site = {"ferrule": 1, "region": "eu", "formulary": ["iron-sucrose-eu"], "observe_minutes": 45, "name": "Day unit", "currency": "EUR",
                "resuscitation_protocol": "protocol 7",
                "vials": [{"product": "iron-sucrose-eu", "mg": 100, "price": 12.5}]}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
            f.write(json.dumps(site))
            f.flush()
            status, answer = ask("plan", "{course}", "--at", AT, "--site", f.name, course=COURSE)
            page = " ".join(run("plan", "{course}", "--at", AT, "--site", f.name, course=COURSE)[1].split())
        self.assertEqual((answer["stamp"]["site_name"], option_of(answer)["currency"], option_of(answer)["infusions"][0]["currency"]),
                         ("Day unit", "EUR", "EUR"))
        self.assertIn("protocol 7", answer["words"]["check-emergency-kit"])
        for words in ("Day unit", "25 EUR", "protocol of this site: protocol 7"):
            self.assertIn(words, page)
        self.assertEqual((status, answer["chosen"]), (0, "iron-sucrose-eu"))
        option = answer["options"][0]
        self.assertEqual(option["infusions"][0]["observe_minutes"], 45)
        self.assertAlmostEqual(option["cost"], 12.5 * sum(v["count"] for i in option["infusions"] for v in i["vials"]))
        self.assertEqual(len(answer["stamp"]["site"]), 64)

    def test_data_folder_is_said(self):
        answer = ask("plan", "{course}", "--region", "eu", "--at", AT, "--data", str(SOURCE / "data"), course=COURSE)[1]
        self.assertIn("--data", answer["stamp"]["knowledge"])
        self.assertNotIn("--data", plan(COURSE)[1]["stamp"]["knowledge"])


class Contradictions(unittest.TestCase):
    def test_patient_options_beside_a_course_are_refused(self):
        self.assertEqual(plan(COURSE, "--weight-kg", "130")[0], 2)

    def test_dose_and_volume_of_an_order_must_agree(self):
        order = {"ferrule": 1, "infusions": [{"product": "fdi-eu", "dose_mg": 1000, "drug_ml": 20, "bag_ml": 100, "minutes": 20}]}
        status, answer = ask("check", "{order}", "--region", "eu", "--at", AT, order=order)
        self.assertEqual((status, answer["faults"][0]["at"]), (3, "/infusions/0/drug_ml"))
        order["infusions"][0]["drug_ml"] = 10
        self.assertEqual(ask("check", "{order}", "--region", "eu", "--at", AT, order=order)[0], 0)

    def test_a_dose_over_every_band_is_never_freer_than_a_smaller_one(self):
        answer = ask("prepare", "fcm-eu", "--dose-mg", "1001", "--region", "eu", "--at", AT)[1]
        self.assertEqual(answer["verdict"], "breaks-label")
        self.assertGreaterEqual(answer["allowed"]["minutes_min"], 15)
        self.assertLessEqual(answer["allowed"]["bag_ml_max"], 250)

    def test_the_slow_first_part_is_waited_out(self):
        p = ask("prepare", "lmwid-eu", "--dose-mg", "200", "--route", "injection", "--region", "eu", "--at", AT)[1]["preparation"]
        self.assertEqual((p["stages"][0]["mg"], p["test_wait_minutes"]), (25, 15))

    def test_ferritin_of_the_first_weeks_after_iron_is_no_ceiling(self):
        course = copy.deepcopy(COURSE)
        course["events"] = [e for e in course["events"] if e["lab"] not in ("ferritin", "tsat")]
        course["events"] += [lab("ferritin", 900, "ug/L"), {"at": "2026-02-26T08:00+01:00", "infusion": "fdi-eu", "dose_mg": 1000}]
        answer = ask("assess", "{course}", "--region", "eu", "--at", AT, course=course)[1]
        self.assertNotIn("ferritin-above-ceiling", ids(answer))
        self.assertIn("repeat-sample", ids(answer))
        del course["events"][-1]
        self.assertIn("ferritin-above-ceiling", ids(ask("assess", "{course}", "--region", "eu", "--at", AT, course=course)[1]))

    def test_tsat_drawn_within_hours_of_iron_does_not_count(self):
        """FCM-US-G12: 24 h after ferric carboxymaltose; IS-US-G08: 48 h after iron sucrose; nothing after other drugs."""
        for drug, hours, counts in (("fcm-us", 23, False), ("fcm", 24, True), ("iron-sucrose-eu", 47, False), ("is", 48, True), ("fdi-eu", 1, True)):
            course = copy.deepcopy(COURSE)
            drawn = "2026-03-02T08:00+01:00"
            given = datetime.fromisoformat(drawn) - timedelta(hours=hours)
            course["events"].append({"at": given.isoformat(), "infusion": drug, "dose_mg": 100})
            answer = ask("assess", "{course}", "--region", "eu", "--at", AT, course=course)[1]
            self.assertEqual(answer["derived"]["tsat_pct"], 8 if counts else None, drug)
            self.assertEqual("assay-artefact-recent-iron" in ids(answer), not counts, drug)
            course["events"].insert(0, lab("tsat", 12, "%", "2026-02-20T08:00+01:00"))
            answer = ask("assess", "{course}", "--region", "eu", "--at", AT, course=course)[1]
            self.assertEqual(answer["derived"]["tsat_pct"], 8 if counts else 12, drug)

    def test_labs_of_more_than_90_days_are_asked_for_again(self):
        for day, old in (("2025-12-02", False), ("2025-12-01", True)):
            course = copy.deepcopy(COURSE)
            course["events"][0]["at"] = day + "T08:00+01:00"
            answer = ask("assess", "{course}", "--region", "eu", "--at", AT, course=course)[1]
            self.assertEqual("repeat-sample" in ids(answer), old, day)

    def test_no_infusion_is_planned_for_a_few_milligrams(self):
        """PR-20"""
        for need, doses in ((1019, [1000]), (1020, [1000, 20])):
            answer = plan(COURSE, "--product", "fcm-eu", "--need-mg", str(need))[1]
            self.assertEqual([i["dose_mg"] for i in answer["options"][0]["infusions"]], doses)

    def test_a_pregnancy_is_asked_about_at_a_fertile_age(self):
        """PR-23, PR-24"""
        for age, asked in ((9.9, False), (10, True), (55, True), (55.1, False)):
            course = changed(age_years=age)
            del course["patient"]["pregnancy"]
            answer = ask("assess", "{course}", "--region", "us", "--at", AT, course=course)[1]
            self.assertEqual("pregnancy" in [m["item"] for m in answer["missing"]], asked, age)

    def test_an_unusual_need_is_asked_about(self):
        for need, asked in ((3500, []), (3501, ["--need-mg"])):
            self.assertEqual([c["at"] for c in plan(COURSE, "--need-mg", str(need))[1]["confirm"]], asked)

    def test_an_order_for_a_patient_who_lacks_no_iron_is_not_in_the_label(self):
        """RL-off-label-indication-not-deficient"""
        order = {"ferrule": 1, "infusions": [{"product": "fdi-eu", "dose_mg": 1000, "minutes": 30}]}
        for ferritin, said in ((180, True), (20, False)):
            course = changed()
            course["events"] = [lab("hemoglobin", 13.8, "g/dL"), lab("ferritin", ferritin, "ug/L"), lab("tsat", 32, "%")]
            answer = ask("check", "{order}", "{course}", "--region", "eu", "--at", AT, course=course, order=order)[1]
            self.assertEqual("off-label-indication" in ids(answer), said, ferritin)

    def test_a_weight_that_does_not_fit_the_height_is_asked_about(self):
        """PR-21, PR-22: 45 kg/m2 at 168 cm is 127.0 kg, 14 is 39.5 kg"""
        for kg, asked in ((127, []), (127.1, ["/patient/weight_kg"]), (39.6, []), (39.5, ["/patient/weight_kg"])):
            answer = plan(changed(weight_kg=kg, height_cm=168))[1]
            self.assertEqual([c["at"] for c in answer["confirm"]], asked, kg)

    def test_two_words_for_the_stores_are_usage(self):
        answer = ask("deficit", "--method", "ganzoni", "--weight-kg", "60", "--hb", "9", "--stores-mg", "500", "--stores-mg-per-kg", "10")
        self.assertEqual((answer[0], answer[1]["faults"][0]["found"]), (2, "both"))

    def test_the_heart_failure_table_names_its_maintenance(self):
        course = changed(conditions=["heart-failure"], nyha_class=2)
        course["events"][0]["value"] = 12
        answer = plan(course, "--product", "fcm-us", "--method", "hf-table", region="us")[1]
        notes = [n["text"] for n in answer["options"][0]["infusions"][0]["notes"] if n["id"] == "fcm-us/hf-table"]
        self.assertEqual(notes, ["Then 500 mg at weeks 12, 24 and 36, each time if ferritin is below 100 ug/L, or ferritin is 100 to 300 ug/L with TSAT below 20 %."])

    def test_the_proactive_regimen_is_held_by_ferritin_and_tsat(self):
        words = ("--product", "iron-sucrose-us", "--method", "hd-proactive-400-monthly", "--off-label", "iron-sucrose-us/hd-proactive-400-monthly")
        for ferritin, tsat, planned in ((700, 39, True), (701, 39, False), (700, 40, False)):
            course = changed(conditions=["hemodialysis"])
            course["events"] = [lab("hemoglobin", 9.5, "g/dL"), lab("ferritin", ferritin, "ug/L"), lab("tsat", tsat, "%"), {"since": "2026-01-01", "esa": "epoetin"}]
            self.assertEqual(bool(plan(course, *words, region="us")[1].get("options")), planned, (ferritin, tsat))


    def test_a_place_without_resuscitation_is_said(self):
        """RL-resuscitation-absent: the site's word, and for one patient the course's"""
        order = {"ferrule": 1, "infusions": [{"product": "fdi-eu", "dose_mg": 500, "minutes": 30, "bag_ml": 100, "diluent": "sodium-chloride-0.9"}]}
        for of_site, of_patient, said in ((None, None, False), (True, None, False), (False, None, True), (False, True, False), (True, False, True), (None, False, True)):
            with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
                f.write(json.dumps({"ferrule": 1, "on_site_resuscitation": of_site}))
                f.flush()
                words = ("--region", "eu", "--at", AT, "--site", f.name)
                for line in (["plan", "{course}"], ["check", "{order}", "{course}"], ["prepare", "fdi-eu", "--dose-mg", "500"]):
                    course = changed(on_site_resuscitation=of_patient)
                    answer = ask(*line, *words, course=course, order=order)[1]
                    found = [(x["level"], x["sources"][0]["id"]) for x in answer["findings"] if x["id"] == "check-setting"]
                    expected = said if line[0] != "prepare" else of_site is False
                    self.assertEqual(found, [("caution", "G-013")] if expected else [], (of_site, of_patient, line))


class Check(unittest.TestCase):
    ORDER = {"ferrule": 1, "infusions": [{"product": "fcm-eu", "dose_mg": 1000, "at": "2026-03-02T14:00+01:00", "route": "infusion",
                                          "bag_ml": 250, "diluent": "sodium-chloride-0.9", "minutes": 15}]}

    def check(self, *words, course=COURSE, **change):
        order = copy.deepcopy(self.ORDER)
        order["infusions"][0].update(change)
        files = ("{order}", "{course}") if course else ("{order}",)
        return ask("check", *files, "--region", "eu", "--at", AT, *words, course=course, order=order)

    def test_a_good_order_is_within_label(self):
        status, answer = self.check()
        self.assertEqual((status, answer["verdict"], answer["broken"]), (0, "within-label", []))

    def test_each_breach_is_named_and_corrected(self):
        for change, name in (({"dose_mg": 1200}, "max-single-dose"), ({"minutes": 10}, "min-minutes"), ({"bag_ml": 500}, "max-volume"),
                             ({"diluent": "dextrose-5"}, "diluent")):
            status, answer = self.check(**change)
            self.assertEqual((status, answer["verdict"]), (1, "breaks-label"), change)
            self.assertIn(name, answer["broken"])
            corrected = answer["corrected"]
            self.assertIsNotNone(corrected, change)
            again = ask("check", "{order}", "{course}", "--region", "eu", "--at", AT, course=COURSE,
                        order={"ferrule": 1, "infusions": [{k: v for k, v in i.items() if k not in ("on",)} for i in corrected["infusions"]]})
            self.assertEqual(again[1]["broken"], [], change)

    def test_a_rate_is_read_as_minutes(self):
        """270 mL at 5000 mL/h run in 3.2 minutes; the label asks for 15"""
        order = {k: v for k, v in self.ORDER["infusions"][0].items() if k != "minutes"}
        for rate, broken in ((5000, ["min-minutes"]), (1081, ["min-minutes"]), (1080, [])):
            answer = ask("check", "{order}", "{course}", "--region", "eu", "--at", AT, course=COURSE,
                         order={"ferrule": 1, "infusions": [dict(order, ml_per_h=rate)]})[1]
            self.assertEqual((answer["broken"], "min-minutes" in answer["unchecked"]), (broken, False), rate)
        self.assertEqual(self.check(ml_per_h=5000)[0], 3)

    def test_days_are_counted_in_the_zone_of_the_order(self):
        """Without a course: 750 mg 6.5 days apart in California are calendar days 0 and 6 there, and within a week"""
        order = {"ferrule": 1, "infusions": [{"product": "fcm-us", "dose_mg": 750, "at": at, "minutes": 15, "bag_ml": 250, "route": "infusion",
                                              "diluent": "sodium-chloride-0.9"} for at in ("2026-11-02T08:00-08:00", "2026-11-08T20:00-08:00")]}
        for at in ("2026-11-01T12:00Z", "2026-11-01T12:00-08:00", "2026-11-01"):
            answer = ask("check", "{order}", "--region", "us", "--at", at, order=order)[1]
            self.assertEqual((answer["verdict"], answer["broken"]), ("breaks-label", ["min-interval"]), at)

    def test_a_corrected_order_has_the_test_dose_that_is_due(self):
        """Due at the first dose of the drug wherever it stands in the order, not where the drug was given before"""
        iron = {"product": "lmwid-us", "dose_mg": 200, "route": "infusion", "bag_ml": 250, "diluent": "sodium-chloride-0.9", "minutes": 120, "day": 10}
        before = copy.deepcopy(COURSE)
        before["events"].append({"at": "2026-02-24T10:00+01:00", "infusion": "lmwid-us", "dose_mg": 100, "test_dose_mg": 25})
        other = {"product": "fdi-us", "dose_mg": 1100, "route": "infusion", "bag_ml": 100, "diluent": "sodium-chloride-0.9", "minutes": 20, "day": 0}
        for course, infusions, due in ((COURSE, [iron], [25]), (before, [iron], [None]), (COURSE, [other, iron], [None, 25]), (before, [other, iron], [None, None])):
            order = {"ferrule": 1, "infusions": copy.deepcopy(infusions)}
            order["infusions"][-1]["minutes"] = 1
            answer = ask("check", "{order}", "{course}", "--region", "us", "--at", AT, course=course, order=order)[1]
            self.assertTrue(answer["corrected"], answer["broken"])
            self.assertEqual([i.get("test_dose_mg") for i in answer["corrected"]["infusions"]], due)

    def test_a_corrected_order_is_the_whole_order(self):
        order = dict(copy.deepcopy(self.ORDER), premedication=["cetirizine"], indication="anemia-of-ckd", **{"with": []})
        order["infusions"][0]["minutes"] = 10
        words = ("check", "{order}", "{course}", "--region", "eu", "--at", AT)
        corrected = ask(*words, course=COURSE, order=order)[1]["corrected"]
        self.assertEqual({k: corrected[k] for k in ("premedication", "with", "indication")}, {k: order[k] for k in ("premedication", "with", "indication")})
        self.assertEqual(ask(*words, course=COURSE, order=corrected)[0], 0)

    def test_an_order_broken_by_what_stands_beside_it_has_no_correction(self):
        order = {"ferrule": 1, "with": ["antibiotic-iv"], "infusions": [{"product": "ferumoxytol-us", "dose_mg": 510, "route": "infusion", "bag_ml": 100,
                                                                   "diluent": "sodium-chloride-0.9", "minutes": 15}]}
        answer = ask("check", "{order}", "{course}", "--region", "us", "--at", AT, course=COURSE, order=order)[1]
        self.assertEqual((answer["broken"], answer["corrected"]), (["separation-from-drugs"], None))

    def test_without_a_course_patient_limits_are_unchecked(self):
        status, answer = self.check(course=None)
        self.assertIn("max-single-mg-per-kg", answer["unchecked"])


class Pages(unittest.TestCase):
    COMMANDS = (["plan", "{course}", "--region", "eu", "--at", AT], ["assess", "{course}", "--region", "eu", "--at", AT],
                ["prepare", "fcm-eu", "--dose-mg", "1000", "--region", "eu", "--at", AT],
                ["deficit", "--method", "ganzoni", "--weight-kg", "70", "--hb", "8", "--at", AT], ["products"], ["products", "lmwid-eu"],
                ["guidance", "pregnancy"])

    def test_every_page_says_what_it_is(self):
        for words in self.COMMANDS:
            _, out, _ = run(*words, course=COURSE)
            self.assertIn("No medical device; not for use without a clinician", out, words)

    def test_a_page_says_nothing_of_what_is_not_known(self):
        """The place of a fault of the whole file; the difference to a plan that there is not"""
        self.assertIn("whole file: expected an object", run("plan", "{course}", "--region", "eu", "--at", AT, course="[]")[2])
        for course, words in ((COURSE, "mg (differs by"), (changed(conditions=["iron-deficiency-anemia", "bacteremia"]), "")):
            line = ["plan", "{course}", "--region", "eu", "--at", AT]
            page = run(*line, course=course)[1]
            self.assertEqual(("differs by" in page, "differs by -" in page), (bool(words), False))
        page = run("plan", "{course}", "--region", "eu", "--at", AT, "--product", "fcm-eu", "--method", "fcm-eu/fixed-1000", course=COURSE)[1]
        self.assertIn("Ganzoni", page)
        self.assertNotIn("differs by", page)

    def test_pages_fit_100_columns_and_are_plain_when_piped(self):
        for words in self.COMMANDS:
            _, out, _ = run(*words, course=COURSE)
            self.assertNotIn("\033", out, words)
            self.assertGreater(len(out), 100, words)
            for line in out.splitlines():
                self.assertLessEqual(len(line), 100, line)

    def test_answers_keep_their_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.fail("python3-jsonschema is missing: scripts/setup test installs it")
        for words in self.COMMANDS:
            answer = ask(*words, course=COURSE)[1]
            schema = json.loads((SOURCE / "data" / "schema" / (words[0] + ".json")).read_text())
            jsonschema.validate(answer, schema)
            if words[0] == "plan":
                answer["verdict"] = "perhaps"
                with self.assertRaises(jsonschema.ValidationError):
                    jsonschema.validate(answer, schema)

    def test_hazards_name_tests_that_exist(self):
        text = (SOURCE / "docs" / "hazards.md").read_text()
        here = pathlib.Path(__file__).read_text()
        import re
        for name in re.findall(r"answers_test\.py: (test_\w+)", text):
            self.assertIn(f"def {name}(", here)
        for name in re.findall(r"`(\w+_test\.py|\w+\.c)`", text):
            self.assertTrue(list((SOURCE / "tests").rglob(name)), name)


if __name__ == "__main__":
    unittest.main()
