"""Test data: an answer of forecast with invented curves, and the course that it is asked of.

No model stands behind these numbers. They have the shape of an answer and of its curves (a spike, a slow rise, a dip), so that charts can be
looked at and tested. Run it to write FOLDER/forecast.json and FOLDER/course.json.
"""
import json
import math
import sys
from pathlib import Path

T0 = "2026-11-09T10:00+01:00"
DOSES = [(0, 1000), (7, 500)]
NAMES = ("p5", "p25", "p50", "p75", "p95")
Z = (-1.645, -0.674, 0.0, 0.674, 1.645)


def times(weeks):
    hours = [d + h / 24 for d, _ in DOSES for h in (1, 6, 12)]
    days = list(range(15)) + [7 * w for w in range(3, weeks + 1)]
    return sorted(set(hours + days))


def given(t, rate):
    return sum(mg / 1500 * math.exp(-rate * (t - d)) for d, mg in DOSES if t >= d)


def loaded(t, rate):
    return sum(mg / 1500 * (1 - math.exp(-rate * (t - d))) for d, mg in DOSES if t >= d)


def series(unit, t_days, middle, spread, low=0.0, high=math.inf, skew=False, **more):
    rows = {name: [] for name in NAMES}
    for t in t_days:
        m, s = middle(t), spread(t)
        for name, z in zip(NAMES, Z):
            v = m * math.exp(z * s) if skew else m + z * s
            rows[name].append(round(min(max(v, low), high), 6))
    return {"unit": unit, "t_days": [round(t, 6) for t in t_days], **rows, **more}


def forecast(weeks=14):
    t = times(weeks)
    grow = lambda x: 1 - math.exp(-x / 28)
    hb = lambda x: 8.9 + 4.4 * loaded(max(x - 4, 0), 1 / 26)
    ferritin = lambda x: 7 + 950 * (loaded(x, 1 / 2.2)) * math.exp(-max(x - 7, 0) / 26) + 120 * loaded(x, 1 / 40)
    noise = {
        "hemoglobin": series("g/dL", t, hb, lambda x: 0.15 + 0.5 * grow(x)),
        "hematocrit": series("%", t, lambda x: 3 * hb(x), lambda x: 0.5 + 1.6 * grow(x)),
        "ferritin": series("ug/L", t, ferritin, lambda x: 0.15 + 0.25 * grow(x), skew=True),
        "tsat": series("%", t, lambda x: 6 + 20 * loaded(x, 1 / 2) + 6 * given(x, 1 / 12), lambda x: 1 + 3.5 * grow(x), high=100),
        "phosphate": series("mg/dL", t, lambda x: 3.4 - 1.5 * loaded(x, 1 / 4) * math.exp(-x / 32), lambda x: 0.15 + 0.3 * math.exp(-((x - 16) / 16) ** 2), low=0.3),
        "drug-iron": series("mg", t, lambda x: 1500 * given(x, 1 / 1.1), lambda x: 0.2, skew=True),
        "labile-iron": series("umol/L", t, lambda x: 0.1 + 2.2 * given(x, 3.0), lambda x: 0.35, skew=True),
        "hepcidin": series("nmol/L", t, lambda x: 0.4 + 9 * loaded(x, 1 / 2) * math.exp(-x / 40), lambda x: 0.35, skew=True),
        "reticulocytes": series("%", t, lambda x: 1.1 + 2.2 * math.exp(-((x - 9) / 6) ** 2), lambda x: 0.2 + 0.1 * grow(x), low=0.1),
        "crp": series("mg/L", t, lambda x: 2.0, lambda x: 0.4, skew=True),
        "irls": series("{score}", t, lambda x: 24 - 10 * loaded(x, 1 / 9), lambda x: 1.5 + 3 * grow(x), high=40),
        "irls-drug": series("{score}", t, lambda x: 24 - 6 * loaded(x, 1 / 9), lambda x: 1.5 + 3 * grow(x), high=40),
        "fatigue": series("{score}", t, lambda x: 6.5 - 3 * loaded(x, 1 / 14), lambda x: 0.5 + 0.8 * grow(x), high=10),
        "fatigue-drug": series("{score}", t, lambda x: 6.5 - 2 * loaded(x, 1 / 14), lambda x: 0.5 + 0.8 * grow(x), high=10),
        "reaction-risk": series("1", t, lambda x: 1e-4 + 0.012 * given(x, 6.0), lambda x: 0.5, high=1, skew=True,
                                unvalidated="model estimate, no published dose-response"),
    }
    return {
        "t0": T0, "series": noise,
        "change": {},
        "goals": [{"id": "hemoglobin", "value": 13, "week_p5": 7.1, "week_p50": 10.2, "week_p95": None, "p_by_horizon": 0.72},
                  {"id": "ferritin", "value": 100, "week_p5": 0.1, "week_p50": 0.2, "week_p95": 0.4, "p_by_horizon": 0.93}],
        "chances": {"hb-goal": {"p": 0.64, "p5": 0.55, "p95": 0.71}, "both-goals": {"p": 0.61, "p5": 0.5, "p95": 0.7},
                    "hypophosphatemia": {"p": 0.68, "p5": 0.6, "p95": 0.75}, "fishbane": {"p": 0.013, "p5": 0.01, "p95": 0.018}, "rls-response": None},
        "windows": [{"lab": "ferritin", "from_day": 0, "to_day": 35, "id": "not-interpretable"},
                    {"lab": "ferritin", "from_day": 35, "to_day": 91, "id": "provisional"},
                    {"lab": "ferritin", "from_day": 91, "to_day": None, "id": "reliable"}],
        "expectations": [{"id": "expect-ferritin-peak", "text": "Ferritin peaks about day 7 to 9", "source": "S001-05"}],
        "misses": [{"endpoint": "ferritin", "formulation": "fcm", "population": "ida-hmb", "weeks": "5", "direction": "high", "size": "+60 %",
                    "evidence": "a comparison with one cohort, rise 384 against 240 ug/L"}],
        "drift": {"hemoglobin": -0.3},
    }


