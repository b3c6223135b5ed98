/* Parts that the pages of plan and forecast share: the answer's sentence, and what stands in the rail. */
#include <math.h>

#include "base/date.h"
#include "report/html.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/say.h"

/* ---- the answer ------------------------------------------------------------------------------------------------------------------ */

void fe__part_answer(report *r, const char *headline, const char *sentence, double chance) {
    fe__html(&r->t, "<section class=\"answer\"><h1>%s</h1>\n<p>", headline);
    int on = fe__say_tenths(chance);
    if (!isnan(chance)) {
        fe__html(&r->t, "<span class=\"ten\" role=\"img\" aria-label=\"%s\">", fe__say_chance(r->a, chance));
        for (int i = 0; i < 10; i++) fe__html(&r->t, i < on ? "<i class=\"on\"></i>" : "<i></i>");
        fe__html(&r->t, "</span>");
    }
    fe__html(&r->t, "%s</p></section>\n", sentence);
}

/* Weeks of an answer count from t0. */
static const char *date_of_week(const report *r, double week) {
    return fe__say_day(r->a, fe__timeline_day(r->l, week * 7), r->today);
}

static const char *goal_name(const report *r, const json_t *g) {
    const char *id = fe__js(g, "id");
    for (size_t i = 0; i < r->l->fans_n; i++) {
        const fan *f = &r->l->fans[i];
        if (!fe__goal_means(id, f->what->id)) continue;
        const char *title = fe__streq(f->what->id, "irls") ? f->what->brief : f->what->title;
        return isnan(f->goal) ? title : fe__printf(r->a, "%s %s", title, fe__say_number(r->a, f->goal, 1));
    }
    return fe__say_id(r->a, id);
}

/* The week at which goals are judged. */
static double goal_week(const report *r) {
    double week = fe__jn(json_array_get(json_object_get(r->forecast, "goals"), 0), "by_week");
    return isnan(week) ? r->l->to / 7 : week;
}

const char *fe__goal_headline(const report *r) {
    const json_t *g = json_array_get(json_object_get(r->forecast, "goals"), 0);
    if (!g || !r->l) return "";
    double week = fe__jn(g, "week_p50");
    if (isnan(week) || week > goal_week(r)) {
        static const double even_from = 0.4, even_to = 0.6;
        double p = fe__jn(g, "p_by_horizon");
        const char *how = p >= even_from && p <= even_to ? "may or may not be reached" : "is not likely to be reached";
        return fe__printf(r->a, "%s %s by %s.", goal_name(r, g), how, date_of_week(r, goal_week(r)));
    }
    if (week < 0.5) return fe__printf(r->a, "%s is reached.", goal_name(r, g));
    return fe__printf(r->a, "%s is likeliest near %s.", goal_name(r, g), fe__timeline_when(r->l, round(week) * 7));
}

static double chance_of(const json_t *chances, const char *id) { return fe__jn(json_object_get(chances, id), "p"); }

static const char *until(const report *r) { return r->l ? fe__printf(r->a, " by %s", date_of_week(r, goal_week(r))) : ""; }

/* "About 4 in 10", "Under 1 in 100". */
static const char *share_words(arena *a, double p) {
    const char *words = fe__say_chance(a, p);
    bool is_bound = words[0] == 'u' || words[0] == 'o';
    return is_bound ? fe__say_first_large(a, words) : fe__printf(a, "About %s", words);
}

const char *fe__goal_sentence(const report *r, double *chance) {
    const json_t *chances = json_object_get(r->forecast, "chances"),
                 *goal = json_array_get(json_object_get(r->forecast, "goals"), 0);
    if (!chances) chances = json_object_get(r->chosen, "chances");
    *chance = chance_of(chances, "both-goals");
    if (!isnan(*chance)) return fe__printf(r->a, "%s reach both goals%s.", share_words(r->a, *chance), until(r));
    if (!r->l || !goal) return "";
    *chance = fe__jn(goal, "p_by_horizon");
    return isnan(*chance) ? ""
                          : fe__printf(r->a, "%s reach %s by %s.", share_words(r->a, *chance), goal_name(r, goal),
                                       date_of_week(r, goal_week(r)));
}

