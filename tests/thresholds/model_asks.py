"""For one number of data/model/: other values for it, each with the questions whose answers it must change.

Bodies are played by `simulate` where the number stands in the equations, by `forecast` where it stands between a course and its body, and
virtual patients are drawn where it stands in a population. Few draws and short horizons: any digit that changes is a change."""
import copy

AT, TODAY = "2026-03-02T12:00+01:00", "2026-03-02"
UNITS = {"hemoglobin": "g/dL", "ferritin": "ug/L", "tsat": "%", "crp": "mg/L", "phosphate": "mg/dL", "egfr": "mL/min/{1.73_m2}", "irls": "{score}",
         "fatigue": "{score}", "transferrin": "g/L", "serum-iron": "ug/dL"}
WOMAN = {"sex": "female", "age_years": 40, "weight_kg": 64, "height_cm": 168, "conditions": [], "allergies": [], "reactions": [], "pregnancy": None}
FULL = {"hemoglobin": 9.5, "ferritin": 12, "tsat": 9, "crp": 3, "phosphate": 3.2, "egfr": 90}
# A patient of each population.
PATIENTS = {"ida-hmb": {"conditions": ["heavy-menstrual-bleeding"]}, "ibd": {"conditions": ["inflammatory-bowel-disease"]},
            "nd-ckd": {"conditions": ["chronic-kidney-disease"], "ckd_stage": 4}, "hd-ckd": {"conditions": ["hemodialysis"], "sex": "male"},
            "hf": {"conditions": ["heart-failure"]}, "pregnancy-t3": {"pregnancy": {"gestation_weeks": 32, "on": TODAY}},
            "postpartum": {"delivered_on": "2026-02-20", "usual_hemoglobin_g_dl": 12}, "pre-op": {}, "rls": {"conditions": ["restless-legs-syndrome"]},
            "healthy-f": {}, "healthy-m": {"sex": "male"}}
SURGERY = {"at": "2026-03-20T08:00+01:00", "surgery": "hip", "expected_blood_loss_ml": 800}
IRON = {"at": TODAY + "T14:00+01:00", "infusion": "fcm", "dose_mg": 1000, "minutes": 15}


def day(n):
    import datetime
    return f"{datetime.date(2026, 3, 2) + datetime.timedelta(n)}"


def lab(name, value, at=TODAY, **more):
    return {"at": at + "T08:00+01:00", "lab": name, "value": value, "unit": UNITS[name], **more}


def course(labs, *events, **patient):
    patient = {**WOMAN, **patient}
    if "delivered_on" in patient:
        del patient["pregnancy"]
    return {"ferrule": 1, "patient": patient, "events": [lab(n, v) for n, v in labs.items() if v is not None] + list(events)}


def forecast(labs, *events, weeks=1, draws=1, goals=None, **patient):
    asked = {"question": "forecast", "region": "eu", "at": AT, "draws": draws, "input": course(labs, *events, **patient)}
    if weeks is not None:
        asked["weeks"] = weeks
    if goals:
        asked["input"]["goals"] = goals
    return asked


def simulate(events, times, **patient):
    base = {"sex": "f", "wt": 64, "ht": 168, "age": 40, "Hb": 9.5, "F": 12, "TSAT": 9, "IRLS0": 25, "FS0": 6, "comorb": 2, "egfr": 80}
    patient = {k: v for k, v in {**base, **patient}.items() if v is not None}
    return {"question": "simulate", "input": {"patient": patient, "events": events, "times_h": times}}


RICH = simulate([[0.5, "infuse", {"prod": "fcm", "dose": 500, "min": 15}], [2, "oral", {"mg": 60}], [3, "esa", {"u": 1}], [4, "transfuse", {"units": 1}],
                 [5, "inflam", {"mg_l": 100}], [6, "bleed", {"mL": 200}]], [0, 0.6, 1, 7, 48])
BARE = [simulate([[1, "infuse", {"prod": "fcm", "dose": 500, "min": 15}]], [0, 24], ht=None, sex=sex, age=None, TSAT=None, egfr=None, Hb=11) for sex in "fm"]
EVERYDAY = [RICH, *BARE]


def product(formulation):
    """After iron sucrose, so that what is left of it takes the constants of the next."""
    return simulate([[0, "infuse", {"prod": "is", "dose": 200, "min": 5}], [1, "infuse", {"prod": formulation, "dose": 300, "min": 30}]], [0.1, 1.2, 3, 24])


def of_population(name, more=None, **labs):
    events = {"pre-op": [SURGERY], "hd-ckd": [{"since": "2025-01-01", "esa": "epoetin", "iu_per_week": 9600}]}.get(name, [])
    if name == "hd-ckd" and labs.get("ferritin", 1):
        labs["ferritin"] = 300
    return forecast({"hemoglobin": 10, "ferritin": 20, **labs}, *events, **{**PATIENTS[name], **(more or {})})


