"""For one number of the rules of interpretation: courses in which what it bounds lies between its old and its new value.

The rest of each course is drawn (seed below): iron weeks ago or none, labs before and after it, symptoms, conditions. Any answer that changes
is a change."""
import random

from worlds import AT, LAB_UNITS, TODAY, day_before

SEED, COURSES = 20260302, 130
IRON = (None, 1, 3, 8, 20, 35, 60, 90, 120, 200)
PRODUCTS = ("fcm-eu", "fcm-eu", "iron-sucrose-eu", "ferumoxytol-us", "fdi-eu")
CONDITIONS = ([], ["iron-deficiency-anemia"], ["restless-legs-syndrome"], ["restless-legs-syndrome"], ["hemodialysis"], ["chronic-kidney-disease"],
              ["crohn-disease"], ["heart-failure"], ["cancer"])
AFTER = {"hemoglobin": (8.7, 9.4, 10.4, 11.5, 12.4, 13.2), "ferritin": (8, 29, 40, 60, 90, 180, 400, 650, 900, 1300), "tsat": (8, 15, 25, 44, 48, 60, 105),
         "crp": (2, 30), "phosphate": (0.8, 1.6, 2.3, 2.9, 3.3), "irls": (10, 20, 24, 27, 28), "fatigue": (2, 5, 7), "serum-iron": (40, 300, 900),
         "mri-liver-iron": (1, 3), "fepo4": (2, 20), "b12": (100, 400), "folate": (2, 8), "haptoglobin": (10, 100), "ldh": (150, 400)}
BEFORE = {"hemoglobin": 8.9, "ferritin": 9, "tsat": 8, "irls": 28, "fatigue": 7, "phosphate": 3.3}
SIGNS = ("tiredness", "weakness", "bone-pain", "myalgia", "arthralgia", "fever", "headache", "hives-delayed", "limb-swelling", "constipation", "rls-unchanged",
         "rls-returned", "face-throat-swelling", "syncope", "chest-pain", "shortness-of-breath", "vomiting", "breathlessness", "fracture", "sudden-breathing-difficulty",
         "skin-discoloration-at-site", "black-stools")
# What the change of a lab is written of.
CHANGES = ("hemoglobin", "irls", "phosphate", "tsat", "fatigue")


def lab(name, value, days):
    return {"at": day_before(days) + "T08:00+01:00", "lab": name, "value": value, "unit": LAB_UNITS[name][0]}


def iron(days, product, mg, **more):
    return {"at": day_before(days) + "T07:00+01:00", "infusion": product, "dose_mg": mg, "minutes": 15, **more}


def between(leaf, word, new, choose):
    """A value that the old bound and the new one judge apart."""
    old = leaf[word]
    low, high = min(old, new), max(old, new)
    return choose.choice([low, high, (low + high) / 2])


class Course:
    def __init__(self, choose):
        self.choose, self.patient = choose, {"sex": choose.choice(["female", "female", "male"]), "age_years": choose.choice([40, 40, 40, 60]), "weight_kg": 64,
                                             "height_cm": 168, "conditions": list(choose.choice(CONDITIONS)), "allergies": [], "reactions": [], "oral_iron": "intolerant"}
        if self.patient["sex"] == "female":
            self.patient["pregnancy"] = None
        if choose.random() < 0.7:
            self.patient["cause"] = ["heavy-menstrual-bleeding"]
        if choose.random() < 0.2:
            self.patient["cumulative_iv_iron_mg"] = choose.choice([3000, 7000])
        self.days, self.product, self.mg, self.more = choose.choice(IRON), choose.choice(PRODUCTS), choose.choice([100, 500, 1000]), {}
        self.before, self.after = dict(BEFORE, hemoglobin=choose.choice([8.9, 8.9, 13])), {}
        for name in choose.sample(sorted(AFTER), choose.randint(1, 4)):
            self.after[name] = choose.choice(AFTER[name])
        self.signs = [(choose.choice(SIGNS), choose.choice([0, 0, 1, 5, 30, 60])) for _ in range(choose.randint(0, 2))]
        self.earlier = []

    def events(self):
        days = 130 if self.days is None else self.days
        events = [lab(n, v, days) for n, v in self.before.items() if self.choose.random() < 0.9]
        for e in events:
            e["at"] = e["at"].replace("T08", "T06")
        if self.days is not None:
            events.append(iron(self.days, self.product, self.mg, **self.more))
        events += [lab(n, v, d) for n, v, d in self.earlier]
        events += [lab(n, v, 0) for n, v in self.after.items() if LAB_UNITS[n][1] <= v <= LAB_UNITS[n][2]]
        events += [{"at": day_before(d) + "T09:00+01:00", "symptom": s} for s, d in self.signs]
        return {"ferrule": 1, "patient": self.patient, "events": events}


