"""What a course file says at one instant, as conditions ask for it (data/README.md).

Truth has three values: True, False, and None for what the course does not say. Written from the rules, apart from the program.
"""
import csv
import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

OFFSET = re.compile(r"(Z|[+-]\d\d:?\d\d)$")


class Data:
    """The files of data/ that the verifier needs."""

    def __init__(self, folder):
        folder = Path(folder)
        self.products = {p["id"]: p for p in self._json(folder / "products.json")["products"]}
        self.ignored = [(p["molecule"], g["labs"], g["hours"]) for p in self.products.values() for g in p["gates"] if g["action"] == "ignore-lab"]
        practice = {row["name"]: row["value"] for row in self._json(folder / "practice.json")["rows"]}
        self.course_window_days = practice["course_window_days"]
        self.practice = practice
        self.tibc_per_transferrin = practice["tibc_ug_dl_per_transferrin_g_l"]
        rules = self._json(folder / "rules.json")
        self.rules = {r["id"]: r["when"] for part in ("definitions", "findings") for r in rules.get(part, [])}
        with open(folder / "vocabulary.csv", encoding="utf-8", newline="") as f:
            words = list(csv.DictReader(f))
        self.canonical = {w["id"]: w["unit"] for w in words if w["kind"] == "lab"}
        self.not_a_drug = {w["id"] for w in words if w["kind"] == "medication" and w["note"] in ("diluent", "undiluted")}
        self.kinds = {}
        for w in words:
            self.kinds.setdefault(w["id"], set()).add(w["kind"])
        with open(folder / "units.csv", encoding="utf-8", newline="") as f:
            self.units = {(u["id"], u["unit"]): (float(u["factor"]), float(u["offset"])) for u in csv.DictReader(f)}

    @staticmethod
    def _json(path):
        return json.loads(path.read_text(encoding="utf-8"))

    def molecule(self, name):
        return self.products[name]["molecule"] if name in self.products else name

    def lab_value(self, lab, value, unit):
        if unit is None or unit == self.canonical.get(lab) and (lab, unit) not in self.units:
            return float(value)
        factor, offset = self.units[lab, unit]
        return value * factor + offset


# ---- instants and days ------------------------------------------------------------------------------------------------------


