"""The store survives: sessions whose writer is ended at every call of the disk and at random moments, resumed and judged without Ferrule's code.

The judge reads the file with Python's own sqlite3 and makes every hash anew with hashlib, after the definition in src/store/ledger.h.
FERRULE_STORE_KILLS (300) is how many sessions are ended at random; FERRULE_STORE_FLIPS (600) how many bytes are flipped.
"""
import concurrent.futures
import hashlib
import os
import pathlib
import random
import resource
import shutil
import signal
import sqlite3
import struct
import subprocess
import tempfile
import time
import unittest

BUILD = pathlib.Path(os.environ.get("FERRULE_BUILD", pathlib.Path(__file__).resolve().parent.parent / "build"))
LEDGER = str(BUILD / "tests" / "ledger")
# Memory, where there is: what survives the loss of power is simulated below SQLite, and a real disk only takes longer.
SHELF = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
KILLS = int(os.environ.get("FERRULE_STORE_KILLS", "300"))
FLIPS = int(os.environ.get("FERRULE_STORE_FLIPS", "600"))
TO = 6
MODES = ("fail", "full", "kill", "torn", "power")


def number(v):
    return struct.pack(">q", v)


def opening(before, name, made_ms):
    return hashlib.sha256(b"ferrule session 1" + before + number(made_ms) + number(len(name)) + name.encode()).digest()


def entry_hash(before, event_ms, arrival_ms, key, content):
    keyed = number(-1) if key is None else number(len(key)) + key.encode()
    return hashlib.sha256(before + number(event_ms) + number(arrival_ms) + keyed + number(len(content)) + content).digest()


def sessions_of(path):
    """Every session with its entries (number, event_ms, arrival_ms, key, bytes, hash), the chain made anew."""
    db = sqlite3.connect(path)
    try:
        before, sessions = bytes(32), {}
        for ident, name, made_ms, opened, n, head in db.execute("SELECT id, name, made_ms, opening, entries, head FROM session ORDER BY id"):
            if opened != opening(before, name, made_ms):
                raise AssertionError(f"{name}: its opening does not follow")
            before = last = opened
            rows = db.execute("SELECT number, event_ms, arrival_ms, key, bytes, hash FROM entry WHERE session = ? ORDER BY number", (ident,)).fetchall()
            for i, row in enumerate(rows, 1):
                if row[0] != i or row[5] != entry_hash(last, *row[1:5]):
                    raise AssertionError(f"{name}: entry {i} does not follow")
                last = row[5]
            if (n, head) != (len(rows), last):
                raise AssertionError(f"{name}: ends elsewhere than it says")
            sessions[name] = rows
        return sessions
    finally:
        db.close()


class Run:
    """What a writer printed: (number, hash) acknowledged, statuses of refusals, calls of the disk, exit status."""

    def __init__(self, done):
        lines = [line.split(" ") for line in done.stdout.split("\n")[:-1]]
        self.acks = [(int(w[1]), w[2]) for w in lines if w[0] == "ack"]
        self.faults = [int(w[1]) for w in lines if w[0] == "fault"]
        self.calls = next((int(w[1]) for w in lines if w[0] == "calls"), None)
        self.code, self.text = done.returncode, done.stdout


def write(store, session, first, last, *fault, **more):
    words = [LEDGER, "write", store, session, str(first), str(last), *map(str, fault)]
    return Run(subprocess.run(words, stdout=subprocess.PIPE, text=True, timeout=60, check=False, **more))


def verify(store):
    return subprocess.run([LEDGER, "verify", store], stdout=subprocess.PIPE, text=True, timeout=60, check=False)


class StoreTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=SHELF)
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def judge(self, store, session, acks, last, what):
        """All that was acknowledged stands as it was, each event once and in order, and the program's own look agrees."""
        rows = sessions_of(store)[session]
        for n, digest in acks:
            self.assertEqual(rows[n - 1][5].hex(), digest, f"{what}: entry {n} is not what was acknowledged")
        self.assertEqual([row[3] for row in rows], [f"k{i}" for i in range(1, last + 1)], what)
        seen = verify(store)
        self.assertEqual((seen.returncode, seen.stdout.split("\n")[-2].split()[0]), (0, "looked"), f"{what}: {seen.stdout}")

    def interrupted(self, mode, at, kept):
        """One session whose writer meets a fault at a call of the disk; `kept`: it goes on in a store that a kill left behind. Returns
        whether the call was reached."""
        what = f"{mode} at call {at}{' of a resumed session' if kept else ''}"
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        store, acks, first = str(folder / "ward.db"), [], 1
        if kept:
            for end, content in kept["files"].items():
                pathlib.Path(store + end).write_bytes(content)
            acks, first = list(kept["acks"]), len(kept["acks"]) + 1
        run = write(store, "chair", first, TO, mode, at, at % 5, 7919 * at)
        acks += run.acks
        if mode in ("kill", "torn", "power"):
            self.assertIn(run.code, (-signal.SIGKILL, 0), f"{what}: {run.text}")
        else: # it was told, it tried again in the same process, and the session went on
            self.assertEqual(run.code, 0, f"{what}: {run.text}")
            self.assertEqual(len(acks), TO, f"{what}: {run.text}")
            self.assertLessEqual(set(run.faults), {1, 3, 5, 6, 8}, f"{what}: {run.text}")
        reached = run.calls is None or run.calls >= at
        if len(acks) < TO:
            acks += write(store, "chair", len(acks) + 1, TO).acks
        self.assertEqual([n for n, _ in acks], list(range(1, TO + 1)), what)
        self.judge(store, "chair", acks, TO, what)
        shutil.rmtree(folder)
        return reached, bool(run.faults)

    def sweep(self, kept):
        total, told = 0, {mode: 0 for mode in MODES}
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            for mode in MODES:
                reached, at = True, 1
                while reached:
                    results = list(pool.map(lambda n, mode=mode: self.interrupted(mode, n, kept), range(at, at + 16)))
                    total += sum(r for r, _ in results)
                    told[mode] += sum(t for _, t in results)
                    reached, at = all(r for r, _ in results), at + 16
                self.assertGreater(at, 32, f"{mode}: a writer makes more calls than that")
        self.assertGreater(told["fail"], 20, "most failures of a disk are told")
        self.assertGreater(told["full"], 20)
        print(f"{total} sessions ended or failed at each call of the disk: {', '.join(MODES)}", flush=True)

    def test_a_new_session_survives_a_fault_at_every_call_of_the_disk(self):
        self.sweep(None)

    def test_a_session_that_a_kill_left_behind_survives_another_fault_at_every_call(self):
        at, acks = 1, 0
        while acks < TO // 2: # the first call behind half of the entries
            store, at = self.folder / f"left{at}.db", at + 1
            run = write(str(store), "chair", 1, TO, "kill", at, 0, 1)
            self.assertEqual(run.code, -signal.SIGKILL)
            acks = len(run.acks)
        files = {end: pathlib.Path(f"{store}{end}").read_bytes() for end in ("", "-wal", "-shm")}
        self.sweep({"files": files, "acks": run.acks})

    def test_sessions_killed_at_random_while_others_write_lose_and_double_nothing(self):
        chance = random.Random(20261102)
        together, last = 5, 40
        killed = ended = 0
        for group in range(max(1, KILLS // together)):
            store = str(self.folder / f"group{group}.db")
            acks = {f"chair{i}": [] for i in range(together)}
            while any(len(a) < last for a in acks.values()):
                running = {}
                for name, done in acks.items():
                    if len(done) < last:
                        words = [LEDGER, "write", store, name, str(len(done) + 1), str(last)]
                        running[name] = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
                for name in sorted(running, key=lambda _: chance.random()):
                    time.sleep(chance.random() * 0.012)
                    running[name].kill()
                for name, process in running.items():
                    out, _ = process.communicate(timeout=60)
                    told = {line for line in out.split("\n") if line.startswith("fault")}
                    self.assertLessEqual(told, {"fault 8 a session of this name"}, f"group {group}, {name}")
                    killed += process.returncode == -signal.SIGKILL
                    for line in out.split("\n")[:-1]:
                        word = line.split(" ")
                        if word[0] == "ack":
                            acks[name].append((int(word[1]), word[2]))
            for name, done in acks.items():
                self.assertEqual([n for n, _ in done], list(range(1, last + 1)), f"group {group}, {name}")
                self.judge(store, name, done, last, f"group {group}, {name}")
                ended += 1
            for path in self.folder.glob(f"group{group}.db*"):
                path.unlink()
        self.assertGreater(killed, ended)
        print(f"{ended} sessions, five at a time, their writers killed {killed} times at random moments", flush=True)

    def test_a_store_may_be_made_by_many_at_once(self):
        for attempt in range(12):
            store = str(self.folder / f"new{attempt}.db")
            names = [f"chair{i}" for i in range(16)]
            running = [subprocess.Popen([LEDGER, "write", store, name, "1", "2"], stdout=subprocess.PIPE, text=True) for name in names]
            for name, process in zip(names, running):
                out, _ = process.communicate(timeout=60)
                self.assertEqual((process.returncode, "fault" in out), (0, False), f"{name} in a new store: {out}")
            self.assertEqual({name: len(rows) for name, rows in sessions_of(store).items()}, {name: 2 for name in names})

    def test_a_limit_on_the_size_of_files_is_a_full_disk_and_the_session_goes_on_after_it(self):
        store = str(self.folder / "small.db")
        limit = 256 * 1024
        full = write(store, "chair", 1, 400, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        self.assertEqual(full.code, 1)
        self.assertEqual(set(full.faults), {1}, full.text[-400:])
        self.assertIn("a full disk, or a file that may not grow", full.text)
        self.assertGreater(len(full.acks), 5)
        self.judge(store, "chair", full.acks, len(full.acks), "while the disk is full")
        more = write(store, "chair", len(full.acks) + 1, 400)
        self.assertEqual(more.code, 0)
        self.judge(store, "chair", full.acks + more.acks, 400, "after room was made")

    def flipped(self, content, position, bit):
        store = self.folder / f"flip{position}.{bit}.db"
        changed = bytearray(content)
        changed[position] ^= 1 << bit
        store.write_bytes(changed)
        seen = verify(str(store))
        for path in self.folder.glob(store.name + "*"):
            if path != store:
                path.unlink()
        return store, seen

    def test_a_flipped_byte_of_an_entry_is_located(self):
        store = self.folder / "ward.db"
        for name in ("chair1", "chair2"):
            self.assertEqual(write(str(store), name, 1, 30).code, 0)
        content = store.read_bytes()
        sessions = sessions_of(str(store))
        for name, rows in sessions.items():
            for row in (rows[0], rows[12], rows[29]):
                at = content.find(row[4][:60]) if len(row[4]) < 60 else content.find(row[4])
                hash_at = content.find(row[5])
                for position in (at + len(row[4]) // 2, hash_at + 5):
                    if position >= len(content) or content.count(row[5]) > 1 and position == hash_at + 5 and row[0] == 30:
                        continue # the hash of a last entry stands in its session too
                    changed, seen = self.flipped(content, position, 0)
                    changed.unlink()
                    self.assertEqual(seen.returncode, 1, f"byte {position}")
                    places = [tuple(line.split(" ")[1:3]) for line in seen.stdout.split("\n") if line.startswith("damage")]
                    owner = [(n, str(r[0])) for n, rs in sessions.items() for r in rs if r[4] in (row[4],) and r[0] == row[0]]
                    self.assertTrue(any(p in owner for p in places), f"byte {position} of {name} {row[0]}: {seen.stdout}")

    def test_no_flipped_byte_changes_what_is_read_without_being_found(self):
        store = self.folder / "ward.db"
        for name in ("chair1", "chair2"):
            self.assertEqual(write(str(store), name, 1, 25).code, 0)
        content, right = store.read_bytes(), sessions_of(str(store))
        chance = random.Random(7)
        places = [(chance.randrange(len(content)), chance.randrange(8)) for _ in range(FLIPS)] + [(i, chance.randrange(8)) for i in range(100)]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            found = 0
            for (position, bit), (changed, seen) in zip(places, pool.map(lambda p: self.flipped(content, *p), places)):
                if seen.returncode == 0:
                    self.assertEqual(sessions_of(str(changed)), right, f"bit {bit} of byte {position} changed what is read")
                else:
                    self.assertIn(seen.returncode, (1, 3), f"bit {bit} of byte {position}: {seen.stdout}")
                    found += 1
                for path in self.folder.glob(changed.name + "*"):
                    path.unlink()
        self.assertGreater(found, FLIPS // 4)
        print(f"{len(places)} flipped bits: {found} found, the others change nothing that is read", flush=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