def stamp(at):
    return {"program": "0.0.0-test", "model": "test data", "knowledge": "test", "site": None, "region": "eu", "input_sha256": "0" * 64, "at": at,
            "at_from_clock": False, "accepted": [], "off_label": []}


def course():
    lab = lambda at, id, v, u: {"at": at, "lab": id, "value": v, "unit": u}
    first, second = "2026-11-02T08:30+01:00", "2026-11-17T08:30+01:00"
    return {
        "ferrule": 1,
        "patient": {"id": "example-hmb", "sex": "female", "age_years": 39, "weight_kg": 64, "height_cm": 168, "conditions": ["heavy-menstrual-bleeding"],
                    "allergies": [], "pregnancy": None, "oral_iron": "intolerant", "blood_loss_ml_per_day": 4},
        "events": [lab(first, "hemoglobin", 8.9, "g/dL"), lab(first, "ferritin", 7, "ug/L"), lab(first, "tsat", 6, "%"), lab(first, "crp", 3, "mg/L"),
                   lab(first, "phosphate", 3.35, "mg/dL"), {"at": T0, "infusion": "fcm-eu", "dose_mg": 1000, "minutes": 15},
                   {"at": "2026-11-16T10:00+01:00", "infusion": "fcm-eu", "dose_mg": 500, "minutes": 15},
                   lab(second, "hemoglobin", 9.4, "g/dL"), lab(second, "ferritin", 870, "ug/L"), lab(second, "tsat", 34, "%")],
        "goals": {"hemoglobin_g_dl": 13, "ferritin_ug_l": 100, "by_weeks": 12},
    }


def answer(weeks=14, at="2026-11-20T11:42+01:00"):
    source = [{"id": "S001-02", "cite": "a source (test data)", "verified": "yes"}]
    return {
        "ferrule": 1, "question": "forecast", "verdict": "forecast", "stamp": stamp(at),
        "findings": [{"id": "ferritin-expected-spike", "rule": "S001-02", "level": "caution", "text": "High ferritin in the first weeks after iron is expected, not overload",
                      "because": [{"fact": "day 8 after the first infusion", "at": "/events/8"}], "sources": source, "probability": 0.97}],
        "missing": [], "confirm": [], **forecast(weeks),
        "calendar": [{"on": "2026-11-25", "day": 5, "take": ["phosphate"], "why": "It is lowest about now after this product.", "rule": "PHO-02"},
                     {"on": "2026-12-07", "day": 17, "take": ["hemoglobin"], "why": "First date on which a rise, or none, means something.", "rule": "S001-14"},
                     {"on": "2027-01-11", "day": 52, "take": ["ferritin", "tsat", "hemoglobin"], "why": "Eight weeks after the last infusion.", "rule": "S001-06"},
                     {"on": "2027-02-08", "day": 80, "take": ["hemoglobin", "ferritin"], "why": "The goals.", "rule": "S001-07"}],
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (folder / "forecast.json").write_text(json.dumps(answer()))
    (folder / "course.json").write_text(json.dumps(course()))
