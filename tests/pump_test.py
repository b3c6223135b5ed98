"""A pump speaks to a session that is kept: HL7 by MLLP from a simulated pump (written here), acknowledged when it is on the disk; malformed,
late, twice, out of order, cut off in the middle."""
import datetime
import json
import os
import pathlib
import resource
import signal
import socket
import sqlite3
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("FERRULE_SOURCE", pathlib.Path(__file__).resolve().parent.parent))
FERRULE = os.environ.get("FERRULE", str(SOURCE / "build" / "ferrule"))
SHELF = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
SESSION = {"ferrule": 1, "events": [], "session": {
    "patient": {"id": "p-17", "sex": "female", "age_years": 39, "weight_kg": 64},
    "order": {"product": "fcm-eu", "dose_mg": 1000, "minutes": 15, "bag_ml": 250}}}


def hl7_time(ago=0.0):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=ago)).strftime("%Y%m%d%H%M%S+0000")


def iso(ago):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=ago)).isoformat(timespec="seconds")


def message(control, rate=None, given=None, ago=0.0, device="PUMP9", alarm=None, extra=""):
    lines = [f"MSH|^~\\&|GATEWAY^0003B1^EUI-64|WARD|FERRULE|CLINIC|{hl7_time()}||ORU^R01^ORU_R01|{control}|P|2.6|||AL|NE",
             "PID|||P-17^^^Hospital^PI", f"OBR|1|1|1|999999^Unknown medication|||{hl7_time(ago)}",
             f"OBX|1||69986^MDC_DEV_PUMP_INFUS_VMD^MDC|1.1.0.0|||||||X|||||||{device}"]
    if rate is not None:
        lines.append(f"OBX|2|NM|157784^MDC_FLOW_FLUID_PUMP^MDC|1.1.1.1|{rate}|265266^MDC_DIM_MILLI_L_PER_HR^MDC|||||R")
    if given is not None:
        lines.append(f"OBX|3|NM|157993^MDC_VOL_FLUID_DELIV_TOTAL^MDC|1.1.1.2|{given}|263762^MDC_DIM_MILLI_L^MDC|||||R")
    if alarm:
        lines.append(f"OBX|4|CWE|68012^MDC_ATTR_AL_COND^MDC|1.1.0.5|196940^{alarm}^MDC||||||R")
    return "\r".join(lines) + "\r" + extra


def frame(text):
    return b"\x0b" + text.encode() + b"\x1c\r"