/* ---- the rail ---------------------------------------------------------------------------------------------------------------------- */

static void open_part(report *r, const char *title) { fe__html(&r->t, "<section><h2 class=\"h\">%s</h2>", title); }
static void close_part(report *r) { fe__html(&r->t, "</section>\n"); }

static const char *take_words(report *r, const json_t *take) {
    text t;
    fe__text_init(&t, r->a);
    for (size_t i = 0; i < json_array_size(take); i++) {
        const char *id = json_string_value(json_array_get(take, i));
        fe__text_addf(&t, "%s%s", i ? ", " : "", fe__quantity(r->a, id ? id : "")->brief);
    }
    return fe__say_first_large(r->a, t.n ? t.s : "");
}

/* Rows of one day stand under one date. */
void fe__part_next(report *r) {
    const json_t *list = json_object_get(r->root, "calendar");
    const char *last = "";
    if (json_array_size(list) == 0) return;
    open_part(r, "Next");
    fe__html(&r->t, "<dl class=\"next\">");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        const char *on = fe__js(x, "on");
        if (!fe__streq(on, last)) fe__html(&r->t, "<dt>%s</dt>", fe__day_words(r, on));
        fe__html(&r->t, "<dd><b>%s.</b> %s <span class=\"src\">%s</span></dd>", take_words(r, json_object_get(x, "take")),
                 fe__js(x, "why"), fe__js(x, "rule"));
        last = on;
    }
    fe__html(&r->t, "</dl>");
    close_part(r);
}

static const char *reasons(report *r, const json_t *because) {
    text t;
    fe__text_init(&t, r->a);
    for (size_t i = 0; i < json_array_size(because); i++)
        fe__text_addf(&t, "%s%s", i ? "; " : "", fe__js(json_array_get(because, i), "fact"));
    return t.n ? t.s : "";
}

static void sources(report *r, const json_t *list) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *s = json_array_get(list, i);
        const char *id = fe__js(s, "id"), *cite = fe__js(s, "cite");
        fe__html(&r->t, "%S%s%s%s%s", i ? "; " : "", cite, *cite ? " [" : "", id, *cite ? "]" : "");
        if (fe__streq(fe__js(s, "verified"), "memory")) fe__html(&r->t, " (unverified)");
    }
}

static void finding(report *r, const json_t *f) {
    const char *level = fe__js(f, "level"), *why = reasons(r, json_object_get(f, "because"));
    double p = fe__jn(f, "probability");
    fe__html(&r->t, "<li class=\"%s\"><details><summary>", level);
    if (!fe__streq(level, "info")) fe__html(&r->t, "<b class=\"level\">%s</b> ", fe__say_first_large(r->a, level));
    fe__html(&r->t, "%s", fe__js(f, "text"));
    if (!isnan(p)) fe__html(&r->t, " <b>%s</b>", fe__say_chance(r->a, p));
    fe__html(&r->t, " <span class=\"src\">%s</span></summary><p class=\"small\">%s%s%S", fe__js(f, "rule"),
             *why ? "Because " : "", why, *why ? "<br/>" : "");
    sources(r, json_object_get(f, "sources"));
    fe__html(&r->t, "</p></details></li>");
}

