"""A second verifier of orders and plans, apart from the program's own: it reads data/ directly and shares no code with it.

verify() judges one order. From a shell, one JSON object a line in, one a line out:

    verifier.py DATA [--region us|eu|ca] < lines      {"course":...,"order":...,"at":...,"accepted":[],"off_label":[],"region":...}
"""
import argparse
import functools
import json
import sys
from collections import namedtuple
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from facts import Data, Facts, all_of, day, instant  # noqa: E402


# day None: not said; order: place in the order, None when given before; route None: not known.
Iron = namedtuple("Iron", "day mg molecule product route order")


# ---- the order, as it is read -------------------------------------------------------------------------------------------------


def day_of(item, facts):
    if item.get("on"):
        return date.fromisoformat(item["on"][:10]).toordinal()
    if item.get("at"):
        return day(instant(item["at"], facts.zone), facts.zone)
    return facts.today + item["day"] if item.get("day") is not None else None


def minutes_of(item, product):
    """As said, else what the parts, the pump's rate or the mg a minute make of it. None when nothing tells."""
    if item.get("minutes") is not None:
        return item["minutes"]
    if item.get("stages"):
        return sum(s["minutes"] for s in item["stages"])
    drug = item["dose_mg"] / product["concentration_mg_per_ml"]
    dilutions = [r.get("dilution") or {} for m in product["methods"] for r in m["routes"]]
    if item.get("bag_ml"):
        volume = item["bag_ml"] + (0 if any(d.get("bag_volume_means") == "final" for d in dilutions) else drug)
    else:
        volume = drug  # an order that needs a bag and names a rate without it is no order
    if item.get("ml_per_h"):
        return volume * 60 / item["ml_per_h"]
    return item["dose_mg"] / item["mg_per_min"] if item.get("mg_per_min") else None


class Order:
    def __init__(self, data, facts, order):
        self.data, self.facts = data, facts
        self.items = [dict(i, _day=day_of(i, facts), _route=i.get("route") or "infusion",
                           minutes=minutes_of(i, data.products[i["product"]])) for i in order["infusions"]]
        if all(i["_day"] is not None for i in self.items):
            self.items.sort(key=lambda i: i["_day"])
        self.drugs_with = order.get("with")
        self.iron = [Iron(d, mg, molecule, name, None, None) for d, mg, molecule, name in facts.given_iron()]
        for n, i in enumerate(self.items):
            self.iron.append(Iron(i["_day"], i["dose_mg"], data.molecule(i["product"]), i["product"], i["_route"], n))
        self.history_known = facts.known and all(i["_day"] is not None for i in self.items)

    def of_drug(self, product):
        return [x for x in self.iron if x.product == product["id"] or x.molecule == product["molecule"]]

    def course(self, product):
        """This drug in the order, and what was given of it in the course window before its first day."""
        doses = self.of_drug(product)
        starts = [x.day for x in doses if x.order is not None and x.day is not None]
        return [x for x in doses if x.order is not None or (starts and min(starts) - x.day < self.data.course_window_days)]


# ---- measuring --------------------------------------------------------------------------------------------------------------

# What was found for one limit: a value (None: unknown); `partial`: the truth can only be worse; words with kept set: no number.
Found = namedtuple("Found", "value partial kept", defaults=(False, None))
IRRELEVANT = object()


