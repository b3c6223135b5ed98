/* The page of a validation: each study against its band, endpoint by endpoint; what is not predicted; the numbers behind. */
#include <math.h>
#include <string.h>

#include "report/html.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/say.h"
#include "report/scale.h"

enum {
    WIDTH = 1000,
    LABELS = 470,
    RIGHT = 980,
    ROW = 22,
    HEAD = 30,
    TICKS_MOST = 6,
    HOURS_A_WEEK = 168,
    FIGURES = 3,
    CHARACTERS = 74
};

static const char *number(const report *r, double v) { return fe__say_figures(r->a, v, FIGURES); }

static const char *when(const report *r, const json_t *row) {
    double h = fe__jn(row, "time_h");
    if (isnan(h)) return "";
    if (h == 0) return ", at the start";
    if (h < 2 * HOURS_A_WEEK) return fe__printf(r->a, ", %s h", fe__number_text(r->a, h, 1));
    return fe__printf(r->a, ", week %s", fe__number_text(r->a, h / HOURS_A_WEEK, 1));
}

static const char *label(const report *r, const json_t *row) {
    const json_t *arm = json_array_get(json_object_get(r->root, "arms"), (size_t)fe__jn(row, "arm"));
    return fe__printf(r->a, "%s: %s %s mg%s, n %s", fe__js(row, "study"), fe__js(row, "formulation"),
                      fe__say_number(r->a, fe__jn(row, "dose_mg"), 0), when(r, row), fe__number_text(r->a, fe__jn(arm, "n"), 0));
}

/* ---- one endpoint -------------------------------------------------------------------------------------------------------------------- */

typedef struct forest {
    report *r;
    const char *endpoint, *unit;
    const json_t **rows;
    size_t n, inside;
    scale x;
} forest;

static forest forest_of(report *r, const char *endpoint) {
    const json_t *all = json_object_get(r->root, "rows");
    forest f = {.r = r, .endpoint = endpoint, .rows = FE_NEW_ARRAY(r->a, const json_t *, json_array_size(all) + 1)};
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *row = json_array_get(all, i);
        if (!fe__streq(fe__js(row, "endpoint"), endpoint)) continue;
        f.rows[f.n++] = row;
        f.unit = fe__js(row, "unit");
        f.inside += json_is_true(json_object_get(row, "inside"));
        low = fmin(low, fmin(fe__jn(row, "p5"), fe__jn(row, "observed")));
        high = fmax(high, fmax(fe__jn(row, "p95"), fe__jn(row, "observed")));
    }
    fe__widen(&low, &high, 0.05);
    f.x = (scale){low, high, LABELS, RIGHT};
    return f;
}

static void draw_axis(const forest *f, int foot) {
    ticks t = fe__ticks(f->x.v0, f->x.v1, TICKS_MOST);
    for (int i = 0; i < t.count; i++) {
        double v = fe__tick(&t, i), x = fe__lie(&f->x, v);
        fe__html(&f->r->t, "<line class=\"grid\" x1=\"%f\" x2=\"%f\" y1=\"%d\" y2=\"%d\"/>", x, x, HEAD - 8, foot);
        fe__html(&f->r->t, "<text class=\"ax\" x=\"%f\" y=\"%d\" text-anchor=\"middle\">%s</text>", x, HEAD - 14,
                 fe__say_number(f->r->a, v, t.decimals));
    }
}

/* What fits left of the bands; whole characters. */
static const char *cut(arena *a, const char *words) {
    size_t n = strlen(words), at = 0, shown = 0;
    bool is_shown;
    if (fe__utf8_length(words) <= CHARACTERS) return words;
    for (; at < n && shown < CHARACTERS - 3; shown++) {
        size_t size = fe__character(words + at, n - at, &is_shown);
        at += size ? size : 1;
    }
    return fe__printf(a, "%s...", fe__strndup(a, words, at));
}

/* The band, its middle, and what the study saw: a disc inside, a hollow one outside. */
static void draw_row(const forest *f, const json_t *row, double y) {
    double from = fe__lie(&f->x, fe__jn(row, "p5")), to = fe__lie(&f->x, fe__jn(row, "p95")),
           middle = fe__lie(&f->x, fe__jn(row, "predicted")), seen = fe__lie(&f->x, fe__jn(row, "observed"));
    bool inside = json_is_true(json_object_get(row, "inside"));
    const char *words = label(f->r, row);
    fe__html(&f->r->t, "<text class=\"xs\" x=\"0\" y=\"%f\">%s</text>", y + 4, cut(f->r->a, words));
    fe__html(&f->r->t, "<rect class=\"f90\" x=\"%f\" y=\"%f\" width=\"%f\" height=\"8\"/>", from, y - 4, fmax(to - from, 1));
    fe__html(&f->r->t, "<line class=\"med\" x1=\"%f\" x2=\"%f\" y1=\"%f\" y2=\"%f\"/>", middle, middle, y - 7, y + 7);
    fe__html(&f->r->t, "<circle class=\"%s\" cx=\"%f\" cy=\"%f\" r=\"4.5\"/>", inside ? "pt" : "due", seen, y);
}

