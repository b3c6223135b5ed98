"""The infusion in progress, as `ferrule infuse replay` answers: what is refused, what is alarmed, what a fault of the record says.

The machine alone is held by unit/test_session_machine.c, and explored to a fixed point by tools/explore_session.c, which is run here."""
import copy
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("FERRULE_SOURCE", pathlib.Path(__file__).resolve().parent.parent))
FERRULE = os.path.abspath(os.environ.get("FERRULE", str(SOURCE / "build" / "ferrule")))
BUILD = pathlib.Path(os.environ.get("FERRULE_BUILD", SOURCE / "build"))
USUAL = {"systolic_mmhg": 126, "diastolic_mmhg": 78, "heart_rate_per_min": 76, "spo2_pct": 98, "respiratory_rate_per_min": 14, "temperature_c": 36.7}


def at(minute):
    return f"2026-03-02T{10 + minute // 60:02d}:{minute % 60:02d}+01:00"


def event(minute, kind, **fields):
    return dict({"at": at(minute), "event": kind}, **fields)


def vitals(minute, **fields):
    return event(minute, "vitals", **dict(USUAL, **fields))


def record(*events, **session):
    about = {"patient": {"sex": "female", "age_years": 40, "weight_kg": 65, "height_cm": 165, "conditions": ["iron-deficiency-anemia"], "allergies": [],
                         "reactions": []},
             "order": {"product": "fcm-eu", "dose_mg": 1000, "route": "infusion", "bag_ml": 250, "diluent": "sodium-chloride-0.9", "minutes": 15},
             "baseline": dict(USUAL)}
    about.update(copy.deepcopy(session))
    return {"ferrule": 1, "session": about, "events": list(events)}