UNWELL = ("vomiting", "hypotension", "severe-hypotension", "altered-mental-state", "loss-of-consciousness", "bicarbonate", "anion-gap")


def fail(course):
    course.days, course.before["hemoglobin"], course.after["hemoglobin"], course.more = course.choose.choice([35, 60, 90]), 8.9, 9.1, {}


def overdose(course):
    course.days, course.mg, course.more = course.choose.choice([0, 1, 2]), 1000, {"prescribed_mg": 200}


def bend(course, leaf, word, v, of):
    """Puts the value that the leaf bounds into the course."""
    choose = course.choose
    if leaf.get("symptom") in UNWELL or leaf.get("lab") in UNWELL:
        overdose(course)
    if word == "within_days":
        course.signs.append((leaf["symptom"], int(v)))
        if course.days is not None and not course.more and choose.random() < 0.7:
            course.days = int(v) + choose.choice([5, 20, 60])
    elif "lab" in leaf:
        course.after[leaf["lab"]] = v
    elif leaf["num"] in ("days_since_iv_iron", "days_since_fcm", "days_since_fmx"):
        course.days = max(0, int(v))
        if choose.random() < 0.3:
            course.mg, course.more = 1000, {"prescribed_mg": 200}
        course.product = {"days_since_fcm": "fcm-eu", "days_since_fmx": "ferumoxytol-us"}.get(leaf["num"], course.product)
    elif leaf["num"] == "this_change":
        course.days = course.days if course.days is not None else choose.choice([5, 25, 60])
        if abs(v) < 2 and choose.random() < 0.5:
            course.before["hemoglobin"] = 11.8
            course.patient.update(sex="female", pregnancy=None)
        for name in of or CHANGES:
            if name in BEFORE:
                course.after[name] = round(course.before[name] + v, 6)
    elif leaf["num"] == "this_value":
        course.after[choose.choice(of or ["serum-iron"])] = v
    elif leaf["num"] == "this_days_ago":
        course.signs = [(choose.choice(of or SIGNS), int(v))]
        course.days = choose.choice([None, int(v), int(v) + 2, int(v) + 5, int(v) + 10, int(v) + 40])
    elif leaf["num"] == "previous_tsat":
        course.after.update(tsat=60, ferritin=choose.choice([400, 900]))
        course.earlier.append(("tsat", v, 20))
        course.days = choose.choice([None, 60, 100])
    elif leaf["num"] in ("this_fall", "this_fall_days"):
        course.days, course.after["hemoglobin"] = choose.choice([None, 40, 100]), 11.5
        course.earlier.append(("hemoglobin", 11.5 + (v if leaf["num"] == "this_fall" else 3), 3 if leaf["num"] == "this_fall" else int(v)))
    elif leaf["num"] == "undergiven_mg":
        course.days, course.before["hemoglobin"] = choose.choice([35, 60]), 8.9
        course.after["hemoglobin"] = 9
        course.mg = max(1, 64 * 6.1 * 2.4 + 500 - v)
    elif leaf["num"] == "overdose_mg":
        course.days, course.mg, course.more = 0, 600, {"prescribed_mg": max(1, 600 - v)}
    elif leaf["num"] in ("iv_iron_90d_mg", "iv_iron_28d_mg", "fcm_90d_mg"):
        course.mg = max(0.5, v)
        course.days = choose.choice([3, 10, 20] if "28" in leaf["num"] else [10, 60])
    elif leaf["num"] == "cumulative_iv_iron_mg":
        course.patient["cumulative_iv_iron_mg"] = max(0, v)
        course.days = None
    elif leaf["num"] == "age_years":
        course.patient["age_years"] = v


