"""Courses made to order: solving a condition of data/ (data/README.md) for a patient in whom it holds, or turns on one number.

A world is what has been decided about a patient so far. `models` yields worlds in which a condition is true (or false), `pivots` yields
worlds in which its truth is that of one leaf; `course_of` writes a world as a course, the rest of it being an ordinary patient.
"""
import copy
import math

INF = math.inf
NOT_TRUE, NOT_FALSE = "not true", "not false"  # false or unknown, true or unknown
OPPOSITE = {True: False, False: True, NOT_TRUE: NOT_FALSE, NOT_FALSE: NOT_TRUE}
AT = "2026-03-02T12:00+01:00"
TODAY = "2026-03-02"
# Numbers that only an answer has: they choose what is asked, not who the patient is.
OF_ANSWER = {"deficit_mg", "total_mg", "shortfall_mg", "methods_spread_mg", "largest_dose_mg", "visits", "minutes", "bag_ml", "final_mg_per_ml", "test_dose_mg",
             "rounded_mg", "forecast_iron_mg", "forecast_fcm_mg"}
FLAGS_OF_ANSWER = {"off_label_regimen", "weight_not_actual", "stores_assumed", "stores_in_formula", "test_dose_in_plan", "slower_than_minimum", "over_diluted",
                   "more_than_one_dose", "premedication_ordered", "diphenhydramine_ordered", "cautions_open", "limited_experience"}
WHOLE = {"nyha_class", "ckd_stage", "reaction_grade_any", "reaction_grade_this", "reaction_grade_other", "drug_allergies", "conditions_count", "medicines_count",
         "days_to_surgery", "days_since_lab_hemoglobin", "days_since_lab_ferritin", "days_since_lab_phosphate", "days_since_iv_iron", "days_since_fcm", "gestation_weeks", "visits"}
DRUGS = ["antibiotic-iv", "nsaid", "aspirin", "opioid", "gabapentinoid", "beta-blocker"]
FILLERS = ["hypertension", "vegetarian", "asthma", "osteoporosis", "blood-donor", "eczema"]


class Impossible(Exception):
    pass


class World:
    """What is decided: spans of numbers, facts that are so or not, words that may stand, results of labs."""

    def __init__(self):
        self.spans, self.facts, self.words, self.results = {}, {}, {}, {}

    def copy(self):
        other = World()
        other.spans, other.facts = dict(self.spans), dict(self.facts)
        other.words, other.results = dict(self.words), dict(self.results)
        return other

    def span(self, key, low=-INF, high=INF, low_open=False, high_open=False):
        """The world in which a number lies there as well; None when it cannot."""
        a, ao, b, bo = self.spans.get(key, (-INF, False, INF, False))
        if (low, low_open) > (a, ao):
            a, ao = low, low_open
        if high < b or (high == b and high_open):
            b, bo = high, high_open
        if a > b or (a == b and (ao or bo)):
            return None
        other = self.copy()
        other.spans[key] = (a, ao, b, bo)
        return other

    def fact(self, key, truth):
        if self.facts.get(key, truth) != truth:
            return None
        other = self.copy()
        other.facts[key] = truth
        return other

    def word(self, key, allowed):
        allowed = self.words[key] & allowed if key in self.words else allowed
        if not allowed:
            return None
        other = self.copy()
        other.words[key] = allowed
        return other


