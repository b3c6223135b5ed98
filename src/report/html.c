/* The frame of the page: head, patient band, foot; see html.h. */
#include "report/html.h"

#include <math.h>

#include "base/date.h"
#include "report/assets.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/say.h"

const char fe__mark_svg[] = "<svg class=\"mark\" width=\"18\" height=\"20\" viewBox=\"0 0 18 20\" aria-hidden=\"true\"><path "
                            "d=\"M4 1.2h10v17.6H4z\" fill=\"none\" "
                            "stroke=\"currentColor\" stroke-width=\"1.6\"/><path d=\"M1 6.2h16M1 9.2h16\" "
                            "stroke=\"currentColor\" stroke-width=\"1.8\"/></svg>";

const char fe__disclaimer[] = "Supports decisions and makes none. Not a medical device; not for use without a clinician.";

const char *fe__word(const report *r, const char *id) {
    const char *words = fe__js(json_object_get(r->course, "words"), id);
    if (!*words) words = fe__js(json_object_get(r->root, "words"), id);
    return *words ? words : fe__say_id_lower(r->a, id);
}

const char *fe__day_words(const report *r, const char *when) {
    double s;
    return fe__moment(when, r->zone_min, &s) ? fe__say_day(r->a, fe__day_of(s, r->zone_min), r->today) : when;
}

/* ---- head ---------------------------------------------------------------------------------------------------------------------- */

static const char *title_of(const report *r) {
    const char *question = fe__js(r->root, "question");
    static const char *const titles[][2] = {{"plan", "Plan"}, {"interpret", "Interpretation"}, {"validate", "Validation"}};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (fe__streq(question, titles[i][0])) return titles[i][1];
    return "Forecast";
}

static void head(report *r) {
    const char *id = fe__js(json_object_get(r->course, "patient"), "id");
    fe__html(&r->t,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
             "content=\"width=device-width, initial-scale=1\"/>\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; font-src "
             "data:\"/>\n"
             "<title>%s%s%s, Ferrule</title>\n",
             title_of(r), *id ? " for " : "", id);
    fe__add_style(&r->t);
    fe__html(&r->t,
             "</head>\n<body>\n<header class=\"top\"><span class=\"brand\">%SFerrule</span><span class=\"view\">%s</span><span "
             "class=\"tr\">%s</span></header>\n",
             fe__mark_svg, title_of(r), fe__say_weekday(r->a, r->today, r->today));
}

/* ---- the patient ---------------------------------------------------------------------------------------------------------------- */

static const char *amount(report *r, const json_t *p, const char *key, const char *unit, const char *name) {
    double v = fe__jn(p, key);
    return isnan(v) ? fe__printf(r->a, "%s not entered", name) : fe__printf(r->a, "%s %s", fe__say_number(r->a, v, 1), unit);
}

/* "celiac disease, IBD", "none known" for an empty list, "not entered" for none. */
static const char *list_words(report *r, const json_t *list, const char *member) {
    text t;
    fe__text_init(&t, r->a);
    if (!json_is_array(list)) return "not entered";
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        fe__text_addf(&t, "%s%s", i ? ", " : "", fe__word(r, member ? fe__js(x, member) : json_string_value(x)));
    }
    return t.n ? t.s : "none known";
}

static const char *pregnancy_words(report *r, const json_t *p) {
    if (fe__streq(fe__js(p, "sex"), "male")) return "";
    const json_t *x = json_object_get(p, "pregnancy");
    if (!x) return "Pregnancy: not entered";
    if (json_is_null(x)) return "Not pregnant";
    double weeks = fe__jn(x, "gestation_weeks");
    return fe__printf(r->a, "Pregnant%s%s%s%s", isnan(weeks) ? "" : ", week ", isnan(weeks) ? "" : fe__say_number(r->a, weeks, 0),
                      *fe__js(x, "on") ? " on " : "", *fe__js(x, "on") ? fe__day_words(r, fe__js(x, "on")) : "");
}