class Case:
    """One infusion under one method."""

    def __init__(self, order, product, method, number, last, off_label_on):
        self.order, self.facts, self.product, self.method, self.number = order, order.facts, product, method, number
        self.item = order.items[number]
        self.route = next((r for r in (method or {}).get("routes", []) if r["route"] == self.item["_route"]), None)
        self.last, self.off_label_on = last, off_label_on
        self.mg = self.item["dose_mg"]

    # -- helpers

    def say(self, field):
        return self.item.get(field)

    def partly(self, value):
        return Found(value, not self.order.history_known)

    def by_weight(self, found):
        weight = self.facts.cap_weight() if self.facts.known else None
        return Found(None) if weight is None else Found(found.value / weight, found.partial)

    def dilution(self):
        return (self.route or {}).get("dilution") or {}

    def is_neat(self):
        """Given undiluted, as the label of this route allows."""
        return self.say("bag_ml") is None and self.say("diluent") in (None, "none") and not self.dilution().get("required")

    def volume(self):
        drug = self.mg / self.product["concentration_mg_per_ml"]
        if self.is_neat():
            return drug
        if self.say("bag_ml") is None:
            return None
        return self.say("bag_ml") + (0 if self.dilution().get("bag_volume_means") == "final" else drug)

    def test_dose(self):
        own = (self.method or {}).get("test_dose")
        return own if isinstance(own, dict) else self.product.get("test_dose")

    def slow_part(self):
        """mg and minutes that the limits of rate leave out."""
        first = (self.route or {}).get("first_part")
        if first:
            return min(first["mg"], self.mg), first["minutes"]
        test = self.test_dose()
        return (min(self.say("test_dose_mg") or 0, test["mg"]) if test else 0), 0

    def speed(self, amount, minutes_per):
        minutes = self.say("minutes")
        if amount is None or minutes is None:
            return Found(None)
        if amount <= 0:
            return Found(0)
        left = minutes - self.slow_part()[1]
        return Found(amount / left * minutes_per) if left > 0 else Found(None, kept=False)

    def window(self, days, measure):
        """Largest over the half-open windows that hold this infusion. The fullest one can be moved until it begins with a dose."""
        here = self.item["_day"]
        own = measure([self.order.iron[len(self.order.iron) - len(self.order.items) + self.number]])
        if here is None:
            return self.partly(own)
        dated = [x for x in self.order.iron if x.day is not None]
        starts = {x.day for x in dated if x.day <= here < x.day + days}
        return self.partly(max([measure([x for x in dated if s <= x.day < s + days]) for s in starts] + [own]))

    def of_this(self, doses):
        return sum(1 for x in doses if x.product == self.product["id"] or x.molecule == self.product["molecule"])

    def maintenance(self):
        """mg from week 12 of the course on, for the regimen that counts it apart."""
        doses = [x for x in self.order.course(self.product) if x.day is not None]
        start = min((x.day for x in doses), default=0)
        weeks = ((self.method or {}).get("dose") or {}).get("maintenance", {}).get("weeks", [])
        return sum(x.mg for x in doses if weeks and x.day - start >= weeks[0] * 7)

    def span(self):
        days = [x.day for x in self.order.course(self.product) if x.day is not None]
        return max(days) - min(days) if days else None

    # -- one method a kind of limit; the name is `what`

    def max_single_mg(self, row):
        return Found(self.mg)

    def max_single_mg_per_kg(self, row):
        return self.by_weight(Found(self.mg))

    def max_daily_mg(self, row):
        return self.window(1, lambda doses: sum(x.mg for x in doses))

    def max_weekly_mg(self, row):
        return self.window(7, lambda doses: sum(x.mg for x in doses))

    def max_weekly_mg_per_kg(self, row):
        return self.by_weight(self.max_weekly_mg(row))

    def max_monthly_mg(self, row):
        return self.window(28, lambda doses: sum(x.mg for x in doses))

    def max_doses_per_week(self, row):
        return self.window(7, self.of_this)

    def max_course_mg(self, row):
        apart = any(r["what"] == "max_maintenance_mg" and r["kind"] != "none" for r in (self.method or {}).get("limits", []))
        return self.partly(sum(x.mg for x in self.order.course(self.product)) - (self.maintenance() if apart else 0))

    def max_course_mg_per_kg(self, row):
        return self.by_weight(self.max_course_mg(row))

    def max_maintenance_mg(self, row):
        return self.partly(self.maintenance())

    def max_doses(self, row):
        return self.partly(len(self.order.course(self.product)))

    def within_days(self, row):
        return Found(None) if self.span() is None else self.partly(self.span())

    def max_week(self, row):
        return Found(None) if self.span() is None else self.partly(self.span() / 7)

    def since_last(self, doses, row):
        here = self.item["_day"]
        earlier = [x for x in doses if x.day is not None and x.order != self.number
                   and (x.day < here or (x.day == here and (x.order is None or x.order < self.number)))
                   and (row.get("route") is None or x.route in (None, row["route"]))]
        return min((here - x.day for x in earlier), default=None)

    def min_interval_days(self, row):
        days = None if self.item["_day"] is None else self.since_last(self.order.of_drug(self.product), row)
        if days is None:
            return IRRELEVANT if self.order.history_known else Found(None)
        return self.partly(days)

    def max_interval_days(self, row):
        days = None if self.item["_day"] is None else self.since_last(self.order.course(self.product), row)
        if days is None and self.order.history_known:
            return IRRELEVANT
        return Found(days)

    def min_minutes(self, row):
        return IRRELEVANT if row["value"] == 0 else Found(self.say("minutes"))

    def max_mg_per_min(self, row):
        return self.speed(self.mg - self.slow_part()[0], 1)

    def max_mg_per_h(self, row):
        return self.speed(self.mg - self.slow_part()[0], 60)

    def max_ml_per_min(self, row):
        volume = self.volume()
        slow = self.slow_part()[0] if (self.route or {}).get("first_part") else 0
        return self.speed(None if volume is None else volume * (self.mg - slow) / self.mg, 1)

    def max_bag_ml(self, row):
        return IRRELEVANT if self.is_neat() else Found(self.say("bag_ml"))

    min_bag_ml = max_bag_ml

    def min_conc_mg_per_ml(self, row):
        if self.is_neat():
            return IRRELEVANT
        return Found(None if self.volume() is None else self.mg / self.volume())

    max_conc_mg_per_ml = min_conc_mg_per_ml

    def min_age_years(self, row):
        return Found(self.facts.patient.get("age_years"))

    def hb_g_dl_max_excl(self, row):
        return Found(self.facts.value("hemoglobin"))

    def diluents(self, row):
        if self.is_neat():
            return IRRELEVANT
        said = self.say("diluent")
        return Found(None) if said is None else Found(None, kept=said in row["value"])

    def routes(self, row):
        if self.method and self.method["off_label"] and self.off_label_on and self.route:
            return IRRELEVANT
        return Found(None, kept=self.item["_route"] in row["value"])

    def min_minutes_apart(self, row):
        if self.order.drugs_with is None:
            return Found(None)
        drugs = set(self.order.drugs_with) - self.order.data.not_a_drug
        return Found(None, kept=False) if drugs else IRRELEVANT

    def min_minutes_of_dialysis_before(self, row):
        if self.facts.known and self.facts.has("hemodialysis") is not True:
            return IRRELEVANT
        return Found(None)

    def needs_reason(self, row):
        return Found(None, kept=False)


