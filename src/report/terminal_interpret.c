/* An interpretation for a terminal: each lab against what was foreseen, then what it means, what explains it, what to draw again. */
#include <math.h>

#include "report/page.h"
#include "report/say.h"
#include "report/timeline.h"

enum { FIRST = 2, AT = 11, LAB = 15, VALUE = 15, FORESEEN = 23, PLACE = 12 };

static void blanks(page *p, size_t n) {
    for (size_t i = 0; i < n; i++) fe__text_add(&p->t, " ");
}

/* Columns are counted in characters, which printf does not do. What is too long has a line of its own. */
static size_t cell(page *p, size_t at, const char *words, size_t width) {
    size_t n = fe__utf8_length(words);
    fe__text_add(&p->t, words);
    if (n >= width) {
        fe__text_add(&p->t, "\n");
        blanks(p, at + width);
    } else blanks(p, width - n);
    return at + width;
}

static void row(page *p, const char *const words[6]) {
    static const size_t widths[] = {AT, LAB, VALUE, FORESEEN, PLACE};
    size_t at = FIRST;
    blanks(p, at);
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) at = cell(p, at, words[i], widths[i]);
    fe__text_addf(&p->t, "%s\n", words[5]);
}

static const char *value_words(page *p, const json_t *x) {
    const char *result = fe__js(x, "result"), *unit = fe__say_unit(p->a, fe__js(x, "unit"));
    if (*result) return result;
    return fe__printf(p->a, "%s%s%s%s", fe__js(x, "comparator"), fe__say_number(p->a, fe__jn(x, "value"), 2), *unit ? " " : "",
                      unit);
}

static const char *foreseen_words(page *p, const json_t *x) {
    const json_t *f = json_object_get(x, "foreseen");
    const quantity *q = fe__quantity(p->a, fe__js(x, "lab"));
    if (!json_is_object(f)) return "-";
    return fe__printf(p->a, "%s (%s to %s)", fe__quantity_words(p->a, q, fe__jn(f, "p50")),
                      fe__quantity_words(p->a, q, fe__jn(f, "p5")), fe__quantity_words(p->a, q, fe__jn(f, "p95")));
}

static const char *place_words(page *p, const json_t *x) {
    double percentile = fe__jn(json_object_get(x, "foreseen"), "percentile");
    if (isnan(percentile)) return "-";
    if (percentile < 0.1) return "under 0.1";
    if (percentile > 99.9) return "over 99.9";
    return fe__printf(p->a, "%s in 100", fe__num(p, percentile, percentile < 1 || percentile > 99 ? 1 : 0));
}

static void lab_line(page *p, const json_t *x) {
    const char *reading = fe__js(x, "reading"), *at = fe__js(x, "at");
    const char *words = *reading ? fe__say_id_lower(p->a, reading) : "-";
    bool newest = json_is_true(json_object_get(x, "newest"));
    row(p, (const char *const[]){fe__strndup(p->a, at, 10), fe__js(x, "lab"), value_words(p, x), foreseen_words(p, x),
                                 place_words(p, x), newest ? words : fe__printf(p->a, "%s (older)", words)});
}

static void labs_lines(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "labs");
    if (json_array_size(list) == 0) return;
    fe__page_heading(p, "Labs against what was foreseen before each was known");
    row(p, (const char *const[]){"drawn", "lab", "value", "foreseen, 9 in 10", "above", "reading"});
    for (size_t i = 0; i < json_array_size(list); i++) lab_line(p, json_array_get(list, i));
}

/* Each reason once, for which labs nothing was foreseen. */
static void not_foreseen_lines(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "labs");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *why = fe__js(json_array_get(list, i), "not_foreseen");
        text t;
        bool told = false;
        fe__text_init(&t, p->a);
        for (size_t k = 0; *why && k < json_array_size(list); k++) {
            const json_t *x = json_array_get(list, k);
            if (!fe__streq(fe__js(x, "not_foreseen"), why)) continue;
            told = told || k < i;
            fe__text_addf(&t, "%s%s", t.n ? ", " : "", fe__js(x, "lab"));
        }
        if (*why && !told) fe__page_paragraph(p, "  not foreseen: ", INK_DIM, fe__printf(p->a, "%s. %s", t.s, why));
    }
}

static void differential_lines(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "differential");
    if (json_array_size(list)) fe__page_heading(p, "What may explain it, likeliest first");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i), *tests = json_object_get(x, "tests");
        bool shown = json_is_true(json_object_get(x, "shown"));
        fe__page_paragraph(
            p, fe__printf(p->a, "  %zu. ", i + 1), INK_BOLD,
            fe__printf(p->a, "%s%s%s%s", fe__js(x, "text"),
                       shown ? fe__printf(p->a, " Here: %s.", fe__list(p, json_object_get(x, "because"))) : " Not ruled out.",
                       json_array_size(tests) ? " Tell by: " : "",
                       json_array_size(tests) ? fe__printf(p->a, "%s.", fe__list(p, tests)) : ""));
    }
}

static void retest_lines(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "retest");
    if (json_array_size(list)) fe__page_heading(p, "Draw again");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        const char *from = fe__js(x, "not_before"), *best = fe__js(x, "best");
        fe__page_paragraph(p, fe__printf(p->a, "  %-12s ", fe__js(x, "lab")), INK_BOLD,
                           fe__printf(p->a, "not before %s%s%s. %s", from, fe__streq(from, best) ? "" : ", best on ",
                                      fe__streq(from, best) ? "" : best, fe__js(x, "why")));
    }
}

static void legs_lines(page *p, const json_t *root) {
    const json_t *chances = json_object_get(root, "chances");
    double with = fe__jn(json_object_get(chances, "rls-response"), "p"),
           drug = fe__jn(json_object_get(chances, "rls-response-drug"), "p");
    if (isnan(with)) return;
    fe__page_heading(p, "Restless legs");
    fe__page_paragraph(p, "  ", INK_PLAIN,
                       fe__printf(p->a, "Better in %s with the usual placebo response, in %s by the drug alone (%s).",
                                  fe__say_chance(p->a, with), fe__say_chance(p->a, drug), fe__js(root, "chances_mean")));
    const json_t *list = json_object_get(root, "expectations");
    for (size_t i = 0; i < json_array_size(list); i++)
        fe__page_paragraph(p, "  published, not computed: ", INK_DIM, fe__js(json_array_get(list, i), "text"));
}

void fe__page_interpret(page *p, const json_t *root) {
    const char *v = fe__js(root, "verdict");
    bool good = fe__streq(v, "as-expected"), urgent = fe__streq(v, "act-now") || fe__streq(v, "nothing-to-read");
    fe__page_paragraph(p, fe__printf(p->a, "What the labs and symptoms mean: %s", v),
                       good     ? INK_GREEN
                       : urgent ? INK_RED
                                : INK_YELLOW,
                       "");
    labs_lines(p, root);
    not_foreseen_lines(p, root);
    fe__page_findings(p, root);
    differential_lines(p, root);
    retest_lines(p, root);
    legs_lines(p, root);
    fe__page_missing(p, root);
    fe__page_stamp(p, root);
}