class Solver:
    STEPS = 20000  # of one search: a condition that stands on many others has more ways than can be walked

    def __init__(self, rules, products):
        self.rules, self.products, self.steps = rules, products, 0
        self.all = {"molecule": {p["molecule"] for p in products.values()}, "product": set(products), "region": {"us", "eu", "ca"},
                    "sex": {"female", "male"}, "oral_iron": {"not-tried", "current", "worked", "failed", "intolerant", "unsuitable", "declined"}}

    # -- leaves

    def bounds(self, c, want, key, world):
        """Worlds in which the bounds of a leaf all hold, or one does not."""
        sides = [(w, c[w]) for w in ("lt", "le", "gt", "ge", "eq") if w in c]
        if want:
            for word, v in sides:
                world = world and {"lt": lambda: world.span(key, high=v, high_open=True), "le": lambda: world.span(key, high=v),
                                   "gt": lambda: world.span(key, low=v, low_open=True), "ge": lambda: world.span(key, low=v),
                                   "eq": lambda: world.span(key, v, v)}[word]()
            if world:
                yield world
            return
        for word, v in sides:
            other = {"lt": lambda: world.span(key, low=v), "le": lambda: world.span(key, low=v, low_open=True), "gt": lambda: world.span(key, high=v),
                     "ge": lambda: world.span(key, high=v, high_open=True), "eq": lambda: world.span(key, low=v, low_open=True)}[word]()
            if other:
                yield other

    def leaf(self, c, want, world):
        if want not in (NOT_TRUE, NOT_FALSE):
            yield from self.known_leaf(c, want, world)
            return
        yield from self.known_leaf(c, want == NOT_FALSE, world)
        if "lab" in c and "known" not in c:
            yield world.fact(("lab", c["lab"]), False)
        elif "is" in c or "num" in c:
            yield world.fact(("given", c.get("is") or c["num"]), False)

    def known_leaf(self, c, want, world):
        if "lab" in c:
            yield from self.lab(c, want, world)
        elif "num" in c:
            known = world.fact(("given", c["num"]), True)
            if known:
                yield from self.bounds(c, want, "lab:irls" if c["num"] == "irls" else "num:" + c["num"], known)
        elif "flag" in c:
            yield from self.flag(c["flag"], want, world)
        elif "is" in c:
            known = world.fact(("given", c["is"]), True)
            yield known and known.word(c["is"], set(c["in"]) if want else self.all[c["is"]] - set(c["in"]))
        elif "symptom" in c or "procedure_planned" in c:
            kind = "symptom" if "symptom" in c else "procedure_planned"
            key = f"{kind}:{c[kind]}"
            if want:
                yield world.span(key, 0, c.get("within_days", 60), high_open=True)
            else:
                yield world.span(key, 10000)  # not at all
        elif "given" in c:
            yield world.fact(("given", c["given"]), want)
        else:
            for kind in ("molecule", "product", "region"):
                if kind in c:
                    yield world.word(kind, set(c[kind]) if want else self.all[kind] - set(c[kind]))
                    return
            for kind in ("has", "family", "cause", "medicine", "supplement"):
                if kind in c:
                    other = world.fact((kind, c[kind]), want)
                    yield other and (other.fact(("given", "conditions"), True) if kind == "has" else other)

    def lab(self, c, want, world):
        key = ("lab", c["lab"])
        if "known" in c:
            yield world.fact(key, want == c["known"])
            return
        known = world.fact(key, True)
        if not known:
            return
        if "note" in c:
            yield known.fact(("note", c["lab"], c["note"]), want)
        elif "result" in c and want:
            if "lab:" + c["lab"] not in known.spans:
                known.results[c["lab"]] = known.results.get(c["lab"], set(c["result"])) & set(c["result"])
                if known.results[c["lab"]]:
                    yield known
        elif c["lab"] not in known.results:
            if "result" in c:
                yield known.span("lab:" + c["lab"])
            else:
                yield from self.bounds(c, want, "lab:" + c["lab"], known)

    def flag(self, name, want, world):
        if name in ("adult", "child"):
            yield world.span("num:age_years", low=18) if want == (name == "adult") else world.span("num:age_years", high=18, high_open=True)
        elif name == "pregnant" and want:
            other = world.fact(("flag", name), True)
            other = other and other.word("sex", {"female"})
            yield other and other.span("num:age_years", 15, 50)
        else:
            yield world.fact(("flag", name), want)

    # -- conditions

    def search(self, found):
        self.steps = self.STEPS
        return found

    def models(self, c, want, world):
        self.steps -= 1
        if world is None or self.steps < 0:
            return
        if c is None or "always" in c:
            if want in (True, NOT_FALSE):
                yield world
        elif "not" in c:
            yield from self.models(c["not"], OPPOSITE[want], world)
        elif "rule" in c:
            yield from self.models(self.rules[c["rule"]], want, world)
        elif "all" in c or "any" in c:
            parts = c.get("all", c.get("any"))
            if (want in (True, NOT_FALSE)) == ("all" in c):
                yield from self.every(parts, want, world)
            else:
                for part in parts:
                    yield from self.models(part, want, world)
        else:
            for other in self.leaf(c, want, world):
                if other is not None:
                    yield other

    def every(self, parts, want, world):
        if not parts:
            yield world
            return
        for other in self.models(parts[0], want, world):
            yield from self.every(parts[1:], want, other)

    def pivots(self, c, path, world, others=False):
        """Worlds in which c is true exactly when the leaf at the end of `path` is (or exactly when it is not). `others`: what the other
        parts of an `any` are, False or NOT_TRUE."""
        if world is None:
            return
        if not path:
            yield world
        elif path[0] == "not":
            yield from self.pivots(c["not"], path[1:], world, others)
        elif path[0] == "rule":
            yield from self.pivots(self.rules[c["rule"]], path[1:], world, others)
        else:
            parts = c[path[0]]
            rest = parts[:path[1]] + parts[path[1] + 1:]
            for other in self.pivots(parts[path[1]], path[2:], world, others):
                yield from self.every(rest, True if path[0] == "all" else others, other)

    def between(self, leaf, word, new, world):
        """Worlds in which the leaf is true with one of the two bounds and false with the other."""
        old = leaf[word]
        low, high = min(old, new), max(old, new)
        if word == "within_days":
            kind = "symptom" if "symptom" in leaf else "procedure_planned"
            yield world.span(f"{kind}:{leaf[kind]}", low, high, high_open=True)
            return
        key = "lab:" + leaf["lab"] if "lab" in leaf else "lab:irls" if leaf["num"] == "irls" else "num:" + leaf["num"]
        world = world.fact(("lab", leaf["lab"]), True) if "lab" in leaf else world.fact(("given", leaf["num"]), True)
        rest = {k: v for k, v in leaf.items() if k != word}
        for other in self.bounds(rest, True, key, world):
            if word in ("lt", "ge"):
                yield other.span(key, low, high, high_open=True)
            elif word == "eq":
                yield other.span(key, old, old)
            else:
                yield other.span(key, low, high, low_open=True)