def run(what, *words, region="eu"):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "events.json"
        path.write_text(what if isinstance(what, str) else json.dumps(what))
        done = subprocess.run([FERRULE, "infuse", "replay", str(path), "--region", region, *words], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def ask(what, minute, region="eu", *words):
    status, out, err = run(what, "--at", at(minute), "--json", *words, region=region)
    if status:
        raise AssertionError(f"exit {status}: {out}{err}")
    return json.loads(out)


def faults(what):
    status, out, _ = run(what, "--at", at(60), "--json")
    return status, {f["at"]: f for f in json.loads(out).get("faults", [])}


def ids(answer, key="advice"):
    return [x["id"] for x in answer[key]]


START = event(0, "start")


class Replay(unittest.TestCase):
    def test_a_refused_intention_is_a_line_and_no_failure(self):
        status, out, _ = run(record(START, event(3, "sign", sign="flushing"), event(4, "resume")), "--at", at(5), "--json")
        answer = json.loads(out)
        self.assertEqual(status, 0)
        self.assertEqual([(r["at"], r["event"], r["rule"]) for r in answer["refused"]], [(at(4), "resume", "R-R01")])
        self.assertEqual(answer["state"], answer["verdict"])
        self.assertEqual(answer["state"], "paused")

    def test_events_after_the_instant_are_not_played(self):
        what = record(START, event(3, "sign", sign="stridor"))
        self.assertEqual([ask(what, minute)["state"] for minute in (2, 3, 5)], ["running", "severe", "emergency"])
        self.assertEqual(ask(what, 2)["later_events"], 1)

    def test_a_record_without_a_check_says_that_the_list_was_taken_as_done(self):
        plain, one = ask(record(START), 1), ask(record(event(0, "check", item="check-identity", done=True), START), 1)
        self.assertTrue(plain["checklist_taken_as_done"])
        self.assertEqual({c["answer"] for c in plain["checklist"]}, {"done"})
        self.assertFalse(one["checklist_taken_as_done"])
        self.assertIn("started-early", ids(one, "alarms"))
        self.assertNotIn("started-early", ids(plain, "alarms"))

    def test_an_item_is_declined_with_a_reason_alone(self):
        self.assertEqual(faults(record(event(0, "check", item="check-consent-staining", done=False)))[0], 3)
        answer = ask(record(event(0, "check", item="check-consent-staining", done=False, why="in an emergency")), 1)
        row = next(c for c in answer["checklist"] if c["id"] == "check-consent-staining")
        self.assertEqual((row["answer"], row["why"], row["at"]), ("declined", "in an emergency", at(0)))

    def test_intentions_against_the_protocol_are_refused_and_deeds_are_alarmed(self):
        for action, rule in (("adrenaline-im", "R-D02"), ("diphenhydramine", "R-PM02"), ("increase-rate", "R-D06"), ("iron-allergy-label", "R-D05")):
            told = ask(record(START, event(3, "sign", sign="flushing"), event(4, "intend", action=action)), 4)
            self.assertEqual([(r["event"], r["rule"]) for r in told["refused"]], [("intend", rule)], action)
        done = ask(record(START, event(3, "sign", sign="flushing"), event(4, "action", action="diphenhydramine")), 4)
        self.assertEqual(done["refused"], [])
        self.assertIn("against-protocol", done["log"][-1]["alarms"])

    def test_an_antihistamine_waits_for_adrenaline(self):
        severe = [START, event(3, "sign", sign="stridor")]
        late = severe + [event(3, "action", action="adrenaline-im", dose_mg=0.5)]
        self.assertEqual(len(ask(record(*severe, event(3, "intend", action="hydrocortisone")), 3)["refused"]), 1)
        self.assertEqual(ask(record(*late, event(4, "intend", action="hydrocortisone")), 4)["refused"], [])

    def test_no_nsaid_where_the_patient_has_a_flag(self):
        agreed = [START, event(3, "sign", sign="back-pain"), event(4, "prescriber", agrees=True, name="Dr. Able")]
        for conditions, refused in (([], 0), (["chronic-kidney-disease"], 1)):
            what = record(*agreed, event(5, "intend", action="nsaid"))
            what["session"]["patient"]["conditions"] = conditions
            self.assertEqual(len(ask(what, 5)["refused"]), refused, conditions)

    def test_an_undo_counts_entries_from_one_and_takes_the_last_by_itself(self):
        slip = [START, event(3, "sign", sign="widespread-rash")]
        for undo in ({}, {"entry": 2}):
            answer = ask(record(*slip, event(3, "undo", **undo)), 3)
            self.assertEqual((answer["state"], answer["grade"], answer["refused"]), ("paused", 0, []))
            self.assertEqual(sorted(answer["resume"]["needs"]), ["prescriber", "vitals"])
        late = record(*slip, event(5, "undo"))
        self.assertEqual((ask(late, 5)["state"], len(ask(late, 5)["refused"])), ("emergency", 1))

    def test_doses_stand_beside_the_advice(self):
        answer = ask(record(START, event(3, "sign", sign="stridor")), 3)
        rows = {a["id"]: a for a in answer["advice"]}
        self.assertEqual((rows["adrenaline-im"]["dose_mg"], rows["adrenaline-im"]["volume_ml"], rows["adrenaline-im"]["repeat_after_min"]), (0.5, 0.5, 5))
        self.assertEqual((rows["fluid-bolus"]["volume_ml"], answer["first_drug"]), (500, "adrenaline"))
        child = record(START, event(3, "sign", sign="stridor"))
        child["session"]["patient"].update(age_years=7, weight_kg=24)
        child["session"]["order"].update(dose_mg=300, bag_ml=100)
        rows = {a["id"]: a for a in ask(child, 3)["advice"]}
        self.assertEqual((rows["adrenaline-im"]["dose_mg"], rows["fluid-bolus"]["volume_ml"]), (0.3, 240))

    def test_a_site_sets_its_own_dose_and_asks_for_more_never_for_less(self):
        what = record(START, event(3, "sign", sign="flushing"), event(4, "sign-gone", sign="flushing"), vitals(18), site={
            "symptom_free_minutes": 20, "prescriber_before_resume": True, "adrenaline_mg": 0.3, "observe_minutes": 90})
        answer = ask(what, 19)
        self.assertEqual((answer["resume"]["not_before"], answer["resume"]["needs"], answer["observe_minutes"]), (at(24), ["prescriber"], 90))
        what["session"]["site"] = {"symptom_free_minutes": 1, "observe_minutes": 5}
        answer = ask(what, 19)
        self.assertEqual((answer["resume"]["not_before"], answer["observe_minutes"]), (at(19), 60))
        what["session"]["site"] = {"adrenaline_mg": 5}
        self.assertEqual(list(faults(what)[1]), ["/session/site/adrenaline_mg"])

    def test_an_order_that_breaks_its_label_is_said_and_never_run_so_fast(self):
        what = record(START)
        what["session"]["order"]["minutes"] = 5
        answer = ask(what, 1)
        self.assertEqual((answer["order"]["verdict"], answer["order"]["broken"]), ("breaks-label", ["min-minutes"]))
        self.assertEqual(answer["order"]["rate_ml_per_h_max"], 1080)
        self.assertIn("rate-above-order", ids(ask(record(event(0, "start", rate_ml_per_h=1200)), 1), "alarms"))

    def test_a_test_dose_and_its_wait_come_first(self):
        what = record(START, event(61, "resume"))
        what["session"]["order"] = {"product": "lmwid-us", "dose_mg": 100, "route": "infusion", "bag_ml": 250, "diluent": "sodium-chloride-0.9", "minutes": 60}
        self.assertEqual([ask(what, minute, "us")["state"] for minute in (0, 2, 60, 61)], ["test-dose", "waiting", "waiting", "running"])
        self.assertEqual(ask(what, 5, "us")["resume"]["not_before"], "2026-03-02T11:00:30+01:00")

    def test_pain_at_the_cannula_is_asked_about_before_any_reaction(self):
        answer = ask(record(START, event(3, "sign", sign="back-pain")), 3)
        order = ids(answer)
        self.assertLess(order.index("inspect-cannula"), order.index("fishbane"))
        self.assertNotIn("inspect-cannula", ids(ask(record(START, event(3, "sign", sign="stridor")), 3)))

    def test_nothing_is_estimated_where_there_are_no_labs(self):
        model = ask(record(START), 1)["model"]
        self.assertIsNone(model["reaction_risk"])
        self.assertIn("model estimate, no published dose-response", model["text"])


class Faults(unittest.TestCase):
    def test_each_fault_has_its_place(self):
        what = record(START, event(1, "sign", sign="flushin"), event(2, "vitals", systolic_mmhg=12.6), event(3, "nothing"), event(4, "vitals"),
                      event(5, "pump", given_ml=-3), event(6, "intend", action="dance"), event(7, "start", speed=3), event(8, "undo", entry=99))
        what["session"]["order"]["dose_mg"] = "lots"
        status, found = faults(what)
        self.assertEqual(status, 3)
        self.assertEqual(sorted(found), sorted(["/session/order/dose_mg", "/events/1/sign", "/events/2/systolic_mmhg", "/events/3/event", "/events/4",
                                                "/events/5/given_ml", "/events/6/action", "/events/7/speed", "/events/8/entry"]))
        self.assertIn("flushing", found["/events/1/sign"]["hint"])

    def test_entries_stand_in_the_order_of_time(self):
        self.assertEqual(list(faults(record(event(5, "start"), event(4, "note", text="earlier")))[1]), ["/events/1/at"])

    def test_pressures_that_are_exchanged_are_a_fault(self):
        self.assertEqual(list(faults(record(START, vitals(1, systolic_mmhg=78, diastolic_mmhg=126)))[1]), ["/events/1/diastolic_mmhg"])

    def test_a_product_of_another_region_is_a_fault(self):
        status, out, _ = run(record(START), "--at", at(1), "--json", region="us")
        self.assertEqual((status, json.loads(out)["faults"][0]["at"]), (3, "/session/order/product"))

    def test_only_an_infusion_is_followed(self):
        what = record(START)
        what["session"]["order"].update(route="injection")
        self.assertIn("/session/order/route", faults(what)[1])

    def test_another_subcommand_is_usage(self):
        for words in ([], ["dance"], ["replay"]):
            done = subprocess.run([FERRULE, "infuse", *words, "--region", "eu"], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 2, words)


class Shape(unittest.TestCase):
    def test_answers_keep_their_schema(self):
        import jsonschema
        schema = json.loads((SOURCE / "data" / "schema" / "infuse.json").read_text())
        for events, minute in (([], 0), ([START], 1), ([START, event(3, "sign", sign="flushing")], 5), ([START, event(3, "sign", sign="cardiac-arrest")], 9),
                               ([START, event(15, "end"), vitals(44)], 50)):
            answer = ask(record(*events), minute)
            jsonschema.validate(answer, schema)
            answer["state"] = "perhaps"
            with self.assertRaises(jsonschema.ValidationError):
                jsonschema.validate(answer, schema)

    def test_pages_fit_100_columns_and_say_what_is_refused(self):
        what = record(START, event(3, "sign", sign="flushing"), event(4, "resume"), event(5, "pump", given_ml=60, rate_ml_per_h=1080))
        out = run(what, "--at", at(6))[1]
        for line in out.splitlines():
            self.assertLessEqual(len(line), 100, line)
        for words in ("Infusion: paused", "Refused", "Alarms", "The pump runs although", "No medical device"):
            self.assertIn(words, out)


class Explored(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.done = subprocess.run([str(BUILD / "tests" / "explore_session")], capture_output=True, text=True, check=False)
        print(cls.done.stdout)

    def test_every_state_keeps_what_must_hold(self):
        self.assertEqual(self.done.returncode, 0, self.done.stdout)
        states = [int(n) for n in re.findall(r": (\d+) states", self.done.stdout)]
        self.assertGreaterEqual(len(states), 6)
        self.assertGreater(sum(states) / 2, 100000)

    def test_every_mutant_is_caught_by_the_invariant_that_speaks_of_it(self):
        caught = re.findall(r"^mutant: (.*): caught by (\S+)$", self.done.stdout, re.M)
        self.assertGreaterEqual(len(caught), 20)
        self.assertEqual(len(re.findall(r"^mutant: ", self.done.stdout, re.M)), len(caught))


class Freestanding(unittest.TestCase):
    def test_the_machine_stands_alone(self):
        """No libc: it is compiled for the page in a browser too"""
        for name in ("machine", "grade", "standing"):
            text = (SOURCE / "src" / "session" / f"{name}.c").read_text() + (SOURCE / "src" / "session" / "machine_inside.h").read_text()
            text += (SOURCE / "src" / "session" / "machine.h").read_text()
            self.assertEqual(set(re.findall(r'#include ([<"][^>"]+[>"])', text)) - {'"session/machine_inside.h"', '"session/machine.h"', "<stdbool.h>",
                                                                                  "<stddef.h>", "<stdint.h>"}, set())
        with tempfile.TemporaryDirectory() as folder:
            compiled = []
            for name in ("machine", "grade", "standing"):
                compiled.append(os.path.join(folder, name + ".o"))
                subprocess.run(["cc", "-std=c17", "-O2", "-ffreestanding", "-I", str(SOURCE / "src"), "-c", str(SOURCE / "src" / "session" / f"{name}.c"),
                                "-o", compiled[-1]], check=True)
            wanted = subprocess.run(["nm", "-u", *compiled], capture_output=True, text=True, check=True).stdout
        others = {w for w in re.findall(r" U (\w+)", wanted)} - {"memcpy", "memset"}  # what any C compiler may write itself
        self.assertEqual({w for w in others if not w.startswith("fe__machine")}, set())


if __name__ == "__main__":
    unittest.main()