/* What a person must weigh stands open; what is only said for information is one press away. */
void fe__part_findings(report *r) {
    const json_t *list = json_object_get(r->root, "findings");
    size_t info = 0;
    open_part(r, "Findings");
    fe__html(&r->t, "<ul class=\"find\">");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *f = json_array_get(list, i);
        bool quiet = fe__streq(fe__js(f, "level"), "info");
        if (quiet) info++;
        else finding(r, f);
    }
    fe__html(&r->t, "</ul>");
    if (info) {
        fe__html(&r->t, "<details class=\"more\"><summary>%d more for information</summary><ul class=\"find\">", (int)info);
        for (size_t i = 0; i < json_array_size(list); i++)
            if (fe__streq(fe__js(json_array_get(list, i), "level"), "info")) finding(r, json_array_get(list, i));
        fe__html(&r->t, "</ul></details>");
    }
    close_part(r);
}

void fe__part_missing(report *r) {
    const json_t *list = json_object_get(r->root, "missing"), *asked = json_object_get(r->root, "confirm");
    if (json_array_size(asked)) {
        open_part(r, "Is this right?");
        fe__html(&r->t, "<ul class=\"find\">");
        for (size_t i = 0; i < json_array_size(asked); i++)
            fe__html(&r->t, "<li>%s</li>", fe__js(json_array_get(asked, i), "text"));
        fe__html(&r->t, "</ul>");
        close_part(r);
    }
    if (json_array_size(list) == 0) return;
    open_part(r, "Missing, most telling first");
    fe__html(&r->t, "<ul class=\"find\">");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        double changes = fe__jn(m, "changes");
        fe__html(&r->t, "<li><b>%s.</b> %s%s%s%s</li>", fe__say_first_large(r->a, fe__word(r, fe__js(m, "item"))),
                 changes > 0 ? "Changes this answer in " : "Does not change this answer",
                 changes > 0 ? fe__say_chance(r->a, changes) : "", ". ", fe__js(m, "how_to_get"));
    }
    fe__html(&r->t, "</ul>");
    close_part(r);
}

/* ---- taken as given ------------------------------------------------------------------------------------------------------------------ */

static void given(report *r, const char *name, const char *value) { fe__html(&r->t, "<dt>%s</dt><dd>%s</dd>", name, value); }

static void given_amount(report *r, const json_t *p, const char *key, const char *name, const char *unit) {
    double v = fe__jn(p, key);
    if (!isnan(v)) given(r, name, fe__printf(r->a, "%s%s%s", fe__say_number(r->a, v, 1), *unit ? " " : "", unit));
}

static const char *goals_words(report *r, json_t *goals) {
    text t;
    const char *key;
    json_t *v;
    fe__text_init(&t, r->a);
    json_object_foreach(goals, key, v) {
        if (!json_is_number(v) || fe__streq(key, "by_weeks")) continue;
        const char *name = fe__goal_means(key, "hemoglobin") ? "hemoglobin" : fe__goal_means(key, "ferritin") ? "ferritin" : key;
        fe__text_addf(&t, "%s%s %s", t.n ? ", " : "", fe__quantity(r->a, name)->brief,
                      fe__say_number(r->a, json_number_value(v), 1));
    }
    double weeks = fe__jn(goals, "by_weeks");
    if (t.n && !isnan(weeks)) fe__text_addf(&t, ", by week %s", fe__say_number(r->a, weeks, 0));
    return t.n ? t.s : "not entered";
}

/* The newest value of each lab, as it was given. */
static void given_labs(report *r) {
    const json_t *events = json_object_get(r->course, "events");
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *e = json_array_get(events, i);
        const char *lab = fe__js(e, "lab"), *result = fe__js(e, "result");
        bool newer = false;
        for (size_t j = i + 1; *lab && j < json_array_size(events); j++)
            newer = newer || fe__streq(lab, fe__js(json_array_get(events, j), "lab"));
        if (!*lab || newer) continue;
        const char *value = *result
                                ? result
                                : fe__printf(r->a, "%s%s %s", fe__js(e, "comparator"),
                                             fe__say_number(r->a, fe__jn(e, "value"), 3), fe__say_unit(r->a, fe__js(e, "unit")));
        given(r, fe__quantity(r->a, lab)->title, fe__printf(r->a, "%s, %s", value, fe__day_words(r, fe__js(e, "at"))));
    }
}

