/* The answer as text for a terminal: one page a question. Nothing is computed here; everything shown stands in the answer. */
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/door.h"
#include "report/page.h"

/* ---- shared parts ---------------------------------------------------------------------------------------------------------- */

static ink ink_of(const char *degree) {
    if (fe__streq(degree, "urgent") || fe__streq(degree, "refusal")) return INK_RED;
    return fe__streq(degree, "caution") ? INK_YELLOW : INK_PLAIN;
}

/* "guideline, 2021; label (from memory)": each citation once, weak ones marked. */
static const char *cites(page *p, const json_t *sources) {
    text t;
    fe__text_init(&t, p->a);
    for (size_t i = 0; i < json_array_size(sources); i++) {
        const json_t *s = json_array_get(sources, i);
        const char *words = fe__js(s, "cite"), *how = fe__js(s, "verified"), *old = fe__js(s, "last_read");
        if (t.n && strstr(t.s, words)) continue;
        fe__text_addf(&t, "%s%s [%s%s%s%s]", t.n ? "; " : "", words, fe__js(s, "id"),
                      fe__streq(how, "memory")    ? ", unverified"
                      : fe__streq(how, "project") ? ", project choice"
                                                  : "",
                      *old ? ", last read " : "", old);
    }
    return t.n ? t.s : "";
}

/* Ids alone, for what is only said for information: `ferrule guidance ID` and --json say the rest. */
static const char *source_ids(page *p, const json_t *sources) {
    text t;
    fe__text_init(&t, p->a);
    for (size_t i = 0; i < json_array_size(sources); i++) {
        const json_t *s = json_array_get(sources, i);
        fe__text_addf(&t, "%s%s%s", i ? ", " : "", fe__js(s, "id"),
                      fe__streq(fe__js(s, "verified"), "memory") ? " (unverified)" : "");
    }
    return t.n ? t.s : "";
}

static const char *reasons(page *p, const json_t *because) {
    text t;
    fe__text_init(&t, p->a);
    for (size_t i = 0; i < json_array_size(because); i++)
        fe__text_addf(&t, "%s%s", i ? "; " : "", fe__js(json_array_get(because, i), "fact"));
    return t.n ? t.s : "";
}

void fe__page_findings(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "findings");
    if (json_array_size(list) == 0) return;
    fe__page_heading(p, "Findings");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *f = json_array_get(list, i);
        if (fe__streq(fe__js(f, "id"), "not-a-device")) continue; /* said at the foot of the page */
        const char *degree = fe__js(f, "level"), *why = reasons(p, json_object_get(f, "because"));
        fe__page_paragraph(p, fe__printf(p->a, "  %-8s", fe__streq(degree, "info") ? "" : degree), ink_of(degree),
                           fe__js(f, "text"));
        if (*why) fe__page_paragraph(p, "            because ", INK_DIM, why);
        const char *from =
            fe__streq(degree, "info") ? source_ids(p, json_object_get(f, "sources")) : cites(p, json_object_get(f, "sources"));
        if (*from) fe__page_paragraph(p, "            source  ", INK_DIM, from);
    }
}

void fe__page_missing(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "missing"), *asked = json_object_get(root, "confirm");
    if (json_array_size(list)) {
        fe__page_heading(p, "Missing, most telling first");
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *m = json_array_get(list, i);
            double changes = fe__jn(m, "changes"), turn = fe__jn(m, "turning_value");
            fe__page_paragraph(
                p, fe__printf(p->a, "  %-14s ", fe__js(m, "item")), INK_BOLD,
                fe__printf(p->a, "%s%s%s. %s",
                           changes > 0
                               ? fe__printf(p->a, "changes the answer in %s %% of its usual range", fe__num(p, changes * 100, 0))
                               : "does not change this answer",
                           isnan(turn) ? "" : "; turns at ", isnan(turn) ? "" : fe__num(p, turn, 2), fe__js(m, "how_to_get")));
        }
        const char *assumes = fe__js(root, "missing_assumes");
        if (*assumes) fe__page_paragraph(p, "  ", INK_PLAIN, assumes);
    }
    if (json_array_size(asked)) fe__page_heading(p, "Is this right?");
    for (size_t i = 0; i < json_array_size(asked); i++)
        fe__page_paragraph(p, "  ", INK_PLAIN, fe__js(json_array_get(asked, i), "text"));
}