# ---- from a world to a course -----------------------------------------------------------------------------------------------------


def day_before(days):
    import datetime
    return (datetime.date(2026, 3, 2) - datetime.timedelta(days=days)).isoformat()


def at(days):
    return day_before(days) + ("T07:00+01:00" if days >= 0 else "T18:00+01:00")


USUAL = {"lab:hemoglobin": 8.9, "lab:ferritin": 9, "lab:tsat": 8, "lab:crp": 2, "lab:phosphate": 3.4, "num:age_years": 40}
USUAL_WORDS = {}  # of labs that are words
LAB_UNITS = {}  # id: (unit, hard_low, hard_high, warn_low, warn_high), filled from the vocabulary


def pick(key, span):
    """A number of the span: the usual one when it lies there, else inside, near an edge."""
    low, low_open, high, high_open = span
    if key.startswith("lab:") and key[4:] in LAB_UNITS:
        _, hl, hh, _, _ = LAB_UNITS[key[4:]]
        low, high = max(low, hl), min(high, hh)
    usual = USUAL.get(key)
    if usual is not None and (low < usual < high or (usual == low and not low_open) or (usual == high and not high_open)):
        return usual
    if key[4:] in WHOLE or key.startswith(("symptom", "procedure")):
        a = 0 if low == -INF else math.floor(low) + 1 if low_open else math.ceil(low)
        b = a + 1 if high == INF else math.ceil(high) - 1 if high_open else math.floor(high)
        return min(a, b) if low == -INF else a
    if low == -INF and high == INF:
        return 1
    if low == -INF:
        return high if not high_open else high * 0.95 if high > 0 else high - 1
    if high == INF:
        return low if not low_open else low * 1.05 + 0.1
    return low if not low_open and (high_open or low == high) else high if not high_open else round((low + high) / 2, 6)


ORDINARY = {"ferrule": 1, "patient": {"sex": "female", "age_years": 40, "weight_kg": 64, "height_cm": 168, "conditions": [], "cause": ["heavy-menstrual-bleeding"],
                                      "allergies": [], "reactions": [], "family_history": [], "pregnancy": None, "oral_iron": "intolerant"}, "events": []}
DEFAULT_CONDITIONS = ["iron-deficiency-anemia"]




def need(truth):
    if not truth:
        raise Impossible