/* Without iron a body stays where it is, but for what the start itself leaves moving. */
static void given_drift(report *r) {
    static const double unseen = 0.05; /* of any of these units: nobody would read it */
    const char *id;
    json_t *v;
    json_object_foreach(json_object_get(r->forecast, "drift"), id, v) {
        double drift = json_is_number(v) ? json_number_value(v) : NAN;
        if (isnan(drift)) continue;
        const char *words = fabs(drift) < unseen
                                ? "no change"
                                : fe__printf(r->a, "%s%s from the start", drift > 0 ? "+" : "", fe__say_figures(r->a, drift, 2));
        given(r, fe__printf(r->a, "%s without iron", fe__quantity(r->a, id)->title), words);
    }
}

/* What nobody measured or said, and the forecast needs all the same. */
static void given_assumed(report *r) {
    const json_t *list = json_object_get(r->forecast, "assumed");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        const char *item = fe__js(x, "item");
        const char *name = item[0] == '/' ? "An event" : fe__say_first_large(r->a, fe__word(r, item));
        given(r, name,
              fe__printf(r->a, "%s %s, assumed: %s", fe__say_figures(r->a, fe__jn(x, "value"), 3),
                         fe__say_unit(r->a, fe__js(x, "unit")), fe__js(x, "why")));
    }
}

/* The later results that the bodies explain, and those that none does. */
static void given_explained(report *r, const json_t *explains) {
    size_t n = json_array_size(explains);
    if (n) given(r, "Later results explained", fe__say_number(r->a, (double)n, 0));
    for (size_t i = 0; i < n; i++) {
        const json_t *e = json_array_get(explains, i);
        double odds = fe__jn(e, "impossible");
        if (odds < 0.5) continue;
        given(r, fe__quantity(r->a, fe__js(e, "lab"))->title,
              fe__printf(r->a,
                         "%s of %.10s fits this course badly (a chance of %s that it is an error, or that something happened): "
                         "not averaged in",
                         fe__say_figures(r->a, fe__jn(e, "value"), 3), fe__js(e, "drawn"), fe__say_chance(r->a, odds)));
    }
}

static void given_unexplained(report *r, const json_t *u) {
    if (json_is_object(u))
        given(r, "Not explained",
              fe__printf(r->a,
                         "%s results of %s from %.10s on lie %s what this course says, and agree: something happened; this "
                         "forecast does not hold",
                         fe__say_count(r->a, (long)fe__jn(u, "results")), fe__js(u, "lab"), fe__js(u, "since"),
                         fe__js(u, "side")));
}

static void caution(report *r, const char *words) {
    if (*words) fe__html(&r->t, "<p class=\"trust\"><b>Caution.</b> %s</p>\n", words);
}

static const char *unexplained_words(report *r, const json_t *u) {
    if (!json_is_object(u)) return "";
    return fe__printf(r->a,
                      "%s results of %s from %.10s on lie %s what this course says, and agree with each other: something "
                      "happened that it does not "
                      "say. Until it is found and written down this forecast does not hold.",
                      fe__say_first_large(r->a, fe__say_count(r->a, (long)fe__jn(u, "results"))), fe__js(u, "lab"),
                      fe__js(u, "since"), fe__js(u, "side"));
}

/* How many results fit badly, beside those that are said to be something that happened. */
static const char *badly_words(report *r, const json_t *explains, const json_t *u) {
    const char *first = "";
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(explains); i++) {
        const json_t *e = json_array_get(explains, i);
        bool is_said = fe__streq(fe__js(e, "lab"), fe__js(u, "lab"));
        if (fe__jn(e, "impossible") < 0.5 || is_said) continue;
        if (n++ == 0)
            first = fe__printf(r->a, "%s %s of %.10s", fe__js(e, "lab"), fe__say_figures(r->a, fe__jn(e, "value"), 3),
                               fe__js(e, "drawn"));
    }
    if (n == 0) return "";
    return fe__printf(r->a, "%s%s fits this course badly and is not averaged in: look at it again.",
                      fe__say_first_large(r->a, first), n > 1 ? fe__printf(r->a, " (and %zu more)", n - 1) : "");
}

