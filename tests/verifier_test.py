"""Two verifiers, written apart, agree: the program's (C) and tests/verify/verifier.py (Python, from data/ alone).

Random courses are planned; every plan, and every plan with one field changed, is checked by both."""
import json
import os
import pathlib
import random
import subprocess
import sys
import unittest

SOURCE = pathlib.Path(os.environ.get("FERRULE_SOURCE", pathlib.Path(__file__).resolve().parent.parent))
BUILD = pathlib.Path(os.environ.get("FERRULE_BUILD", SOURCE / "build"))
sys.path.insert(0, str(SOURCE / "tests" / "verify"))
import verifier  # noqa: E402

AT = "2026-03-02T12:00+01:00"
ORDERS = 20000 if os.environ.get("FERRULE_LONG") else 2000
CONDITIONS = ["heavy-menstrual-bleeding", "crohn-disease", "chronic-kidney-disease", "hemodialysis", "peritoneal-dialysis", "heart-failure",
              "celiac-disease", "asthma", "osteoporosis", "bacteremia", "decompensated-cirrhosis", "hemolytic-anemia"]
DATA = {p["id"]: p for p in json.loads((SOURCE / "data" / "products.json").read_text())["products"]}
PRODUCTS = list(DATA)


class Asker:
    """The library behind one process: a question a line."""

    def __init__(self):
        self.process = subprocess.Popen([str(BUILD / "tests" / "ask_many")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ask({"open": ""})

    def ask(self, request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def lab(name, value, unit):
    return {"at": "2026-03-02T08:00+01:00", "lab": name, "value": round(value, 1), "unit": unit}


def random_course(r):
    age = r.uniform(2, 17) if r.random() < 0.1 else r.uniform(18, 90)
    patient = {"sex": r.choice(["female", "male"]), "age_years": round(age, 1), "height_cm": 170 if age >= 18 else 130,
               "weight_kg": round(r.uniform(36, 130) if age >= 18 else 8 + 3 * age, 1), "oral_iron": "intolerant", "nyha_class": 2,
               "conditions": ["iron-deficiency-anemia"] + r.sample(CONDITIONS, r.randint(0, 2))}
    if r.random() < 0.6:
        patient["allergies"] = r.choice([[], [], [{"to": r.choice(PRODUCTS), "severity": r.choice(["mild", "serious"])}]])
    if r.random() < 0.6:
        patient["reactions"] = r.choice([[], [{"on": "2025-02-02", "infusion": r.choice(PRODUCTS), "grade": r.randint(1, 4), "signs": []}]])
    if patient["sex"] == "female" and 18 <= age < 45 and r.random() < 0.3:
        patient["pregnancy"] = {"gestation_weeks": r.randint(6, 38), "on": "2026-03-02"}
        patient["weight_pre_pregnancy_kg"] = round(patient["weight_kg"] - 6, 1)
    events = [lab("hemoglobin", r.uniform(6, 15.5), "g/dL"), lab("ferritin", r.uniform(3, 150), "ug/L"), lab("tsat", r.uniform(4, 25), "%")]
    if r.random() < 0.7:
        events.append(lab("phosphate", r.uniform(1.8, 4.5), "mg/dL"))
    for i in range(r.randint(0, 3)):
        events.append({"at": f"2026-02-{r.randint(1, 28):02d}T1{i}:00+01:00", "infusion": r.choice(PRODUCTS), "dose_mg": r.choice([100, 200, 500, 1000])})
    return {"ferrule": 1, "patient": patient, "events": events}


def order_of(option):
    keys = ("product", "dose_mg", "day", "route", "bag_ml", "diluent", "minutes", "test_dose_mg")
    infusions = []
    for planned in option["infusions"]:
        item = {k: planned[k] for k in keys if planned.get(k) is not None}
        if item.get("diluent") == "none":
            del item["diluent"]
        infusions.append(item)
    return {"ferrule": 1, "infusions": infusions}


def volume_of(item):
    drug = item["dose_mg"] / DATA[item["product"]]["concentration_mg_per_ml"]
    is_final = "iron-sucrose" in item["product"]
    return (item["bag_ml"] if is_final else item["bag_ml"] + drug) if item.get("bag_ml") else drug


def changed(r, order):
    order = json.loads(json.dumps(order))
    item = r.choice(order["infusions"])
    what = r.choice(["dose_mg", "minutes", "bag_ml", "day", "route", "diluent", "test_dose_mg", "drop", "rate"])
    if what == "dose_mg":
        item["dose_mg"] = r.choice([50, 125, 200, 300, 500, 510, 750, 1000, 1020, 1500, 2000])
    elif what == "minutes":
        item["minutes"] = r.choice([1, 2, 5, 6, 10, 15, 16, 20, 30, 60, 240, 600])
    elif what == "bag_ml":
        item.update(bag_ml=r.choice([20, 48, 50, 100, 200, 250, 500, 1000]), diluent=item.get("diluent", "sodium-chloride-0.9"))
    elif what == "day":
        item["day"] = r.randint(0, 60)
    elif what == "route":
        item["route"] = r.choice(["infusion", "injection"])
    elif what == "diluent":
        item["diluent"] = "dextrose-5"
    elif what == "test_dose_mg":
        item.pop("test_dose_mg", None)
    elif what == "rate":  # the minutes said in another way
        item.pop("minutes", None)
        way = r.choice(["ml_per_h", "mg_per_min", "stages"])
        item[way] = r.choice([10, 60, 100, 240, 500, 1200, 5000]) if way != "stages" else [
            {"mg": item["dose_mg"], "ml": volume, "minutes": r.choice([1, 10, 15, 30, 60])} for volume in [volume_of(item)]]
    else:
        item.pop(r.choice(["minutes", "bag_ml", "route"]), None)
    order["infusions"].sort(key=lambda i: i["day"])
    return order


class TwoVerifiers(unittest.TestCase):
    def test_both_verifiers_agree(self):
        r, asker, checked, plans, broken = random.Random(20261124), Asker(), 0, 0, 0
        try:
            while checked < ORDERS:
                course, region = random_course(r), r.choice(["us", "eu", "ca"])
                plan = asker.ask({"question": "plan", "input": course, "region": region, "at": AT})
                for option in plan.get("options", []) + plan.get("alternatives", []):
                    order = order_of(option)
                    plans += 1
                    for judged in (order, changed(r, order)):
                        mine = asker.ask({"question": "check", "input": course, "order": judged, "region": region, "at": AT})
                        if "faults" in mine:  # a change may leave the readable; a plan never does
                            self.assertIsNot(judged, order, json.dumps([course, mine["faults"]]))
                            continue
                        theirs = verifier.verify(str(SOURCE / "data"), course, judged, region, AT)
                        self.assertEqual(sorted(mine["broken"]), sorted(theirs["broken"]), json.dumps([course, judged, region]))
                        self.assertEqual(sorted(mine["cautions"]), sorted(theirs["cautions"]), json.dumps([course, judged, region]))
                        self.assertEqual(sorted(mine["unchecked"]), sorted(theirs["unchecked"]), json.dumps([course, judged, region]))
                        self.assertEqual(mine["regimen"], theirs["methods"][0], json.dumps([course, judged, region]))
                        if judged is order:
                            self.assertEqual(mine["broken"], [], json.dumps([course, judged, region]))
                            self.copied_whole(asker, course, option, region, mine)
                        checked += 1
                        broken += bool(mine["broken"])
        finally:
            asker.close()
        print(f"{checked} orders, {plans} of them plans; {broken} broke a label limit; both verifiers agree on all")
        self.assertGreater(broken, checked // 10)

    def copied_whole(self, asker, course, option, region, mine):
        """The infusions of a plan, with all that the answer says of them, are an order that reads the same."""
        whole = {"ferrule": 1, "infusions": option["infusions"]}
        again = asker.ask({"question": "check", "input": course, "order": whole, "region": region, "at": AT})
        self.assertNotIn("faults", again, json.dumps([course, again.get("faults")]))
        for key in ("broken", "cautions", "unchecked", "regimen"):
            self.assertEqual(again[key], mine[key], json.dumps([course, whole, region]))


if __name__ == "__main__":
    unittest.main()
