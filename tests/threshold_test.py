"""Every threshold of data/ changes an answer: a number whose change changes nothing is dead, or stands in C.

One number at a time is changed in a copy of data/, the questions that it must bear on are asked of both, and one answer must differ (what
only repeats the number, or only rounds anew, does not count). tests/thresholds/dead.csv names the numbers that cannot change an answer, with
the reason; an entry that does change one is an error.

    threshold_test.py PATTERN     those numbers whose name contains PATTERN, each said
"""
import collections
import concurrent.futures
import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

SOURCE = pathlib.Path(os.environ.get("FERRULE_SOURCE", pathlib.Path(__file__).resolve().parent.parent))
BUILD = pathlib.Path(os.environ.get("FERRULE_BUILD", SOURCE / "build"))
sys.path.insert(0, str(SOURCE / "tests" / "thresholds"))
from asks import Asks  # noqa: E402
from numbers_of_data import Folder  # noqa: E402

ASKS_FIRST, ASKS_MAX = 40, 400  # questions tried for one value of one number, at first and at most
WORKERS = int(os.environ.get("JOBS") or min(2, os.cpu_count() or 1))
REFUSED = object()  # a value that the model does not take
DEAD = SOURCE / "tests" / "thresholds" / "dead.csv"


class Asker:
    """One process that answers for one folder at a time, by the digest of each answer."""

    def __init__(self, folder):
        self.process = subprocess.Popen([str(BUILD / "tests" / "ask_many")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.open(folder)

    def say(self, lines):
        self.process.stdin.write("".join(line + "\n" for line in lines))
        self.process.stdin.flush()
        return [self.process.stdout.readline() for _ in lines]

    def open(self, folder):
        """The faults of the folder; none when it is accepted."""
        return json.loads(self.say([json.dumps({"open": str(folder)})])[0]).get("faults", [])

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Thresholds:
    """Alive: a question whose answer changes. Refused: no other value is a folder that the program takes."""

    def __init__(self, scratch):
        self.folder = Folder(SOURCE / "data", scratch)
        self.asks = Asks(self.folder)
        self.base, self.other, self.known = Asker(SOURCE / "data"), Asker(SOURCE / "data"), {}
        self.open_of_model = False

    def as_it_is(self, lines):
        new = [line for line in dict.fromkeys(lines) if line not in self.known]
        self.known.update(zip(new, self.base.say(new)))
        return [self.known[line] for line in lines]

    @staticmethod
    def lines_of(asks):
        """Of many questions those that lie apart come first: neighbours are alike."""
        lines = list(dict.fromkeys(json.dumps(dict(a, digest=True)) for a in asks))[:ASKS_MAX]
        stride = 17 if len(lines) > 34 else 1
        return [line for i in range(stride) for line in lines[i::stride]]

    def differs(self, lines, of_model):
        for start in range(0, len(lines), 8):
            batch = lines[start:start + 8]
            for line, was, now in zip(batch, self.as_it_is(batch), self.other.say(batch)):
                if of_model and '"faults"' in now and '"faults"' not in was:
                    return REFUSED
                if was != now:
                    return line
        return None

    def open(self, number, value):
        """The model is read for each question: a change of its numbers alone needs no other engine."""
        self.folder.change(number, value)
        of_model = number.file.startswith("model/")
        if of_model and self.open_of_model:
            return []
        self.open_of_model = of_model
        faults = self.other.open(self.folder.scratch)
        given = [re.match(r"([0-9.]+) mg, as the formula gives", f["expected"]) for f in faults]
        if len(faults) == 1 and given[0]:
            self.folder.change(number, value, float(given[0].group(1)))
            faults = self.other.open(self.folder.scratch)
        return faults

    def tries(self, number):
        """A few questions for every value, then the others."""
        rest = []
        for value, asks in self.asks.of(number):
            lines = self.lines_of(asks)
            yield value, lines[:ASKS_FIRST]
            if lines[ASKS_FIRST:]:
                rest.append((value, lines[ASKS_FIRST:]))
        yield from rest

    def state(self, number):
        """("alive", question), ("dead", None) or ("refused", None)."""
        taken, of_model = False, number.file.startswith("model/")
        for value, lines in self.tries(number):
            if self.open(number, value):
                continue
            line = self.differs(lines, of_model)
            if line is REFUSED:
                continue
            taken = True
            if line:
                return "alive", line
        return ("dead" if taken else "refused"), None

    def close(self):
        self.base.close()
        self.other.close()


def dead_rows():
    with open(DEAD, encoding="utf-8", newline="") as f:
        return {row["path"]: row["why"] for row in csv.DictReader(f)}


worker = None  # of this process


def start_worker(scratch):
    global worker
    worker = Thresholds(tempfile.mkdtemp(dir=scratch))


def state_of(number):
    return str(number), worker.state(number)[0]


class EveryThreshold(unittest.TestCase):
    def test_every_number_changes_an_answer(self):
        allowed = dead_rows()
        with tempfile.TemporaryDirectory() as scratch:
            numbers = list(Folder(SOURCE / "data", scratch).numbers())
        known = {str(n) for n in numbers}
        self.assertEqual([p for p in allowed if p not in known], [], "dead.csv names numbers that are not there")
        self.assertLess(len(allowed), 0.04 * len(numbers), "dead.csv: more than a few percent")
        found = collections.defaultdict(list)
        with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ProcessPoolExecutor(WORKERS, None, start_worker, (scratch,)) as pool:
            for name, state in pool.map(state_of, numbers, chunksize=4):
                found[state].append(name)
        dead = [p for p in found["dead"] + found["refused"] if p not in allowed]
        print(f"{len(numbers)} numbers tried, {len(found['alive'])} change an answer, {len(dead)} do not and should; {len(allowed)} cannot (dead.csv)")
        self.assertFalse(dead, "numbers that change nothing:\n" + "\n".join(dead))
        self.assertEqual([p for p in found["alive"] if p in allowed], [], "dead.csv lists numbers that do change an answer")
        self.assertGreater(len(numbers), 1000)


def look(pattern):
    with tempfile.TemporaryDirectory() as scratch:
        thresholds = Thresholds(scratch)
        for n in thresholds.folder.numbers():
            if pattern in str(n):
                start = time.time()
                state, line = thresholds.state(n)
                print(f"{state:8} {time.time() - start:6.2f} s {n} {n.value}" + (f"\n    {line[:2000]}" if os.environ.get("SHOW") and line else ""), flush=True)
        thresholds.close()


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        look(sys.argv[1])
    else:
        unittest.main()
