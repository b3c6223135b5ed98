"""The report page: one file that fetches nothing, well-formed, everything from outside escaped, a table behind every chart."""
import base64
import copy
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

SOURCE = Path(os.environ.get("FERRULE_SOURCE", Path(__file__).resolve().parent.parent))
BUILD = Path(os.environ.get("FERRULE_BUILD", SOURCE / "build"))
FERRULE = os.environ.get("FERRULE", str(BUILD / "ferrule"))
REPORT_OF = BUILD / "tests" / "report_of"
sys.path.insert(0, str(SOURCE / "tests" / "tools"))
import sample_forecast as sample  # noqa: E402

EXAMPLE = SOURCE / "examples" / "heavy-menstrual-bleeding.json"
AT = "2026-11-02T14:05+01:00"
BOUND = 250_000
DISCLAIMER = "Supports decisions and makes none. Not a medical device; not for use without a clinician."
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "\"'><script>alert(1)</script>&amp;<img src=x onerror=alert(2)>"


def ask(*words, stdin=None, code=0):
    if words[0] == "plan" and "--draws" not in words:
        words += ("--draws", "0")  # the plan without its forecast, unless a test looks at it
    done = subprocess.run([FERRULE, *map(str, words)], capture_output=True, text=True, input=stdin)
    assert done.returncode == code, (words, done.returncode, done.stderr, done.stdout[:2000])
    return done


def page_of(answer, course):
    with tempfile.TemporaryDirectory() as folder:
        a, c = Path(folder) / "answer.json", Path(folder) / "course.json"
        a.write_text(json.dumps(answer))
        c.write_text(json.dumps(course))
        return subprocess.run([REPORT_OF, a, c], capture_output=True, text=True, check=True).stdout


def forecast_page(course_text, *words):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "forecast.html"
        ask("forecast", "-", "--region", "eu", "--at", AT, "--draws", "200", "--report", out, *words, stdin=course_text)
        return out.read_text(encoding="utf-8")


def plan_page(course_text, *words, code=0):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "plan.html"
        ask("plan", "-", "--region", "eu", "--at", AT, "--report", out, *words, stdin=course_text, code=code)
        return out.read_text(encoding="utf-8")


def parsed(page):
    """The page is XHTML in all but name: what a strict reader takes, every browser does."""
    return ET.fromstring(page.removeprefix("<!DOCTYPE html>"))


def faults_of(page):
    """What no page may have; an empty list is a good page."""
    wrong = []
    try:
        root = parsed(page)
    except ET.ParseError as error:
        return [f"not well-formed: {error}"]
    if len(page.encode()) > BOUND:
        wrong.append(f"{len(page.encode())} bytes")
    if DISCLAIMER not in page:
        wrong.append("no disclaimer")
    for element in root.iter():
        tag = element.tag.removeprefix(SVG)
        if tag in {"script", "img", "iframe", "object", "embed", "link", "base", "form", "a"}:
            wrong.append(f"a <{tag}>")
        for name, value in element.attrib.items():
            if name.lower().startswith("on") or name in {"href", "src", "action", "style"}:
                wrong.append(f"{name}={value[:40]}")
    outside = page.replace("http://www.w3.org/2000/svg", "")
    if re.search(r"https?:|//[a-z]+\.|@import", re.sub(r"base64,[A-Za-z0-9+/=]*", "", outside)):
        wrong.append("an address")
    for url in re.findall(r"url\(([^)]{0,24})", page):
        if not url.startswith(("data:font/woff2;base64,"[:24], "#")):
            wrong.append(f"url({url}")
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    if len(ids) != len(set(ids)):
        wrong.append("an id twice")
    for used in re.findall(r"url\(#([^)]*)\)", page):
        if used not in ids:
            wrong.append(f"#{used} is nowhere")
    return wrong


def tables(page):
    return {t.get("data-table"): t for t in parsed(page).iter("table") if t.get("data-table")}


class LaterLabs(unittest.TestCase):
    COURSE = json.loads((SOURCE / "examples" / "after-iron.json").read_text())

    def with_falls(self, *values):
        course = json.loads(json.dumps(self.COURSE))
        course["events"] += [{"at": f"2026-10-{27 + 2 * i}T08:30+01:00", "lab": "hemoglobin", "value": v, "unit": "g/dL"} for i, v in enumerate(values)]
        return forecast_page(json.dumps(course))

    def test_what_was_foreseen_is_drawn_beside_each_lab(self):
        page = self.with_falls()
        self.assertEqual(faults_of(page), [])
        self.assertIn('class="was"', page)
        self.assertIn("before it was known", page)

    def test_what_does_not_hold_says_so_first(self):
        page = self.with_falls(7.6, 7.5)
        self.assertEqual(faults_of(page), [])
        self.assertIn("Something happened that this course does not say.", page)
        self.assertNotIn("Something happened", self.with_falls(7.6))
        self.assertIn("fits this course badly", self.with_falls(7.6))


class PlanPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = EXAMPLE.read_text()
        cls.page = plan_page(cls.text)
        cls.answer = json.loads(ask("plan", EXAMPLE, "--region", "eu", "--at", AT, "--json").stdout)

    def test_the_check_sees_a_bad_page(self):
        for bad in ("<b>", self.page.replace("</main>", "<script></script></main>"), self.page.replace("</main>", '<p onclick="x"></p></main>'),
                    self.page.replace("</main>", "<p>https://example.org</p></main>"), self.page.replace(DISCLAIMER, ""), self.page + " " * BOUND):
            self.assertNotEqual(faults_of(bad), [])

    def test_it_is_a_good_page(self):
        self.assertEqual(faults_of(self.page), [])

    def test_the_fonts_in_it_are_fonts(self):
        found = re.findall(r"data:font/woff2;base64,([A-Za-z0-9+/=]+)", self.page)
        self.assertEqual(len(found), 3)
        for font in found:
            self.assertEqual(base64.b64decode(font, validate=True)[:4], b"wOF2")

    def test_what_is_set_at_the_chair_stands_on_it(self):
        first = self.answer["options"][0]["infusions"][0]
        words = " ".join(parsed(self.page).itertext())
        for shown in (f"{first['dose_mg']:,} mg", f"{first['minutes']} min, {first['ml_per_h']:,} mL/h", f"{first['observe_minutes']} min"):
            self.assertIn(shown, words)

    def test_every_finding_option_and_sheet_line_stands_on_it(self):
        words = " ".join(" ".join(parsed(self.page).itertext()).split())
        flat = lambda s: " ".join(s.split())
        for row in self.answer["findings"] + self.answer["patient_sheet"]:
            self.assertIn(flat(row["text"]), words)
        for row in self.answer["options"]:
            self.assertIn(row["brand"], words)
        for row in self.answer["calendar"]:
            self.assertIn(flat(row["why"]), words)

    def test_the_label_floor_stands_next_to_the_minutes(self):
        limit = next(l for l in self.answer["options"][0]["limits"] if l["rule"].endswith("/min-minutes") and l["infusion"] == 0)
        rows = {r.find("th").text: r for r in parsed(self.page).iter("tr") if r.find("th") is not None and r.find("td") is not None}
        self.assertEqual(rows["Label floor"].find("td").text, f"{limit['limit']} min")

    def test_an_unknown_is_said_to_be_unknown(self):
        course = json.loads(self.text)
        for key in ("allergies", "pregnancy", "oral_iron", "height_cm"):
            course["patient"].pop(key)
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "x.html"
            subprocess.run([FERRULE, "plan", "-", "--draws", "0", "--region", "eu", "--at", AT, "--report", out], input=json.dumps(course), text=True, capture_output=True)
            words = " ".join(parsed(out.read_text()).itertext())
        for shown in ("Allergies: not entered", "Pregnancy: not entered", "Oral iron: not entered", "height not entered"):
            self.assertIn(shown, words)

    def test_a_lab_in_another_unit_is_drawn_in_the_unit_of_the_answer(self):
        course = json.loads(self.text)
        course["events"][0].update(value=89, unit="g/L")
        self.assertIn("8.9 g/dL", plan_page(json.dumps(course)))

    def test_hostile_text_of_a_course_stays_text(self):
        course = json.loads(self.text)
        course["patient"]["id"] = HOSTILE
        page = plan_page(json.dumps(course))
        self.assertEqual(faults_of(page), [])
        self.assertIn(HOSTILE, "".join(parsed(page).itertext()))

    def test_a_refusal_has_a_page_too(self):
        course = json.loads(self.text)
        course["patient"]["allergies"] = [{"to": "iron-dextran", "severity": "serious"}]
        course["events"] = [{"at": "2026-11-02T08:30+01:00", "lab": "hemoglobin", "value": 14.5, "unit": "g/dL"},
                            {"at": "2026-11-02T08:30+01:00", "lab": "ferritin", "value": 250, "unit": "ug/L"},
                            {"at": "2026-11-02T08:30+01:00", "lab": "tsat", "value": 35, "unit": "%"}]
        page = plan_page(json.dumps(course), code=1)
        self.assertEqual(faults_of(page), [])
        self.assertIn("No plan:", page)

    def test_options_instead_of_a_file_give_a_page(self):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "plan.html"
            ask("plan", "--sex", "f", "--age-years", "39", "--weight-kg", "64", "--height-cm", "168", "--hb", "89g/L", "--ferritin", "7", "--tsat", "6",
                "--region", "eu", "--at", AT, "--report", out)
            page = out.read_text()
        self.assertEqual(faults_of(page), [])
        self.assertIn("8.9 g/dL", page)

    def test_it_is_written_whole_or_not_at_all(self):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "plan.html"
            out.write_text("old")
            ask("plan", EXAMPLE, "--region", "eu", "--at", AT, "--report", out)
            self.assertEqual(faults_of(out.read_text()), [])
            self.assertEqual(os.listdir(folder), ["plan.html"])
            self.assertEqual(out.stat().st_mode & 0o077, 0, "a patient's page is for its owner only")
            done = ask("plan", EXAMPLE, "--region", "eu", "--at", AT, "--report", Path(folder) / "none" / "plan.html", code=4)
            self.assertIn("folder that exists", done.stderr)
            done = ask("plan", EXAMPLE, "--region", "eu", "--at", AT, "--report", folder, code=4)
            self.assertIn("is no file", done.stderr)
            self.assertEqual(os.listdir(folder), ["plan.html"])

    def test_a_bad_course_leaves_an_old_page_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "plan.html"
            out.write_text("old")
            ask("plan", "-", "--region", "eu", "--at", AT, "--report", out, stdin="{}", code=3)
            self.assertEqual(out.read_text(), "old")

    def test_the_page_is_never_written_over_its_course(self):
        with tempfile.TemporaryDirectory() as folder:
            course = Path(folder) / "course.json"
            course.write_text(Path(EXAMPLE).read_text())
            before = course.read_bytes()
            done = ask("plan", course, "--region", "eu", "--at", AT, "--report", course, code=2)
            self.assertIn("another name", done.stderr)
            self.assertEqual(course.read_bytes(), before)

    def test_the_same_question_gives_the_same_bytes(self):
        self.assertEqual(self.page, plan_page(self.text))


class ForecastPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.answer, cls.course = sample.answer(), sample.course()
        cls.page = page_of(cls.answer, cls.course)

    def test_it_is_a_good_page_for_a_season_and_for_a_year(self):
        self.assertEqual(faults_of(self.page), [])
        self.assertEqual(faults_of(page_of(sample.answer(52), self.course)), [])

    def test_every_chart_has_a_sentence_and_says_where_its_days_lie(self):
        charts = [s for s in parsed(self.page).iter(SVG + "svg") if "chart" in s.get("class", "")]
        self.assertEqual(len(charts), 4)  # for a wide window, for paper, for a phone; further panels
        for chart in charts:
            self.assertEqual(chart.get("role"), "img")
            self.assertRegex(chart.get("aria-label"), r"9 in 10 fall between .* and ")
            self.assertLess(float(chart.get("data-day0")), float(chart.get("data-day1")))

    def test_every_panel_has_a_table_with_a_row_for_each_point(self):
        found = tables(self.page)
        drawn = {g.get("data-series") for g in parsed(self.page).iter(SVG + "g") if g.get("data-series")}
        self.assertEqual(drawn, set(found) - {"iron", "labs"})
        self.assertTrue({"hemoglobin", "ferritin", "tsat", "phosphate", "drug-iron", "labile-iron", "hepcidin", "reticulocytes", "crp", "irls", "fatigue",
                         "reaction-risk"} <= drawn)
        for name in drawn:
            self.assertEqual(len(found[name].find("tbody").findall("tr")), len(self.answer["series"][name]["t_days"]), name)
        self.assertEqual(len(found["iron"].find("tbody").findall("tr")), 2)
        self.assertEqual(len(found["labs"].find("tbody").findall("tr")), 8 + len(self.answer["calendar"]))

    def test_a_table_tells_the_numbers_of_the_answer(self):
        row = tables(self.page)["hemoglobin"].find("tbody").findall("tr")[-1]
        s = self.answer["series"]["hemoglobin"]
        want = ["week 14", f"{s['p50'][-1]:.1f}", f"{s['p25'][-1]:.1f} to {s['p75'][-1]:.1f}", f"{s['p5'][-1]:.1f} to {s['p95'][-1]:.1f}"]
        self.assertEqual(["".join(c.itertext()) for c in row], want)

    def places(self, page, path_class):
        """Ends of the middle line of the first drawing's first panel, in pixels."""
        panel = next(g for g in parsed(page).iter(SVG + "g") if g.get("data-series") == "hemoglobin")
        return panel, [p for p in panel.iter(SVG + "path") if p.get("class") == path_class]

    def test_the_line_ends_where_the_number_says(self):
        panel, lines = self.places(self.page, "med")
        y0, y1, v0, v1 = (float(panel.get(k)) for k in ("data-y0", "data-y1", "data-v0", "data-v1"))
        start, ways = lines[-1].get("d")[1:].split("l")
        numbers = [float(n) for n in re.findall(r"-?\d*\.?\d+", ways)]
        x, y = map(float, re.findall(r"-?\d*\.?\d+", start))
        x, y = x + sum(numbers[0::2]), y + sum(numbers[1::2])
        last = self.answer["series"]["hemoglobin"]["p50"][-1]
        self.assertAlmostEqual(y, y0 + (last - v0) / (v1 - v0) * (y1 - y0), delta=0.1)
        chart = next(s for s in parsed(self.page).iter(SVG + "svg") if "wide" in s.get("class", ""))
        self.assertAlmostEqual(x, float(chart.get("data-x1")), delta=0.1)

    def test_what_was_measured_is_a_disc_and_what_is_modelled_is_not(self):
        panel, _ = self.places(self.page, "med")
        self.assertEqual(len([c for c in panel.iter(SVG + "circle") if c.get("class") == "pt"]), 2)
        course = copy.deepcopy(self.course)
        course["events"] = [e for e in course["events"] if "lab" not in e]
        panel, _ = self.places(page_of(self.answer, course), "med")
        self.assertEqual([c for c in panel.iter(SVG + "circle")], [])

    def test_a_lab_in_a_unit_that_is_not_the_chart_s_is_not_drawn_on_it(self):
        course = copy.deepcopy(self.course)
        for e in course["events"]:
            if e.get("lab") == "hemoglobin":
                e.update(value=e["value"] * 10, unit="g/L")
        panel, _ = self.places(page_of(self.answer, course), "med")
        self.assertEqual([c for c in panel.iter(SVG + "circle")], [])

    def test_windows_come_from_the_answer(self):
        hatched = lambda page: sorted({r.get("width") for r in parsed(page).iter(SVG + "rect") if r.get("class") == "hatch"})
        before = hatched(self.page)
        self.assertEqual(len(before), 6)  # two windows in three drawings
        answer = copy.deepcopy(self.answer)
        answer["windows"][0]["to_day"] = answer["windows"][1]["from_day"] = 49
        self.assertNotEqual(hatched(page_of(answer, self.course)), before)
        answer["windows"] = []
        self.assertEqual(hatched(page_of(answer, self.course)), [])

    def test_the_known_misses_and_the_unvalidated_are_said(self):
        words = " ".join(parsed(self.page).itertext())
        self.assertIn("Ferritin reads high here, +60 %.", words)
        self.assertIn("model estimate, no published dose-response", words)

    def test_hostile_text_of_an_answer_stays_text(self):
        def poison(x):
            if isinstance(x, dict):
                return {k: v if k in ("at", "t0", "question", "verdict", "t_days", "on") else poison(v) for k, v in x.items()}
            if isinstance(x, list):
                return [poison(v) for v in x]
            return HOSTILE if isinstance(x, str) else x

        answer, course = poison(self.answer), poison(self.course)
        answer["stamp"]["at"] = self.answer["stamp"]["at"]
        self.assertEqual(faults_of(page_of(answer, course)), [])

    def test_an_answer_that_lacks_parts_is_drawn_without_them(self):
        for lost in ("goals", "windows", "chances", "misses", "expectations", "drift", "calendar", "findings", "missing", "confirm", "change"):
            answer = copy.deepcopy(self.answer)
            del answer[lost]
            self.assertEqual(faults_of(page_of(answer, self.course)), [], lost)
        for lost in ("goals", "events", "patient"):
            course = copy.deepcopy(self.course)
            del course[lost]
            self.assertEqual(faults_of(page_of(self.answer, course)), [], lost)
        for name in ("p5", "t_days"):
            answer = copy.deepcopy(self.answer)
            answer["series"]["ferritin"][name] = [1.0]
            self.assertEqual(faults_of(page_of(answer, self.course)), [])

    def test_forty_labs_of_years_do_not_squeeze_the_forecast(self):
        course = copy.deepcopy(self.course)
        old = [{"at": f"20{23 + i // 12:02d}-{1 + i % 12:02d}-03T08:30+01:00", "lab": "hemoglobin", "value": 9 + i % 4, "unit": "g/dL"} for i in range(40)]
        course["events"] = old + course["events"]
        page = page_of(self.answer, course)
        self.assertEqual(faults_of(page), [])
        self.assertIn("earlier lab values are not drawn", page)
        chart = next(s for s in parsed(page).iter(SVG + "svg") if "wide" in s.get("class", ""))
        self.assertGreater(float(chart.get("data-day0")), -40)
        self.assertEqual(len(tables(page)["labs"].find("tbody").findall("tr")), 48 + len(self.answer["calendar"]))

    def test_a_plan_with_a_forecast_has_its_charts(self):
        answer = json.loads(ask("plan", EXAMPLE, "--region", "eu", "--at", AT, "--json").stdout)
        forecast = sample.forecast()
        forecast["t0"] = "2026-11-02T14:05+01:00"
        answer["options"][0]["forecast"] = forecast
        page = page_of(answer, json.loads(EXAMPLE.read_text()))
        self.assertEqual(faults_of(page), [])
        self.assertIn("hemoglobin", tables(page))
        self.assertIn("iron planned", page)
        self.assertNotIn("hemoglobin", tables(page_of(json.loads(ask("plan", EXAMPLE, "--region", "eu", "--at", AT, "--json").stdout), self.course)))