void fe__page_stamp(page *p, const json_t *root) {
    const json_t *s = json_object_get(root, "stamp");
    const char *model = fe__js(s, "model"), *hash = fe__js(s, "input_sha256"), *settings = fe__js(s, "site"),
               *region = fe__js(s, "region"), *name = fe__js(s, "site_name");
    bool clock = json_is_true(json_object_get(s, "at_from_clock"));
    fe__page_blank(p);
    fe__page_paragraph(p, "", INK_PLAIN,
                       fe__printf(p->a, "Ferrule %s, knowledge %s, %s%s%s%s, at %s%s%s%.12s%s%.12s%s%s.", fe__js(s, "program"),
                                  fe__js(s, "knowledge"), *model ? "model " : "no model", model, *region ? ", region " : "",
                                  region, fe__js(s, "at"), clock ? " (clock)" : "", *hash ? ", input " : "", hash,
                                  *settings ? ", site " : "", settings, *name ? " " : "", name));
    const json_t *accepted = json_object_get(s, "accepted");
    for (size_t i = 0; i < json_array_size(accepted); i++)
        fe__page_paragraph(p, "Accepted: ", INK_YELLOW,
                           fe__printf(p->a, "%s, because %s", fe__js(json_array_get(accepted, i), "rule"),
                                      fe__js(json_array_get(accepted, i), "because")));
    if (json_array_size(json_object_get(s, "off_label")))
        fe__page_paragraph(p, "Off-label regimens switched on: ", INK_YELLOW, fe__list(p, json_object_get(s, "off_label")));
    fe__page_paragraph(p, "", INK_PLAIN, "Decision support. No medical device; not for use without a clinician, who decides.");
}

static void verdict_line(page *p, const char *question, const json_t *root) {
    const char *v = fe__js(root, "verdict");
    bool good =
        fe__streq(v, "indicated") || fe__streq(v, "planned") || fe__streq(v, "within-label") || fe__streq(v, "calculated");
    fe__page_paragraph(p, fe__printf(p->a, "%s: %s", question, v), good ? INK_GREEN : INK_RED, "");
}

/* ---- faults -------------------------------------------------------------------------------------------------------------------- */

void fe__page_faults(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "faults");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *f = json_array_get(list, i);
        const char *hint = fe__js(f, "hint"), *at = fe__js(f, "at");
        fe__page_paragraph(
            p, fe__printf(p->a, "%s: %s: ", fe__js(f, "file"), *at ? at : "whole file"), INK_RED,
            fe__printf(p->a, "expected %s, found %s%s%s", fe__js(f, "expected"), fe__js(f, "found"), *hint ? ". " : "", hint));
    }
    double more = fe__jn(root, "faults_not_shown");
    if (more > 0) fe__page_paragraph(p, "", INK_PLAIN, fe__printf(p->a, "and %s more", fe__num(p, more, 0)));
}

/* ---- one infusion ---------------------------------------------------------------------------------------------------------------- */

static const char *vials_words(page *p, const json_t *i) {
    text t;
    fe__text_init(&t, p->a);
    const json_t *list = json_object_get(i, "vials");
    for (size_t k = 0; k < json_array_size(list); k++) {
        const json_t *v = json_array_get(list, k);
        fe__text_addf(&t, "%s%s x %s mg", k ? " + " : "", fe__num(p, fe__jn(v, "count"), 0), fe__num(p, fe__jn(v, "mg"), 1));
    }
    double rest = fe__jn(i, "discard_mg"), cost = fe__jn(i, "cost");
    fe__text_addf(&t, ", discard %s mg", fe__num(p, rest, 1));
    const char *currency = fe__js(i, "currency");
    if (!isnan(cost)) fe__text_addf(&t, ", cost %s%s%s", fe__num(p, cost, 2), *currency ? " " : "", currency);
    return t.s;
}