OF_COURSE = {"max_course_mg", "max_course_mg_per_kg", "max_maintenance_mg", "max_doses", "within_days", "max_week"}


def in_range(case, row):
    """Is the row for this dose, patient and route? None when the patient's weight or age is not known."""
    low, high = row.get("dose_mg_min_excl"), row.get("dose_mg_max")
    if (low is not None and case.mg <= low) or (high is not None and case.mg > high):
        return False
    if row.get("route") is not None and row["route"] != case.item["_route"]:
        return False
    weight = case.facts.cap_weight() if case.facts.known else None
    age = case.facts.patient.get("age_years")
    return all_of([fits(weight, row.get("weight_kg_min"), row.get("weight_kg_max_excl")), fits(age, None, row.get("age_years_max_excl"))])


def fits(value, low, high_excl):
    if low is None and high_excl is None:
        return True
    if value is None:
        return None
    return (low is None or value >= low) and (high_excl is None or value < high_excl)


def is_kept(row, value):
    limit = row["value"]
    slack = 1e-9 * max(1.0, abs(limit))
    strict = row.get("strictly_more") or row.get("exclusive") or row["what"].endswith("_excl")
    room = value - limit if row["what"].startswith("min_") else limit - value
    return room > slack if strict else room >= -slack


def try_row(case, row):
    """True kept, False not kept, None not to be tried; IRRELEVANT when it is no limit of this infusion."""
    if row["kind"] == "none" or (row["what"] in OF_COURSE and not case.last):
        return IRRELEVANT
    here = in_range(case, row)
    if here is not True:
        return IRRELEVANT if here is False else None
    found = getattr(case, row["what"])(row)
    if found is IRRELEVANT or found.kept is not None:
        return found if found is IRRELEVANT else found.kept
    if found.value is None:
        return None
    kept = is_kept(row, found.value)
    return None if kept and found.partial else kept


# ---- methods ----------------------------------------------------------------------------------------------------------------


def rows_of(case):
    dilution = case.dilution()
    route = case.route or {}
    return ((case.method or {}).get("limits", []) + route.get("limits", []) + route.get("minutes", []) + dilution.get("bags", [])
            + dilution.get("concentration", []) + case.product["common_limits"])


class Result:
    """(name, kind, kept) of everything tried, names untried."""

    def __init__(self):
        self.tried, self.untried = [], []

    def add(self, name, kind, kept):
        if kept is None:
            self.untried.append(name)
        elif kept is not IRRELEVANT:
            self.tried.append((name, kind, kept))

    def names(self, kind, accepted=()):
        return list(dict.fromkeys(n for n, k, kept in self.tried if k == kind and not kept and n not in accepted))