def course_of(world, product, filler=True):
    """The course of a world, with a product in view. Raises Impossible when parts of it exclude each other."""
    course = copy.deepcopy(ORDINARY)
    patient, events = course["patient"], course["events"]
    num = {k[4:]: pick(k, s) for k, s in world.spans.items() if k.startswith("num:") and k[4:] not in OF_ANSWER and world.facts.get(("given", k[4:])) is not False}
    facts, molecule = world.facts, product["molecule"]
    flags = {k[1]: v for k, v in facts.items() if k[0] == "flag"}
    for field in ("age_years", "weight_kg", "nyha_class", "lvef_pct", "ckd_stage", "cumulative_iv_iron_mg"):
        if field in num:
            patient[field] = num[field]
    age = patient["age_years"]
    if age < 18:
        patient.update(weight_kg=round(8 + 3 * age, 1), height_cm=round(70 + 6 * age))
    for key in ("sex", "oral_iron"):
        if key in world.words:
            patient[key] = patient[key] if patient[key] in world.words[key] else sorted(world.words[key])[0]
    pregnant(patient, events, num, flags)
    listed(patient, events, facts, num)
    allergies(patient, facts, flags, num, product)
    reactions(patient, num, product)
    iron(events, num, flags, molecule)
    for name in sorted({k[4:] for k in world.spans if k.startswith("lab:")} | set(world.results) | {k[1] for k in facts if k[0] == "lab"}
                       | ({k[4:] for k in USUAL if k.startswith("lab:")} if filler else {"hemoglobin"})):
        lab(events, world, name)
    for name in ("hemoglobin", "ferritin", "phosphate"):
        if "days_since_lab_" + name in num:
            for event in events:
                if event.get("lab") == name:
                    event["at"] = at(int(num["days_since_lab_" + name]))
    if "tsat_as_drawn" in num:
        low, low_open, high, high_open = world.spans.get("lab:tsat", (-INF, False, INF, False))
        v = num["tsat_as_drawn"]
        need(low < v < high or (v == low and not low_open) or (v == high and not high_open))
        events[:] = [e for e in events if e.get("lab") != "tsat"] + [{"at": TODAY + "T08:00+01:00", "lab": "tsat", "value": v, "unit": "%"}]
    if "mentzer_index" in num:
        events.append({"at": TODAY + "T08:00+01:00", "lab": "mentzer-index", "value": num["mentzer_index"], "unit": "1"})
    if "surgery_planned" in flags or "days_to_surgery" in num or "surgery_blood_loss_ml" in num:
        if flags.get("surgery_planned", True):
            events.append({"at": at(-max(1, num.get("days_to_surgery", 30))), "surgery": "hip", "expected_blood_loss_ml": num.get("surgery_blood_loss_ml", 900)})
    for key, span in world.spans.items():
        if key.startswith("symptom:") and span[0] < 10000:
            events.append({"at": at(pick(key, span)), "symptom": key[8:]})
        if key.startswith("procedure_planned:") and span[0] < 10000:
            events.append({"at": at(-max(0, pick(key, span))), "procedure": key[18:]})
    for key in [k[1] for k, v in facts.items() if k[0] == "given" and not v]:
        if key in patient:
            need(patient[key] in (None, []) or key in ("oral_iron", "cause", "conditions"))
            del patient[key]
    return course


def pregnant(patient, events, num, flags):
    weeks = num.get("gestation_weeks")
    if flags.get("pregnant") or (weeks is not None and flags.get("pregnant", True)):
        patient.update(sex="female", pregnancy={"gestation_weeks": 20 if weeks is None else weeks, "on": TODAY}, weight_pre_pregnancy_kg=60)
    if flags.get("postpartum") or "days_postpartum" in num:
        patient.update(sex="female", delivered_on=day_before(int(num.get("days_postpartum", 20))))
        need(not flags.get("pregnant"))


def listed(patient, events, facts, num):
    true = {kind: [k[1] for k, v in facts.items() if k[0] == kind and v] for kind in ("has", "family", "cause", "medicine", "supplement")}
    banned = {k[1] for k, v in facts.items() if k[0] == "has" and not v}
    patient["conditions"] = sorted(set(true["has"]) | {c for c in DEFAULT_CONDITIONS if c not in banned and ("has", c) not in facts})
    if "conditions_count" in num:
        if num["conditions_count"] < len(patient["conditions"]):
            patient["conditions"] = true["has"]
        patient["conditions"] += [f for f in FILLERS if f not in patient["conditions"] and f not in banned][:max(0, int(num["conditions_count"]) - len(patient["conditions"]))]
        need(len(patient["conditions"]) == num["conditions_count"])
    patient["family_history"] = true["family"]
    if true["cause"]:
        patient["cause"] = true["cause"]
    medicines = list(true["medicine"])
    for drug in DRUGS:
        if len(medicines) < num.get("medicines_count", 0):
            medicines.append(drug)
    for drug in medicines:
        since = day_before(30)
        if drug == "oral-iron":
            events.append({"since": since, "oral-iron": True})
        elif drug in ("esa", "epoetin", "darbepoetin"):
            events.append({"since": since, "esa": "epoetin" if drug == "esa" else drug})
        elif drug in ("iron-supplement", "multivitamin-with-iron"):
            events.append({"since": since, "supplement": drug})
        else:
            events.append({"since": since, "medication": drug})
    events.extend({"since": day_before(30), "supplement": s} for s in true["supplement"])
    if "doses_per_day" in num:
        events[:] = [e for e in events if "oral-iron" not in e]
        events.append({"since": day_before(30), "oral-iron": True, "mg_per_dose": 65, "doses_per_day": num["doses_per_day"]})
    if facts.get(("given", "supplements")) and not true["supplement"]:
        events.append({"since": day_before(30), "supplement": "vitamin-d"})