def zone_of(text):
    found = OFFSET.search(text) if "T" in text else None
    if not found:
        return None
    if found.group() == "Z":
        return timezone.utc
    sign = -1 if found.group()[0] == "-" else 1
    digits = found.group()[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def instant(text, zone):
    """A time with zone; a date alone is noon in the zone of the course."""
    if "T" not in text:
        return datetime.fromisoformat(text).replace(hour=12, tzinfo=zone)
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def day(when, zone):
    return when.astimezone(zone).toordinal()


def zone_of_course(course, at, order=None):
    """Of the course's events; without any, of the order's infusions; else of the question."""
    events = (course or {}).get("events") or (order or {}).get("infusions", [])
    for event in events:
        for key in ("at", "since"):
            if key in event and zone_of(event[key]):
                return zone_of(event[key])
    return zone_of(at) or timezone.utc


# ---- three-valued logic -----------------------------------------------------------------------------------------------------


def all_of(truths):
    truths = list(truths)
    return False if False in truths else None if None in truths else True


def any_of(truths):
    truths = list(truths)
    return True if True in truths else None if None in truths else False


def bounds(condition, low, high, open_low=False, open_high=False):
    """Does every, no, or some value of the interval meet the bounds?"""
    def one(word, limit):
        if word == "lt":
            return True if high < limit or (high == limit and open_high) else False if low >= limit else None
        if word == "le":
            return True if high <= limit else False if low > limit or (low == limit and open_low) else None
        if word == "gt":
            return True if low > limit or (low == limit and open_low) else False if high <= limit else None
        if word == "ge":
            return True if low >= limit else False if high < limit or (high == limit and open_high) else None
        if low == high:
            return low == limit
        return False if limit < low or limit > high else None
    return all_of(one(w, condition[w]) for w in ("lt", "le", "gt", "ge", "eq") if w in condition)


# ---- facts ------------------------------------------------------------------------------------------------------------------


class Facts:
    """A course at `now`, seen with one product. Only what conditions of gates, methods and definitions may ask."""

    def __init__(self, data, course, region, at, order=None):
        self.data, self.region = data, region
        self.zone = zone_of_course(course, at, order)
        self.now = instant(at, self.zone)
        self.today = day(self.now, self.zone)
        self.patient = {k: v for k, v in (course or {}).get("patient", {}).items()}
        self.known = course is not None
        self.events = [self._placed(e) for e in (course or {}).get("events", [])]
        self.product = None
        self._kinds, self._rules = {}, {}

    def _placed(self, event):
        start = instant(event.get("at", event.get("since")), self.zone)
        end = instant(event["until"], self.zone) if event.get("until") else None
        return dict(event, _start=start, _end=end)

    def _of(self, *kinds):
        if kinds not in self._kinds:
            self._kinds[kinds] = [e for e in self.events if any(k in e for k in kinds)]
        return self._kinds[kinds]

    def _spans_now(self, event):
        return event["_start"] <= self.now and not (event["_end"] is not None and event["_end"] <= self.now)

    # -- labs

    def lab(self, name, drawn=False):
        """Newest that counts; with `drawn` the newest, whether iron given shortly before spoils it or not."""
        found = [e for e in self._of("lab") if e["lab"] == name and e["_start"] <= self.now and not e.get("prescribed")
                 and (drawn or not self._is_spoiled(e))]
        return max(enumerate(found), key=lambda p: (p[1]["_start"], p[0]))[1] if found else None

    def _is_spoiled(self, lab):
        before = [e for e in self._of("infusion") if not e.get("planned") and e["_start"] < lab["_start"]]
        return any(lab["_start"] - e["_start"] < timedelta(hours=hours) for e in before
                   for molecule, labs, hours in self.data.ignored if lab["lab"] in labs and molecule == self.data.molecule(e["infusion"]))

    def value(self, name, drawn=False):
        event = self.lab(name, drawn)
        if event is None or event.get("value") is None:
            return None
        return self.data.lab_value(name, event["value"], event.get("unit"))

    def tsat(self, drawn=False):
        if self.value("tsat", drawn) is not None:
            return self.value("tsat", drawn)
        iron, tibc, uibc = (self.value(n, drawn) for n in ("serum-iron", "tibc", "uibc"))
        if iron is None:
            return None
        if tibc is None and uibc is not None:
            tibc = iron + uibc
        if tibc is None and self.value("transferrin", drawn) is not None:
            tibc = self.value("transferrin", drawn) * self.data.tibc_per_transferrin
        return 100 * iron / tibc if tibc else None

    def _lab_leaf(self, c):
        name = c["lab"]
        event, value = self.lab(name), self.value(name)
        if "known" in c:
            return (event is not None or (name == "tsat" and self.tsat() is not None)) == c["known"]
        if "result" in c:
            return None if event is None else event.get("result") in c["result"]
        if "note" in c:
            return self._lab_note(event, c["note"])
        if value is None:
            value = self.tsat() if name == "tsat" else None
            return None if value is None else bounds(c, value, value)
        return self._lab_bounds(event, c)

    def _lab_bounds(self, event, c):
        value, sign = self.data.lab_value(event["lab"], event["value"], event.get("unit")), event.get("comparator")
        if sign == "<":
            return bounds(c, float("-inf"), value, open_high=True)
        if sign == ">":
            return bounds(c, value, float("inf"), open_low=True)
        return bounds(c, value, value)

    def _lab_note(self, event, note):
        if event is None:
            return None
        if note == "assay":
            return bool(event.get("assay") or self.patient.get("ferritin_assay"))
        if note == "no-oral-iron-24h":
            last = event.get("last_oral_iron_at")
            return bool(last) and event["_start"] - instant(last, self.zone) >= timedelta(hours=24)
        return event.get(note) is True

    # -- iron by vein

    def given_iron(self):
        """(day, mg, molecule, product or formulation) of what was given by now, in order of time."""
        given = sorted((e for e in self._of("infusion") if not e.get("planned") and e["_start"] <= self.now), key=lambda e: e["_start"])
        return [(day(e["_start"], self.zone), e["dose_mg"], self.data.molecule(e["infusion"]), e["infusion"]) for e in given]

    def _last_iron_day(self):
        days = [g[0] for g in self.given_iron()]
        stated = self.patient.get("last_iv_iron_on")
        if stated and stated != "unknown":
            days.append(datetime.fromisoformat(stated[:10]).toordinal())
        return max(days) if days else None

    def _iron_in(self, days, molecule=None):
        return sum(mg for d, mg, m, _ in self.given_iron() if self.today - d < days and molecule in (None, m))

    # -- reactions, allergies, pregnancy

    def _is_this(self, name):
        p = self.product
        return p is not None and (name == p["id"] or self.data.molecule(name) == p["molecule"])

    def _worst_reaction(self, which):
        reactions = self.patient.get("reactions")
        if reactions is None:
            return None
        fits = {"any": lambda r: True, "this": lambda r: self._is_this(r["infusion"]), "other": lambda r: not self._is_this(r["infusion"])}
        return max([r.get("grade") or 0 for r in reactions if fits[which](r)], default=0)

    def _allergic(self, to_any):
        listed = self.patient.get("allergies")
        names = [a["to"] for a in listed or []]
        kinds = [self.data.kinds.get(n, set()) for n in names]
        stated = self.has("iron-product-allergy")
        to_iron = stated is True or "iron-product-allergy" in names or any(k & {"product", "formulation"} for k in kinds)
        if listed is None and not to_iron:
            return None
        if to_any:
            return to_iron
        if listed is None:
            return None  # some iron, not said which
        p = self.product
        brands = p["brand"] if isinstance(p["brand"], list) else [p["brand"]]
        return any(n in (p["id"], p["molecule"], p["generic"]) or n in brands for n in names)

    def _seriously_allergic(self):
        listed = self.patient.get("allergies")
        if listed is None:
            return None
        iron = [a for a in listed if self.data.kinds.get(a["to"], set()) & {"product", "formulation"} or a["to"] == "iron-product-allergy"]
        return any(a.get("severity") == "serious" for a in iron)

    def _drug_allergies(self):
        listed = self.patient.get("allergies")
        if listed is None:
            return None
        drugs = {"product", "formulation", "medication"}
        return sum(1 for a in listed if a["to"] not in self.data.kinds or self.data.kinds[a["to"]] & drugs or a["to"] == "iron-product-allergy")

    def _delivered(self):
        days = [day(e["_start"], self.zone) for e in self._of("delivery") if e["_start"] <= self.now]
        if self.patient.get("delivered_on"):
            days.append(datetime.fromisoformat(self.patient["delivered_on"][:10]).toordinal())
        days = [d for d in days if d <= self.today]
        return max(days) if days else None

    def _gestation_weeks(self):
        stated = self.patient.get("pregnancy")
        if not stated or stated.get("gestation_weeks") is None:
            return None
        on = datetime.fromisoformat(stated["on"][:10]).toordinal() if stated.get("on") else self.today
        return stated["gestation_weeks"] + (self.today - on) / 7

    def pregnant(self):
        stated = self.patient.get("pregnancy")
        delivered = self._delivered()
        if delivered is not None:
            on = stated.get("on") if stated else None
            if not stated or (on and datetime.fromisoformat(on[:10]).toordinal() <= delivered):
                return False
        if stated:
            return True
        age = self.patient.get("age_years")
        cannot = self.patient.get("sex") == "male" or (age is not None and (age < self.data.practice["fertile_age_from_years"] or age > self.data.practice["fertile_age_to_years"]))
        return False if "pregnancy" in self.patient or cannot else None

    def cap_weight(self):
        actual, before = self.patient.get("weight_kg"), self.patient.get("weight_pre_pregnancy_kg")
        if self.pregnant() and before is not None and actual is not None:
            return min(actual, before)
        return actual

    # -- conditions

    def has(self, name):
        if any(e["condition"] == name and self._spans_now(e) for e in self._of("condition")):
            return True
        listed = self.patient.get("conditions")
        return None if listed is None else name in listed

    def _taken(self, name):
        now = [e for e in self.events if self._spans_now(e)]
        if name == "oral-iron" and (any("oral-iron" in e for e in now) or self.patient.get("oral_iron") == "current"):
            return True
        if any(name in (e.get("medication"), e.get("supplement"), e.get("esa")) for e in now):
            return True
        return name == "esa" and any("esa" in e for e in now)

    def _symptom(self, c):
        for e in self._of("symptom"):
            if e["symptom"] != c["symptom"] or e["_start"] > self.now:
                continue
            end = min(e["_end"] or e["_start"], self.now)
            if "within_days" not in c or self.today - day(end, self.zone) < c["within_days"]:
                return True
        return False

    def _procedure(self, c):
        ahead = [e for e in self._of("procedure") if e["procedure"] == c["procedure_planned"] and e["_start"] > self.now]
        return any("within_days" not in c or day(e["_start"], self.zone) - self.today < c["within_days"] for e in ahead)

    def _next_surgery(self):
        ahead = [e for e in self._of("surgery") if e["_start"] > self.now]
        return min(ahead, key=lambda e: e["_start"]) if ahead else None

    def _given_leaf(self, word):
        if word == "medicines":
            return bool(self._of("medication", "esa"))
        if word == "supplements":
            return bool(self._of("supplement"))
        if word == "oral-iron":
            return self.patient.get("oral_iron") is not None or bool(self._of("oral-iron"))
        if word == "cause":
            return bool(self.patient.get("cause"))
        if word == "pregnancy":
            return "pregnancy" in self.patient
        return self.patient.get(word) is not None or self.lab(word) is not None

    # -- numbers and flags

    def number(self, name):
        since = self._last_iron_day()
        fcm = [d for d, _, m, _ in self.given_iron() if m == "fcm"]
        surgery = self._next_surgery()
        delivered = self._delivered()
        derived = {
            "bmi": lambda: self._bmi(),
            "gestation_weeks": self._gestation_weeks,
            "days_postpartum": lambda: None if delivered is None else self.today - delivered,
            "days_to_surgery": lambda: surgery and day(surgery["_start"], self.zone) - self.today,
            "surgery_blood_loss_ml": lambda: surgery and surgery.get("expected_blood_loss_ml"),
            "days_since_iv_iron": lambda: None if since is None else self.today - since,
            "days_since_fcm": lambda: self.today - max(fcm) if fcm else None,
            "iv_iron_7d_mg": lambda: self._iron_in(7),
            "iv_iron_28d_mg": lambda: self._iron_in(28),
            "iv_iron_90d_mg": lambda: self._iron_in(90),
            "fcm_90d_mg": lambda: self._iron_in(90, "fcm"),
            "reaction_grade_any": lambda: self._worst_reaction("any"),
            "reaction_grade_this": lambda: self._worst_reaction("this"),
            "reaction_grade_other": lambda: self._worst_reaction("other"),
            "drug_allergies": self._drug_allergies,
            "mentzer_index": self._mentzer,
            "tsat": self.tsat,
            "days_since_lab_phosphate": lambda: None if self.lab("phosphate") is None else self.today - day(self.lab("phosphate")["_start"], self.zone),
            "tsat_as_drawn": lambda: self.tsat(drawn=True),
            "irls": lambda: self.value("irls"),
            "cumulative_iv_iron_mg": self._cumulative,
            "mg_per_dose": lambda: self._oral_iron("mg_per_dose"),
            "doses_per_day": lambda: self._oral_iron("doses_per_day"),
        }
        if not self.known:
            return None
        return derived[name]() if name in derived else self.patient.get(name)

    def _oral_iron(self, field):
        taken = [e for e in self._of("oral-iron") if e["_start"] <= self.now]
        return max(taken, key=lambda e: e["_start"]).get(field) if taken else None

    def _bmi(self):
        w, h = self.patient.get("weight_kg"), self.patient.get("height_cm")
        return w / (h / 100) ** 2 if w and h else None

    def _mentzer(self):
        if self.value("mentzer-index") is not None:
            return self.value("mentzer-index")
        mcv, cells = self.value("mcv"), self.value("red-cells")
        return mcv / cells if mcv is not None and cells else None

    def _cumulative(self):
        stated, given = self.patient.get("cumulative_iv_iron_mg"), self.given_iron()
        return None if stated is None and not given else (stated or 0) + sum(g[1] for g in given)

    def _flag(self, name):
        if not self.known:
            return None
        since, delivered = self._last_iron_day(), self._delivered()
        age = self.patient.get("age_years")
        flags = {
            "pregnant": self.pregnant,
            "postpartum": lambda: delivered is not None and self.today - delivered < self.data.practice["postpartum_days"],
            "surgery_planned": lambda: self._next_surgery() is not None,
            "allergy_this": lambda: self._allergic(False),
            "allergy_any_iron": lambda: self._allergic(True),
            "serious_iron_allergy": self._seriously_allergic,
            "lab_left_out": lambda: any(self.lab(n) is not self.lab(n, True) for n in {e["lab"] for e in self._of("lab")}),
            "adult": lambda: None if age is None else age >= self.data.practice["adult_years"],
            "child": lambda: None if age is None else age < self.data.practice["adult_years"],
            "repeat_course": lambda: since is not None and self.today - since < self.data.practice["repeat_course_days"],
        }
        return flags[name]() if name in flags else None

    # -- the language

    def holds(self, c):
        if c is None or "always" in c:
            return True
        if "all" in c:
            return all_of(self.holds(x) for x in c["all"])
        if "any" in c:
            return any_of(self.holds(x) for x in c["any"])
        if "not" in c:
            truth = self.holds(c["not"])
            return None if truth is None else not truth
        if "rule" in c:
            key = c["rule"], self.product and self.product["id"]
            if key not in self._rules:
                self._rules[key] = self.holds(self.data.rules[c["rule"]])
            return self._rules[key]
        if "flag" in c:
            return self._flag(c["flag"])
        if "num" in c:
            if c["num"] == "tsat_as_drawn" and self.known and self.value("tsat", True) is not None:
                return self._lab_bounds(self.lab("tsat", True), c)
            value = self.number(c["num"])
            return None if value is None else bounds(c, value, value)
        if "molecule" in c:
            return self.product is not None and self.product["molecule"] in c["molecule"]
        if "product" in c:
            return self.product is not None and self.product["id"] in c["product"]
        if "region" in c:
            return None if self.region is None else self.region in c["region"]
        return self._course_leaf(c) if self.known else None

    def _course_leaf(self, c):
        if "lab" in c:
            return self._lab_leaf(c)
        if "has" in c:
            return self.has(c["has"])
        if "medicine" in c:
            return self._taken(c["medicine"])
        if "supplement" in c:
            return any(e["supplement"] == c["supplement"] and self._spans_now(e) for e in self._of("supplement"))
        if "symptom" in c:
            return self._symptom(c)
        if "procedure_planned" in c:
            return self._procedure(c)
        if "is" in c:
            word = self.patient.get(c["is"])
            return None if word is None else word in c["in"]
        if "given" in c:
            return self._given_leaf(c["given"])
        for key, field in (("family", "family_history"), ("cause", "cause")):
            if key in c:
                listed = self.patient.get(field)
                return None if listed is None else c[key] in listed
        raise ValueError(f"condition not understood: {c}")
