"""Sessions that are kept (ferrule infuse new, start, event, status, verify, export): what was acknowledged stands, the state is that of the
record played anew, and whoever ends the program in the middle ends nothing else. FERRULE_SESSION_KILLS (60) sessions are ended at random."""
import copy
import datetime
import json
import os
import pathlib
import random
import resource
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

import jsonschema

SOURCE = pathlib.Path(os.environ.get("FERRULE_SOURCE", pathlib.Path(__file__).resolve().parent.parent))
FERRULE = os.environ.get("FERRULE", str(SOURCE / "build" / "ferrule"))
SCHEMA = json.loads((SOURCE / "data" / "schema" / "infuse.json").read_text())
SHELF = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
KILLS = int(os.environ.get("FERRULE_SESSION_KILLS", "60"))
SESSION = {
    "ferrule": 1,
    "session": {
        "patient": {"id": "p-17", "sex": "female", "age_years": 39, "weight_kg": 64},
        "order": {"product": "fcm-eu", "dose_mg": 1000, "minutes": 15, "bag_ml": 250},
        "baseline": {"systolic_mmhg": 120, "diastolic_mmhg": 75, "heart_rate_per_min": 72, "spo2_pct": 98, "respiratory_rate_per_min": 14,
                     "temperature_c": 36.7}},
    "events": []}


def ago(seconds):
    """A time so many seconds before now, as ISO 8601."""
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds)).isoformat(timespec="seconds")


