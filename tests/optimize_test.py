"""`ferrule plan --optimize`: inside the label, never more iron and never faster than the plan, the trade-off shown, ties called ties.

Ways are asked of the library in one process (tests/tools/ask_many.c). The label is judged by tests/verify/verifier.py, which shares no code
with the program; what is better, worse or a tie is judged here again from the numbers of the answer and those of data/practice.json."""
import copy
import json
import os
import pathlib
import random
import subprocess
import sys
import unittest

SOURCE = pathlib.Path(os.environ.get("FERRULE_SOURCE", pathlib.Path(__file__).resolve().parent.parent))
BUILD = pathlib.Path(os.environ.get("FERRULE_BUILD", SOURCE / "build"))
FERRULE = os.path.abspath(os.environ.get("FERRULE", str(BUILD / "ferrule")))
sys.path.insert(0, str(SOURCE / "tests" / "verify"))
sys.path.insert(0, str(SOURCE / "tests"))
import verifier  # noqa: E402
from verifier_test import Asker, order_of, random_course  # noqa: E402

AT = "2026-03-02T12:00+01:00"
GOALS = {"hemoglobin_g_dl": 13, "ferritin_ug_l": 100, "by_weeks": 12}
PRACTICE = {row["name"]: row["value"] for row in json.loads((SOURCE / "data" / "practice.json").read_text())["rows"]}
FIELDS = ("total_mg", "chair_minutes")
COURSE = json.loads((SOURCE / "examples" / "heavy-menstrual-bleeding.json").read_text())
DIALYSIS = json.loads((SOURCE / "examples" / "dialysis.json").read_text())
COURSE_AT = "2026-11-02T12:00+01:00"
BEFORE_GOALS = ("few-visits", "shortfall", "low-phosphate", "covers-the-need")  # what goes before them
SMALL = {"ferrule": 1, "patient": {"id": "small", "sex": "female", "age_years": 30, "weight_kg": 36, "height_cm": 150, "conditions": ["iron-deficiency-anemia"],
                                   "allergies": [], "reactions": [], "pregnancy": None, "oral_iron": "failed"},
         "events": [{"at": "2026-11-02T08:30+01:00", "lab": n, "value": v, "unit": u}
                    for n, v, u in (("hemoglobin", 8.9, "g/dL"), ("ferritin", 6, "ug/L"), ("tsat", 6, "%"), ("crp", 1, "mg/L"))]}
DRAWS, FEW, PATIENTS = 300, 60, 50


def setUpModule():
    global asker
    asker = Asker()


def tearDownModule():
    asker.close()


def plan(course, region="eu", at=AT, draws=FEW, optimize=True, **more):
    return asker.ask({"question": "plan", "region": region, "at": at, "draws": draws, "optimize": optimize, "input": course, **more})


def all_ways(answer):
    return answer["options"] + answer["alternatives"]


def way_of(answer, at):
    part, i = at[1:].split("/")
    return answer[part][int(i)]


def random_patients(n, seed):
    r = random.Random(seed)
    print("seed", seed)
    for _ in range(n):
        course = random_course(r)
        if r.random() < 0.7:
            course["goals"] = GOALS
        if r.random() < 0.85:  # iron of the last weeks leaves no labs to start from
            course["events"] = [e for e in course["events"] if "infusion" not in e]
        yield course, r.choice(["us", "eu", "ca"])


class Property(unittest.TestCase):
    def test_fifty_thousand_ways_keep_the_label_the_need_and_the_minutes(self):
        done = subprocess.run([str(BUILD / "tests" / "optimize_property"), "50000"], capture_output=True, text=True, check=False)
        print(done.stdout.strip())
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr)
        self.assertIn(" 0 violations", done.stdout)