def near(name, value):
    """Labs a little inside and a little outside of a bound."""
    others = {"hemoglobin": 10, "ferritin": 60, "tsat": 15, "crp": 3, "egfr": 90}
    return [forecast({**others, name: v}) for v in (value * 0.97, value * 1.03, value * 0.8, value * 1.2, value + 0.5)]


def grid():
    return [forecast({"hemoglobin": hb, "ferritin": f, "tsat": t, "crp": 3, "egfr": 90}) for hb in (5, 8, 11, 13.4, 13.9, 14.2, 14.5, 15, 17)
            for t in (4, 6, 15, 50, 80) for f in (3, 20, 400)]


def chances():
    """Doses and patients for whom the chances of a plan lie inside."""
    poor = [forecast({**FULL, "phosphate": p}, {**IRON, "dose_mg": mg}, weeks=13, draws=12) for mg, p in ((300, 3.2), (700, 2.4), (1000, 1.5))]
    rich = [forecast({**FULL, "hemoglobin": 12.6, "ferritin": 430, "tsat": 32}, {**IRON, "dose_mg": mg}, weeks=13, draws=12) for mg in (150, 250)]
    legs = [forecast({**FULL, "hemoglobin": 13.5, "ferritin": 60, "tsat": 26, "irls": s}, {**IRON, "dose_mg": 500}, weeks=5, draws=20, **PATIENTS["rls"]) for s in (10, 8)]
    return poor + rich + legs


BORN = [{"at": day(2) + "T08:00+01:00", "delivery": True}]
CLAMPED = {"tsat_from_ferritin_low": [forecast({"hemoglobin": 9, "ferritin": f}) for f in (1.5, 2)],
           "tsat_from_ferritin_high": [forecast({"hemoglobin": 14, "ferritin": f}, **PATIENTS["hf"]) for f in (1500, 2500)],
           "tsat_low": [forecast({"hemoglobin": hb, "ferritin": 1.5, "crp": 60}) for hb in (3.5, 5)],
           "tsat_high": [forecast({"hemoglobin": 19, "ferritin": 2500, "crp": 0}, **PATIENTS["healthy-m"])],
           "ferritin_from_tsat_low": [forecast({"hemoglobin": 11, "tsat": t}) for t in (2, 4)],
           "ferritin_from_tsat_high": [forecast({"hemoglobin": 11, "tsat": t}) for t in (55, 80)]}


def explained(days, *later, gap=7, weeks=30, draws=6):
    """Labs so many days ago, iron a week later, and what was measured since."""
    iron = {**IRON, "at": day(gap - days) + "T14:00+01:00"}
    return forecast({}, *[lab(n, v, day(-days)) for n, v in FULL.items()], iron, *later, weeks=weeks, draws=draws)


def hours_after_iron(hours, name, value):
    import datetime
    at = datetime.datetime.fromisoformat(day(-20) + "T14:00+01:00") + datetime.timedelta(hours=hours)
    return {**lab(name, value), "at": at.isoformat()}


FITS = {"fit_weeks": [explained(7 * w, lab("hemoglobin", 12), lab("ferritin", 40), weeks=60) for w in (30, 49, 55, 80)],
        "fit_repeat_days": [forecast(FULL, lab("ferritin", 25, day(-d)), draws=6) for d in (9, 13, 15, 20)],
        "fit_drug_hours": [explained(27, hours_after_iron(h, "tsat", 60)) for h in (30, 45, 50, 80)],
        "outlier_share": [explained(37, lab("hemoglobin", 9.2), lab("ferritin", 700))],
        "outlier_log_sd": [explained(37, lab("hemoglobin", 6.5), lab("ferritin", 700))],
        "irls_change_sd": chances(),
        "horizon_weeks_ahead": [explained(140, weeks=None)]}


