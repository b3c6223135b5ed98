"""Simulation-based calibration of the fit: are the ranks of the truth among the draws uniform, do intervals hold what they say?

    python3 tests/sbc/ranks.py [--patients 1000] [--seed N] [--jobs 2] [--loose] [--out FILE.csv]
    python3 tests/sbc/ranks.py --chains 20      draws of so many patients against long Markov chains

Patients and results come from build/tests/sbc; what is judged here shares nothing with it. The seed and the number of patients of the reported
runs were fixed here before their first result was looked at: 1,000 of seed 20261125, then 2,000 of seed 20261126 and 1,000 of seed 20261127 with a seed of its own for
every fit and ties broken at random (docs/fit.md tells of each).
"""
import argparse
import csv
import io
import math
import os
import pathlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

SEED, PATIENTS = 20261127, 1000
BINS = 20
FIRST_SHARE = 10  # columns before the shares

BUILD = pathlib.Path(os.environ.get("FERRULE_BUILD", pathlib.Path(__file__).resolve().parents[2] / "build"))


def run(first, count, seed=SEED, options=()):
    """Rows of the tool: (fitted, names of patients without a fit)."""
    out = subprocess.run([BUILD / "tests/sbc", *options, str(first), str(count), str(seed)], check=True, capture_output=True, text=True)
    rows = list(csv.reader(io.StringIO(out.stdout)))
    return rows[0], [r for r in rows[1:] if len(r) == len(rows[0])], [r for r in rows[1:] if len(r) != len(rows[0])]


def run_all(patients, jobs, seed=SEED, options=()):
    share = (patients + 4 * jobs - 1) // (4 * jobs)
    starts = range(0, patients, share)
    with ThreadPoolExecutor(jobs) as pool:
        parts = list(pool.map(lambda s: run(s, min(share, patients - s), seed, options), starts))
    return parts[0][0], [r for p in parts for r in p[1]], [r for p in parts for r in p[2]]


def upper_gamma(a, x):
    """Regularized upper incomplete gamma function Q(a, x): series below a + 1, continued fraction (Lentz) above."""
    if x <= 0:
        return 1.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        n = a
        while abs(term) > 1e-15 * abs(total):
            n += 1
            term *= x / n
            total += term
        return 1 - total * front
    b = x + 1 - a
    c, d = 1e300, 1 / b
    h = d
    for i in range(1, 1000):
        an = -i * (i - a)
        b += 2
        d = 1 / (an * d + b)
        c = b + an / c
        h *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return front * h


def chi_square_p(shares):
    counts = [0] * BINS
    for u in shares:
        counts[min(int(u * BINS), BINS - 1)] += 1
    want = len(shares) / BINS
    return upper_gamma((BINS - 1) / 2, sum((n - want) ** 2 / want for n in counts) / 2)


def inside(shares, level):
    return sum(abs(u - 0.5) <= level / 2 for u in shares) / len(shares)


def judge(head, rows):
    """One dict a column: name, p of uniform ranks, what the intervals of 50, 90 and 95% hold."""
    out = []
    for i in range(FIRST_SHARE, len(head)):
        shares = [float(r[i]) for r in rows]
        out.append({"name": head[i], "p": chi_square_p(shares), **{level: inside(shares, level / 100) for level in (50, 90, 95)}})
    return out


def against_chains(patients, seed, jobs):
    """Where quantiles of the draws lie among the kept draws of a chain, and by how much they are off."""
    with ThreadPoolExecutor(jobs) as pool:
        parts = list(pool.map(lambda k: run(k, 1, seed, ["--chains"]), range(patients)))
    worst = {}
    for k, (head, rows, _) in enumerate(parts):
        for name, share in zip(head[FIRST_SHARE:], rows[0][FIRST_SHARE:] if rows else []):
            want = int(name.rsplit("-", 1)[1]) / 100
            worst.setdefault(want, []).append((abs(float(share) - want), k, name))
    print(f"{sum(bool(p[1]) for p in parts)} patients of {patients}, seed {seed}")
    print("| quantile of the draws | mean distance | worst | of |\n| --- | --- | --- | --- |")
    for want, off in sorted(worst.items()):
        most = max(off)
        print(f"| {100 * want:.0f}% | {100 * sum(o[0] for o in off) / len(off):.1f} points | {100 * most[0]:.1f} points | patient {most[1]}, {most[2]} |")
    return 0


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--patients", type=int, default=PATIENTS)
    args.add_argument("--jobs", type=int, default=2)
    args.add_argument("--loose", action="store_true")
    args.add_argument("--out")
    args.add_argument("--seed", type=int, default=SEED)
    args.add_argument("--chains", type=int, default=0)
    a = args.parse_args()
    if a.chains:
        return against_chains(a.chains, a.seed, a.jobs)
    head, rows, without = run_all(a.patients, a.jobs, a.seed, ["--loose"] if a.loose else [])
    if a.out:
        with open(a.out, "w", newline="") as f:
            csv.writer(f, lineterminator="\n").writerows([head, *rows])
    annealed = sum(r[7] != "0" for r in rows)
    print(f"{len(rows)} patients, seed {a.seed}; {len(without)} without a course or a fit; {annealed} annealed; "
          f"{sum(r[4] != '1' for r in rows)} searches cut short")
    print("| | p | 50% | 90% | 95% |\n| --- | --- | --- | --- | --- |")
    worst = 1.0
    for j in judge(head, rows):
        print(f"| {j['name']} | {j['p']:.3f} | {100 * j[50]:.1f} | {100 * j[90]:.1f} | {100 * j[95]:.1f} |")
        worst = min(worst, j["p"])
    return 0 if a.loose or worst > 0.01 / (len(head) - FIRST_SHARE) else 1  # of so many columns the worst


if __name__ == "__main__":
    sys.exit(main())