class RandomPatients(unittest.TestCase):
    """What holds for every patient."""

    @classmethod
    def setUpClass(cls):
        cls.pairs = []
        for course, region in random_patients(PATIENTS, 20261125):
            best, usual = plan(course, region), plan(course, region, optimize=False)
            if best.get("optimize"):
                cls.pairs.append((course, region, best, usual))
        cls.done = [p for p in cls.pairs if p[2]["optimize"]["done"]]

    def test_there_is_something_to_look_at(self):
        self.assertGreater(len(self.done), PATIENTS / 4)
        self.assertGreater(sum(len(p[2]["alternatives"]) for p in self.done), 5)
        self.assertTrue(any(p[2]["chosen"] and p[2]["options"][0]["product"] != p[3]["options"][0]["product"] for p in self.done))

    def test_a_verifier_that_shares_no_code_finds_every_label_limit_kept(self):
        tried = 0
        for course, region, best, _ in self.done:
            for o in all_ways(best):
                self.assertTrue(all(limit["kept"] for limit in o["limits"] if limit["kind"] == "label"), o["regimen"])
                theirs = verifier.verify(str(SOURCE / "data"), course, order_of(o), region, AT)
                self.assertEqual((theirs["broken"], sorted(theirs["cautions"])), ([], sorted(o["cautions"])), json.dumps([course, o["regimen"]]))
                tried += 1
        self.assertGreater(tried, 50)

    def test_no_way_gives_more_iron_than_the_plan_of_its_product(self):
        for _, _, best, usual in self.done:
            total = {o["product"]: o["total_mg"] for o in usual["options"]}
            for o in all_ways(best):
                self.assertLessEqual(o["total_mg"], total[o["product"]])

    def test_what_is_recommended_gives_as_much_iron_as_the_plan(self):
        for _, _, best, usual in self.done:
            total = {o["product"]: o["total_mg"] for o in usual["options"]}
            first = best["options"][0]
            self.assertGreaterEqual(first["total_mg"], total[first["product"]] - PRACTICE["tie_iron_mg"])

    def test_what_is_recommended_does_not_do_worse_for_the_goals_than_the_plan(self):
        """By the same bodies: the draws of both answers are the same."""
        compared = 0
        for _, _, best, usual in self.done:
            goal = best["optimize"]["criteria"][0]["id"]
            mine, plain = best["options"][0], usual["options"][0]
            if mine["cautions"] or plain["cautions"] or mine["chances"][goal] is None:
                continue
            if best["optimize"]["plain"]["decided_by"] in BEFORE_GOALS:
                continue
            p, q = mine["chances"][goal]["p"], plain["chances"][goal]["p"]
            chance_alone = 1.645 * (2 * 0.25 / FEW) ** 0.5
            self.assertGreaterEqual(p, q - max(PRACTICE["tie_goal"], chance_alone) - 1e-9)
            compared += 1
        self.assertGreater(compared, 10)

    def test_every_product_of_the_plan_has_one_option(self):
        for _, _, best, usual in self.done:
            self.assertEqual(sorted(o["product"] for o in best["options"]), sorted(o["product"] for o in usual["options"]))

    def test_the_numbers_compared_are_those_of_the_options(self):
        for _, _, best, _ in self.done:
            self.assertEqual(len(best["optimize"]["ways"]), len(all_ways(best)))
            for w in best["optimize"]["ways"]:
                o = way_of(best, w["at"])
                self.assertEqual(w["product"], o["product"])
                for name, value in w["values"].items():
                    if name in FIELDS:
                        self.assertEqual(value["value"], o[name])
                    elif name == "visits":
                        self.assertIn(value["value"], (0, o["visits"]))
                    elif w["modelled"] and value["value"] is not None:
                        self.assertEqual(value["value"], o["chances"][name]["p"])

    def test_ties_are_called_ties_and_nothing_else_is(self):
        seen = set()
        for _, _, best, _ in self.done:
            ties = {c["id"]: c for c in best["optimize"]["criteria"]}
            first = best["optimize"]["ways"][0]["values"]
            for w in best["optimize"]["ways"]:
                for name, value in w["values"].items():
                    if value["value"] is None or first[name]["value"] is None:
                        self.assertEqual(value["stands"], "unknown")
                        continue
                    gap = value["value"] - first[name]["value"]
                    self.assertAlmostEqual(value["difference"], gap, 12)
                    enough, same = ties[name]["enough"] or 0, gap == 0  # less than enough is no better than enough
                    gap = max(value["value"], enough) - max(first[name]["value"], enough)
                    better = gap > 0 if ties[name]["better"] == "more" else gap < 0
                    expected = ("equal" if same else "tie-too-small" if gap == 0 else "tie-by-chance" if abs(gap) <= value["error"]
                                else "tie-too-small" if abs(gap) <= ties[name]["ties_up_to"] + 1e-9 else "better" if better else "worse")
                    self.assertEqual(value["stands"], expected, (name, value))
                    seen.add(expected)
        self.assertLessEqual({"equal", "tie-too-small", "tie-by-chance", "better", "worse"}, seen)

    def test_what_is_worth_a_look_has_an_advantage_over_the_recommended(self):
        for _, _, best, _ in self.done:
            ways = best["optimize"]["ways"]
            self.assertTrue(ways[0]["worth_a_look"])
            for w in ways[1:]:
                stands = {v["stands"] for v in w["values"].values()}
                if w["worth_a_look"] and not best["options"][0]["cautions"]:
                    self.assertTrue("better" in stands or w["uncovered_mg"] < ways[0]["uncovered_mg"] - PRACTICE["tie_iron_mg"], w)
                if w["modelled"] and not w["worth_a_look"]:
                    self.assertTrue(way_of(best, w["instead"]))
            for w in ways[len(best["options"]):]:
                self.assertTrue(w["worth_a_look"] or w["usual"], w)