class TradeOff(unittest.TestCase):
    """The page of an optimized plan."""

    @classmethod
    def setUpClass(cls):
        cls.page = plan_page(EXAMPLE.read_text(), "--optimize", "--draws", "60")
        cls.answer = json.loads(ask("plan", EXAMPLE, "--region", "eu", "--at", AT, "--json", "--optimize", "--draws", "60").stdout)
        cls.rows = next(t for t in parsed(cls.page).iter("table") if "trade" in t.get("class", "").split()).find("tbody").findall("tr")

    def option_of(self, way):
        part, i = way["at"][1:].split("/")
        return self.answer[part][int(i)]

    def test_it_is_a_good_page(self):
        self.assertEqual(faults_of(self.page), [])

    def test_every_way_has_a_row_and_every_criterion_a_cell(self):
        ways = self.answer["optimize"]["ways"]
        self.assertEqual([r.findall("th")[1].find("b").text.lower() for r in self.rows], [self.option_of(w)["generic"].lower() for w in ways])
        for r in self.rows:
            self.assertEqual(len(r.findall("td")), len(self.answer["optimize"]["criteria"]))
        self.assertIn("recommended", "".join(self.rows[0].itertext()))

    def test_a_tie_is_a_ring_and_says_so(self):
        for way, r in list(zip(self.answer["optimize"]["ways"], self.rows))[1:]:
            for criterion, cell in zip(self.answer["optimize"]["criteria"], r.findall("td")):
                stands = way["values"][criterion["id"]]["stands"]
                is_tie = stands == "equal" or stands.startswith("tie")
                rings = [c for c in cell.iter(SVG + "circle") if "ring" in c.get("class").split()]
                self.assertEqual((len(rings), "tie" in "".join(cell.itertext())), (int(is_tie), is_tie), stands)
                self.assertEqual(stands in ("better", "worse"), any(w in "".join(cell.itertext()) for w in ("better", "worse")))

    def test_a_plan_that_is_not_optimized_has_none(self):
        self.assertNotIn("The trade-off", plan_page(EXAMPLE.read_text()))