static const char *bag_words(page *p, const json_t *i) {
    double bag = fe__jn(i, "bag_ml");
    const char *drug = fe__num(p, fe__jn(i, "drug_ml"), 2);
    if (isnan(bag)) return fe__printf(p->a, "%s mL undiluted, by %s", drug, fe__js(i, "route"));
    const char *how = json_is_true(json_object_get(i, "bag_is_final")) ? "in a final volume of" : "added to";
    const char *withdraw =
        json_is_true(json_object_get(i, "bag_is_final")) ? " (withdraw the drug volume from the bag first)" : "";
    return fe__printf(p->a, "%s mL %s %s mL of %s%s, %s mg/mL", drug, how, fe__num(p, bag, 0), fe__js(i, "diluent"), withdraw,
                      fe__num(p, fe__jn(i, "final_mg_per_ml"), 2));
}

static void stages_lines(page *p, const json_t *i) {
    const json_t *list = json_object_get(i, "stages");
    for (size_t k = 0; json_array_size(list) > 1 && k < json_array_size(list); k++) {
        const json_t *s = json_array_get(list, k);
        fe__page_pair(p, fe__printf(p->a, "  part %zu", k + 1), 12,
                      fe__printf(p->a, "%s mg, %s mL in %s min, %s mL/h", fe__num(p, fe__jn(s, "mg"), 1),
                                 fe__num(p, fe__jn(s, "ml"), 1), fe__num(p, fe__jn(s, "minutes"), 0),
                                 fe__num(p, fe__jn(s, "ml_per_h"), 1)));
    }
}

void fe__page_infusion(page *p, const json_t *i) {
    double test = fe__jn(i, "test_dose_mg");
    const char *timing = fe__js(i, "timing"), *on = fe__js(i, "on");
    fe__page_paragraph(p,
                       fe__printf(p->a, "  %s%s%s%s mg  ", on,
                                  *on ? fe__printf(p->a, " (day %s)", fe__num(p, fe__jn(i, "day"), 0)) : "", *on ? "  " : "",
                                  fe__num(p, fe__jn(i, "dose_mg"), 1)),
                       INK_BOLD, fe__js(i, "product"));
    fe__page_pair(p, "  vials", 12, vials_words(p, i));
    fe__page_pair(p, "  prepare", 12, bag_words(p, i));
    fe__page_pair(p, "  run", 12,
                  fe__printf(p->a, "%s min, %s mL/h (%s mg/min)%s%s", fe__num(p, fe__jn(i, "minutes"), 1),
                             fe__num(p, fe__jn(i, "ml_per_h"), 0), fe__num(p, fe__jn(i, "mg_per_min"), 1), *timing ? "; " : "",
                             timing));
    stages_lines(p, i);
    double wait = fe__jn(i, "test_wait_minutes");
    if (isnan(test) && !isnan(wait))
        fe__page_pair(p, "", 12, fe__printf(p->a, "wait %s min after part 1, then the rest", fe__num(p, wait, 0)));
    if (!isnan(test))
        fe__page_pair(p, "  test dose", 12,
                      fe__printf(p->a, "%s mg (%s mL) over at least %s s, then wait %s min; tolerating it is no assurance",
                                 fe__num(p, test, 1), fe__num(p, fe__jn(i, "test_dose_ml"), 2),
                                 fe__num(p, fe__jn(i, "test_seconds"), 0), fe__num(p, fe__jn(i, "test_wait_minutes"), 0)));
    const json_t *notes = json_object_get(i, "notes");
    for (size_t k = 0; k < json_array_size(notes); k++) {
        const json_t *n = json_array_get(notes, k);
        fe__page_pair(p, k ? "" : "  label says", 12, fe__printf(p->a, "%s [%s]", fe__js(n, "text"), fe__js(n, "id")));
    }
    fe__page_pair(p, "  watch", 12,
                  fe__printf(p->a, "observe %s min after the end", fe__num(p, fe__jn(i, "observe_minutes"), 0)));
}