class KeptSessions(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=SHELF)
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.store = str(self.folder / "ward.db")
        self.file = self.folder / "session.json"
        self.file.write_text(json.dumps(SESSION))

    def ask(self, *words, code=0, given=None, **more):
        done = subprocess.run([FERRULE, "infuse", *words, "--store", self.store, "--json"], input=given, capture_output=True, text=True,
                              timeout=60, check=False, **more)
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout[-600:]}{done.stderr}")
        return json.loads(done.stdout) if done.stdout else None

    def begin(self, name="chair", file=None):
        answer = self.ask("new", str(file or self.file), "--name", name, "--region", "eu")
        jsonschema.validate(answer, SCHEMA)
        return answer

    def event(self, *words, name="chair", **more):
        answer = self.ask("event", name, *words, **more)
        if "journal" in answer:
            jsonschema.validate(answer, SCHEMA)
        return answer

    def place_of_fault(self, answer):
        self.assertEqual(len(answer["faults"]), 1, answer)
        return answer["faults"][0]["at"]

    # ------------------------------------------------------------ what is answered

    def test_a_session_goes_its_way_and_every_process_knows_where_it_is(self):
        self.assertEqual(self.begin()["state"], "checklist")
        self.event("check", "item=check-identity", "done=true", f"at={ago(600)}")
        started = self.ask("start", "chair", "rate_ml_per_h=1000", f"at={ago(500)}")
        self.assertEqual((started["state"], started["journal"]["entries"]), ("running", 2))
        self.assertTrue(started["journal"]["recorded"])
        paused = self.event("sign", "sign=back-pain", f"at={ago(400)}")
        self.assertEqual((paused["state"], paused["signs"]), ("paused", ["back-pain"]))
        now = self.ask("status", "chair")
        self.assertEqual((now["state"], now["signs"]), ("paused", ["back-pain"]))
        self.assertEqual(now["journal"]["head"], paused["journal"]["head"])
        self.assertGreater(now["clocks"]["paused_s"], 390)
        record = self.ask("export", "chair")
        self.assertEqual([e["event"] for e in record["events"]], ["check", "start", "sign"])
        self.assertEqual(record["session"], SESSION["session"])
        listed = self.ask("status")
        self.assertEqual([(s["session"], s["entries"]) for s in listed["sessions"]], [("chair", 3)])

    def test_the_state_is_that_of_the_record_played_anew(self):
        self.begin()
        self.event("start", f"at={ago(900)}")
        self.event("vitals", "systolic_mmhg=118", "heart_rate_per_min=80", "spo2_pct=97", f"at={ago(800)}")
        self.event("sign", "sign=sudden-breathing-difficulty", f"at={ago(700)}")
        at = ago(0)
        kept = self.ask("status", "chair", "--at", at)
        kept.pop("journal")
        (self.folder / "record.json").write_text(json.dumps(self.ask("export", "chair")))
        played = subprocess.run([FERRULE, "infuse", "replay", str(self.folder / "record.json"), "--region", "eu", "--at", at, "--json"],
                                capture_output=True, text=True, timeout=60, check=True)
        played = json.loads(played.stdout)
        for answer in (kept, played):
            answer["stamp"].pop("input_sha256")
        self.assertEqual(kept, played)
        self.assertEqual(kept["state"], "emergency") # severe, and not taken back within its 60 s

    def test_the_checklist_of_a_session_that_is_kept_is_never_taken_as_done(self):
        self.begin()
        early = self.event("start", f"at={ago(60)}")
        self.assertFalse(early["checklist_taken_as_done"])
        self.assertTrue(any(item["answer"] == "open" for item in early["checklist"]))
        self.assertTrue(early["alarms"], "an observation that is against the protocol is recorded and alarmed")
        whole = copy.deepcopy(SESSION)
        whole["events"] = [{"at": ago(60), "event": "start"}]
        played = subprocess.run([FERRULE, "infuse", "replay", "-", "--region", "eu", "--json"], input=json.dumps(whole), capture_output=True,
                                text=True, timeout=60, check=True)
        self.assertTrue(json.loads(played.stdout)["checklist_taken_as_done"])

    def test_what_cannot_be_read_is_not_recorded_and_what_is_refused_is(self):
        self.begin()
        self.assertEqual(self.place_of_fault(self.event("sign", "sign=back-pian", code=3)), "/events/0/sign")
        self.assertEqual(self.place_of_fault(self.event("dance", code=3)), "/events/0/event")
        self.assertEqual(self.place_of_fault(self.event("vitals", "systolic_mmhg=1200", code=3)), "/events/0/systolic_mmhg")
        self.assertEqual(self.place_of_fault(self.event("-", given="[1]", code=3)), "")
        self.assertEqual(self.ask("status", "chair")["journal"]["entries"], 0)
        self.event("start", f"at={ago(300)}")
        self.event("sign", "sign=chest-pain", f"at={ago(200)}")
        refused = self.event("resume", f"at={ago(20)}")
        self.assertEqual([r["event"] for r in refused["refused"]], ["resume"])
        self.assertEqual(refused["journal"]["entries"], 3)
        sent = self.event("-", given=json.dumps({"event": "note", "text": "called"}))
        self.assertEqual(sent["journal"]["entries"], 4)

    def test_a_session_file_that_cannot_be_played_is_not_begun(self):
        wrong = copy.deepcopy(SESSION)
        wrong["session"]["patient"]["weight_kg"] = 6400
        wrong["session"]["order"]["product"] = "fcm"
        bad = self.folder / "bad.json"
        bad.write_text(json.dumps(wrong))
        faults = self.ask("new", str(bad), "--region", "eu", code=3)["faults"]
        self.assertEqual(sorted(f["at"] for f in faults), ["/session/order/product", "/session/patient/weight_kg"])
        self.assertFalse(os.path.exists(self.store))
        wrong = copy.deepcopy(SESSION)
        wrong["events"] = [{"at": ago(60), "event": "start"}]
        bad.write_text(json.dumps(wrong))
        self.assertEqual(self.place_of_fault(self.ask("new", str(bad), "--region", "eu", code=3)), "/events")

    def test_names_stores_and_regions_are_asked_for(self):
        self.assertIn("no file of this name", self.ask("status", "chair", code=3)["faults"][0]["found"])
        self.assertFalse(os.path.exists(self.store), "only new makes a store")
        self.begin()
        self.assertEqual(self.place_of_fault(self.ask("new", str(self.file), "--name", "chair", "--region", "eu", code=3)), "session chair")
        self.assertEqual(self.place_of_fault(self.ask("status", "stool", code=3)), "session stool")
        self.assertEqual(self.place_of_fault(self.ask("status", "chair", "--region", "us", code=2)), "--region")
        self.assertEqual(self.ask("status", "chair")["stamp"]["region"], "eu")
        named = self.ask("new", str(self.file), "--region", "eu")["journal"]["session"]
        self.assertRegex(named, r"^\d{4}-\d\d-\d\d-\d{6}$")

    def test_who_watches_sees_what_others_enter(self):
        self.begin()
        watchers = [subprocess.Popen([FERRULE, "infuse", "watch", "chair", "--store", self.store, "--json"], stdout=subprocess.PIPE, text=True)
                    for _ in range(3)]
        for watcher in watchers:
            self.assertEqual(json.loads(watcher.stdout.readline())["state"], "checklist")
        self.event("start")
        self.event("sign", "sign=chest-pain")
        for watcher in watchers:
            while (seen := json.loads(watcher.stdout.readline()))["journal"]["entries"] < 2:
                pass
            jsonschema.validate(seen, SCHEMA)
            self.assertEqual((seen["state"], seen["signs"]), ("severe", ["chest-pain"]))
            watcher.send_signal(signal.SIGINT)
            watcher.communicate(timeout=20)
            self.assertEqual(watcher.returncode, 0)

    # ------------------------------------------------------------ time

    def test_a_time_that_has_not_come_is_refused(self):
        self.begin()
        self.assertEqual(self.place_of_fault(self.event("start", f"at={ago(-3600)}", code=3)), "at")
        self.assertEqual(self.event("start", f"at={ago(-20)}")["journal"]["entries"], 1)

    def test_what_is_told_late_or_out_of_order_is_recorded_and_said(self):
        self.begin()
        self.event("start", f"at={ago(3000)}")
        late = self.event("sign", "sign=nausea", f"at={ago(2000)}")
        self.assertEqual([(c["entry"], c["what"]) for c in late["journal"]["clock"]], [(1, "told-late"), (2, "told-late")])
        before = self.event("vitals", "systolic_mmhg=110", f"at={ago(2500)}")
        last = before["journal"]["clock"][-1]
        self.assertEqual((last["entry"], last["what"]), (3, "out-of-order"))
        self.assertAlmostEqual(last["seconds"], 500, delta=3)
        events = self.ask("export", "chair")["events"]
        self.assertEqual(events[2]["at"][:16], events[1]["at"][:16], "the machine is told of it behind what it knows")

    def test_a_jump_of_the_clock_is_said(self):
        self.begin()
        self.event("note", "text=before")
        self.event("note", "text=after")
        db = sqlite3.connect(self.store) # the second row as it stands when the wall clock was set back by ten minutes before it
        db.execute("DROP TRIGGER entry_stands")
        db.execute("UPDATE entry SET arrival_ms = arrival_ms - 600000 WHERE number = 3")
        db.commit()
        db.close()
        notes = {(c["entry"], c["what"]): c["seconds"] for c in self.ask("status", "chair")["journal"]["clock"]}
        self.assertAlmostEqual(notes[(2, "set-back")], 600, delta=2)
        self.assertAlmostEqual(notes[(None, "set-ahead")], 600, delta=2)

    # ------------------------------------------------------------ twice, at once, cut short

    def test_a_second_delivery_of_one_key_is_not_recorded_twice(self):
        self.begin()
        words = ("sign", "sign=back-pain", f"at={ago(100)}", "--key", "tablet-7/12")
        first = self.event(*words)
        self.event("note", "text=between")
        again = self.event(*words)
        self.assertEqual((again["journal"]["entries"], again["journal"]["repeated"]), (2, True))
        self.assertEqual(first["journal"]["repeated"], False)
        other = self.ask("event", "chair", "sign", "sign=nausea", f"at={ago(100)}", "--key", "tablet-7/12", code=3)
        self.assertEqual(self.place_of_fault(other), "session chair")

    def test_many_write_into_one_session_at_once(self):
        self.begin()
        running = [subprocess.Popen([FERRULE, "infuse", "event", "chair", "note", f"text=note {i}", "--store", self.store, "--json"],
                                    stdout=subprocess.PIPE, text=True) for i in range(12)]
        heads = set()
        for process in running:
            out, _ = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 0, out)
            heads.add(json.loads(out)["journal"]["head"])
        self.assertEqual(len(heads), 12)
        texts = [e["text"] for e in self.ask("export", "chair")["events"]]
        self.assertEqual(sorted(texts), sorted(f"note {i}" for i in range(12)))
        self.assertEqual(self.ask("verify")["verdict"], "intact")

    def test_sessions_whose_program_is_killed_lose_and_double_nothing(self):
        chance = random.Random(6)
        killed = 0
        for n in range(KILLS):
            name, told = f"s{n}", []
            self.begin(name)
            while len(told) < 4:
                words = [FERRULE, "infuse", "event", name, "note", f"text=note {len(told)}", "--key", f"k{len(told)}", "--at", ago(30),
                         "--store", self.store, "--json"]
                process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                time.sleep(chance.random() * 0.03)
                process.kill()
                out, _ = process.communicate(timeout=60)
                killed += process.returncode == -signal.SIGKILL
                if process.returncode == 0:
                    told.append(json.loads(out)["journal"]["head"])
                else: # whatever became of it, the same key again says so or does it; its time must be the same
                    again = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
                    self.assertEqual(again.returncode, 0, again.stdout)
                    told.append(json.loads(again.stdout)["journal"]["head"])
            self.assertEqual([e["text"] for e in self.ask("export", name)["events"]], [f"note {i}" for i in range(4)], name)
            for head in told:
                self.assertEqual(self.ask("verify", name, "--head", head)["verdict"], "intact")
        self.assertGreater(killed, KILLS // 2)
        self.assertEqual(self.ask("verify")["verdict"], "intact")
        print(f"{KILLS} sessions, their program killed {killed} times", flush=True)

    # ------------------------------------------------------------ harm

    def test_a_full_disk_is_an_alarm_and_the_session_goes_on(self):
        self.begin()
        self.event("start", f"at={ago(200)}")
        size = os.path.getsize(self.store) # the file may not grow, nor anything beside it
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        holder = sqlite3.connect(self.store) # keeps what SQLite needs beside the file, as another program at work does
        holder.execute("SELECT count(*) FROM session").fetchall()
        filled = 0
        for i in range(60): # until the log beside it is full
            done = subprocess.run([FERRULE, "infuse", "event", "chair", "sign", "sign=sudden-breathing-difficulty", "--store", self.store, "--json"],
                                  capture_output=True, text=True, timeout=60, check=False, preexec_fn=limit)
            if done.returncode:
                break
            filled += 1
        self.assertEqual(done.returncode, 4, done.stdout[-300:] + done.stderr)
        answer = json.loads(done.stdout)
        jsonschema.validate(answer, SCHEMA)
        self.assertFalse(answer["journal"]["recorded"])
        self.assertIn("NOT RECORDED", answer["journal"]["alarm"])
        self.assertIn("NOT RECORDED", done.stderr)
        self.assertEqual(answer["state"], "severe", "what to do is answered all the same")
        self.assertEqual(self.ask("status", "chair")["journal"]["entries"], 1 + filled)
        after = self.event("sign", "sign=sudden-breathing-difficulty")
        self.assertEqual((after["journal"]["entries"], after["journal"]["recorded"]), (2 + filled, True))
        holder.close()
        self.assertEqual(self.ask("verify")["verdict"], "intact")

    def test_a_changed_byte_is_found_and_located(self):
        self.begin()
        for i in range(6):
            self.event("note", f"text=what was said {i}")
        self.assertEqual(self.ask("verify")["damage"], [])
        content = bytearray(pathlib.Path(self.store).read_bytes())
        content[content.index(b"what was said 3")] ^= 1
        pathlib.Path(self.store).write_bytes(content)
        found = self.ask("verify", code=1)
        self.assertEqual(found["verdict"], "damaged")
        self.assertEqual([(d["session"], d["row"], d["harm"]) for d in found["damage"]], [("chair", 5, "changed")]) # the first row is the head


if __name__ == "__main__":
    unittest.main(verbosity=2)