class ForecastText(unittest.TestCase):
    def text_of(self, how):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "answer.json"
            path.write_text(json.dumps(sample.answer()))
            return subprocess.run([REPORT_OF, path, "-", how], capture_output=True, text=True, check=True).stdout

    def test_plain_text_is_plain_and_at_most_100_wide(self):
        text = self.text_of("text")
        self.assertNotIn("\033", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 100)
        self.assertTrue(text.startswith("Hemoglobin 13 is likeliest near week 10. About 6 in 10 reach both goals"))
        for line in text.splitlines():  # pictures are ASCII; words may carry a micro sign
            self.assertNotRegex(line, "[\u2500-\u259f]")

    def test_a_terminal_that_can_gets_blocks(self):
        self.assertRegex(self.text_of("blocks"), "[\u2588]")

    def test_numbers_stand_at_telling_times(self):
        text = self.text_of("text")
        s = sample.answer()["series"]["hemoglobin"]
        for words, day in (("day 0", 0), ("day 7", 7), ("week 4", 28), ("week 12", 84)):
            i = s["t_days"].index(day)
            self.assertRegex(text, rf"(?m)^  {words} +{s['p50'][i]:.1f} \({s['p5'][i]:.1f} to {s['p95'][i]:.1f}\)")


if __name__ == "__main__":
    unittest.main(verbosity=2)
