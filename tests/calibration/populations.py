"""The rows of docs/model.md, section 14, that need a virtual population, by build/tests/population.

A printed value came from one arm of 250 patients whose random numbers are not printed. Here ARMS arms of 250 are played, each from its own
seed. Their mean is the program's value and their spread the Monte Carlo error of one arm, so that a printed value agrees within three
standard errors of the difference and half a unit of its last digit.
What the text leaves open was read off its numbers:
    closure        of the typical body of each drawn patient (all etas zero), which the redraw rule of section 9 bounds
    drift          the largest distance of Hb from its start on any day of 24 weeks, in the patient who drifts most; CRP is kept, which
                   after birth would fall
    phosphate      "by day 35" is the lowest true value of days 1 to 35, measured once with 9% error
    regimens       FCM in 15 min, two doses a week apart; FDI in 20 min; IS 200 mg in 5 min five times in two weeks; IDA is ida-hmb
"""
import json
import math
import os
import re
import statistics
import subprocess
from concurrent.futures import ThreadPoolExecutor

from body import SOURCE

PROGRAM = os.path.join(os.environ.get("FERRULE_BUILD", SOURCE / "build"), "tests", "population")
ARMS = 16
SEED = 20260302
STANDARD_ERRORS = 3

NUMBER = r"(\d+(?:\.\d+)?)"
CLOSURE = re.compile(rf"^\| closure, ([\w-]+): .* \| {NUMBER} \({NUMBER}-{NUMBER}\); {NUMBER} \({NUMBER}-{NUMBER}\); {NUMBER}%; {NUMBER} \|$",
                     re.M)
CLOSURE_READS = (("e", "e_median", 1), ("e, 5%", "e_5", 1), ("e, 95%", "e_95", 1), ("exp(z)", "exp_z_median", 1),
                 ("exp(z), 5%", "exp_z_5", 1), ("exp(z), 95%", "exp_z_95", 1), ("capped, %", "capped", 100), ("drift", "drift_max", 1))

FCM_TWICE = "ida-hmb fcm 750 15 fcm 750 15 168"
FCM_ONCE = "ida-hmb fcm 1000 15"
FDI_ONCE = "ida-hmb fdi 1000 20"
IS_FIVE = "ida-hmb is 200 5 is 200 5 84 is 200 5 168 is 200 5 252 is 200 5 336"


def with_sd(name, days):
    return [(f"FCM 1000: {name} day {d}{s}", f"{name}_{d}{t}", 1) for d in days for s, t in (("", ""), (" SD", "_sd"))]


# (start of the line, words, what its numbers are)
TREATED = (
    ("phosphate < 2.0 mg/dL by day 35, FCM 750 x 2, IDA", FCM_TWICE, [("FCM 750 x 2: phosphate < 2.0, %", "phosphate_lowest_below_2", 100)]),
    ("phosphate <= 1.0, same", FCM_TWICE, [("FCM 750 x 2: phosphate <= 1.0, %", "phosphate_lowest_to_1", 100)]),
    ("phosphate < 2.0 at day 35, same", FCM_TWICE, [("FCM 750 x 2: phosphate < 2.0 at day 35, %", "phosphate_35_below_2", 100)]),
    ("phosphate < 2.0, FDI 1000, IDA", FDI_ONCE, [("FDI 1000: phosphate < 2.0, %", "phosphate_lowest_below_2", 100)]),
    ("phosphate < 2.0, IS 1000, IDA", IS_FIVE, [("IS 1000: phosphate < 2.0, %", "phosphate_lowest_below_2", 100)]),
    ("FCM 1000, IDA-HMB: ferritin day 7 / 28 / 56 / 84, mean (SD)", FCM_ONCE, with_sd("ferritin", (7, 28, 56, 84))),
    ("FCM 1000, IDA-HMB: TSAT day 7 / 28 / 56 / 84 mean; share > 50% at day 28, 56", FCM_ONCE,
     [(f"FCM 1000: TSAT day {d}", f"tsat_{d}", 1) for d in (7, 28, 56, 84)]
     + [(f"FCM 1000: TSAT > 50% at day {d}, %", f"tsat_above_50_{d}", 100) for d in (28, 56)]),
    # the spread is printed for days 28 and 56 alone
    ("FCM 1000, IDA-HMB: Hb rise day 7 / 14 / 28 / 56, mean (SD)", FCM_ONCE,
     [(f"FCM 1000: Hb rise day {d}", f"rise_{d}", 1) for d in (7, 14)] + [(n.replace("rise", "Hb rise"), key, f) for n, key, f in with_sd("rise", (28, 56))]),
)


def printed_rows(text):
    """[(name, words, statistic, factor, printed)]"""
    for population, *numbers in CLOSURE.findall(text):
        for (name, key, factor), printed in zip(CLOSURE_READS, numbers, strict=True):
            yield f"closure, {population}: {name}", f"--typical {population}", key, factor, printed
    for start, words, reads in TREATED:
        line = re.search(rf"^\| {re.escape(start)} \| .* \| (.*?) \|$", text, re.M)
        if not line:
            raise ValueError(f"docs/model.md no longer has a row: {start}")
        for (name, key, factor), printed in zip(reads, re.findall(NUMBER, line[1]), strict=True):
            yield name, words, key, factor, printed


def play(words, seed, data):
    command = [PROGRAM, "--seed", str(seed)] + (["--data", str(data)] if data else []) + words.split()
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr[:300]}")
    answer = json.loads(done.stdout)
    if answer["played"] != answer["patients"]:
        raise RuntimeError(f"{command}: {answer['played']} of {answer['patients']} patients were played to the end")
    return answer


def half_a_unit(printed):
    return 0.5 * 10.0 ** -len(printed.partition(".")[2])


def rows(text, data=None, jobs=2):
    asked = list(printed_rows(text))
    regimens = list(dict.fromkeys(words for _, words, *_ in asked))
    seeds = [SEED + k for k in range(ARMS)]
    with ThreadPoolExecutor(jobs) as pool:
        answers = list(pool.map(lambda ask: play(*ask, data), [(w, s) for w in regimens for s in seeds]))
    arms = {w: answers[ARMS * i:ARMS * (i + 1)] for i, w in enumerate(regimens)}
    print(f"Virtual populations: {ARMS} arms of {answers[0]['patients']}, seeds {seeds[0]} to {seeds[-1]}.\n")
    out = []
    for name, words, key, factor, printed in asked:
        values = [factor * a[key] for a in arms[words]]
        value, error = statistics.fmean(values), statistics.stdev(values) * math.sqrt(1 + 1 / ARMS)
        out.append({"part": "population", "row": name, "model": value, "standard_error": error, "specification": printed,
                    "agrees": abs(value - float(printed)) <= STANDARD_ERRORS * error + half_a_unit(printed)})
    return out