class Answers(unittest.TestCase):
    def test_the_recommended_says_why_and_the_others_what_they_cost(self):
        answer = plan(COURSE, at=COURSE_AT, draws=DRAWS)
        self.assertEqual(answer["verdict"], "planned")
        self.assertEqual(answer["chosen"], answer["options"][0]["product"])
        self.assertIn("recommended of", answer["options"][0]["why"])
        for o in answer["options"][1:] + answer["alternatives"]:
            self.assertRegex(o["why"], "worse in|better in|a tie in")
        self.assertTrue(all("forecast" in o for o in answer["options"]))
        self.assertTrue(all("forecast" not in o for o in answer["alternatives"]))

    def test_a_way_that_covers_the_need_goes_before_one_that_takes_a_visit_less(self):
        """36 kg, 8.9 g/dL, no goals: Ganzoni asks for 36 x 6.1 x 2.4 + 500 = 1027 mg; 20 mg/kg gives 720, the table of the EU label 500."""
        for region, plain, chosen, total in (("us", "fdi-us", "ferumoxytol-us", 1020), ("eu", "fdi-eu", "lmwid-eu", 1000)):
            answer = plan(SMALL, region=region, at=COURSE_AT, draws=DRAWS)
            first, trade = answer["options"][0], answer["optimize"]
            self.assertEqual((first["product"], first["total_mg"], trade["need_mg"]), (chosen, total, 1000))
            self.assertEqual((trade["plain"]["same"], trade["plain"]["decided_by"]), (False, "covers-the-need"))
            left = way_of(answer, trade["plain"]["at"])
            self.assertEqual(left["product"], plain)
            self.assertIn(f"without this comparison the plan gives {plain} ({left['total_mg']:.0f} mg, day 0), "
                          f"which covers {left['total_mg']:.0f} of 1000 mg of the need", first["why"])
            self.assertIn(f"; covers {left['total_mg']:.0f} of 1000 mg of the need; beside", left["why"])
            for w in trade["ways"]:
                self.assertEqual(w["uncovered_mg"], max(0, 1000 - way_of(answer, w["at"])["total_mg"]))
                self.assertEqual(w["values"]["total_mg"]["stands"] in ("better", "worse"), w["values"]["total_mg"]["value"] > total + 100)

    def test_a_large_risk_of_low_phosphate_is_not_taken_for_the_rest_of_the_need(self):
        answer = plan(COURSE, region="us", at=COURSE_AT, draws=DRAWS)
        self.assertEqual(answer["options"][0]["product"], "fdi-us")
        self.assertEqual((answer["optimize"]["plain"]["same"], answer["optimize"]["plain"]["decided_by"]), (True, None))
        self.assertNotIn("without this comparison", answer["options"][0]["why"])
        carboxymaltose = next(o for o in answer["options"] if o["product"] == "fcm-us")
        self.assertGreater(carboxymaltose["chances"]["hypophosphatemia"]["p"], 0.5)

    def test_beside_a_longer_interval_stands_the_way_of_the_label(self):
        answer = plan(COURSE, region="us", at=COURSE_AT, draws=DRAWS)
        days = {tuple(i["day"] for i in o["infusions"]): o for o in all_ways(answer) if o["product"] == "fcm-us"}
        self.assertLessEqual({(0, 28), (0, 7)}, set(days))
        self.assertIn("no rule of the label", days[0, 28]["why"])
        self.assertNotIn("days from dose to dose", days[0, 7]["why"])
        for o in answer["options"]:
            self.assertTrue(any(w["product"] == o["product"] and w["usual"] for w in answer["optimize"]["ways"]))

    def test_less_iron_is_tried_only_against_both_goals(self):
        one = copy.deepcopy(COURSE)
        shorter = [o for o in all_ways(plan(one, at=COURSE_AT)) if "less iron than the need, on purpose" in o["why"]]
        self.assertTrue(shorter)
        del one["goals"]["ferritin_ug_l"]
        answer = plan(one, at=COURSE_AT)
        self.assertEqual(answer["optimize"]["criteria"][0]["id"], "hb-goal")
        self.assertFalse([o for o in all_ways(answer) if "on purpose" in o["why"]])

    def test_ways_that_begin_later_are_read_on_the_same_day_from_the_same_baseline(self):
        """Two hours after 200 mg iron sucrose may go on at once and others wait a week, in which the iron given already helps: no merit of theirs."""
        legs = json.loads((SOURCE / "examples" / "restless-legs.json").read_text())
        legs["events"][-1]["dose_mg"] = 200
        for optimize in (True, False):
            answer = plan(legs, at=COURSE_AT, optimize=optimize)
            self.assertEqual({o["infusions"][0]["day"] for o in answer["options"]}, {0, 7})
            self.assertEqual({o["forecast"]["t0"] for o in answer["options"]}, {COURSE_AT})
            irls = [o["forecast"]["series"]["irls"] for o in answer["options"]]
            self.assertEqual({i["t_days"][0] for i in irls}, {0})
            self.assertLess(max(i["p50"][0] for i in irls) - min(i["p50"][0] for i in irls), 1e-3)
            responses = [o["chances"]["rls-response"]["p"] for o in answer["options"]]
            self.assertLess(max(responses) - min(responses), 0.05)

    def test_goals_that_no_way_reaches_are_said_to_decide_nothing(self):
        far = copy.deepcopy(COURSE)
        far["goals"].update(hemoglobin_g_dl=15, by_weeks=3)
        words = "hardly anyone reaches this in time by any of these ways: "
        self.assertIn(words, plan(far, at=COURSE_AT)["options"][0]["why"])
        self.assertNotIn(words, plan(COURSE, at=COURSE_AT)["options"][0]["why"])

    def test_a_slower_infusion_says_that_no_dose_response_is_published(self):
        answer = plan(DIALYSIS, at=COURSE_AT, region="us", draws=DRAWS)
        slower = [w for w in answer["optimize"]["ways"] if w["varies"]["slower"] > 1]
        self.assertTrue(slower)
        for w in slower:
            self.assertIn("no dose-response of reactions to the rate is published", way_of(answer, w["at"])["why"])

    def test_a_chance_of_a_reaction_says_of_how_many_infusions_it_is(self):
        answer = plan(COURSE, region="us", at=COURSE_AT, draws=DRAWS)
        sucrose = next(o for o in answer["options"] if o["product"] == "iron-sucrose-us")
        self.assertEqual(sucrose["visits"], 5)
        self.assertRegex(sucrose["why"], r"reaction \(model estimate\) \(\d+ in 100 in any of 5 infusions, not [^)]+ in 100\)")

    def test_a_reaction_to_iron_already_given_is_no_risk_of_the_next(self):
        legs = json.loads((SOURCE / "examples" / "restless-legs.json").read_text())
        legs["events"][-1].update(infusion="iron-sucrose-us", dose_mg=500, minutes=30)
        option = plan(legs, region="us", at=COURSE_AT, optimize=False)["options"][0]
        self.assertEqual(option["visits"], 1)
        last = option["forecast"]["infusions"][-1]
        self.assertLess(abs(option["chances"]["fishbane"]["p"] - last["fishbane"]["p"]), 0.002)  # one is read a day later, the other at the end

    def test_a_number_is_said_as_it_is(self):
        """Under 1 in 100 is what is: 0.023 is 2.3 in 100, and 0.36 is 36."""
        def said(p):
            return "under 1 in 100" if p < 0.01 else "over 99 in 100" if p > 0.99 else f"{100 * p:.1f}".removesuffix(".0") + " in 100" if p < 0.1 else f"{100 * p:.0f} in 100"
        seen = set()
        for region, course in (("eu", COURSE), ("us", COURSE), ("us", SMALL)):
            answer = plan(course, region=region, at=COURSE_AT, draws=DRAWS)
            words, first = {c["id"]: c["words"] for c in answer["optimize"]["criteria"]}, answer["optimize"]["ways"][0]["values"]
            for w in answer["optimize"]["ways"][1:]:
                for name in ("hypophosphatemia", "fishbane"):
                    one, other = w["values"][name], first[name]["value"]
                    if one["stands"] not in ("better", "worse"):
                        continue
                    self.assertRegex(way_of(answer, w["at"])["why"], r"%s \(%s( in any of \d+ infusions)?, not %s( in any of \d+ infusions)?\)"
                                     % (words[name].replace("(", r"\(").replace(")", r"\)"), said(one["value"]), said(other)))
                    seen |= {p < 0.01 and "rare" or p < 0.1 and "few" or "more" for p in (one["value"], other)}
        self.assertEqual(seen, {"rare", "few", "more"})

    def test_without_a_model_the_plan_stays_and_says_so(self):
        child = copy.deepcopy(COURSE)
        child["patient"].update(age_years=16)
        best, usual = plan(child, at=COURSE_AT), plan(child, at=COURSE_AT, optimize=False)
        self.assertFalse(best["optimize"]["done"])
        self.assertIn("adults", best["optimize"]["why_not"])
        self.assertEqual([o["infusions"] for o in best["options"]], [o["infusions"] for o in usual["options"]])

    def test_a_refusal_has_nothing_to_compare(self):
        ill = copy.deepcopy(COURSE)
        ill["patient"]["conditions"].append("bacteremia")
        answer = plan(ill, at=COURSE_AT)
        self.assertEqual((answer["verdict"], answer["optimize"], answer["options"]), ("deferred", None, []))

    def test_a_plan_that_is_not_optimized_has_no_trade_off(self):
        self.assertNotIn("optimize", plan(COURSE, at=COURSE_AT, optimize=False))

    def test_it_keeps_its_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.fail("python3-jsonschema is missing: scripts/setup test installs it")
        schema = json.loads((SOURCE / "data" / "schema" / "plan.json").read_text())
        answer = plan(COURSE, at=COURSE_AT)
        jsonschema.validate(answer, schema)
        answer["optimize"]["ways"][0]["values"]["visits"]["stands"] = "perhaps"
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.validate(answer, schema)


class Program(unittest.TestCase):
    """From the command line, with the page."""

    def ferrule(self, *words):
        course = str(SOURCE / "examples" / "heavy-menstrual-bleeding.json")
        return subprocess.run([FERRULE, "plan", course, "--region", "eu", "--at", COURSE_AT, "--optimize", *words], capture_output=True,
                              text=True, check=False)

    def test_the_terminal_has_a_table_and_names_ties(self):
        out = self.ferrule("--draws", str(FEW)).stdout
        table = out[out.index("\nTrade-off"):out.index("\nForecast with")]
        for words in (", any of 7", "both goals", "ways inside the label", "recommended", "= a tie", "  A  fdi-eu"):
            self.assertIn(words, table)
        self.assertLessEqual(max(map(len, out.splitlines())), 100)

    def test_the_same_question_gives_the_same_bytes(self):
        one, two = (self.ferrule("--draws", str(FEW), "--json").stdout for _ in range(2))
        self.assertTrue(one)
        self.assertEqual(one, two)

    def test_without_draws_nothing_can_be_compared(self):
        done = self.ferrule("--draws", "0", "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["faults"][0]["at"]), (2, "--draws"))

    def test_the_flag_takes_no_value(self):
        done = self.ferrule("--optimize=yes")
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
