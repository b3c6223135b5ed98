/* The sheet that a patient takes home: one page of paper, the clinic's block and room for signatures at its foot. Its sentences are the
 * answer's; what stands here is where each goes. */
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "report/html.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/say.h"

typedef enum place { EXPECT, DURING, HOME, EMERGENCY } place;

/* Sentences whose id is not listed are for home. */
static const struct {
    const char *id;
    place where;
} places[] = {{"sheet-what-is-given", EXPECT},     {"sheet-ferritin-will-be-high", EXPECT}, {"sheet-when-better", EXPECT},
              {"sheet-oral-alternatives", EXPECT}, {"sheet-tell-at-once", DURING},          {"sheet-staining", DURING},
              {"sheet-warning-signs", EMERGENCY}};

static place place_of(const char *id) {
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (fe__streq(places[i].id, id)) return places[i].where;
    return HOME;
}

static void lines(report *r, place where, const char *tag) {
    const json_t *list = json_object_get(r->root, "patient_sheet");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        if (place_of(fe__js(x, "id")) == where) fe__html(&r->t, "<%S>%s</%S>", tag, fe__js(x, "text"), tag);
    }
}

static const char *weekday(report *r, const char *on) {
    double s;
    return fe__moment(on, r->zone_min, &s) ? fe__say_weekday(r->a, fe__day_of(s, r->zone_min), r->today) : on;
}

/* "Blood test: hemoglobin, ferritin"; what is asked rather than measured stands by itself. */
static const char *visit_words(report *r, const json_t *take) {
    text t;
    fe__text_init(&t, r->a);
    for (size_t i = 0; i < json_array_size(take); i++) {
        const char *id = json_string_value(json_array_get(take, i));
        if (fe__streq(id, "symptoms")) fe__text_addf(&t, "%sHow you feel", t.n ? "; " : "");
        else fe__text_addf(&t, "%s%s", t.n ? ", " : "Blood test: ", fe__quantity(r->a, id ? id : "")->title);
    }
    return t.n ? t.s : "";
}

static void visits(report *r) {
    const json_t *list = json_object_get(r->chosen, "infusions"), *calendar = json_object_get(r->root, "calendar");
    fe__html(&r->t,
             "<h2>Your visits</h2><table class=\"v\"><thead><tr><th>When</th><th>What</th><th>How long</th></tr></thead><tbody>");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        fe__html(&r->t,
                 "<tr><td class=\"nb\"><b>%s</b></td><td><b>%s mg</b> iron into a vein (%s)</td><td>%s minutes, then %s minutes "
                 "of watching</td></tr>",
                 weekday(r, fe__js(x, "on")), fe__say_number(r->a, fe__jn(x, "dose_mg"), 1), fe__js(r->chosen, "generic"),
                 fe__say_number(r->a, fe__jn(x, "minutes"), 0), fe__say_number(r->a, fe__jn(x, "observe_minutes"), 0));
    }
    for (size_t i = 0; i < json_array_size(calendar); i++) {
        const json_t *x = json_array_get(calendar, i), *before = i ? json_array_get(calendar, i - 1) : NULL;
        bool same = fe__streq(fe__js(before, "on"), fe__js(x, "on"));
        fe__html(&r->t, "<tr%S><td class=\"nb\">%s</td><td>%s</td><td></td></tr>", same ? " class=\"same\"" : "",
                 same ? "" : weekday(r, fe__js(x, "on")), visit_words(r, json_object_get(x, "take")));
    }
    fe__html(&r->t, "</tbody></table>");
}

static void clinic(report *r) {
    const json_t *p = json_object_get(r->course, "patient"), *list = json_object_get(r->chosen, "infusions"),
                 *events = json_object_get(r->course, "events");
    fe__html(&r->t, "<div class=\"clin\"><p><b>For the clinic.</b> ");
    if (!isnan(fe__jn(p, "weight_kg"))) fe__html(&r->t, "%s kg. ", fe__say_number(r->a, fe__jn(p, "weight_kg"), 1));
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *e = json_array_get(events, i);
        if (*fe__js(e, "lab") && !isnan(fe__jn(e, "value")))
            fe__html(&r->t, "%s %s%s %s (%s). ", fe__quantity(r->a, fe__js(e, "lab"))->brief, fe__js(e, "comparator"),
                     fe__say_number(r->a, fe__jn(e, "value"), 3), fe__say_unit(r->a, fe__js(e, "unit")),
                     fe__day_words(r, fe__js(e, "at")));
    }
    fe__html(&r->t, "Need %s mg by %s. %s: ", fe__say_number(r->a, fe__jn(r->chosen, "need_mg"), 0), fe__js(r->chosen, "title"),
             fe__js(r->chosen, "brand"));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        fe__html(&r->t, "%S%s: %s mL", i ? "; " : "", fe__day_words(r, fe__js(x, "on")),
                 fe__say_number(r->a, fe__jn(x, "drug_ml"), 2));
        if (!isnan(fe__jn(x, "bag_ml")))
            fe__html(&r->t, " in %s mL %s", fe__say_number(r->a, fe__jn(x, "bag_ml"), 0), fe__word(r, fe__js(x, "diluent")));
        fe__html(&r->t, " at %s mL/h", fe__say_number(r->a, fe__jn(x, "ml_per_h"), 0));
    }
    fe__html(&r->t,
             ". %s limits checked by an independent verifier, %d broken.</p><div class=\"sign\"><span>Prescriber, "
             "date</span><span>Checked by, date</span><span>Given by, lot</span></div></div>",
             fe__say_number(r->a, fe__jn(json_object_get(r->root, "verified"), "limits"), 0),
             (int)json_array_size(json_object_get(json_object_get(r->root, "verified"), "broken")));
}

void fe__plan_sheet(report *r) {
    const json_t *p = json_object_get(r->course, "patient"), *s = json_object_get(r->root, "stamp");
    const char *id = fe__js(p, "id");
    double chance;
    const char *goal = fe__goal_sentence(r, &chance);
    if (json_array_size(json_object_get(r->root, "patient_sheet")) == 0) return;
    fe__html(&r->t,
             "<section class=\"home\" aria-label=\"Sheet for the patient\"><div class=\"hd\"><span "
             "class=\"brand\">%SFerrule</span><span>Printed %s%s%s</span></div><h1>Your iron treatment</h1>",
             fe__mark_svg, fe__say_day(r->a, r->today, 0), *id ? " for " : "", id);
    visits(r);
    fe__html(&r->t, "<h2>What to expect</h2>");
    lines(r, EXPECT, "p");
    if (!isnan(chance)) fe__html(&r->t, "<p>Of people like you: %s</p>", goal);
    fe__html(&r->t, "<div class=\"cols\"><div><h2>During the infusion, say at once</h2><ul>");
    lines(r, DURING, "li");
    fe__html(&r->t, "</ul></div><div><h2>At home</h2><ul>");
    lines(r, HOME, "li");
    fe__html(
        &r->t,
        "</ul><p>Clinic: ____________________</p></div></div><div class=\"now-box\"><b>Call emergency services now</b><div>");
    lines(r, EMERGENCY, "p");
    fe__html(&r->t, "</div></div>");
    clinic(r);
    fe__html(&r->t, "<p class=\"ff\">%s Ferrule %s, knowledge %s, labels of %s.</p></section>\n", fe__disclaimer,
             fe__js(s, "program"), fe__js(s, "knowledge"), fe__say_capitals(r->a, fe__js(s, "region")));
}
