#!/usr/bin/env python3
"""make calibration: docs/model.md, section 14, reproduced from the built program, row by row.

    calibrate.py [--targets] [--data FOLDER] [--jobs N] [--out FILE] [--forecast-defaults]

--targets leaves out all but the targets; --data passes another copy of the knowledge to the program;
--forecast-defaults fills what arms.json leaves out as a forecast would (section 6), to see what that does.
Exits 1 when a row differs from the specification and differences.csv does not say why, or says so of a row that agrees.
"""
import argparse
import csv
import json
import math
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import exposure  # noqa: E402
import populations  # noqa: E402
import readouts  # noqa: E402
import targets  # noqa: E402
from body import SOURCE, agrees, three_digits  # noqa: E402

MISS = 2


def target_rows(arms, data, jobs, granted):
    runs = targets.run(arms, data, jobs, granted)
    for t in arms["targets"]:
        value = targets.value_of(t["name"], runs)
        z = targets.z_of(value, t)
        # arms.json has the printed value to five digits
        printed = f"{t['model']:#.5g}".rstrip(".")
        line = f"| {t['name']} | {three_digits(t['target'])} | {three_digits(value)} | {z:+.1f}{' **miss**' if abs(z) > MISS else ''} |"
        yield {"part": "target", "row": t["name"], "evidence": t["target"], "model": value, "specification": printed, "z": z,
               "line": line, "agrees": agrees(value, printed)}


def summary_of(rows):
    zs = [r["z"] for r in rows if r["part"] == "target"]
    return {"targets": len(zs), "misses": sum(abs(z) > MISS for z in zs), "rms_z": math.sqrt(sum(z * z for z in zs) / len(zs)),
            "rows": len(rows), "differing": sum(not r["agrees"] for r in rows)}


def said_differences():
    with open(HERE / "differences.csv", encoding="utf-8", newline="") as f:
        return {r["target"]: r for r in csv.DictReader(f)}


def off_by_pct(r):
    printed = float(r["specification"])
    return 100 * abs(r["model"] / printed - 1) if printed else math.inf


def faults_of(rows, said, printed_text, is_whole):
    """What the caller must answer for: unexplained differences, explanations of nothing, and rows that the text prints otherwise."""
    for r in rows:
        bound = float(said[r["row"]]["within_pct"]) if r["row"] in said else 0
        if not r["agrees"] and not off_by_pct(r) <= bound:
            yield f"{r['row']}: {r['model']:.6g}, the specification has {r['specification']}, {bound:g} % are explained"
        if r["agrees"] and r["row"] in said:
            yield f"{r['row']}: agrees, yet differences.csv says why it does not"
        if r["agrees"] and r.get("line") and r["line"] not in printed_text:
            yield f"{r['row']}: docs/model.md has no line {r['line']}"
    if is_whole:
        for name in said.keys() - {r["row"] for r in rows}:
            yield f"{name}: a row of differences.csv that is no row of the calibration"


def remark(r, said):
    return "" if r["agrees"] else f"**differs**: {said[r['row']]['why'] if r['row'] in said else 'unexplained'}"


def show(rows, said):
    print("| target | evidence | model | z |\n| --- | --- | --- | --- |")
    for r in rows:
        if r["part"] == "target":
            print(r["line"])
    if any(r["part"] != "target" for r in rows):
        print("\n| row | specification | program |  |\n| --- | --- | --- | --- |")
    for r in rows:
        if r["part"] != "target":
            print(f"| {r['row']} | {r['specification']} | {r['model']:.5g} | {remark(r, said)} |")


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--targets", action="store_true")
    p.add_argument("--data", type=pathlib.Path)
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--out", type=pathlib.Path)
    p.add_argument("--forecast-defaults", action="store_true")
    return p.parse_args()


def main():
    args = arguments()
    arms = json.loads((HERE / "arms.json").read_text(encoding="utf-8"))
    text = (SOURCE / "docs" / "model.md").read_text(encoding="utf-8")
    rows = list(target_rows(arms, args.data, args.jobs, {} if args.forecast_defaults else None))
    if not args.targets:
        rows += exposure.rows(text, args.data, args.jobs)
        rows += readouts.rows(text, arms, args.data, args.jobs)
        rows += populations.rows(text, args.data, args.jobs)
    said = said_differences()
    show(rows, said)
    summary = summary_of(rows)
    print(f"\n{summary['targets']} targets, {summary['misses']} with |z| > {MISS}, root mean square z = {summary['rms_z']:.2f}; "
          f"{summary['differing']} of {summary['rows']} rows differ from the specification's.")
    if args.out:
        args.out.write_text(json.dumps({"summary": summary, "rows": rows}, indent=1) + "\n", encoding="utf-8")
    faults = list(faults_of(rows, said, text, not args.targets))
    for fault in faults:
        print(f"calibration: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