/* ---- limits ------------------------------------------------------------------------------------------------------------------------ */

static const char *side(page *p, const json_t *l, const char *key) {
    const json_t *v = json_object_get(l, key);
    return json_is_string(v) ? json_string_value(v) : fe__num(p, fe__jn(l, key), 2);
}

static void limits_lines(page *p, const json_t *list) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *l = json_array_get(list, i);
        bool kept = json_is_true(json_object_get(l, "kept"));
        if (kept) continue;
        fe__page_paragraph(p, fe__printf(p->a, "  %-8s", fe__streq(fe__js(l, "kind"), "label") ? "broken" : "caution"),
                           kept ? INK_PLAIN : INK_RED,
                           fe__printf(p->a, "%s: limit %s %s, here %s [%s]", fe__js(l, "rule"), side(p, l, "limit"),
                                      fe__js(l, "unit"), side(p, l, "value"), fe__js(l, "source")));
    }
}

static void limits_summary(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "limits"), *unchecked = json_object_get(root, "unchecked");
    fe__page_heading(p, "Limits");
    limits_lines(p, list);
    fe__page_paragraph(p, "  ", INK_PLAIN, fe__printf(p->a, "%zu limits tried.", json_array_size(list)));
    if (json_array_size(unchecked))
        fe__page_pair(p, "not tried", 10, fe__printf(p->a, "%s (not said, or no patient)", fe__list(p, unchecked)));
}

static void allowed_lines(page *p, const json_t *root) {
    const json_t *a = json_object_get(root, "allowed");
    if (!json_is_object(a)) return;
    fe__page_heading(p, "The label allows for this dose");
    fe__page_pair(p, "dose", 10, fe__printf(p->a, "at most %s mg", fe__num(p, fe__jn(a, "dose_mg_max"), 0)));
    if (!isnan(fe__jn(a, "bag_ml_max")) || json_array_size(json_object_get(a, "diluents")))
        fe__page_pair(p, "bag", 10,
                      fe__printf(p->a, "%s to %s mL, %s to %s mg/mL, %s", fe__num(p, fe__jn(a, "bag_ml_min"), 0),
                                 fe__num(p, fe__jn(a, "bag_ml_max"), 0), fe__num(p, fe__jn(a, "final_mg_per_ml_min"), 2),
                                 fe__num(p, fe__jn(a, "final_mg_per_ml_max"), 2), fe__list(p, json_object_get(a, "diluents"))));
    fe__page_pair(p, "time", 10,
                  fe__printf(p->a, "at least %s min; slower is acceptable", fe__num(p, fe__jn(a, "minutes_min"), 1)));
}

/* ---- assess ---------------------------------------------------------------------------------------------------------------------------- */

static void products_lines(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "products");
    fe__page_heading(p, "Products");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        bool fits = json_is_true(json_object_get(x, "fits"));
        fe__page_paragraph(p, fe__printf(p->a, "  %-3s %-16s ", fits ? "yes" : "no", fe__js(x, "product")),
                           fits ? INK_GREEN : INK_RED, fe__js(x, "because"));
    }
}

static void indications_lines(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "indications");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i), *h = json_object_get(x, "holds");
        if (i == 0) fe__page_heading(p, "Indications");
        fe__page_paragraph(p,
                           fe__printf(p->a, "  %-9s",
                                      json_is_null(h)   ? "unknown"
                                      : json_is_true(h) ? "holds"
                                                        : "no"),
                           INK_PLAIN,
                           fe__printf(p->a, "%s (%s) [%s]", fe__js(x, "id"), fe__js(x, "strength"), fe__js(x, "rule")));
    }
}