class InterpretAsks:
    """`reached`: ids of the labs and signs of the rules in which a number shows."""

    def battery(self, leaf=None, word=None, new=None, of=(), near=(), fails=False):
        choose = random.Random(SEED)
        for _ in range(COURSES):
            course = Course(choose)
            if choose.random() < 0.12:
                overdose(course)
            for name in of:
                if name in AFTER and name not in course.after:
                    course.after[name] = choose.choice(AFTER[name])
                elif name in SIGNS and choose.random() < 0.5:
                    course.signs.append((name, choose.choice([0, 1, 5])))
            for name in near:
                if name in AFTER and choose.random() < 0.6:
                    course.after[name] = choose.choice(AFTER[name])
            if fails:
                fail(course)
            if leaf:
                bend(course, leaf, word, between(leaf, word, new, choose), list(of))
            yield {"question": "interpret", "region": "eu", "at": AT, "draws": 0, "input": course.events()}

    def of_leaf(self, leaf, word, values, of=(), near=(), fails=False):
        """`near`: other labs that the same rule asks for. `fails`: hemoglobin does not respond."""
        if leaf.get("num") in ("this_percentile", "this_ratio"):  # only the model knows them: as many values as lie about its places
            for new in values:
                yield new, list(self.places(of))
            return
        if leaf.get("num") == "this_repeat_ratio":  # shows only where the model rules the value out
            for new in values:
                yield new, [self.repeat((leaf[word] + new) / 2, now) for now in (10, 2500)]
            return
        for new in values:
            yield new, list(self.battery(leaf, word, new, of, near, fails))

    def repeat(self, ratio, now):
        """A ferritin that nothing agrees with but one before it."""
        events = [lab(n, BEFORE[n], 110) for n in ("hemoglobin", "ferritin", "tsat")] + [iron(109, "fcm-eu", 1500)]
        events += [lab("ferritin", now / ratio, 10), lab("ferritin", now, 0)]
        patient = {"sex": "female", "age_years": 40, "weight_kg": 64, "height_cm": 168, "conditions": []}
        return {"question": "interpret", "region": "eu", "at": TODAY + "T12:00+01:00", "draws": 40,
                "input": {"ferrule": 1, "patient": patient, "events": events}}

    def places(self, of):
        """Labs at places from the least to the largest of what is foreseen."""
        for name in [n for n in of if n in ("hemoglobin", "ferritin", "phosphate")] or ["reticulocytes"]:
            low, high = {"hemoglobin": (10, 17), "ferritin": (30, 4000), "phosphate": (0.6, 6), "reticulocytes": (0.3, 12)}[name]
            for i in range(180):
                before = dict(BEFORE, hemoglobin=13.5) if i % 2 else BEFORE
                course = {"ferrule": 1, "patient": {"sex": "female", "age_years": 40, "weight_kg": 64, "height_cm": 168, "conditions": []},
                          "events": [lab(n, before[n], 100) for n in ("hemoglobin", "ferritin", "tsat", "phosphate")] + [lab(name, low * (high / low) ** (i / 179), 0)]}
                if name != "reticulocytes":
                    course["events"].insert(4, iron(10 if name == "ferritin" else 40, "fcm-eu", 500))
                yield {"question": "interpret", "region": "eu", "at": TODAY + "T12:00+01:00", "draws": 40, "input": course}