def of_number(name, v):
    """Questions that a number of numbers.csv must bear on."""
    if name in FITS:
        return FITS[name]
    if name in CLAMPED:
        return CLAMPED[name]
    if name.startswith("start_") and name.rsplit("_", 1)[0][6:] in ("hb", "ferritin", "tsat", "crp"):
        return near({"hb": "hemoglobin"}.get(name.split("_")[1], name.split("_")[1]), v)
    if name in ("start_e_high", "domain_e_low", "domain_e_high", "domain_hepcidin_low", "domain_hepcidin_high"):
        return grid()
    if name.startswith("draw_"):
        return [{"virtual": p, "draws": 300} for p in PATIENTS]
    if name == "contradiction_widens":
        return [forecast({"hemoglobin": 16, "ferritin": 2500, "tsat": 80})]
    if name == "egfr_least":
        return [forecast({**FULL, "egfr": None}, lab("egfr", 2.2, comparator="<"), {"since": "2025-01-01", "esa": "epoetin"}, **PATIENTS["hd-ckd"])]
    if name == "egfr_cap":
        return [forecast({**FULL, "egfr": 120})]
    if name == "start_weeks":
        return [forecast(FULL, {**IRON, "at": day(-d) + "T14:00+01:00"}) for d in (30, 53, 58, 70, 100)]
    if name == "start_labs_days":
        return [forecast({"hemoglobin": 9.5}, lab("ferritin", 9, day(-d))) for d in (86, 93)]
    if name == "start_labs_after_days":
        return [forecast({"ferritin": 9}, lab("hemoglobin", 9, day(-d))) for d in (12, 13, 15)]
    if name in ("bvf_second_trimester", "third_trimester_weeks", "second_trimester_weeks"):
        return [forecast(FULL, pregnancy={"gestation_weeks": w, "on": TODAY}) for w in (13, 15, 27, 29)]
    if name == "delivery_settles_weeks":
        return [forecast(FULL, *BORN, weeks=8, **PATIENTS["pregnancy-t3"])]
    if name == "horizon_weeks":
        return [forecast(FULL, weeks=None)]
    if name == "horizon_weeks_rls":
        return [forecast(FULL, weeks=None, **PATIENTS["rls"])]
    if name == "horizon_weeks_max":
        return [forecast(FULL, weeks=62)]
    if name == "usual_minutes":
        return [forecast(FULL, {k: x for k, x in IRON.items() if k != "minutes"})]
    if name == "surgery_inflammation":
        return [forecast(FULL, SURGERY, weeks=4)]
    if name == "esa_iu_per_kg_week":
        return [forecast(FULL, {"since": "2025-01-01", "esa": "epoetin", "iu_per_week": 6000})]
    if name == "lloq_share":
        return [forecast({**FULL, "crp": None}, lab("crp", 5, comparator="<"))]
    if name == "runaway_hb":
        return [forecast({"hemoglobin": 15, "ferritin": 150, "tsat": 30}, **PATIENTS["healthy-m"])]
    if name.split("_")[0] in ("rise", "phosphate", "ferritin", "irls") and name.split("_")[1] in ("one", "two", "days", "low", "severe", "high", "fall"):
        return chances()
    if name == "phosphate_dialysis":
        return [of_population("hd-ckd")]
    return EVERYDAY + [forecast({"hemoglobin": 9.5, "ferritin": 12}), forecast({"hemoglobin": 9.5, "tsat": 12}, sex="male", height_cm=None),
                       forecast({"hemoglobin": 9.5, "tsat": 12}, height_cm=None)]


class ModelAsks:
    def __init__(self, folder):
        self.folder = folder

    @staticmethod
    def values(number):
        v = number.value
        if not v:
            return [0.01, 0.5, 5, 50]
        return [v * f for f in (1.01, 0.99, 1.1, 0.9, 1.5, 0.5, 2.5)]

    def of(self, number):
        file, row = number.file[6:], self.folder.csv[number.file][number.keys[0]]
        values = self.values(number)
        asks = EVERYDAY
        if file == "formulations.csv":
            asks = [product(row["formulation"])]
        elif file == "numbers.csv":
            asks, values = of_number(row["name"], number.value), values[::-1] + [number.value + 2, number.value - 2]
            if row["name"].startswith("start_"):
                values = values[3:5] + values
        elif file == "variability.csv":
            asks = [forecast({**FULL, "irls": 20}, IRON, **PATIENTS["rls"])]
        elif file == "correlations.csv":
            asks = [{"virtual": "ibd", "draws": 5}]
        elif file == "populations.csv":
            asks = self.of_population(row, number.keys[1])
            values = values if row["variable"] != "f" or number.value < 1 else [0.5]
        elif file == "closure.csv":
            names = [row["population"]] if row["population"] in PATIENTS else list(PATIENTS)
            steady = {"usual_hemoglobin_g_dl": 8}  # after a birth; a usual hemoglobin above the first leaves a* out
            asks = [dict(of_population(n, steady, hemoglobin=11, ferritin=40, tsat=t), draws=20) for n in names for t in (14, 20)]
            values = [v * f for v in (number.value or 1,) for f in (1.5, 0.5)]
        elif file == "covariates.csv":
            asks = [forecast(FULL, IRON, **p) for p in ({"reactions": [{"on": "2025-01-10", "infusion": "is", "grade": 2, "signs": ["flushing"]}]},
                                                        {"allergies": [{"to": "penicillin", "severity": "mild"}, {"to": "sulfa", "severity": "mild"}]},
                                                        {"conditions": ["severe-asthma"]}, {"conditions": ["lupus"]})]
        for value in values:
            yield value, copy.deepcopy(asks)

    @staticmethod
    def of_population(row, column):
        names = [row["indication"]] if row["indication"] in PATIENTS else list(PATIENTS)
        wide = column in ("low", "high") or row["variable"] == "f"  # a bound is met now and then only
        asks = [{"virtual": n, "draws": d} for n in names for d in ((400, 8000) if wide else (4,))]
        return asks + [dict(of_population(n, **other), draws=2) for n in names[:1] for other in ({}, {"ferritin": None, "tsat": 10})]