void fe__page_assess(page *p, const json_t *root) {
    verdict_line(p, "Iron by vein", root);
    if (json_array_size(json_object_get(root, "routes")))
        fe__page_pair(p, "route", 10, fe__list(p, json_object_get(root, "routes")));
    if (json_is_true(json_object_get(root, "transfusion_question")))
        fe__page_paragraph(p, "  First: ", INK_RED, "is a transfusion needed today? Review before any iron plan.");
    fe__page_findings(p, root);
    fe__page_missing(p, root);
    indications_lines(p, root);
    products_lines(p, root);
    if (json_array_size(json_object_get(root, "checklist")))
        fe__page_pair(p, "still to ask", 12, fe__list(p, json_object_get(root, "checklist")));
    fe__page_stamp(p, root);
}

/* ---- plan -------------------------------------------------------------------------------------------------------------------------------- */

static void option_lines(page *p, const json_t *o) {
    fe__page_paragraph(p,
                       fe__printf(p->a, "%s (%s)%s  ", fe__js(o, "product"), fe__js(o, "generic"),
                                  json_is_true(json_object_get(o, "off_label")) ? " OFF-LABEL" : ""),
                       INK_BOLD, fe__js(o, "why"));
    const char *formula = fe__js(o, "formula");
    fe__page_pair(p, "need", 12,
                  fe__printf(p->a, "%s mg%s%s; planned %s mg in %s visit(s)", fe__num(p, fe__jn(o, "need_mg"), 0),
                             *formula ? " = " : "", formula, fe__num(p, fe__jn(o, "total_mg"), 0),
                             fe__num(p, fe__jn(o, "visits"), 0)));
    if (json_array_size(json_object_get(o, "cautions")))
        fe__page_pair(p, "cautions", 12, fe__list(p, json_object_get(o, "cautions")));
    const json_t *list = json_object_get(o, "infusions");
    for (size_t i = 0; i < json_array_size(list); i++) fe__page_infusion(p, json_array_get(list, i));
    fe__page_pair(p, "limits", 12,
                  fe__printf(p->a, "%zu tried by the verifier, none broken", json_array_size(json_object_get(o, "limits"))));
    limits_lines(p, json_object_get(o, "limits"));
}

/* Other options on one line each. */
static void others_lines(page *p, const json_t *root) {
    const json_t *options = json_object_get(root, "options"), *others = json_object_get(root, "excluded");
    if (json_array_size(options) > 1) fe__page_heading(p, "Other products that fit");
    for (size_t i = 1; i < json_array_size(options); i++) {
        const json_t *o = json_array_get(options, i);
        fe__page_paragraph(p, fe__printf(p->a, "  %-16s ", fe__js(o, "product")), INK_BOLD, fe__js(o, "why"));
    }
    if (json_array_size(others)) fe__page_heading(p, "Not chosen");
    for (size_t i = 0; i < json_array_size(others); i++) {
        const json_t *x = json_array_get(others, i);
        fe__page_paragraph(p, fe__printf(p->a, "  %-16s ", fe__js(x, "product")), INK_BOLD,
                           fe__printf(p->a, "%s [%s]", fe__js(x, "because"), fe__js(x, "rule")));
    }
}

static void calendar_lines(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "calendar");
    if (json_array_size(list)) fe__page_heading(p, "Look again");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        fe__page_paragraph(
            p, fe__printf(p->a, "  %s (day %s)  ", fe__js(x, "on"), fe__num(p, fe__jn(x, "day"), 0)), INK_PLAIN,
            fe__printf(p->a, "%s: %s [%s]", fe__list(p, json_object_get(x, "take")), fe__js(x, "why"), fe__js(x, "rule")));
    }
}

static void sheet_lines(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "patient_sheet");
    if (json_array_size(list)) fe__page_heading(p, "For the patient");
    for (size_t i = 0; i < json_array_size(list); i++)
        fe__page_paragraph(p, "  - ", INK_PLAIN, fe__js(json_array_get(list, i), "text"));
}

