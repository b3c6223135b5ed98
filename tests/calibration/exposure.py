"""The pharmacokinetic rows of docs/model.md, section 14.

The text prints neither the patient nor the definitions. These give 41 of its 43 numbers as printed, the other two within 0.3 %:
    Cmax           the largest concentration of the complex, the end of the infusion included
    AUC            of the complex to 400 h, by trapezoids every 3 minutes from the end of the infusion
    half-life      ln 2 over the slope of ln C by least squares, same grid, where C lies between 25 and 3 % of Cmax, after it
    elimination    of LMWID: what macrophages take up from the end of the infusion to 24 h, per hour
"""
import math
import re
from concurrent.futures import ThreadPoolExecutor

from body import agrees, area, infuse, parameter, simulate, slope

# Plasma volume 2.76 L and size 0.836 follow from the printed Cmax and AUC; a woman of 68 kg and 170 cm with Hb 12.5 has both. Loss of
# 2 mL/d is what the AUC of LMWID asks for. Ferritin, TSAT and CRP make no difference here.
PATIENT = {"sex": "f", "wt": 68, "ht": 170, "Hb": 12.5, "F": 30, "TSAT": 20, "CRP": 2, "LS": 115, "bloss": 2}
STEP_H, END_H = 0.05, 400
HIGH, LOW = 0.25, 0.03
LAST_UPTAKE_H = 24

LINE = re.compile(r"^\| (\w+) ([\d.]+) mg in (\d+) min(| x2, 24 h apart) \| (\S+) / (\S+) \| (.+?) \| (.+?) \| (.*?) \|$", re.M)


def printed_rows(text):
    """[(name, product, mg, minutes, is_twice, {quantity: (evidence, printed)})]"""
    out = []
    for m in LINE.finditer(text):
        product, mg, minutes, twice, *cells = m.groups()
        values = {"Cmax": (cells[0], cells[1])}
        for quantity, cell in zip(("AUC", "half-life", "elimination"), cells[2:]):
            both = re.match(r"^(?:elimination )?(\S+)(?: / (\S+?))?(?: mg/h)?$", cell)
            if both and both[2]:
                values[quantity] = (both[1], both[2])
        out.append((f"{product} {mg} mg in {minutes} min{twice}", product, float(mg), float(minutes), bool(twice), values))
    return out


def curve(product, mg, minutes, is_twice, data):
    starts = [0.0, 24.0] if is_twice else [0.0]
    grid = {0.0} | {s + minutes / 60 for s in starts} | set(starts)
    grid |= {minutes / 60 + STEP_H * i for i in range(int(END_H / STEP_H) + 1)}
    return simulate(PATIENT, [infuse(product, mg, minutes, s) for s in starts], sorted(grid), data)


def half_life(hours, c):
    top = max(c)
    after = list(zip(hours, c))[c.index(top):]
    return -math.log(2) / slope([(t, math.log(y)) for t, y in after if LOW * top < y < HIGH * top])


def uptake_per_hour(t, product, minutes):
    """ML gains what is taken up and loses kML ML, so what it gained and what it lost between two times make the uptake."""
    first, last = (min(range(len(t.hours)), key=lambda i: abs(t.hours[i] - h)) for h in (minutes / 60, LAST_UPTAKE_H))
    hours, ml = t.hours[first:last + 1], t.columns["ML"][first:last + 1]
    return (ml[-1] - ml[0] + parameter("kML", product) * area(hours, ml)) / (hours[-1] - hours[0])


def measure(row, data):
    _, product, mg, minutes, is_twice, _ = row
    t = curve(product, mg, minutes, is_twice, data)
    c = t.columns["C_drug"]
    return {"Cmax": max(c), "AUC": area(t.hours, c), "half-life": half_life(t.hours, c), "elimination": uptake_per_hour(t, product, minutes)}


def rows(text, data=None, jobs=2):
    asked = printed_rows(text)
    with ThreadPoolExecutor(jobs) as pool:
        measured = list(pool.map(lambda r: measure(r, data), asked))
    return [{"part": "exposure", "row": f"{name}: {quantity}", "evidence": evidence, "model": got[quantity], "specification": printed,
             "agrees": agrees(got[quantity], printed)}
            for (name, *_, values), got in zip(asked, measured) for quantity, (evidence, printed) in values.items()]