def applies(facts, product, method):
    """(age, weight, condition) of the method, each with three values."""
    a = method["applies"]
    facts.product = product
    age = facts.patient.get("age_years")
    weight = facts.cap_weight() if facts.known else None
    condition = facts.holds(a.get("condition")) if facts.known or a.get("condition") is None else None
    return (fits(age, a.get("age_years_min"), a.get("age_years_max_excl")),
            fits(weight, a.get("weight_kg_min"), a.get("weight_kg_max_excl")), condition)


def is_open(method, off_label):
    return method["id"] in off_label or (method["enabled"] and not method["off_label"])


def judge(order, product, numbers, method, off_label):
    result = Result()
    on = method is not None and method["id"] in off_label
    for n in numbers:
        case = Case(order, product, method, n, n == numbers[-1], on)
        before = len(result.tried)
        for row in rows_of(case):
            result.add(row["name"], row["kind"], try_row(case, row))
        test = case.test_dose()
        mine = [x for x in order.course(product) if x.order is None or x.order < n]
        if test and test["kind"] != "none" and not mine:
            enough = (case.say("test_dose_mg") or 0) >= test["mg"]
            result.add("test-dose", test["kind"], True if enough else False if order.history_known else None)
        if method is None:
            continue
        if case.route is None:
            result.add("route", "label", False)
        age, weight, condition = applies(order.facts, product, method)
        if age is False and ("min-age", "label", False) not in result.tried[before:]:
            result.add("min-age", "label", False)
        if False in (weight, condition):
            result.add("indication", "label", False)
        if not is_open(method, off_label):
            result.add("off-label-regimen", "label", False)
        elif method["off_label"]:
            result.add("off-label-regimen", "caution", True)
    return result


def choose(order, product, numbers, named, accepted, off_label):
    methods = [m for m in product["methods"] if named in (None, m["id"], m.get("method"), m["name"])]
    possible = [m for m in methods if is_open(m, off_label) and False not in applies(order.facts, product, m)]
    if not possible and named:
        possible = [m for m in methods if is_open(m, off_label)] or methods
    if not possible and not named:
        possible = [m for m in product["methods"] if m["enabled"] and not m["off_label"]]
    if not possible:
        return None, judge(order, product, numbers, None, off_label)
    judged = [(m, judge(order, product, numbers, m, off_label)) for m in possible]
    passed = {a.split("/", 1)[1] for a in accepted if a.split("/", 1)[0] == product["id"]}
    return min(judged, key=lambda j: (len(j[1].names("label")), len(j[1].names("caution", passed)), not j[0].get("default")))


def judge_gates(order, product, result):
    facts = order.facts
    facts.product = product
    for gate in product["gates"]:
        if gate["name"] is None or gate["action"] not in ("block", "ask"):
            continue
        truth = facts.holds(gate["condition"]) if facts.known else None
        kind = "label" if gate["action"] == "block" and gate["kind"] == "label" else "caution"
        result.add(gate["name"], kind, None if truth is None else not truth)


# ---- the whole --------------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=8)
def data_of(folder):
    return Data(folder)


def verify(data_dir, course, order, region, at, accepted=(), off_label=()):
    data = data_of(str(data_dir))
    facts = Facts(data, course, region, at, order)
    order = Order(data, facts, order)
    groups, methods = {}, [None] * len(order.items)
    for n, item in enumerate(order.items):
        groups.setdefault((item["product"], item.get("method")), []).append(n)
    broken, cautions, unchecked = {}, {}, {}
    gated = set()
    for (product_id, named), numbers in groups.items():
        product = data.products[product_id]
        method, result = choose(order, product, numbers, named, accepted, off_label)
        if product_id not in gated:
            judge_gates(order, product, result)
            gated.add(product_id)
        for n in numbers:
            methods[n] = method and method["id"]
        passed = {a.split("/", 1)[1] for a in accepted if a.split("/", 1)[0] == product_id}
        broken.update(dict.fromkeys(result.names("label")))
        cautions.update(dict.fromkeys(result.names("caution", passed)))
        unchecked.update(dict.fromkeys(result.untried))
    return {"broken": sorted(broken), "cautions": sorted(cautions), "unchecked": sorted(unchecked), "methods": methods}


def main():
    parser = argparse.ArgumentParser(description="Judge orders, one JSON object a line.")
    parser.add_argument("data")
    parser.add_argument("--region")
    options = parser.parse_args()
    for line in sys.stdin:
        if not line.strip():
            continue
        ask = json.loads(line)
        answer = verify(options.data, ask.get("course"), ask["order"], ask.get("region", options.region), ask["at"],
                        tuple(ask.get("accepted", ())), tuple(ask.get("off_label", ())))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