static const char *sentences(page *p, const json_t *root, const json_t *ids) {
    const json_t *words = json_object_get(root, "words");
    text t;
    fe__text_init(&t, p->a);
    for (size_t i = 0; i < json_array_size(ids); i++)
        fe__text_addf(&t, "%s%s", i ? "; " : "", fe__js(words, json_string_value(json_array_get(ids, i))));
    return t.n ? t.s : "";
}

void fe__page_plan(page *p, const json_t *root) {
    const json_t *options = json_object_get(root, "options"), *check = json_object_get(root, "cross_check");
    verdict_line(p, "Plan", root);
    if (json_is_true(json_object_get(root, "transfusion_question")))
        fe__page_paragraph(p, "  First: ", INK_RED, "is a transfusion needed today? Review before any iron plan.");
    fe__page_blank(p);
    if (json_array_size(options)) option_lines(p, json_array_get(options, 0));
    double differs = fe__jn(check, "differs_mg");
    if (!isnan(fe__jn(check, "total_mg")))
        fe__page_pair(p, "cross-check", 12,
                      fe__printf(p->a, "Ganzoni %s mg%s", fe__num(p, fe__jn(check, "total_mg"), 0),
                                 isnan(differs) ? "" : fe__printf(p->a, " (differs by %s mg)", fe__num(p, differs, 0))));
    if (json_array_size(options)) {
        const json_t *first = json_array_get(json_object_get(json_array_get(options, 0), "infusions"), 0);
        const json_t *offered = json_object_get(root, "premedication_options");
        fe__page_pair(p, "setting", 12, sentences(p, root, json_object_get(root, "setup")));
        fe__page_pair(p, "before", 12, sentences(p, root, json_object_get(first, "checks")));
        fe__page_pair(p, "vitals", 12, sentences(p, root, json_object_get(first, "vitals")));
        fe__page_pair(p, "premedicate", 12, "none by routine; never diphenhydramine");
        for (size_t i = 0; i < json_array_size(offered); i++)
            fe__page_pair(p, "", 12, fe__js(json_array_get(offered, i), "text"));
    }
    fe__page_trade(p, root);
    fe__page_plan_forecast(p, root);
    others_lines(p, root);
    fe__page_findings(p, root);
    fe__page_missing(p, root);
    calendar_lines(p, root);
    sheet_lines(p, root);
    fe__page_stamp(p, root);
}

/* ---- check, prepare, deficit ----------------------------------------------------------------------------------------------------------------- */

static void corrected_lines(page *p, const json_t *root) {
    const json_t *list = json_object_get(json_object_get(root, "corrected"), "infusions");
    if (json_array_size(list)) fe__page_heading(p, "The nearest order that keeps every limit");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        double bag = fe__jn(x, "bag_ml");
        fe__page_paragraph(p, "  ", INK_PLAIN,
                           fe__printf(p->a, "%s %s mg %s by %s%s%s, %s min", fe__js(x, "product"),
                                      fe__num(p, fe__jn(x, "dose_mg"), 1), fe__js(x, "on"), fe__js(x, "route"),
                                      isnan(bag) ? "" : " in mL: ", isnan(bag) ? "" : fe__num(p, bag, 0),
                                      fe__num(p, fe__jn(x, "minutes"), 1)));
    }
}

void fe__page_check(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "infusions");
    verdict_line(p, "Order", root);
    fe__page_blank(p);
    for (size_t i = 0; i < json_array_size(list); i++) fe__page_infusion(p, json_array_get(list, i));
    limits_summary(p, root);
    corrected_lines(p, root);
    allowed_lines(p, root);
    fe__page_findings(p, root);
    fe__page_missing(p, root);
    fe__page_stamp(p, root);
}