static void who(report *r) {
    const json_t *p = json_object_get(r->course, "patient");
    if (!p) return;
    const char *sex = fe__js(p, "sex"), *id = fe__js(p, "id"), *oral = fe__js(p, "oral_iron"), *pregnant = pregnancy_words(r, p);
    fe__html(&r->t, "<section class=\"who\" aria-label=\"Patient\"><b>%s, %s</b>",
             *sex ? fe__say_first_large(r->a, sex) : "Sex not entered", amount(r, p, "age_years", "y", "age"));
    if (*id) fe__html(&r->t, "<span class=\"id\">%s</span>", id);
    fe__html(&r->t, "<span class=\"sep\"></span><span>%s, %s</span>", amount(r, p, "weight_kg", "kg", "weight"),
             amount(r, p, "height_cm", "cm", "height"));
    fe__html(&r->t, "<span>%s</span>", fe__say_first_large(r->a, list_words(r, json_object_get(p, "conditions"), NULL)));
    fe__html(&r->t, "<span>Oral iron: %s</span><span>Allergies: %s</span>", *oral ? fe__word(r, oral) : "not entered",
             list_words(r, json_object_get(p, "allergies"), "to"));
    if (*pregnant) fe__html(&r->t, "<span>%s</span>", pregnant);
    fe__html(&r->t, "</section>\n");
}

/* ---- foot ------------------------------------------------------------------------------------------------------------------------ */

static void foot(report *r) {
    const json_t *s = json_object_get(r->root, "stamp"), *accepted = json_object_get(s, "accepted"),
                 *off = json_object_get(s, "off_label");
    const char *model = fe__js(s, "model"), *region = fe__js(s, "region"), *input = fe__js(s, "input_sha256"),
               *site = fe__js(s, "site");
    fe__html(&r->t, "<footer class=\"foot\"><p>%s</p><p class=\"stamp\">Ferrule %s, %s%s, knowledge %s%s%s%s, computed for %s%s",
             fe__disclaimer, fe__js(s, "program"), *model ? "model " : "no model", model, fe__js(s, "knowledge"),
             *region ? ", labels of " : "", fe__say_capitals(r->a, region), *site ? ", site settings in use" : "",
             fe__js(s, "at"), json_is_true(json_object_get(s, "at_from_clock")) ? " (clock)" : "");
    if (*input) fe__html(&r->t, ", input %s", fe__strndup(r->a, input, 12));
    fe__html(&r->t, "</p>");
    for (size_t i = 0; i < json_array_size(accepted); i++)
        fe__html(&r->t, "<p>Accepted: %s, because %s</p>", fe__js(json_array_get(accepted, i), "rule"),
                 fe__js(json_array_get(accepted, i), "because"));
    for (size_t i = 0; i < json_array_size(off); i++)
        fe__html(&r->t, "<p>Off-label regimen switched on: %s</p>", json_string_value(json_array_get(off, i)));
    fe__html(&r->t, "</footer>\n");
}

/* ---- the whole --------------------------------------------------------------------------------------------------------------------- */

static void find_forecast(report *r) {
    bool plan = fe__streq(fe__js(r->root, "question"), "plan");
    if (fe__streq(fe__js(r->root, "question"), "interpret")) {
        r->forecast = r->root;
        r->l = fe__timeline_of_labs(r->a, r->root, r->course);
        return;
    }
    if (plan) r->chosen = json_array_get(json_object_get(r->root, "options"), 0);
    r->forecast = plan ? json_object_get(r->chosen, "forecast") : r->root;
    r->l = r->forecast
               ? fe__timeline(r->a, r->root, r->forecast, plan ? json_object_get(r->chosen, "infusions") : NULL, r->course)
               : NULL;
}

const char *fe__report_page(arena *a, const json_t *answer, const json_t *course) {
    const char *question = fe__js(answer, "question");
    bool plan = fe__streq(question, "plan"), reads = fe__streq(question, "interpret"), validate = fe__streq(question, "validate");
    double now;
    report r = {.a = a, .root = answer, .course = course};
    if (!plan && !reads && !validate && !fe__streq(question, "forecast")) return NULL;
    if (!fe__time_parse(fe__js(json_object_get(answer, "stamp"), "at"), &now, &r.zone_min)) return NULL;
    r.today = fe__day_of(now, r.zone_min);
    fe__text_init(&r.t, a);
    if (!validate) find_forecast(&r);
    head(&r);
    who(&r);
    fe__html(&r.t, "<main>\n");
    if (reads) fe__html_interpret(&r);
    else if (validate) fe__html_validate(&r);
    else if (plan && r.chosen) fe__html_plan(&r);
    else if (!plan && r.l) fe__html_forecast(&r);
    else fe__html_refusal(&r);
    fe__html(&r.t, "</main>\n");
    foot(&r);
    if (plan && r.chosen) fe__plan_sheet(&r);
    fe__html(&r.t, "</body>\n</html>\n");
    return r.t.s;
}