void fe__part_cautions(report *r) {
    const json_t *b = json_object_get(r->forecast, "basis"), *u = json_object_get(b, "unexplained");
    double failed = fe__jn(b, "draws_failed");
    caution(r, unexplained_words(r, u));
    caution(r, badly_words(r, json_object_get(b, "explains"), u));
    if (json_is_true(json_object_get(b, "labs_unusual")))
        caution(r, "These labs are hardly ever seen together in such patients: look whether one of them is wrong.");
    if (json_is_true(json_object_get(b, "leaves_range")))
        caution(r, "Hemoglobin may fall below what the model knows: such a loss calls for more than iron.");
    if (failed > 0)
        caution(r, fe__printf(r->a, "%s of %s bodies could not be played and are left out: %s.", fe__say_number(r->a, failed, 0),
                              fe__say_number(r->a, failed + fe__jn(b, "draws"), 0), fe__js(b, "failure")));
}

static void given_basis(report *r) {
    const json_t *b = json_object_get(r->forecast, "basis"), *out = json_object_get(b, "left_out");
    if (!b) return;
    given(r, "Bodies behind the bands", fe__say_number(r->a, fe__jn(b, "draws"), 0));
    if (json_is_true(json_object_get(b, "labs_contradict")))
        given(r, "These labs", "contradict each other or a steady state: the bands are wider");
    if (json_is_true(json_object_get(b, "loses_faster_than_absorbed")))
        given(r, "Losses", "faster than a gut can absorb: values drift without treatment");
    if (json_is_true(json_object_get(b, "labs_unusual")))
        given(r, "Seldom together", "such labs are hardly ever seen in such patients: look whether one is wrong");
    if (json_is_true(json_object_get(b, "leaves_range")))
        given(r, "Beyond the model", "hemoglobin may fall below what it knows: such a loss calls for more than iron");
    given_explained(r, json_object_get(b, "explains"));
    given_unexplained(r, json_object_get(b, "unexplained"));
    if (fe__jn(b, "draws_failed") > 0)
        given(r, "Bodies left out",
              fe__printf(r->a, "%s: %s", fe__say_number(r->a, fe__jn(b, "draws_failed"), 0), fe__js(b, "failure")));
    for (size_t i = 0; i < json_array_size(out); i++)
        given(r, fe__quantity(r->a, json_string_value(json_array_get(out, i)))->title,
              "left out: its first score lies at a bound");
}

void fe__part_given(report *r) {
    const json_t *p = json_object_get(r->course, "patient");
    const char *basis = fe__js(r->chosen, "weight_basis");
    if (!r->course) return;
    open_part(r, "Taken as given");
    fe__html(&r->t, "<dl class=\"assume\">");
    given_amount(r, p, "blood_loss_ml_per_day", "Blood loss", "mL/day");
    given(r, "Goals", goals_words(r, json_object_get(r->course, "goals")));
    given_labs(r);
    given_amount(r, p, "usual_hemoglobin_g_dl", "Usual hemoglobin", "g/dL");
    if (*basis)
        given(r, "Weight used",
              fe__printf(r->a, "%s kg (%s)", fe__say_number(r->a, fe__jn(r->chosen, "weight_used_kg"), 1), basis));
    given_assumed(r);
    given_drift(r);
    given_basis(r);
    fe__html(&r->t, "</dl>");
    close_part(r);
}

/* ---- what is known of the model, and published words --------------------------------------------------------------------------------- */

/* "5" or "0.1-1" as the list of misses writes it, or a number. */
static const char *weeks_words(report *r, const json_t *miss) {
    double v = fe__jn(miss, "weeks");
    return isnan(v) ? fe__js(miss, "weeks") : fe__say_number(r->a, v, 1);
}