void fe__page_prepare(page *p, const json_t *root) {
    verdict_line(p, "Preparation", root);
    fe__page_blank(p);
    fe__page_infusion(p, json_object_get(root, "preparation"));
    allowed_lines(p, root);
    limits_summary(p, root);
    fe__page_findings(p, root);
    fe__page_missing(p, root);
    fe__page_stamp(p, root);
}

void fe__page_deficit(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "cross_checks");
    double ml = fe__jn(root, "volume_ml"), kg = fe__jn(root, "weight_used_kg");
    verdict_line(p, "Iron need", root);
    fe__page_paragraph(p, fe__printf(p->a, "  %s mg  ", fe__num(p, fe__jn(root, "total_mg"), 0)), INK_BOLD,
                       fe__printf(p->a, "by %s: %s%s%s%s", fe__js(root, "method"), fe__js(root, "formula"), isnan(ml) ? "" : ", ",
                                  isnan(ml) ? "" : fe__num(p, ml, 2), isnan(ml) ? "" : " mL"));
    fe__page_pair(p, "weight", 10, fe__printf(p->a, "%s kg (%s)", fe__num(p, kg, 1), fe__js(root, "weight_basis")));
    fe__page_pair(p, "stores", 10,
                  json_is_true(json_object_get(root, "includes_stores")) ? "included" : "not included: not a total");
    for (size_t i = 0; i < json_array_size(list); i++)
        fe__page_pair(p, i ? "" : "others", 10,
                      fe__printf(p->a, "%s %s mg", fe__js(json_array_get(list, i), "method"),
                                 fe__num(p, fe__jn(json_array_get(list, i), "total_mg"), 0)));
    fe__page_findings(p, root);
    fe__page_missing(p, root);
    fe__page_stamp(p, root);
}

/* ---- knowledge ---------------------------------------------------------------------------------------------------------------------------------- */

static void limit_rows(page *p, const json_t *list, const char *indent) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *l = json_array_get(list, i), *v = json_object_get(l, "value");
        const char *value = json_is_array(v) ? fe__list(p, v) : json_is_null(v) ? "none set" : fe__num(p, fe__jn(l, "value"), 2);
        double above = fe__jn(l, "dose_mg_above"), most = fe__jn(l, "dose_mg_max");
        const char *range = isnan(above) && isnan(most) ? ""
                            : isnan(above)              ? fe__printf(p->a, " to %s mg", fe__num(p, most, 0))
                                           : fe__printf(p->a, " over %s to %s mg", fe__num(p, above, 0), fe__num(p, most, 0));
        fe__page_paragraph(p, fe__printf(p->a, "%s%-24s", indent, fe__js(l, "what")), INK_PLAIN,
                           fe__printf(p->a, "%s %s%s, %s [%s%s] %s", value,
                                      fe__streq(fe__js(l, "unit"), "1") ? "" : fe__js(l, "unit"), range, fe__js(l, "kind"),
                                      fe__js(l, "id"), fe__streq(fe__js(l, "verified"), "memory") ? ", unverified" : "",
                                      fe__js(l, "text")));
    }
}

static void product_whole(page *p, const json_t *x) {
    const json_t *gates = json_object_get(x, "gates"), *methods = json_object_get(x, "methods");
    fe__page_paragraph(p, "  for ", INK_DIM, fe__list(p, json_object_get(x, "indications")));
    fe__page_heading(p, "Every dose");
    limit_rows(p, json_object_get(x, "limits"), "  ");
    fe__page_heading(p, "Gates");
    for (size_t i = 0; i < json_array_size(gates); i++) {
        const json_t *g = json_array_get(gates, i);
        fe__page_paragraph(p, fe__printf(p->a, "  %-10s", fe__js(g, "action")), INK_PLAIN,
                           fe__printf(p->a, "%s: %s [%s, %s%s]", fe__js(g, "when"), fe__js(g, "text"), fe__js(g, "id"),
                                      fe__js(g, "kind"), fe__streq(fe__js(g, "verified"), "memory") ? ", unverified" : ""));
    }
    for (size_t i = 0; i < json_array_size(methods); i++) {
        const json_t *m = json_array_get(methods, i), *routes = json_object_get(m, "routes");
        fe__page_heading(p, fe__printf(p->a, "%s: %s (%s%s%s)", fe__js(m, "id"), fe__js(m, "title"), fe__js(m, "basis"),
                                       json_is_true(json_object_get(m, "off_label")) ? ", OFF-LABEL" : "",
                                       json_is_true(json_object_get(m, "enabled")) ? "" : ", switched off"));
        limit_rows(p, json_object_get(m, "limits"), "  ");
        for (size_t r = 0; r < json_array_size(routes); r++) {
            fe__page_paragraph(p, "  by ", INK_DIM, fe__js(json_array_get(routes, r), "route"));
            limit_rows(p, json_object_get(json_array_get(routes, r), "limits"), "    ");
        }
    }
}

