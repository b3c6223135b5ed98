/* The page of an interpretation: each lab drawn against what was foreseen before it was known, what it means, what explains it, what next. */
#include <math.h>

#include "report/chart_table.h"
#include "report/html.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/say.h"

static const char *headline(const report *r) {
    static const char *const words[][2] = {{"act-now", "Act now."},
                                           {"act", "Something is to be done."},
                                           {"watch", "To be watched."},
                                           {"as-expected", "All as expected."},
                                           {"too-early", "Too early to judge."},
                                           {"nothing-to-read", "Nothing to read: no lab, symptom or examination."}};
    const char *v = fe__js(r->root, "verdict");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (fe__streq(words[i][0], v)) return words[i][1];
    return v;
}

/* The most urgent finding that is about the patient. */
static const char *sentence(const report *r) {
    const json_t *f = json_array_get(json_object_get(r->root, "findings"), 0);
    return fe__streq(fe__js(f, "id"), "not-a-device") ? "" : fe__js(f, "text");
}

static void legend(report *r) {
    fe__html(&r->t,
             "<p class=\"legend\"><span><i class=\"k1\"></i>measured</span><span><i class=\"k2\"></i>middle of what was "
             "foreseen</span><span><i "
             "class=\"k4\"></i>9 in 10 of it</span>%S</p>\n",
             r->l->doses_n ? "<span><i class=\"k5\"></i>iron given</span>" : "");
}

static void charts(report *r) {
    const fan **fans = FE_NEW_ARRAY(r->a, const fan *, r->l->fans_n + 1);
    for (size_t i = 0; i < r->l->fans_n; i++) fans[i] = &r->l->fans[i];
    const char *label = fe__label_of(r, fans, r->l->fans_n, "Each lab against what was foreseen before it was known.");
    fe__html(&r->t, "<section class=\"sheet\"><p class=\"howto\">Each pale bar is what the labs before it let one foresee: 9 in "
                    "10 patients like this "
                    "fall inside.</p><div class=\"plot\">\n");
    fe__part_drawings(r, fans, r->l->fans_n, "i", true, label);
    fe__html(&r->t, "</div>\n");
    legend(r);
    fe__part_windows(r);
    fe__part_cuts(r, fans, r->l->fans_n);
    if (r->l->early)
        fe__html(&r->t, "<p class=\"trust\">%d earlier lab values are not drawn; they stand in the table of labs.</p>\n",
                 (int)r->l->early);
    fe__html(&r->t, "</section>\n<section class=\"tables\"><h2 class=\"h\">Every number drawn</h2>\n");
    fe__table_doses(&r->t, r->l);
    fe__table_labs(&r->t, r->l);
    for (size_t i = 0; i < r->l->fans_n; i++) fe__table_bars(&r->t, r->l, &r->l->fans[i]);
    fe__html(&r->t, "</section>\n");
}

static void retests(report *r) {
    const json_t *list = json_object_get(r->root, "retest");
    if (json_array_size(list) == 0) return;
    fe__html(&r->t, "<section><h2 class=\"h\">Draw again</h2><dl class=\"next\">");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        const char *from = fe__js(x, "not_before"), *best = fe__js(x, "best");
        bool one = fe__streq(from, best);
        fe__html(&r->t, "<dt>%s</dt><dd><b>%s.</b> Not before this day%s%s. %s <span class=\"src\">%s</span></dd>",
                 fe__day_words(r, from), fe__say_first_large(r->a, fe__word(r, fe__js(x, "lab"))), one ? "" : ", best on ",
                 one ? "" : fe__day_words(r, best), fe__js(x, "why"),
                 json_string_value(json_array_get(json_object_get(x, "rules"), 0)));
    }
    fe__html(&r->t, "</dl></section>\n");
}

static const char *words_of(report *r, const json_t *ids, bool are_ids) {
    text t;
    fe__text_init(&t, r->a);
    for (size_t i = 0; i < json_array_size(ids); i++) {
        const char *s = json_string_value(json_array_get(ids, i));
        fe__text_addf(&t, "%s%s", i ? ", " : "", are_ids ? fe__word(r, s) : s);
    }
    return t.n ? t.s : "";
}

static void differential(report *r) {
    const json_t *list = json_object_get(r->root, "differential");
    if (json_array_size(list) == 0) return;
    fe__html(&r->t, "<section><h2 class=\"h\">What may explain it, likeliest first</h2><ol class=\"find\">");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        const char *here = words_of(r, json_object_get(x, "because"), false),
                   *tests = words_of(r, json_object_get(x, "tests"), true);
        fe__html(&r->t, "<li><b>%s</b> %s%s%s%s%s <span class=\"src\">%s</span></li>", fe__js(x, "text"),
                 json_is_true(json_object_get(x, "shown")) ? "Here: " : "Not ruled out", here, *tests ? ". Tell by: " : "", tests,
                 ".", json_string_value(json_array_get(json_object_get(x, "rules"), 0)));
    }
    fe__html(&r->t, "</ol></section>\n");
}

static void legs(report *r) {
    const json_t *chances = json_object_get(r->root, "chances");
    double with = fe__jn(json_object_get(chances, "rls-response"), "p"),
           drug = fe__jn(json_object_get(chances, "rls-response-drug"), "p");
    if (isnan(with)) return;
    fe__html(&r->t,
             "<section><h2 class=\"h\">Restless legs</h2><p>Better in <b>%s</b> with the usual placebo response, in <b>%s</b> by "
             "the drug alone.</p><p class=\"small\">%s</p></section>\n",
             fe__say_chance(r->a, with), fe__say_chance(r->a, drug), fe__js(r->root, "chances_mean"));
    fe__part_expect(r);
}

/* Why nothing was foreseen of some labs, each reason once. */
static void not_foreseen(report *r) {
    const json_t *labs = json_object_get(r->root, "labs");
    bool begun = false;
    for (size_t i = 0; i < json_array_size(labs); i++) {
        const char *why = fe__js(json_array_get(labs, i), "not_foreseen");
        bool told = !*why;
        for (size_t k = 0; k < i; k++) told = told || fe__streq(fe__js(json_array_get(labs, k), "not_foreseen"), why);
        if (told) continue;
        if (!begun) fe__html(&r->t, "<section><h2 class=\"h\">Not foreseen</h2><ul class=\"find\">");
        begun = true;
        text t;
        fe__text_init(&t, r->a);
        for (size_t k = i; k < json_array_size(labs); k++)
            if (fe__streq(fe__js(json_array_get(labs, k), "not_foreseen"), why))
                fe__text_addf(&t, "%s%s", t.n ? ", " : "", fe__word(r, fe__js(json_array_get(labs, k), "lab")));
        fe__html(&r->t, "<li><b>%s.</b> %s</li>", fe__say_first_large(r->a, t.s), why);
    }
    if (begun) fe__html(&r->t, "</ul></section>\n");
}

void fe__html_interpret(report *r) {
    fe__html(&r->t, "<div class=\"course\"><div>\n");
    fe__part_answer(r, headline(r), sentence(r), NAN);
    if (r->l) charts(r);
    fe__html(&r->t, "</div>\n<aside class=\"rail\">");
    fe__part_findings(r);
    differential(r);
    retests(r);
    legs(r);
    fe__part_missing(r);
    not_foreseen(r);
    fe__html(&r->t, "</aside></div>\n");
}
