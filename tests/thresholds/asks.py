"""For one number of data/: other values for it, each with the questions whose answers it must change."""
import copy
import itertools
from datetime import datetime, timedelta

import worlds
from interpret_asks import InterpretAsks
from model_asks import ModelAsks
from worlds import AT, INF, TODAY, Impossible, World, course_of, day_before

MODELS, PATHS = 12, 24  # how many worlds and ways to a definition are tried for one number
QUESTIONS = {"checklist": ["assess"], "causes": ["assess"], "setup": ["plan"], "vitals": ["plan", "prepare"], "checks": ["plan", "prepare"], "sheet": ["plan"],
             "calendar": ["plan"], "premedication": ["plan"], "populations": ["forecast"], "miss_populations": ["forecast"], "covariates": ["forecast"],
             "windows": ["forecast"], "expectations": ["forecast"]}
OF_INTERPRET = ("readings", "retests", "differential", "tests")
FIELD_OF_DEFICIT = {"stores_mg": "stores-mg", "stores_mg_per_kg": "stores-mg-per-kg", "target_hb_g_dl": "target-hb"}


def question(name, region, **more):
    return dict({"question": name, "region": region, "at": AT}, **more)


def values_near(number):
    """Other values: a little and a lot, whole when the number is whole."""
    v = number.value
    steps = [v * 0.9, v * 1.1, v * 0.5, v * 2] if v else [1, 50, 5, 0.5, 1000, 20000]
    if isinstance(v, int) and v:
        steps = [round(s) if abs(v) >= 10 else s for s in (v - max(1, v // 10), v + max(1, v // 10))] + [round(s) for s in (v * 0.5, v * 2)]
        steps += [v - 1, v + 1, v - 0.5, v + 0.5]
    return [s for s in dict.fromkeys(steps) if s != v]


def worlds_of(generator, many=MODELS):
    return itertools.islice(generator, many)


class Asks:
    def __init__(self, folder):
        self.folder, self.products = folder, folder.products
        rules = folder.json["rules.json"]
        self.rules = {r["id"]: r["when"] for part in ("definitions", "findings") for r in rules[part]}
        self.solver = worlds.Solver(self.rules, self.products)
        for row in folder.csv["vocabulary.csv"]:
            if row["kind"] == "lab":
                bounds = [float(row[k]) if row[k] else s for k, s in zip(("hard_low", "hard_high", "warn_low", "warn_high"), (-INF, INF, -INF, INF))]
                worlds.LAB_UNITS[row["id"]] = (row["unit"], *bounds)
                worlds.USUAL_WORDS[row["id"]] = "negative" if "negative" in row["note"] else "normal"
        self.reached = {}
        self.model, self.interpret = ModelAsks(folder), InterpretAsks()
        self.tops = list(self.top_level())

    # -- conditions --------------------------------------------------------------------------------------------------------

    def top_level(self):
        """Every condition that shows in an answer by itself: (condition, questions, products in view)."""
        rules = self.folder.json["rules.json"]
        for rule in rules["findings"]:
            asked = [q for q in rule["in"] if q != "interpret"]
            if asked:
                yield rule["when"], asked, None
            if "about" in rule:
                yield rule["about"], ["assess"], None
        for part, asked in QUESTIONS.items():
            for line in rules[part]:
                yield line["when"], ["causes"] if part == "causes" else asked, None
        for product in self.products.values():
            for gate in product["gates"]:
                yield gate["condition"], ["check", "plan", "assess"], product["id"]
            for method in product["methods"]:
                if method["applies"].get("condition"):
                    yield method["applies"]["condition"], ["plan", "method"], method["id"]

    def reaches(self, c, rule):
        """Does this condition stand on that definition?"""
        key = id(c), rule
        if key not in self.reached:
            parts = c.get("all", c.get("any", [c["not"]] if "not" in c else [])) if isinstance(c, dict) else []
            self.reached[key] = (isinstance(c, dict) and "rule" in c and (c["rule"] == rule or self.reaches(self.rules[c["rule"]], rule))
                                 or any(self.reaches(p, rule) for p in parts))
        return self.reached[key]

    def is_of_interpret(self, rule):
        """Does it show in no other question?"""
        return not any(self.reaches(top[0], rule) for top in self.tops)

    def labs_in(self, c):
        """The labs that a condition asks for, definitions included."""
        if not isinstance(c, dict):
            return []
        parts = c.get("all", c.get("any", [c["not"]] if "not" in c else [self.rules[c["rule"]]] if "rule" in c else []))
        return sorted({c["lab"]} if "lab" in c else {name for part in parts for name in self.labs_in(part)})

    def read_by(self, rule):
        """The labs and signs of the rules that stand on a definition."""
        rows = self.folder.json["rules.json"]
        return sorted({name for part in ("findings", "readings") for r in rows[part] if self.reaches(r["when"], rule) for name in r.get("of", [])})

    def paths_to(self, c, rule):
        if not isinstance(c, dict) or not self.reaches(c, rule):
            return
        if "rule" in c:
            if c["rule"] == rule:
                yield ("rule",)
            else:
                for path in self.paths_to(self.rules[c["rule"]], rule):
                    yield ("rule",) + path
        elif "not" in c:
            for path in self.paths_to(c["not"], rule):
                yield ("not",) + path
        else:
            word = "all" if "all" in c else "any"
            for i, part in enumerate(c[word]):
                for path in self.paths_to(part, rule):
                    yield (word, i) + path

    def of_condition(self, number, tops, path, leaf):
        """(new value, questions) for a bound inside conditions. `tops`: where it shows, each with the way from there."""
        word = number.keys[-1]
        for new in values_near(number):
            asks = []
            for (condition, asked, view), others in itertools.product(tops, (False, worlds.NOT_TRUE)):
                for start in self.solver.between(leaf, word, new, World()):
                    for world in worlds_of(self.solver.search(self.solver.pivots(condition, path[id(condition)], start, others))):
                        asks += self.asks_of(world, asked, view)
            if leaf.get("num") in worlds.OF_ANSWER and not leaf["num"].startswith("forecast"):
                asks += self.battery()
            yield new, asks

    def rule_number(self, number):
        parts = self.folder.parts(number)
        section, place, where = number.keys[:3]
        row = parts[2]
        if where in ("from_day", "to_day"):
            for new in (number.value + 1, number.value + 7):
                yield new, [question("forecast", "eu", input=dict(worlds.ORDINARY, events=[
                    {"at": TODAY + "T08:00+01:00", "lab": n, "value": v, "unit": u} for n, v, u in (("hemoglobin", 8.9, "g/dL"), ("ferritin", 9, "ug/L"))] + [
                    {"at": TODAY + "T14:00+01:00", "infusion": "fcm-eu", "dose_mg": 500, "minutes": 15}]), draws=1, weeks=1)]
            return
        if where == "days":
            yield from self.calendar_day(number, row)
            return
        inner, leaf = tuple(number.keys[3:-1]), parts[-1]
        if where in ("not_before_days", "best_days"):
            asks = list(self.interpret.battery(near=self.labs_in(row["when"]))) + list(self.interpret.battery(of=[row["lab"]]))
            if row["lab"] == "ferritin":
                asks += list(self.interpret.places([row["lab"]]))
            for new in (number.value + 7, number.value + 60, max(0, number.value - 5), row["best_days"]):
                yield new, asks
            return
        if section in OF_INTERPRET or row.get("in") == ["interpret"] or (section == "definitions" and self.is_of_interpret(row["id"])):
            of = row.get("of") or (self.read_by(row["id"]) if section == "definitions" else [])
            yield from self.interpret.of_leaf(leaf, number.keys[-1], values_near(number), of, self.labs_in(row[where]), section == "differential")
            return
        if section != "definitions":
            asked = ["assess"] if where == "about" else row.get("in", QUESTIONS.get(section))
            tops = [(row[where], ["causes"] if section == "causes" else asked, None)]
            yield from self.of_condition(number, tops, {id(row[where]): inner}, leaf)
            return
        ways = itertools.islice(((top, path) for top in self.tops for path in self.paths_to(top[0], row["id"])), 4 * PATHS)
        ways = sorted(ways, key=lambda w: (len(w[1]), "assess" not in w[0][1]))[:PATHS]
        for top, path in ways:
            yield from self.of_condition(number, [top], {id(top[0]): path + inner}, leaf)

    def calendar_day(self, number, row):
        asks = []
        for world in worlds_of(self.solver.search(self.solver.models(row["when"], True, World()))):
            asks += self.asks_of(world, ["plan"], None)
        yield row["days"] + 3, asks

    def products_for(self, world):
        for product in self.products.values():
            fits = all(product[field] in world.words.get(kind, {product[field]}) for kind, field in (("molecule", "molecule"), ("product", "id"), ("region", "region")))
            if fits:
                yield product

    def asks_of(self, world, asked, view):
        """The questions in which a condition shows, for the patient of a world."""
        product_id, method_id = (view.split("/")[0], view) if view and "/" in view else (view, None)
        fitting = [self.products[product_id]] if view else list(self.products_for(world))
        in_view = bool(view) or "molecule" in world.words or "product" in world.words
        answer = {k[4:]: worlds.pick(k, s) for k, s in world.spans.items() if k[4:] in worlds.OF_ANSWER}
        asks = []
        for product in fitting[:3] if not in_view else fitting:
            try:
                course = course_of(world, product)
            except Impossible:
                continue
            region = product["region"]
            self.fit(course["patient"], product, method_id)
            closed = [m["id"] for m in product["methods"] if m["id"] == method_id and (m["off_label"] or not m["enabled"])]
            for name in asked:
                if name == "causes":
                    course["patient"].pop("cause", None)
                    asks.append(question("assess", region, input=course))
                elif name == "assess":
                    asks.append(question("assess", region, input=course))
                elif name == "plan":
                    more = {"product": product["id"]} if in_view else {}
                    asks.append(question("plan", region, input=course, off_label=closed, **more))
                    asks += [question("plan", region, input=course, product=product["id"], need_mg=need) for need in self.needs(answer)]
                elif name == "forecast":
                    foreseen = copy.deepcopy(course)
                    known = {e.get("lab") for e in foreseen["events"]}
                    foreseen["events"] += [{"at": TODAY + "T08:00+01:00", "lab": n, "value": v, "unit": u}
                                           for n, v, u in (("hemoglobin", 8.9, "g/dL"), ("ferritin", 9, "ug/L")) if n not in known]
                    foreseen["events"].append({"at": TODAY + "T14:00+01:00", "infusion": product["id"], "dose_mg": 500, "minutes": 60, "planned": True})
                    asks.append(question("forecast", region, input=foreseen, draws=1, weeks=27))
                elif name == "check":
                    asks += [question("check", region, input=course, order=self.order(product, answer), off_label=closed)]
                elif name == "method":
                    asks.append(question("check", region, input=course, order=self.order(product, answer, method_id), off_label=closed))
                elif name == "prepare":
                    asks += self.prepare(product, answer)
                elif name == "deficit":
                    asks += self.deficits()
            if not in_view and "check" not in asked:
                break
        return asks

    @staticmethod
    def fit(patient, product, method_id):
        """The weight that a regimen asks for."""
        for method in product["methods"]:
            if method["id"] == method_id:
                low, high = method["applies"].get("weight_kg_min", 2), method["applies"].get("weight_kg_max_excl", 350)
                if not low <= patient["weight_kg"] < high:
                    patient["weight_kg"] = low if low > 2 else high - 2

    @staticmethod
    def needs(answer):
        if "largest_dose_mg" in answer or "total_mg" in answer:
            v = answer.get("largest_dose_mg", answer.get("total_mg"))
            return [v, 100 * (v // 100), 100 * (v // 100) + 100]
        return [150, 450, 1050, 1250, 1333, 1550, 2040, 2750, 3100] if answer else []

    def order(self, product, answer=None, method_id=None):
        answer = answer or {}
        methods = product["methods"]
        method = next((m for m in methods if m["id"] == method_id), None) or next(m for m in methods if m.get("default") and m["enabled"])
        item = self.item(product, method, method["routes"][0])
        item["minutes"] = answer.get("minutes", item["minutes"])
        if "bag_ml" in answer:
            item["bag_ml"] = answer["bag_ml"]
        if not method_id:
            del item["method"]
        return {"ferrule": 1, "infusions": [item]}

    def prepare(self, product, answer):
        more = {k: answer[k] for k in ("minutes", "bag_ml") if k in answer}
        doses = [answer["largest_dose_mg"]] if "largest_dose_mg" in answer else [100, 125, 200, 500, 1000]
        return [question("prepare", product["region"], subject=product["id"], dose_mg=max(1, d), route=r, **more) for d in doses for r in ("infusion", "injection")]

    # -- orders that stand at a limit ----------------------------------------------------------------------------------------

    def patient_of(self, product, method, kg=None, age=None, hb=None):
        """A patient for whom the method is meant."""
        a = method["applies"]
        world = World()
        world = world.span("num:age_years", a.get("age_years_min", 0), a.get("age_years_max_excl", INF), high_open=True)
        if hb is not None:
            world = world.fact(("lab", "hemoglobin"), True).span("lab:hemoglobin", hb, hb)
        for w in worlds_of(self.solver.search(self.solver.models(a.get("condition"), True, world))):
            try:
                course = course_of(w, product)
            except Impossible:
                continue
            patient = course["patient"]
            low, high = a.get("weight_kg_min", 2), a.get("weight_kg_max_excl", 350)
            if patient["age_years"] < 18 and "age_years_max_excl" not in a and age is None:
                patient.update(age_years=40, weight_kg=64, height_cm=168)
            if kg is not None:
                patient["weight_kg"] = kg
            elif not low <= patient["weight_kg"] < high:
                patient["weight_kg"] = low if low > 2 else high - 1
            if age is not None:
                patient["age_years"] = age
            if patient["weight_kg"] < 30 and age is None and patient["age_years"] >= 18 and a.get("age_years_min", 0) < 18:
                patient["age_years"] = max(a.get("age_years_min", 0), 1)
            if patient["age_years"] < 10:
                patient["sex"] = "male"
            return course
        raise Impossible

    def item(self, product, method, route, dose=None):
        caps = [l["value"] for l in method["limits"] + route.get("limits", [])
                if l["what"] in ("max_single_mg", "max_daily_mg") and l["value"] and not l.get("weight_kg_max_excl")]
        dose = dose or min(caps + [method["dose"].get("mg", 500) if isinstance(method["dose"].get("mg", 500), (int, float)) else 500])
        item = {"product": product["id"], "method": method["id"], "dose_mg": dose, "day": 0, "route": route["route"], "minutes": 400}
        dilution = route.get("dilution") or {}
        bags = [b["value"] for b in dilution.get("bags", []) if b["kind"] != "none" and b["what"] == "max_bag_ml" and (b.get("dose_mg_max") or INF) >= dose]
        if dilution.get("required") or bags:
            item.update(bag_ml=min(bags or [100]), diluent="sodium-chloride-0.9")
        test = method.get("test_dose") or product.get("test_dose")
        test = test if isinstance(test, dict) else product.get("test_dose")
        if test:
            item["test_dose_mg"] = test["mg"]
        return item

    @staticmethod
    def fitting_dose(row, usual):
        low, high = row.get("dose_mg_min_excl"), row.get("dose_mg_max")
        return high if high is not None and (usual > high or (low is not None and usual <= low)) else low + 10 if low is not None and usual <= low else usual

    def at_limit(self, product, method, route, row):
        """The order that keeps a limit and has nothing to spare. None where nothing can be computed."""
        v, what = row["value"], row["what"]
        kg = row["weight_kg_min"] if row.get("weight_kg_min") else row["weight_kg_max_excl"] - 1 if row.get("weight_kg_max_excl") else None
        age = row["age_years_max_excl"] - 1 if row.get("age_years_max_excl") else None
        course = self.patient_of(product, method, kg, v if what == "min_age_years" else age, v - 0.2 if what == "hb_g_dl_max_excl" else None)
        weight = course["patient"]["weight_kg"]
        item = self.item(product, method, route)
        item["dose_mg"] = self.fitting_dose(row, item["dose_mg"])
        days, dose = [0], item["dose_mg"]
        if what in ("max_single_mg", "max_daily_mg", "max_weekly_mg", "max_monthly_mg", "max_course_mg"):
            item["dose_mg"] = v
        elif what in ("max_single_mg_per_kg", "max_weekly_mg_per_kg", "max_course_mg_per_kg"):
            item["dose_mg"] = round(v * weight * 0.999, 3)
        elif what == "max_maintenance_mg":
            days = [0, 100]
        elif what == "max_doses":
            days = range(v)
        elif what == "max_doses_per_week":
            days = [2 * i for i in range(v)]
        elif what in ("within_days", "min_interval_days", "max_interval_days"):
            days = [0, v]
        elif what == "max_week":
            days = [0, 7 * v]
        elif what == "min_minutes":
            item["minutes"] = v if not row.get("strictly_more") else v + 0.5
            item["minutes"] = item["minutes"] or 1
        elif what in ("max_mg_per_min", "max_mg_per_h", "max_ml_per_min"):
            first = route.get("first_part") or {}
            amount = dose - (first.get("mg") or item.get("test_dose_mg") or 0)
            if what == "max_ml_per_min":
                amount = (item.get("bag_ml", 0) + dose / product["concentration_mg_per_ml"]) * amount / dose if first else item.get("bag_ml", 0) + dose / product["concentration_mg_per_ml"]
            item["minutes"] = round(amount / v * (60 if what == "max_mg_per_h" else 1) * 1.001 + first.get("minutes", 0), 4)
        elif what in ("max_bag_ml", "min_bag_ml"):
            item.update(bag_ml=v, diluent="sodium-chloride-0.9")
        elif what in ("min_conc_mg_per_ml", "max_conc_mg_per_ml"):
            volume = dose / v * (0.999 if what[1] == "i" else 1.001)
            drug = 0 if (route.get("dilution") or {}).get("bag_volume_means") == "final" else dose / product["concentration_mg_per_ml"]
            item.update(bag_ml=round(volume - drug, 4), diluent="sodium-chloride-0.9")
        elif what not in ("min_age_years", "hb_g_dl_max_excl"):
            return None
        items = [dict(item, day=d) for d in days]
        if what == "max_maintenance_mg":
            items[1]["dose_mg"] = v
        return course, {"ferrule": 1, "infusions": items}

    def check(self, product, method, course, order, **more):
        closed = [method["id"]] if method["off_label"] or not method["enabled"] else []
        return question("check", product["region"], input=course, order=order, off_label=closed, **more)

    def limit_number(self, number, product, method, route, row):
        key = number.keys[-1]
        routes = [route] if route else method["routes"] if method else []
        if row.get("route"):
            routes = [r for r in routes if r["route"] == row["route"]]
        sides = [(method, r) for r in routes] if method else [(m, m["routes"][0]) for m in product["methods"]]
        for new in values_near(number):
            asks = []
            for m, r in sides[:6]:
                try:
                    asks += self.asks_at(number, product, m, r, row, key)
                except Impossible:
                    continue
            yield new, asks

    def asks_at(self, number, product, method, route, row, key):
        if row["what"] == "min_minutes_of_dialysis_before":
            return [question("prepare", product["region"], subject=product["id"], dose_mg=510)]
        if key == "value":
            made = self.at_limit(product, method, route, row)
            return [self.check(product, method, *made)] if made else []
        bound, asks = number.value, []
        if key in ("dose_mg_max", "dose_mg_min_excl"):
            for dose in (bound, bound * 1.05, bound * 0.95, bound + 1, bound - 1, bound * 1.5, bound * 0.6):
                if dose > 0:
                    made = self.at_limit(product, method, route, {**row, "dose_mg_min_excl": None, "dose_mg_max": None})
                    course, order = made or (self.patient_of(product, method), {"ferrule": 1, "infusions": [self.item(product, method, route)]})
                    for item in order["infusions"]:
                        item["dose_mg"] = round(dose, 3)
                    asks.append(self.check(product, method, course, order))
        elif key in ("weight_kg_min", "weight_kg_max_excl", "age_years_max_excl"):
            for v in (bound, bound * 1.05, bound * 0.95, bound - 0.5, bound * 1.5, bound * 0.6):
                course = self.patient_of(product, method)
                course["patient"]["age_years" if key.startswith("age") else "weight_kg"] = round(v, 3)
                asks.append(self.check(product, method, course, {"ferrule": 1, "infusions": [self.item(product, method, route)]}))
        else:
            for dose in (25, 50, 100, 200, 500, 1000):
                asks += [question("prepare", product["region"], subject=product["id"], method=method["id"], route=route["route"], dose_mg=dose,
                                  off_label=[method["id"]] if method["off_label"] or not method["enabled"] else [])]
            asks += self.plans(product, method)
        return asks

    # -- methods and products ----------------------------------------------------------------------------------------------------

    def plans(self, product, method, hbs=(8.9, 6.5, 10.6, 13.2, 14.3), kgs=(None,), ages=(None,), **more):
        closed = [method["id"]] if method["off_label"] or not method["enabled"] else []
        asks = []
        for hb, kg, age in itertools.product(hbs, kgs, ages):
            try:
                course = self.patient_of(product, method, kg, age, hb)
            except Impossible:
                continue
            asks.append(question("plan", product["region"], input=course, product=product["id"], method=method["id"], off_label=closed, **more))
        return asks

    def method_number(self, number, product, method, parts):
        keys = number.keys[4:]
        a, key = method["applies"], number.keys[-1]
        if keys[0] == "applies" and "condition" in keys:
            place = keys.index("condition")
            condition = a["condition"]
            yield from self.of_condition(number, [(condition, ["method", "plan"], method["id"])], {id(condition): tuple(keys[place + 1:-1])}, parts[-1])
        elif keys[0] == "applies":
            v = number.value
            for new in values_near(number):
                asks = []
                for x in (v, new, (v + new) / 2, v - 0.1):
                    kg, age = (x, None) if key.startswith("weight") else (None, x)
                    try:
                        course = self.patient_of(product, method, kg, age)
                    except Impossible:
                        continue
                    asks.append(self.check(product, method, course, {"ferrule": 1, "infusions": [self.item(product, method, r) for r in method["routes"][:1]]}))
                    asks += self.plans(product, method, (8.9,), (kg,), (age,))
                yield new, asks
        else:
            bounds = {k: v for part in parts[5:] if isinstance(part, dict) for k, v in part.items() if isinstance(v, (int, float)) and ("hb_" in k or "weight_" in k)}
            hbs = [v + d for k, v in bounds.items() if "hb_" in k for d in (0, -0.1, 0.1, 0.6, -0.6)] or [8.9, 6.5, 10.6, 13.2, 14.3]
            kgs = [v + d for k, v in bounds.items() if "weight_" in k for d in (0, -0.5, 4, -4)] or [None, 34, 45, 64, 90]
            if key in ("max_mg", "mg_per_kg") and method["dose"].get("max_mg"):
                kgs = [round(method["dose"]["max_mg"] / method["dose"]["mg_per_kg"] * d, 1) for d in (1.03, 0.9, 1.2)] + kgs
            for new in values_near(number):
                asks = self.plans(product, method, hbs[:10], kgs[:8])
                for need in (300, 450, 1000, 1550, 2100, 3000):
                    asks += self.plans(product, method, (8.9,), (None,), need_mg=need)
                for route in method["routes"]:
                    asks += [question("prepare", product["region"], subject=product["id"], method=method["id"], route=route["route"], dose_mg=d,
                                      off_label=[method["id"]] if method["off_label"] or not method["enabled"] else []) for d in (20, 25, 50, 100, 200, 500, 1000)]
                    asks += [self.check(product, method, self.patient_of(product, method), {"ferrule": 1, "infusions": [dict(self.item(product, method, route), **c)]})
                             for c in ({}, {"minutes": 20}, {"test_dose_mg": 20}, {"test_dose_mg": 25})]
                yield new, asks

    def lab_after_iron(self, product, gate, hours):
        """A TSAT drawn so many hours after this product; ferritin leaves the decision to it."""
        drawn = datetime.fromisoformat(AT) - timedelta(hours=4)
        course = copy.deepcopy(worlds.ORDINARY)
        course["patient"]["conditions"] = ["iron-deficiency-anemia", "heart-failure"]
        course["events"] = [{"at": (drawn - timedelta(hours=hours)).isoformat(), "infusion": product["id"], "dose_mg": 100},
                            {"at": drawn.isoformat(), "lab": "tsat", "value": 60, "unit": "%"},
                            {"at": drawn.isoformat(), "lab": "hemoglobin", "value": 8.9, "unit": "g/dL"},
                            {"at": drawn.isoformat(), "lab": "ferritin", "value": 150, "unit": "ug/L"}]
        return question("assess", product["region"], input=course)

    def product_number(self, number, product, parts):
        keys, key = number.keys[2:], number.keys[-1]
        if keys[0] == "gates" and key == "hours":
            for new in values_near(number):
                yield new, [self.lab_after_iron(product, parts[4], (number.value + new) / 2)]
            return
        if keys[0] == "gates" and "condition" in keys:
            gate = parts[4]
            condition = gate["condition"]
            yield from self.of_condition(number, [(condition, ["check", "assess", "plan"], product["id"])], {id(condition): tuple(keys[3:-1])}, parts[-1])
        elif keys[0] == "common_limits":
            yield from self.limit_number(number, product, None, None, parts[-1])
        elif keys[0] == "methods":
            method = product["methods"][keys[1]]
            if keys[2] == "limits":
                yield from self.limit_number(number, product, method, None, parts[-1])
            elif keys[2] == "routes" and keys[4] in ("limits", "minutes", "dilution"):
                yield from self.limit_number(number, product, method, method["routes"][keys[3]], parts[-1])
            else:
                yield from self.method_number(number, product, method, parts)
        else:
            for new in values_near(number):
                asks = [question("prepare", product["region"], subject=product["id"], dose_mg=d, route=r) for d in (25, 50, 62.5, 100, 125, 200, 500, 750, 1000) for r in ("infusion", "injection")]
                asks += [p for m in product["methods"] if m["enabled"] for p in self.plans(product, m, (8.9,))]
                for m in product["methods"][:2]:
                    asks += [self.check(product, m, self.patient_of(product, m), {"ferrule": 1, "infusions": [dict(self.item(product, m, m["routes"][0]), **c)]})
                             for c in ({"test_dose_mg": 20}, {"test_dose_mg": 25}, {"minutes": 20})]
                    asks += [self.check(product, m, self.patient_of(product, m, age=a), {"ferrule": 1, "infusions": [self.item(product, m, m["routes"][0])]})
                             for a in (number.value, new) if key == "age_years_min"]
                asks.append(question("products", product["region"], subject=product["id"]))
                yield new, asks[:-1]

    # -- needs and weights -------------------------------------------------------------------------------------------------------

    def deficit(self, method, **values):
        more = {k: values.pop(k) for k in ("weight_basis", "product") if k in values}
        return question("deficit", "eu", method=method, values={k.replace("_", "-"): str(v) for k, v in values.items()}, **more)

    def deficits(self):
        asks = []
        for need in self.folder.json["products.json"]["need_methods"]:
            asks += [self.deficit(need["id"], weight_kg=kg, hb=hb, height_cm=cm, sex=sex, age_years=age)
                     for kg, hb, cm, sex, age in ((64, 8.9, 168, "f", 40), (82, 6.4, 175, "m", 40), (110, 10.5, 165, "f", 50))]
        return asks

    def need_number(self, number, parts):
        need = parts[2]
        bounds = {k: v for part in parts[3:] if isinstance(part, dict) for k, v in part.items() if isinstance(v, (int, float))}
        hbs = [v + d for k, v in bounds.items() if k.startswith("hb_") for d in (0, -0.1, 0.5)] + [8.9, 6.5, 11.5, 12.5, 13.5]
        kgs = [v + d for k, v in bounds.items() if k.startswith("weight_") for d in (0, -0.5, 1)] + [64, 66, 67, 30, 82.3, 14, 4.5, 35]
        table = need.get("table_by_weight")
        if table:
            hbs, kgs = list(table["hb_g_dl"]) + [h - 0.2 for h in table["hb_g_dl"]] + [table["hb_g_dl"][-1] + 0.3], [r["weight_kg"] for r in table["rows"]] + [r["weight_kg"] + 2 for r in table["rows"]]
            if "rows" in number.keys:
                row = table["rows"][number.keys[4]]
                kgs = [row["weight_kg"], row["weight_kg"] + 2, row["weight_kg"] - 1]
        asks = []
        for kg, hb, sex in itertools.product(kgs[:8], hbs[:13], ("f", "m")):
            age = 40 if kg > 30 else 8 if kg > 12 else 0.5
            more = {"target_hb": 13, "stores_mg": 500} if need["id"] == "ganzoni-free" else {}
            asks.append(self.deficit(need["id"], weight_kg=kg, hb=hb, sex=sex, age_years=age, height_cm=168 if kg > 30 else 110, **more))
        asks += [self.deficit(need["id"], weight_kg=kg, hb=8.9, sex="f", age_years=a, height_cm=h, lbw_kg=kg) for kg, a, h in ((4.5, 0.3, 55), (14, 3, 95), (60, 40, 168))]
        asks += [self.deficit(need["id"], blood_loss_ml=500, hct=40, units=3, weight_kg=64, hb=8.9)]
        users = [(p, m) for p in self.products.values() for m in p["methods"] if need["id"] in (m["dose"].get("need"), *m["dose"].get("alternatives", ()))]
        for new in values_near(number):
            yield new, asks + [a for p, m in users[:2] for a in self.plans(p, m, hbs[:3], (None, 30, 66))]

    def basis_number(self, number, parts):
        basis, asks = parts[2], []
        need = {"lean-infed": "infed-lbw", "lean-if-obese": "hb-only-2.145"}.get(basis["id"], "ganzoni-15-500")
        options = [None, basis["option"]] if basis.get("option") else [None]
        for cm, bmi, sex, option in itertools.product((168, 160, 190, 140, 152.4), (24, 29.5, 30, 31, 35), ("f", "m"), options):
            more = {"weight_basis": option} if option else {}
            asks.append(self.deficit(need, weight_kg=round(bmi * cm * cm / 10000, 2), hb=8.9, sex=sex, height_cm=cm, age_years=40, **more))
        for kg, cm, age, sex in itertools.product((4, 5, 5.5, 8, 14, 15, 16, 20), (80, 110), (2, 8), ("f", "m")):
            asks.append(self.deficit(need, weight_kg=kg, hb=8.9, sex=sex, height_cm=cm, age_years=age))
        asks += [self.deficit(need, weight_kg=kg, hb=8.9, age_years=3) for kg in (4.8, 5, 5.2, 7, 14, 15, 16)]
        for new in values_near(number):
            yield new, asks

    # -- practice: what the whole program does --------------------------------------------------------------------------------------

    def battery(self):
        """Plans, preparations, checks and deficits of every kind: for numbers that touch everything."""
        asks, by_method = [], []
        for product in self.products.values():
            for method in product["methods"]:
                if method["enabled"] and not method["off_label"]:
                    by_method += self.plans(product, method, (8.9, 10.6), (None, 82.3))
            asks += [question("prepare", product["region"], subject=product["id"], dose_mg=d, route=r) for d in (25, 37, 62.5, 100, 125, 183, 200, 333, 500, 750, 1000) for r in ("infusion", "injection")]
        for region in ("us", "eu", "ca"):
            course = copy.deepcopy(worlds.ORDINARY)
            for hb, kg, extra in itertools.product((7.5, 8.9, 10.6, 12.4), (45, 64, 91), ((), ("inflammatory-bowel-disease",), ("hemodialysis",), ("osteoporosis", "chronic-gi-blood-loss"))):
                one = copy.deepcopy(course)
                one["patient"].update(weight_kg=kg, conditions=["iron-deficiency-anemia", *extra])
                one["events"] = [{"at": TODAY + "T08:00+01:00", "lab": n, "value": v, "unit": u}
                                 for n, v, u in (("hemoglobin", hb, "g/dL"), ("ferritin", 9, "ug/L"), ("serum-iron", 25, "ug/dL"), ("transferrin", 3, "g/L"))]
                asks.append(question("plan", region, input=one))
        given = copy.deepcopy(worlds.ORDINARY)
        for product, days in itertools.product(self.products.values(), (5, 20, 27, 28, 29, 31, 40)):
            one = copy.deepcopy(given)
            one["events"] = [{"at": TODAY + "T08:00+01:00", "lab": "hemoglobin", "value": 8.9, "unit": "g/dL"}, {"at": TODAY + "T08:00+01:00", "lab": "ferritin", "value": 9, "unit": "ug/L"},
                             {"at": day_before(days) + "T09:00+01:00", "infusion": product["id"], "dose_mg": 500}]
            asks.append(question("plan", product["region"], input=one))
        old = [dict(a, at=when) for a in by_method[:2] for when in ("2027-11-19T12:00+01:00", "2027-11-21T12:00+01:00", "2027-12-31T12:00+01:00", "2028-06-01T12:00+01:00")]
        return old + self.deficits() + asks + by_method

    def optimized(self):
        """Plans to be compared: with goals near and far, for patients whose options lie close and apart."""
        for region, hb, ferritin, goal, kg, extra in itertools.product(("eu", "us"), (8.9, 11.2), (9, 60), (11, 12.5, 13), (52, 82), ((), ("hemodialysis",))):
            one = copy.deepcopy(worlds.ORDINARY)
            one["patient"].update(weight_kg=kg, conditions=["iron-deficiency-anemia", *extra], height_cm=168)
            one["events"] = [{"at": TODAY + "T08:00+01:00", "lab": n, "value": v, "unit": u} for n, v, u in (("hemoglobin", hb, "g/dL"), ("ferritin", ferritin, "ug/L"), ("tsat", 9, "%"))]
            one["goals"] = {"hemoglobin_g_dl": goal, "ferritin_ug_l": 100, "by_weeks": 12}
            yield question("plan", region, input=one, draws=48, optimize=True)

    def practice_number(self, number, parts):
        name, asks = parts[2]["name"], []
        if name.startswith(("optimize_", "tie_", "large_")):
            for new in values_near(number):
                yield new, list(self.optimized())
            return
        for product in self.products.values():
            method = next(m for m in product["methods"] if m.get("default") and m["enabled"])
            course = self.patient_of(product, method)
            item = self.item(product, method, method["routes"][0])
            if name == "course_window_days":
                for days in (14, 20, 24, 26, 27, 28, 29, 30, 40):
                    one = copy.deepcopy(course)
                    one["events"].append({"at": day_before(days) + "T09:00+01:00", "infusion": product["id"], "dose_mg": 500})
                    asks.append(self.check(product, method, one, {"ferrule": 1, "infusions": [item] * 1}))
            elif name == "least_dose_mg":
                asks += [q for rest in (11, 15, 19, 21, 30) for q in self.plans(product, method, (8.9,), need_mg=1000 + rest)]
            elif name == "drug_ml_step":
                ml = item["dose_mg"] / product["concentration_mg_per_ml"]
                asks += [self.check(product, method, course, {"ferrule": 1, "infusions": [dict(item, drug_ml=round(ml + d, 3))]}) for d in (0.03, 0.07, 0.095, 0.105, 0.15, 0.3)]
        if name.startswith("tibc"):
            for iron, transferrin in ((25, 3), (40, 2), (60, 2.1), (80, 2.9)):
                one = copy.deepcopy(worlds.ORDINARY)
                one["events"] = [{"at": TODAY + "T08:00+01:00", "lab": n, "value": v, "unit": u} for n, v, u in (("serum-iron", iron, "ug/dL"), ("transferrin", transferrin, "g/L"))]
                asks.append(question("assess", "eu", input=one))
        asks += self.of_the_patient(name, number.value)
        for new in values_near(number):
            yield new, asks + self.battery()

    def of_the_patient(self, name, value):
        """Courses on both sides of a number of practice.json that speaks of the patient."""
        def course(labs=(("hemoglobin", 8.9, "g/dL"), ("ferritin", 9, "ug/L")), events=(), without=(), **patient):
            one = copy.deepcopy(worlds.ORDINARY)
            one["patient"].update(patient)
            one["patient"] = {k: v for k, v in one["patient"].items() if k not in without}
            one["events"] = [{"at": TODAY + "T08:00+01:00", "lab": n, "value": v, "unit": u} for n, v, u in labs] + list(events)
            return one

        courses = []
        if name in ("fertile_age_from_years", "fertile_age_to_years"):
            ages = [value + d for d in (-30, -6, -3, -1.5, -0.7, -0.2, 0.2, 0.7, 1.5, 3, 6, 30) if 1 < value + d < 100]
            courses = [course(without=("pregnancy",), age_years=a, weight_kg=20 if a < 12 else 60, height_cm=120 if a < 12 else 165) for a in ages]
        elif name == "adult_years":
            courses = [course(age_years=a, weight_kg=55) for a in (8.5, 12, 16.5, 17.2, 17.8, 18.2, 18.7, 19.5, 24, 35)]
        elif name == "postpartum_days":
            courses = [course(labs=(("hemoglobin", hb, "g/dL"), ("ferritin", 9, "ug/L")), delivered_on=day_before(d), age_years=30)
                       for d in (20, 30, 37, 39, 41, 42, 43, 45, 47, 60, 80) for hb in (9.8, 11)]
        elif name == "repeat_course_days":
            low = (("hemoglobin", 8.9, "g/dL"), ("ferritin", 9, "ug/L"), ("phosphate", 1.8, "mg/dL"))
            courses = [course(labs=low, events=[{"at": day_before(d) + "T09:00+01:00", "infusion": "fdi-eu", "dose_mg": 500}])
                       for d in (40, 60, 80, 83, 88, 89, 90, 91, 95, 98, 120, 170)]
        elif name == "whole_dose_share":
            courses = [course(events=[{"at": day_before(20) + "T09:00+01:00", "infusion": "lmwid-us", "dose_mg": mg}]) for mg in range(100, 2000, 40)]
        elif name in ("what_if_gestation_weeks", "what_if_reaction_grade"):
            courses = [course(without=("pregnancy", "reactions"), age_years=30), course(without=("pregnancy",), age_years=30), course(without=("reactions",))]
        return [question(q, r, input=c) for c in courses for q in ("assess", "plan") for r in ("eu", "us")]

    # -- ranges and units ------------------------------------------------------------------------------------------------------------

    def asked_with(self, kind, field, value):
        """Questions that carry a value (with unit, as text, or a bare number) in a lab or field."""
        course = copy.deepcopy(worlds.ORDINARY)
        labs = [{"at": TODAY + "T08:00+01:00", "lab": "hemoglobin", "value": 8.9, "unit": "g/dL"}]
        item = {"product": "fcm-eu", "dose_mg": 500, "day": 0, "route": "infusion", "bag_ml": 100, "diluent": "sodium-chloride-0.9", "minutes": 15}
        event = None
        patient = course["patient"]
        if kind == "lab":
            labs = [e for e in labs if e["lab"] != field] + [{"at": TODAY + "T08:00+01:00", "lab": field, **value}]
        elif field in FIELD_OF_DEFICIT:
            values = {"weight-kg": "64", "hb": "8.9", FIELD_OF_DEFICIT[field]: str(value)}
            return [question("deficit", "eu", method="ganzoni-free" if field != "stores_mg_per_kg" else "ganzoni-15-500", values=values)]
        elif field in ("hemoglobin_g_dl", "ferritin_ug_l", "by_weeks"):
            course["goals"] = {field: value}
        elif field in ("dose_mg", "minutes", "bag_ml", "drug_ml"):
            item[field] = value
            if field == "drug_ml" and isinstance(value, (int, float)):
                item["dose_mg"] = value * 50
        elif field == "prescribed_mg":
            event = {"at": day_before(50), "infusion": "fcm", "dose_mg": 500, "prescribed_mg": value}
        elif field in ("mg_per_dose", "doses_per_day"):
            event = {"since": day_before(50), "oral-iron": True, field: value}
        elif field == "iu_per_week":
            event = {"since": day_before(50), "esa": "epoetin", "iu_per_week": value}
        elif field == "units":
            event = {"at": day_before(50), "transfusion": value}
        elif field == "blood_loss_ml":
            event = {"at": day_before(50), "bleeding": value}
        elif field == "expected_blood_loss_ml":
            event = {"at": "2026-04-02T08:00+01:00", "surgery": "hip", "expected_blood_loss_ml": value}
        elif field == "pain_nrs":
            event = {"at": day_before(5), "symptom": "bone-pain", "pain_nrs": value}
        elif field == "need_mg":
            return [question("plan", "eu", input=course, need_mg=value)] if isinstance(value, (int, float)) else []
        elif field == "gestation_weeks":
            patient["pregnancy"] = {"gestation_weeks": value, "on": TODAY}
        else:
            patient[field] = value
        course["events"] = labs + ([event] if event else [])
        return [question("check", "eu", input=course, order={"ferrule": 1, "infusions": [item]})]

    def range_number(self, number, row):
        v = number.value
        low, high = (float(row[k]) for k in ("hard_low", "hard_high"))
        step = (high - low) / 200
        inward = v + step if number.keys[1].endswith("low") else v - step
        between = {"value": (v + inward) / 2, "unit": row["unit"]}
        for new, put in ((inward, (v + inward) / 2), (2 * v - inward, (3 * v - inward) / 2)):
            value = dict(between, value=put) if row["kind"] == "lab" else put
            if row["kind"] == "lab" and not row["unit"]:
                del value["unit"]
            yield new, self.asked_with(row["kind"], row["id"], value)

    def unit_number(self, number, row):
        term = next(t for t in self.folder.csv["vocabulary.csv"] if t["id"] == row["id"] and t["hard_high"])
        factor, offset = float(row["factor"]), float(row["offset"])
        edge = (float(term["hard_high"]) - offset) / factor
        given = [edge * 0.99, edge * 1.01, float(term["warn_high"] or term["hard_high"]) / factor * 0.99]
        for new in ([factor * 1.03, factor * 0.97] if number.keys[1] == "factor" else [offset + float(term["hard_high"]) * 0.03, offset - float(term["hard_high"]) * 0.03]):
            asks = []
            for g in given:
                value = {"value": g, "unit": row["unit"]} if term["kind"] == "lab" else f"{g:.6g} {row['unit']}"
                asks += self.asked_with(term["kind"], row["id"], value)
            yield new, asks

    # -- all of them ------------------------------------------------------------------------------------------------------------------

    def of(self, number):
        """Yields (other value, questions); after a few values the battery of everything."""
        if number.file.startswith("model/"):
            yield from self.model.of(number)
            return
        parts = [] if number.file.endswith(".csv") else self.folder.parts(number)
        if number.file == "vocabulary.csv":
            yield from self.range_number(number, self.folder.csv[number.file][number.keys[0]])
        elif number.file == "units.csv":
            yield from self.unit_number(number, self.folder.csv[number.file][number.keys[0]])
        elif number.file == "practice.json":
            yield from self.practice_number(number, parts)
        elif number.file == "rules.json":
            yield from self.rule_number(number)
        elif number.keys[0] == "products":
            yield from self.product_number(number, self.folder.json[number.file]["products"][number.keys[1]], parts)
        elif number.keys[0] == "need_methods":
            yield from self.need_number(number, parts)
        else:
            yield from self.basis_number(number, parts)