/* The people of a study, as misses name them. */
static const char *people(report *r, const char *id) {
    static const char *const words[][2] = {{"any", "any patient"},
                                           {"none", "no iron"},
                                           {"ida-hmb", "iron deficiency anemia"},
                                           {"nd-ckd", "kidney disease without dialysis"},
                                           {"hd-ckd", "hemodialysis"},
                                           {"hf", "heart failure"},
                                           {"rls", "restless legs"},
                                           {"rls-anemic", "restless legs with anemia"},
                                           {"id-not-anemic", "iron deficiency without anemia"},
                                           {"replete", "people who lack no iron"},
                                           {"healthy-f", "healthy women"},
                                           {"healthy-m", "healthy men"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (fe__streq(words[i][0], id)) return words[i][1];
    return fe__word(r, id);
}

void fe__part_misses(report *r) {
    const json_t *list = json_object_get(r->forecast, "misses");
    if (json_array_size(list) == 0) return;
    open_part(r, "Where the model is known to be off");
    fe__html(&r->t, "<ol class=\"find misses\">");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        fe__html(&r->t, "<li><b>%s reads %s here, %s.</b> In %s, %s, week %s: %s</li>",
                 fe__quantity(r->a, fe__js(m, "endpoint"))->title, fe__js(m, "direction"), fe__js(m, "size"),
                 people(r, fe__js(m, "population")),
                 fe__streq(fe__js(m, "formulation"), "any") ? "any product" : people(r, fe__js(m, "formulation")),
                 weeks_words(r, m), fe__js(m, "evidence"));
    }
    fe__html(&r->t, "</ol>");
    close_part(r);
}

void fe__part_expect(report *r) {
    const json_t *list = json_object_get(r->forecast, "expectations");
    if (json_array_size(list) == 0) return;
    open_part(r, "Published, not computed");
    fe__html(&r->t, "<ul class=\"find\">");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *e = json_array_get(list, i);
        const json_t *source = json_object_get(e, "source");
        fe__html(&r->t, "<li>%s <span class=\"src cite\">%s</span></li>", fe__js(e, "text"),
                 json_is_object(source) ? fe__js(source, "cite") : fe__js(e, "source"));
    }
    fe__html(&r->t, "</ul>");
    close_part(r);
}

/* Whole weeks are as fine as a goal can be told. */
static const char *weeks_of_goal(report *r, double low, double middle_week, double high) {
    if (high < 1) return "within a week";
    if (isnan(low)) return "not in this time";
    const char *from = fe__say_number(r->a, low, 0);
    const char *center = isnan(middle_week) ? "" : fe__printf(r->a, ", middle %s", fe__say_number(r->a, middle_week, 0));
    if (isnan(high)) return fe__printf(r->a, "from week %s%s", from, center);
    return fe__printf(r->a, "week %s to %s%s", from, fe__say_number(r->a, high, 0), center);
}

/* Each goal with the weeks in which nine of ten, and the middle, reach it. */
void fe__part_goals(report *r) {
    const json_t *list = json_object_get(r->forecast, "goals");
    if (json_array_size(list) == 0 || !r->l) return;
    open_part(r, "Goals");
    fe__html(&r->t, "<dl class=\"assume\">");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *g = json_array_get(list, i);
        double low = fe__jn(g, "week_p5"), middle_week = fe__jn(g, "week_p50"), high = fe__jn(g, "week_p95"),
               p = fe__jn(g, "p_by_horizon");
        given(r, goal_name(r, g),
              fe__printf(r->a, "%s%s%s", weeks_of_goal(r, low, middle_week, high), isnan(p) ? "" : "; reached by ",
                         fe__say_chance(r->a, p)));
    }
    fe__html(&r->t, "</dl>");
    close_part(r);
}
