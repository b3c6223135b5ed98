"""The 99 targets of docs/model.md, section 14: how each is read off the arms and baselines of arms.json.

Names say most of it. Where they do not, the definition here is the one that gives the printed value to its five digits:
    Injectafer "c1" is the arm inj1, "c2" inj2; "max dHb d35" and "dF d35 (c2/c1)" are the rise at day 35, nothing larger, no ratio
    "dF max" and "peak dF" are the largest rise among the sampling days of the arm, as is the seed's ferritin peak height
    the seed's peak day is the vertex of the parabola through that day and its two neighbours
    the phosphate nadir is the least among the sampling days; its ratio is to day 0, as is that of "IBD/non-IBD" at day 7
    TSAT is what an assay reads (TSAT_obs), but for Kearns day 14, which is the true one (37.671; an assay would read 37.705)
    "Oxford F slope" is the rise at day 182 per mg given
    stores are M + H; PIT is what leaves plasma transferrin in a day, to marrow and tissue; Jabs is the uncapped a*, not a
"""
import math
from concurrent.futures import ThreadPoolExecutor

from body import TAKEN_FOR_GRANTED, parameter, simulate

HOURS_PER_DAY = 24


def run(arms, data=None, jobs=2, granted=None):
    """Every arm and baseline through the program: {name: (Trajectory, its JSON)}; baselines are named "baseline/NAME"."""
    granted = TAKEN_FOR_GRANTED if granted is None else granted
    asked = {name: arm for name, arm in arms["arms"].items()}
    asked |= {f"baseline/{name}": {"patient": p, "events": [], "days": [0]} for name, p in arms["baseline_checks"].items()}

    def one(arm):
        return simulate(granted | arm["patient"], arm["events"], [24 * d for d in arm["days"]], data), arm

    with ThreadPoolExecutor(jobs) as pool:
        return dict(zip(asked, pool.map(one, asked.values())))


# ---- definitions that are no plain column at a day ----------------------------------------------------------------------------------


def largest_rise(column):
    return lambda t, arm: max(t.rise(column, d) for d in arm["days"])


def peak_height(t, arm):
    return max(t.x("F", d) for d in arm["days"])


def peak_day(t, arm):
    days = arm["days"]
    i = max(range(1, len(days) - 1), key=lambda k: t.x("F", days[k]))
    (x0, y0), (x1, y1), (x2, y2) = ((d, t.x("F", d)) for d in days[i - 1:i + 2])
    left, right = (y1 - y0) / (x1 - x0), (y2 - y1) / (x2 - x1)
    return (x0 + x1) / 2 - left * (x2 - x0) / 2 / (right - left)


def nadir_day(t, arm):
    return min(arm["days"], key=lambda d: t.x("PH", d))


def nadir_ratio(t, arm):
    return t.x("PH", nadir_day(t, arm)) / t.x("PH")


def slope_per_mg(t, arm):
    return t.rise("F", 182) / sum(a["dose"] for _, kind, a in arm["events"] if kind == "infuse")


def turnover(t, _):
    """mg a day from transferrin to marrow and tissue."""
    return HOURS_PER_DAY * (t.x("Ue") + parameter("kT") * t.x("T"))


def absorbed(t, _):
    return HOURS_PER_DAY * t.x("Jab") * t.solved["a_star"] / t.solved["a"]


def stores(t, _):
    return t.x("M") + t.x("H")


def at(column, day):
    return lambda t, _: t.x(column, day)


def rise(column, day):
    return lambda t, _: t.rise(column, day)


def ratio(column, day):
    return lambda t, _: t.x(column, day) / t.x(column)


# ---- the list: target -> (arm, what is read) ---------------------------------------------------------------------------------------