void fe__page_products(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "products");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        bool whole = json_is_array(json_object_get(x, "gates"));
        fe__page_paragraph(p, fe__printf(p->a, "%-16s ", fe__js(x, "id")), INK_BOLD,
                           fe__printf(p->a, "%s, %s, region %s, %s mg/mL, label %s", fe__js(x, "brand"), fe__js(x, "generic"),
                                      fe__js(x, "region"), fe__num(p, fe__jn(x, "mg_per_ml"), 1), fe__js(x, "label_revision")));
        if (whole) product_whole(p, x);
        else fe__page_paragraph(p, "                 ", INK_PLAIN, fe__list(p, json_object_get(x, "methods")));
    }
    fe__page_stamp(p, root);
}

void fe__page_guidance(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "guidance");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *g = json_array_get(list, i);
        fe__page_paragraph(p, fe__printf(p->a, "%-8s %-14s ", fe__js(g, "id"), fe__js(g, "topic")), INK_BOLD,
                           fe__js(g, "statement"));
        fe__page_paragraph(p, "                        ", INK_DIM,
                           fe__printf(p->a, "when: %s. %s (%s, last read %s%s)", fe__js(g, "applies_when"), fe__js(g, "cite"),
                                      fe__js(g, "verified"), fe__js(g, "last_read"),
                                      json_is_true(json_object_get(g, "weak")) ? "; weak" : ""));
    }
    fe__page_stamp(p, root);
}

/* ---- the door ---------------------------------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *question;
    void (*write)(page *p, const json_t *root);
} pages[] = {{"assess", fe__page_assess},     {"plan", fe__page_plan},           {"check", fe__page_check},
             {"prepare", fe__page_prepare},   {"deficit", fe__page_deficit},     {"forecast", fe__page_forecast},
             {"products", fe__page_products}, {"guidance", fe__page_guidance},   {"simulate", fe__page_simulate},
             {"fit", fe__page_fit},           {"interpret", fe__page_interpret}, {"validate", fe__page_validate},
             {"infuse", fe__page_infuse}};

const char *fe_answer_text(fe_answer *x, int columns, int style) {
    if (x->text) return x->text;
    arena *a = fe__arena_new(0);
    if (!a) return NULL;
    if (setjmp(*fe__arena_escape(a))) {
        fe__arena_free(a);
        return NULL;
    }
    page p = {
        .a = a, .columns = columns >= 40 ? columns : 100, .colors = (style & FE_COLORS) != 0, .drawn = (style & FE_BLOCKS) != 0};
    fe__text_init(&p.t, a);
    const char *question = fe__js(x->root, "question");
    bool is_of_data = json_object_get(x->root, "patients") != NULL;
    if (json_object_get(x->root, "faults")) fe__page_faults(&p, x->root);
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        if (!is_of_data && fe__streq(pages[i].question, question)) pages[i].write(&p, x->root);
    if (is_of_data) fe__page_data(&p, x->root);
    x->text = malloc(p.t.n + 1);
    if (x->text) memcpy(x->text, p.t.s ? p.t.s : "", p.t.n + 1);
    fe__arena_free(a);
    return x->text;
}
