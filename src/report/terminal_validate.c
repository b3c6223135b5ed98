/* Validation at the terminal: how many rows, each kind of observation, and the largest misses first. */
#include <math.h>
#include <stdlib.h>

#include "report/page.h"

enum { SHOWN_MISSES = 12, NAME = 30 };

static const char *percent(page *p, double share) { return isnan(share) ? "-" : fe__printf(p->a, "%.0f%%", 100 * share); }

/* How far outside its interval an observation lies, in widths of it. */
static double widths_outside(const json_t *row) {
    double v = fe__jn(row, "observed"), low = fe__jn(row, "p5"), high = fe__jn(row, "p95"),
           outside = v < low    ? low - v
                     : v > high ? v - high
                                : 0;
    return outside == 0 ? 0 : high > low ? outside / (high - low) : INFINITY;
}

static int farther_first(const void *one, const void *two) {
    double a = widths_outside(*(json_t *const *)one), b = widths_outside(*(json_t *const *)two);
    return (a < b) - (a > b);
}

static const char *number(page *p, double v) { return fe__printf(p->a, "%.4g", v); }

static void line(page *p, const json_t *row) {
    fe__page_paragraph(p, fe__printf(p->a, "  %-6s %-5s ", fe__js(row, "id"), fe__js(row, "formulation")), INK_BOLD,
                       fe__printf(p->a, "%s, %s: observed %s, predicted %s (%s to %s) %s", fe__js(row, "study"),
                                  fe__js(row, "endpoint"), number(p, fe__jn(row, "observed")),
                                  number(p, fe__jn(row, "predicted")), number(p, fe__jn(row, "p5")),
                                  number(p, fe__jn(row, "p95")), fe__js(row, "unit")));
}

static void misses(page *p, const json_t *rows) {
    size_t n = json_array_size(rows), outside = 0;
    const json_t **list = FE_NEW_ARRAY(p->a, const json_t *, n + 1);
    for (size_t i = 0; i < n; i++)
        if (widths_outside(json_array_get(rows, i)) > 0) list[outside++] = json_array_get(rows, i);
    qsort(list, outside, sizeof *list, farther_first);
    if (outside == 0) return;
    fe__page_heading(
        p, fe__printf(p->a, "Farthest outside (%d of %zu)", outside < SHOWN_MISSES ? (int)outside : SHOWN_MISSES, outside));
    for (size_t i = 0; i < outside && i < SHOWN_MISSES; i++) line(p, list[i]);
}

static void groups(page *p, const json_t *list) {
    fe__page_heading(p, "By endpoint and formulation");
    fe__page_paragraph(
        p, fe__printf(p->a, "  %-*s %-6s %4s  %10s %10s %7s %10s", NAME, "", "", "rows", "error", "absolute", "in 90%", "width"),
        INK_DIM, "");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *g = json_array_get(list, i);
        fe__page_paragraph(p,
                           fe__printf(p->a, "  %-*s %-6s %4.0f  %10s %10s %7s %10s ", NAME, fe__js(g, "endpoint"),
                                      fe__js(g, "formulation"), fe__jn(g, "n"), number(p, fe__jn(g, "median_error")),
                                      number(p, fe__jn(g, "median_absolute_error")), percent(p, fe__jn(g, "share_in_90")),
                                      number(p, fe__jn(g, "median_width"))),
                           INK_PLAIN, "");
    }
}

static void unpredicted(page *p, const json_t *list) {
    if (json_array_size(list) == 0) return;
    fe__page_heading(p, "Not predicted, though mapped and modelled");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        if (!json_is_true(json_object_get(x, "counts"))) continue;
        fe__page_paragraph(p, fe__printf(p->a, "  %-6s %-5s ", fe__js(x, "id"), fe__js(x, "formulation")), INK_BOLD,
                           fe__printf(p->a, "%s: %s", fe__js(x, "endpoint"), fe__js(x, "why")));
    }
}

/* How many arms have a baseline of their own; --json and --report say which. */
static void whom(page *p, const json_t *arms) {
    size_t own = 0, n = json_array_size(arms);
    for (size_t i = 0; i < n; i++) {
        const json_t *list = json_object_get(json_array_get(arms, i), "baselines");
        bool given = false;
        for (size_t k = 0; k < json_array_size(list); k++)
            given = given || fe__streq(fe__js(json_array_get(list, k), "from"), "study");
        own += given;
    }
    fe__page_paragraph(p, "", INK_DIM,
                       fe__printf(p->a,
                                  "%zu arms; %zu of them start from numbers that their study gives, and everything else of a "
                                  "baseline is its population's "
                                  "(--json and --report say which).",
                                  n, own));
}

void fe__page_validate(page *p, const json_t *root) {
    const json_t *c = json_object_get(root, "counts"), *basis = json_object_get(root, "basis");
    fe__page_paragraph(
        p, "Validated: ", INK_BOLD,
        fe__printf(
            p->a, "%.0f of %.0f observations predicted; %.0f of them (%s) lie inside the 90%% interval of a study of their size.",
            fe__jn(c, "predicted"), fe__jn(c, "rows"), fe__jn(c, "inside"), percent(p, fe__jn(c, "share_in_90"))));
    fe__page_paragraph(
        p, "", INK_PLAIN,
        fe__printf(
            p->a,
            "Of %.0f whose population is mapped and whose formulation is modelled %.0f are not predicted. %.0f are mapped to "
            "none, %.0f are not in the map, %.0f have no formulation that is modelled.",
            fe__jn(c, "mapped_and_modelled"), fe__jn(c, "mapped_and_modelled_not_predicted"), fe__jn(c, "mapped_to_none"),
            fe__jn(c, "not_in_the_map"), fe__jn(c, "formulation_not_modelled")));
    fe__page_paragraph(
        p, "", INK_DIM,
        fe__printf(
            p->a,
            "%.0f virtual patients an arm, %.0f studies drawn an observation. The interval holds the sampling of people and the "
            "errors of their labs, no difference between studies.",
            fe__jn(basis, "patients"), fe__jn(basis, "studies")));
    whom(p, json_object_get(root, "arms"));
    misses(p, json_object_get(root, "rows"));
    groups(p, json_object_get(root, "groups"));
    unpredicted(p, json_object_get(root, "not_predicted"));
    fe__page_stamp(p, root);
}