PLAIN = {
    "COPD ferritin d7": ("copd", at("F", 7)),
    "COPD ferritin d56": ("copd", at("F", 56)),
    "COPD TSAT d7": ("copd", at("TSAT_obs", 7)),
    "COPD TSAT d56": ("copd", at("TSAT_obs", 56)),
    "COPD transferrin ratio d7": ("copd", ratio("TIBC", 7)),
    "COPD transferrin ratio d56": ("copd", ratio("TIBC", 56)),
    "COPD TSAT d14 (not above d7)*": ("copd", at("TSAT_obs", 14)),
    "COPD hepcidin base nM": ("copd", at("Hepcidin", 0)),
    "COPD hepcidin ratio d7": ("copd", ratio("Hepcidin", 7)),
    "COPD hepcidin ratio d56": ("copd", ratio("Hepcidin", 56)),
    "COPD Hb d56": ("copd", at("Hb", 56)),
    "COPD phosphate d7": ("copd", at("PH", 7)),
    "COPD phosphate d56": ("copd", at("PH", 56)),
    "FERWON-IDA FDI dHb d7*": ("ferwon", rise("Hb", 7)),
    "FERWON-IDA FDI dHb d14*": ("ferwon", rise("Hb", 14)),
    "FERWON-IDA FDI dHb d28*": ("ferwon", rise("Hb", 28)),
    "FERWON-IDA FDI dHb d56": ("ferwon", rise("Hb", 56)),
    "Hetzel FMX dHb d35": ("hetz_fmx", rise("Hb", 35)),
    "Hetzel IS dHb d35": ("hetz_is", rise("Hb", 35)),
    "Injectafer c2 max dHb d35": ("inj2", rise("Hb", 35)),
    "Injectafer c1 max dHb d35": ("inj1", rise("Hb", 35)),
    "Injectafer dF d35 (c2/c1)": ("inj1", rise("F", 35)),
    "Injectafer c2 dF d35": ("inj2", rise("F", 35)),
    "REPAIR-IDA dF max": ("repair", largest_rise("F")),
    "REPAIR-IDA dHb d56": ("repair", rise("Hb", 56)),
    "NIMO Hb d50": ("nimo", at("Hb", 50)),
    "NIMO TSAT d50": ("nimo", at("TSAT_obs", 50)),
    "NIMO ferritin d50": ("nimo", at("F", 50)),
    "Kearns dHb d30": ("kearns", rise("Hb", 30)),
    "Kearns dHb d182": ("kearns", rise("Hb", 182)),
    "Kearns TSAT d14*": ("kearns", at("TSAT_true", 14)),
    "Kearns TSAT d182*": ("kearns", at("TSAT_obs", 182)),
    "seed TSAT d84*": ("seed", at("TSAT_obs", 84)),
    "Kearns F d30": ("kearns", at("F", 30)),
    "Kearns F d182": ("kearns", at("F", 182)),
    "CONFIRM-HF F wk24": ("chf", at("F", 168)),
    "HD FCM100 peak dF": ("hd100", largest_rise("F")),
    "HD FCM200 peak dF": ("hd200", largest_rise("F")),
    "HD FCM100 dTSAT 24h": ("hd100", rise("TSAT_obs", 1)),
    "HD FCM200 dTSAT 24h": ("hd200", rise("TSAT_obs", 1)),
    "HD FCM200 dTSAT d4": ("hd200", rise("TSAT_obs", 4)),
    "seed ferritin peak day": ("seed", peak_day),
    "seed ferritin peak height": ("seed", peak_height),
    "seed ferritin d56": ("seed", at("F", 56)),
    "seed ferritin d84": ("seed", at("F", 84)),
    "seed TSAT d28": ("seed", at("TSAT_obs", 28)),
    "seed TSAT d7": ("seed", at("TSAT_obs", 7)),
    "seed dHb d14": ("seed", rise("Hb", 14)),
    "seed dHb d28": ("seed", rise("Hb", 28)),
    "seed dHb d56": ("seed", rise("Hb", 56)),
    "seed phosphate nadir ratio": ("seed", nadir_ratio),
    "IBD/non-IBD FCM phosphate d7 ratio": ("seed", ratio("PH", 7)),
    "seed phosphate nadir day": ("seed", nadir_day),
    "PREFER Hb d56*": ("prefer", at("Hb", 56)),
    "PREFER F d56*": ("prefer", at("F", 56)),
    "Chan FCM dHb d7": ("chan", rise("Hb", 7)),
    "Chan FCM dHb d14": ("chan", rise("Hb", 14)),
    "Chan FCM dHb d28": ("chan", rise("Hb", 28)),
    "FAIR-HF F wk24": ("fair", at("F", 168)),
    "FAIR-HF TSAT wk24": ("fair", at("TSAT_obs", 168)),
    "postpartum FCM dHb 6 mo": ("ppart", rise("Hb", 182)),
    "postpartum F 6 mo": ("ppart", at("F", 182)),
    "Samsudin IS dHb 2 wk after": ("sams_is", rise("Hb", 23)),
    "FERGIcor dHb wk12": ("fergicor", rise("Hb", 84)),
    "Oxford F slope ug/L/mg": ("oxford", slope_per_mg),
    "CRC F<30 CRP<=5 dHb d28": ("crcA", rise("Hb", 28)),
    "CRC F>=30 CRP>5 dHb d28": ("crcC", rise("Hb", 28)),
    "stores male": ("baseline/hm", stores),
    "hepcidin male": ("baseline/hm", at("Hepcidin", 0)),
    "PIT male": ("baseline/hm", turnover),
    "Jabs male": ("baseline/hm", absorbed),
    "stores female": ("baseline/hf", stores),
    "hepcidin female": ("baseline/hf", at("Hepcidin", 0)),
    "TIBCi female": ("baseline/hf", at("TIBC", 0)),
    "stores IDA": ("baseline/ida", stores),
    "hepcidin IDA": ("baseline/ida", at("Hepcidin", 0)),
    "TIBC IDA": ("baseline/ida", at("TIBC", 0)),
    "TIBC IBD": ("baseline/ibd", at("TIBC", 0)),
    "hepcidin HD": ("baseline/hd", at("Hepcidin", 0)),
    "TIBC HD": ("baseline/hd", at("TIBC", 0)),
}


def value_of(name, runs):
    """A target's value; KeyError for a name that has no definition."""
    if name == "FAIR-HF dHb vs placebo wk24":
        return runs["fair"][0].rise("Hb", 168) - runs["fairp"][0].rise("Hb", 168)
    if name.startswith("closure "):
        _, quantity, who = name.split()
        solved = runs[f"baseline/{who}"][0].solved
        return {"e": solved["e"], "exp(z)": math.exp(solved["z"])}[quantity]
    arm, read = PLAIN[name]
    return read(*runs[arm])


def z_of(value, target):
    """Misses in units of the target's SD; a value that has no logarithm misses without bound."""
    if target["scale"] == "linear":
        return (value - target["target"]) / target["sd"]
    return math.log(value / target["target"]) / target["sd"] if value > 0 else -math.inf
