"""The read-outs of docs/model.md, section 14, that a typical patient can give: reactions, labile iron, the seed statements.

Reactions. Neither patient nor time is printed. Only a spread of susceptibility gives incidence and peak mediator together: at the
median v the incidence is about half of the printed one. Hazard up to two hours after the infusion gives eight of nine incidences;
four hours, or a day, give too much for FCM. So: the woman below, her v log-normal with the omega of variability.csv, two hours; the
peak mediator is that at the median v.
NTBI. Hypoferremic volunteers, no one of them printed: the woman below, iron within 5 min (IS) or 15 min (FCM, FDI).
Shares donated. krel and finst over the whole stay of the complex, in the patient of the pharmacokinetic rows, at a usual dose.
"""
import math
import re
from concurrent.futures import ThreadPoolExecutor

import exposure
import targets
from body import TAKEN_FOR_GRANTED, agrees, area, infuse, omega, parameter, simulate

ANEMIC = {"sex": "f", "wt": 68, "ht": 170, "Hb": 10.5, "F": 15, "TSAT": 10, "CRP": 2, "LS": 115, "bloss": 2}
HYPOFERREMIC = {"sex": "f", "wt": 64, "ht": 167, "Hb": 12.9, "F": 15, "TSAT": 13, "CRP": 1.5, "LS": 115, "bloss": 1.5}
OMEGA_V = omega(12)
WATCHED_H = 2
NTBI_MINUTES = {"is": 5, "fcm": 15, "fdi": 15}
USUAL = {"sfg": (125, 10), "is": (200, 5), "lmwid": (1000, 60), "fcm": (1000, 15), "fdi": (1000, 20), "fmx": (510, 15)}

REACTION = re.compile(r"^\| Fishbane-type reaction, (\w+) (\d+) mg in (\d+) min \|.*\| ([\d.]+)% \(peak mediator ([\d.]+)\) \|$", re.M)
LABILE = re.compile(r"^\| (\w+), (\d+) h \| [\d.]+ \| ([\d.]+) \(([\d.]+) at end of infusion\) \| (\d+) \((\d+)\) \|$", re.M)


def row(name, value, printed):
    return {"part": "read-out", "row": name, "model": value, "specification": printed, "agrees": agrees(value, printed)}


# ---- reactions ----------------------------------------------------------------------------------------------------------------------


def susceptibilities():
    """Weights and values of a log-normal v: the trapezoid over eta, nearly exact for a density that dies at both ends."""
    etas = [OMEGA_V * 0.4 * k for k in range(-10, 11)]
    weights = [math.exp(-0.5 * (e / OMEGA_V) ** 2) for e in etas]
    return [(w / sum(weights), math.exp(e)) for w, e in zip(weights, etas)]


def with_susceptibility(regimen, v, data):
    product, mg, minutes = regimen
    end = minutes / 60
    hours = [end * k / 20 for k in range(21)] + [end + WATCHED_H]
    t = simulate(ANEMIC | {"v": v}, [infuse(product, mg, minutes)], hours, data)
    return 1 - math.exp(-t.columns["HF"][-1]), max(t.columns["Q"])


def reaction_rows(text, data, pool):
    for product, mg, minutes, incidence, peak in REACTION.findall(text):
        regimen = product, float(mg), float(minutes)
        spread = susceptibilities()
        chances = pool.map(lambda x: x[0] * with_susceptibility(regimen, x[1], data)[0], spread)
        name = f"reaction, {product} {mg} mg in {minutes} min"
        yield row(f"{name}: %", 100 * sum(chances), incidence)
        yield row(f"{name}: peak mediator", with_susceptibility(regimen, 1, data)[1], peak)


def minutes_to_half(data):
    """Of the mediator after the stop of 200 mg of iron sucrose in 5 minutes, read every six seconds."""
    end = 5 / 60
    hours = [end] + [end + k / 600 for k in range(1, 200)]
    q = simulate(ANEMIC, [infuse("is", 200, 5)], hours, data).columns["Q"]
    return 60 * (next(h for h, x in zip(hours, q) if x <= q[0] / 2) - end)


# ---- labile iron --------------------------------------------------------------------------------------------------------------------


def labile_rows(text, data):
    for product, at_h, later, at_end, tsat, tsat_end in LABILE.findall(text):
        minutes = NTBI_MINUTES[product]
        t = simulate(HYPOFERREMIC, [infuse(product, 200, minutes)], [0, minutes / 60, float(at_h)], data)
        name = f"{product}, {at_h} h"
        yield row(f"{name}: NTBI", t.columns["NTBI"][2], later)
        yield row(f"{name}: NTBI at end", t.columns["NTBI"][1], at_end)
        yield row(f"{name}: TSAT", t.columns["TSAT_true"][2], tsat)
        yield row(f"{name}: TSAT at end", t.columns["TSAT_true"][1], tsat_end)
    before = simulate(HYPOFERREMIC, [], [0], data)
    yield row("baseline NTBI", before.columns["NTBI"][0], re.search(r"Baseline NTBI in the model: ([\d.]+) umol/L", text)[1])


def donated(product, data):
    mg, minutes = USUAL[product]
    t = exposure.curve(product, mg, minutes, False, data)
    return 100 * (parameter("finst", product) + parameter("krel", product) * area(t.hours, t.columns["D"]) / mg)


def donated_rows(text, data, pool):
    said = re.search(r"Share of the dose released directly as labile iron in the model: (.*?) \(published", text)[1]
    printed = dict(re.findall(r"(\w+) ([\d.]+)%", said))
    for product, value in zip(printed, pool.map(lambda p: donated(p, data), printed)):
        yield row(f"{product}: % of the dose donated", value, printed[product])


# ---- the seed statements ------------------------------------------------------------------------------------------------------------

SEED = (("peak day 7.8 at 656 ug/L", (("ferritin peak day", targets.peak_day, "7.8"), ("ferritin peak", targets.peak_height, "656"))),
        ("233 at week 4, 88 at week 8, 67 at week 12", tuple((f"ferritin day {d}", targets.at("F", d), v)
                                                            for d, v in ((28, "233"), (56, "88"), (84, "67")))),
        ("32, 28, 21, 20 % at day 7, 28, 56, 84", tuple((f"TSAT day {d}", targets.at("TSAT_obs", d), v)
                                                       for d, v in ((7, "32"), (28, "28"), (56, "21"), (84, "20")))),
        ("+0.4, +1.1, +2.2, +2.9 g/dL at day 7, 14, 28, 56", tuple((f"Hb rise day {d}", targets.rise("Hb", d), v)
                                                                  for d, v in ((7, "0.4"), (14, "1.1"), (28, "2.2"), (56, "2.9")))))


def seed_rows(text, arms, data):
    arm = arms["arms"]["seed"]
    t = simulate(TAKEN_FOR_GRANTED | arm["patient"], arm["events"], [24 * d for d in arm["days"]], data)
    for quote, reads in SEED:
        if quote not in text:
            raise ValueError(f"docs/model.md no longer says: {quote}")
        for name, read, printed in reads:
            yield row(f"seed: {name}", read(t, arm), printed)


def rows(text, arms, data=None, jobs=2):
    with ThreadPoolExecutor(jobs) as pool:
        out = list(reaction_rows(text, data, pool))
        out += [row("mediator halves after a pause: min", minutes_to_half(data), "6")]
        out += list(labile_rows(text, data)) + list(donated_rows(text, data, pool))
    return out + list(seed_rows(text, arms, data))