class Pump(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=SHELF)
        self.addCleanup(folder.cleanup)
        self.store = os.path.join(folder.name, "ward.db")
        file = pathlib.Path(folder.name) / "session.json"
        file.write_text(json.dumps(SESSION))
        self.ask("new", str(file), "--name", "chair", "--region", "eu")
        self.ask("event", "chair", "start", "rate_ml_per_h=1000", f"at={iso(300)}")
        self.port = None
        self.listen()

    def ask(self, *words):
        done = subprocess.run([FERRULE, "infuse", *words, "--store", self.store, "--json"], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def listen(self, *words):
        self.listener = subprocess.Popen([FERRULE, "infuse", "listen", "chair", "--store", self.store, "--port", "0", *words],
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.port = int(self.listener.stdout.readline().split()[-1])
        self.addCleanup(self.stop, self.listener)

    def stop(self, process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def line(self):
        one = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        self.addCleanup(one.close)
        return one

    def answer(self, one):
        """The next acknowledgement: its code, the control id that it names, its ERR segments."""
        got = b""
        while not got.endswith(b"\x1c\r"):
            more = one.recv(4096)
            self.assertTrue(more, f"the line ended at {got}")
            got += more
        segments = got[1:-2].decode().split("\r")
        self.assertEqual((got[:1], segments[0][:9]), (b"\x0b", "MSH|^~\\&|"))
        msa = segments[1].split("|")
        return msa[1], msa[2], [s for s in segments[2:] if s.startswith("ERR")]

    def send(self, text, one=None):
        one = one or self.line()
        one.sendall(frame(text))
        return self.answer(one)

    def events(self):
        return self.ask("export", "chair")["events"]

    def test_what_a_pump_says_is_recorded_and_then_acknowledged(self):
        one = self.line()
        self.assertEqual(self.send(message("A1", rate=1000, given=40), one), ("CA", "A1", []))
        self.assertEqual(self.send(message("A2", rate=1000, given=41, alarm="MDC_EVT_FLUID_LINE_OCCL"), one), ("CA", "A2", []))
        status = self.ask("status", "chair")
        self.assertEqual(status["journal"]["entries"], 3)
        self.assertAlmostEqual(status["given_ml"], 41, delta=4)
        self.assertTrue(status["alarms"])
        self.assertEqual(self.events()[2]["alarm"], "MDC_EVT_FLUID_LINE_OCCL")

    def test_a_message_that_is_sent_again_is_acknowledged_again_and_recorded_once(self):
        text = message("A1", rate=1000, given=40)
        self.assertEqual(self.send(text), ("CA", "A1", []))
        self.assertEqual(self.send(text), ("CA", "A1", []))
        self.assertEqual(len(self.events()), 2)

    def test_an_old_report_changes_nothing_and_is_there(self):
        self.assertEqual(self.send(message("A1", rate=1000, given=50, ago=10))[0], "CA")
        self.assertEqual(self.send(message("A2", rate=9, given=20, ago=40))[0], "CA")
        self.assertEqual(self.send(message("A3", rate=9, given=20, ago=-600))[0], "CA")
        kinds = [(e["event"], e.get("text", "")) for e in self.events()[1:]]
        self.assertEqual([k for k, _ in kinds], ["pump", "note", "note"])
        self.assertIn("came out of order: rate 9 mL/h; given 20 mL;", kinds[1][1])
        self.assertIn("ahead of the clock", kinds[2][1])
        self.assertGreaterEqual(self.ask("status", "chair")["given_ml"], 50)

    def test_a_late_report_is_no_news(self):
        self.assertEqual(self.send(message("A1", rate=9, given=50, ago=200))[0], "CA")
        self.assertIn("200 s late", self.events()[1]["text"].replace("201", "200").replace("202", "200"))

    def test_a_message_that_cannot_be_read_is_refused_with_its_place_and_noted(self):
        code, control, errors = self.send(message("B1", rate="fast", given=40))
        self.assertEqual((code, control), ("CR", "B1"))
        self.assertEqual(len(errors), 1)
        self.assertIn("|OBX^2^5|102", errors[0])
        self.assertEqual(self.send(message("B1", rate="fast", given=40))[0], "CR")
        self.assertEqual(self.send("no message at all")[:2], ("AR", ""))
        self.assertEqual(self.send(message("B2").replace("ORU^R01^ORU_R01", "ADT^A01"))[0], "CR")
        notes = [e["text"] for e in self.events()[1:]]
        self.assertEqual(len(notes), 2, notes)
        self.assertIn("OBX[2]-5", notes[0])

    def test_a_number_out_of_its_range_is_refused(self):
        self.assertEqual(self.send(message("B1", rate=90000, given=40))[0], "CR")
        self.assertEqual(len(self.events()), 1)

    def test_pieces_and_several_in_one_go_are_taken(self):
        one = self.line()
        whole = frame(message("C1", rate=1000, given=1))
        for i in range(0, len(whole), 50):
            one.sendall(whole[i:i + 50])
        self.assertEqual(self.answer(one)[:2], ("CA", "C1"))
        one.sendall(b"noise" + frame(message("C2", given=2)) + b"\x0bbroken off")
        self.assertEqual(self.answer(one)[:2], ("CA", "C2"))
        one.close()
        self.assertEqual(self.send(message("C3", given=3))[:2], ("CA", "C3"))

    def test_a_flood_without_an_end_closes_its_line_alone(self):
        other, one = self.line(), self.line()
        with self.assertRaises(OSError):
            for _ in range(300):
                one.sendall(b"\x0b" * (_ == 0) + b"x" * 4096)
                one.settimeout(0.02)
                try:
                    if one.recv(1) == b"":
                        raise ConnectionResetError
                except TimeoutError:
                    pass
        self.assertEqual(self.send(message("D1", given=3), other)[:2], ("CA", "D1"))

    def test_another_pump_is_not_this_sessions(self):
        self.stop(self.listener)
        self.listen("--device", "PUMP9")
        self.assertEqual(self.send(message("E1", given=3, device="PUMP8"))[0], "CR")
        self.assertEqual(self.send(message("E2", given=3))[0], "CA")
        self.assertEqual([e["event"] for e in self.events()], ["start", "note", "pump"])

    def test_a_full_disk_is_answered_with_send_it_again(self):
        self.stop(self.listener)
        size = os.path.getsize(self.store)
        holder = sqlite3.connect(self.store) # keeps the log beside the file
        holder.execute("SELECT count(*) FROM session").fetchall()
        self.listener = subprocess.Popen([FERRULE, "infuse", "listen", "chair", "--store", self.store, "--port", "0"], stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, text=True,
                                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
        self.addCleanup(self.stop, self.listener)
        self.port = int(self.listener.stdout.readline().split()[-1])
        taken, code = 0, "CA"
        while code == "CA" and taken < 60:
            code = self.send(message(f"G{taken}", rate=1000, given=taken))[0]
            taken += code == "CA"
        self.assertEqual(code, "CE")
        self.assertEqual(len(self.events()), 1 + taken)
        self.stop(self.listener)
        self.listen()
        self.assertEqual(self.send(message(f"G{taken}", rate=1000, given=taken))[0], "CA")
        self.assertEqual(len(self.events()), 2 + taken)
        holder.close()

    def test_what_was_acknowledged_survives_the_end_of_the_listener(self):
        for i in range(8):
            self.assertEqual(self.send(message(f"F{i}", rate=1000, given=i))[:2], ("CA", f"F{i}"))
            self.listener.send_signal(signal.SIGKILL)
            self.stop(self.listener)
            self.assertEqual([e["given_ml"] for e in self.events()[1:]], list(range(i + 1)))
            self.listen()
        self.assertEqual(self.send(message("F0", rate=1000, given=0))[0], "CA", "known by the next one too")
        self.assertEqual(len(self.events()), 9)
        self.listener.send_signal(signal.SIGTERM)
        self.assertEqual(self.listener.wait(timeout=20), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