static void draw_table(const forest *f) {
    text *t = &f->r->t;
    fe__html(t,
             "<details class=\"numbers\"><summary>Numbers</summary><div class=\"scroll\"><table data-table=\"%s\"><thead><tr>"
             "<th>Row</th><th>Study</th><th>Observed</th><th>Predicted</th><th>9 in 10 studies</th><th>Read "
             "as</th></tr></thead><tbody>",
             f->endpoint);
    for (size_t i = 0; i < f->n; i++)
        fe__html(t, "<tr><th>%s</th><td>%s</td><td>%s</td><td>%s</td><td>%s to %s</td><td>%s</td></tr>", fe__js(f->rows[i], "id"),
                 label(f->r, f->rows[i]), number(f->r, fe__jn(f->rows[i], "observed")),
                 number(f->r, fe__jn(f->rows[i], "predicted")), number(f->r, fe__jn(f->rows[i], "p5")),
                 number(f->r, fe__jn(f->rows[i], "p95")), fe__js(f->rows[i], "read_as"));
    fe__html(t, "</tbody></table></div></details>\n");
}

static void draw_forest(const forest *f) {
    text *t = &f->r->t;
    int height = HEAD + (int)f->n * ROW + 4;
    const char *head =
        fe__printf(f->r->a, "%s%s%s: %zu of %zu inside", f->endpoint, *f->unit ? ", " : "", f->unit, f->inside, f->n);
    fe__html(t,
             "<section class=\"sheet pad\"><h2 class=\"h\">%s</h2>\n<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" "
             "viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
             "role=\"img\" aria-label=\"%s\">",
             head, WIDTH, height, WIDTH, height, head);
    draw_axis(f, height);
    for (size_t i = 0; i < f->n; i++) draw_row(f, f->rows[i], HEAD + ROW * (double)i + ROW / 2.0);
    fe__html(t, "</svg>\n");
    draw_table(f);
    fe__html(t, "</section>\n");
}

/* ---- the rest --------------------------------------------------------------------------------------------------------------------------- */

static void unpredicted(report *r, bool counts, const char *title) {
    const json_t *list = json_object_get(r->root, "not_predicted");
    fe__html(&r->t, "<section><h2 class=\"h\">%s</h2><details class=\"numbers\"><summary>List</summary><ul>", title);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        if (json_is_true(json_object_get(x, "counts")) != counts) continue;
        fe__html(&r->t, "<li><b>%s</b> %s: %s</li>", fe__js(x, "id"), fe__js(x, "endpoint"), fe__js(x, "why"));
    }
    fe__html(&r->t, "</ul></details></section>\n");
}

static bool first_of(const json_t *groups, size_t i) {
    const char *endpoint = fe__js(json_array_get(groups, i), "endpoint");
    for (size_t k = 0; k < i; k++)
        if (fe__streq(fe__js(json_array_get(groups, k), "endpoint"), endpoint)) return false;
    return true;
}

void fe__html_validate(report *r) {
    const json_t *c = json_object_get(r->root, "counts"), *groups = json_object_get(r->root, "groups"),
                 *basis = json_object_get(r->root, "basis");
    fe__html(&r->t, "<div class=\"course\"><div>\n");
    fe__part_answer(
        r,
        fe__printf(r->a, "%.0f of %.0f observations lie inside the band of a study of their size.", fe__jn(c, "inside"),
                   fe__jn(c, "predicted")),
        fe__printf(r->a,
                   "Bar: nine in ten studies of that size by the model (%.0f virtual patients an arm); line: all of its "
                   "people. Disc: what the study saw, hollow where it lies outside.",
                   fe__jn(basis, "patients")),
        NAN);
    for (size_t i = 0; i < json_array_size(groups); i++) {
        if (!first_of(groups, i)) continue;
        forest f = forest_of(r, fe__js(json_array_get(groups, i), "endpoint"));
        draw_forest(&f);
    }
    fe__html_arms(r);
    fe__html(&r->t, "</div>\n<aside class=\"rail\">");
    fe__html(&r->t, "<section><h2 class=\"h\">Rows</h2><p class=\"small\">%s</p></section>\n",
             fe__printf(r->a,
                        "%.0f in the file; %.0f mapped and modelled, of which %.0f are not predicted; %.0f mapped to none; %.0f "
                        "not in the map.",
                        fe__jn(c, "rows"), fe__jn(c, "mapped_and_modelled"), fe__jn(c, "mapped_and_modelled_not_predicted"),
                        fe__jn(c, "mapped_to_none"), fe__jn(c, "not_in_the_map")));
    unpredicted(r, true, "Not predicted, though mapped and modelled");
    unpredicted(r, false, "Not predicted: population or formulation");
    fe__html(&r->t, "</aside></div>\n");
}