def allergies(patient, facts, flags, num, product):
    found = [{"to": d, "severity": "mild"} for d in DRUGS[:int(num.get("drug_allergies", 0))]]
    if flags.get("allergy_this"):
        found.append({"to": product["id"], "severity": "serious" if flags.get("serious_iron_allergy") else "mild"})
    elif flags.get("serious_iron_allergy") or flags.get("allergy_any_iron"):
        other = "is" if product["molecule"] != "is" else "fdi"
        found.append({"to": other, "severity": "serious" if flags.get("serious_iron_allergy") else "mild"})
    if "drug_allergies" in num and len(found) > num["drug_allergies"]:
        found = found[-int(num["drug_allergies"]):] if num["drug_allergies"] else found
    patient["allergies"] = found


def reactions(patient, num, product):
    this, other, worst = (num.get("reaction_grade_" + k) for k in ("this", "other", "any"))
    elsewhere = "is" if product["molecule"] != "is" else "fdi"
    found = [(product["id"], this), (elsewhere, other)]
    if worst is not None and worst > max(this or 0, other or 0):
        found.append((elsewhere if this is not None else product["id"], worst))
    patient["reactions"] = [{"on": "2025-02-02", "infusion": i, "grade": int(g), "signs": []} for i, g in found if g]


def iron(events, num, flags, molecule):
    def dose(*names):
        given = [num[n] for n in names if num.get(n)]
        return max(given) if given else None

    fcm = dose("fcm_90d_mg") or (300 if "days_since_fcm" in num else None)
    any_iron = dose("iv_iron_90d_mg", "iv_iron_28d_mg", "iv_iron_7d_mg")
    recent = 3 if num.get("iv_iron_7d_mg") else 15 if num.get("iv_iron_28d_mg") else 60
    days = num.get("days_since_fcm", num.get("days_since_iv_iron", recent))
    if fcm:
        events.append({"at": at(int(days)), "infusion": "fcm", "dose_mg": max(0.5, fcm)})
        any_iron = None if (any_iron or 0) <= fcm else any_iron - fcm
    if any_iron or ("days_since_iv_iron" in num and not fcm) or (flags.get("repeat_course") and not fcm):
        zero = num.get("iv_iron_90d_mg") == 0
        when = num.get("days_since_iv_iron", 100 if zero else recent)
        need(not zero or when >= 90)
        events.append({"at": at(int(when)), "infusion": "fdi" if molecule != "fdi" else "sfg", "dose_mg": max(0.5, any_iron or 200)})  # leaves TSAT readable
    if flags.get("lab_left_out"):
        need(num.get("days_since_iv_iron", 1) == 1 and num.get("iv_iron_28d_mg", 100) > 0)
        events.append({"at": day_before(1) + "T18:00+01:00", "infusion": "fcm", "dose_mg": 100})


def lab(events, world, name):
    if world.facts.get(("lab", name)) is False or name not in LAB_UNITS:
        return
    event = {"at": TODAY + "T08:00+01:00", "lab": name}
    unit, low, high, _, _ = LAB_UNITS[name]
    key = "lab:" + name
    if name in world.results:
        event["result"] = sorted(world.results[name])[0]
    elif unit and (key in world.spans or key in USUAL):
        value = pick(key, world.spans.get(key, (-INF, False, INF, False)))
        need(low <= value <= high)
        event.update(value=value, unit=unit)
    elif low is not None and low > -INF and unit:
        event.update(value=(low + high) / 2, unit=unit)
    else:
        event["result"] = USUAL_WORDS[name]
    for note in ("fasting", "morning"):
        if world.facts.get(("note", name, note)):
            event[note] = True
    if world.facts.get(("note", name, "no-oral-iron-24h")):
        event["last_oral_iron_at"] = at(10)
    if world.facts.get(("note", name, "assay")):
        event["assay"] = "roche"
    events.append(event)
