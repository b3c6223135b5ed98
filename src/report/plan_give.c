/* The chosen plan to the mL: infusions that are prepared alike share a column, the label's floor stands next to the minutes. */
#include <math.h>
#include <string.h>

#include "report/html.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/say.h"

enum { COLUMNS = 2, GROUPS_MAX = 40 };

typedef struct group {
    size_t from, to; /* infusions from, from + 1, ... to - 1 */
} group;

typedef const char *(*cell_of)(report *r, const json_t *infusion, size_t index);

/* Prepared alike: everything but the day is the same. */
static bool is_alike(const json_t *a, const json_t *b) {
    static const char *const keys[] = {"dose_mg", "drug_ml", "bag_ml",       "minutes",        "ml_per_h",
                                       "diluent", "route",   "test_dose_mg", "observe_minutes"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (!json_equal(json_object_get(a, keys[i]), json_object_get(b, keys[i]))) return false;
    return true;
}

static size_t groups_of(const json_t *list, group *g) {
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        bool alike = n && is_alike(json_array_get(list, i), json_array_get(list, g[n - 1].from));
        if (alike || n == GROUPS_MAX) g[n - 1].to = i + 1;
        else g[n++] = (group){i, i + 1};
    }
    return n;
}

static const char *mg(report *r, const json_t *x, const char *key, int decimals) {
    return fe__say_number(r->a, fe__jn(x, key), decimals);
}

static const char *dose_cell(report *r, const json_t *x, size_t i) {
    (void)i;
    return fe__printf(r->a, "%s mg", mg(r, x, "dose_mg", 1));
}

static const char *draw_cell(report *r, const json_t *x, size_t i) {
    (void)i;
    text t;
    const json_t *vials = json_object_get(x, "vials");
    fe__text_init(&t, r->a);
    fe__text_addf(&t, "%s mL", mg(r, x, "drug_ml", 2));
    for (size_t k = 0; k < json_array_size(vials); k++) {
        const json_t *v = json_array_get(vials, k);
        fe__text_addf(&t, "%s%s \xC3\x97 %s mg", k ? " + " : " from ", mg(r, v, "count", 0), mg(r, v, "mg", 1));
    }
    if (fe__jn(x, "discard_mg") > 0) fe__text_addf(&t, ", discard %s mg", mg(r, x, "discard_mg", 1));
    return t.s;
}

static const char *dilute_cell(report *r, const json_t *x, size_t i) {
    (void)i;
    if (isnan(fe__jn(x, "bag_ml"))) return fe__printf(r->a, "undiluted, by %s", fe__js(x, "route"));
    const char *final = json_is_true(json_object_get(x, "bag_is_final")) ? "to a final " : "";
    return fe__printf(r->a, "%s%s mL %s", final, mg(r, x, "bag_ml", 0), fe__word(r, fe__js(x, "diluent")));
}

static const char *run_cell(report *r, const json_t *x, size_t i) {
    (void)i;
    return fe__printf(r->a, "%s min, %s mL/h", mg(r, x, "minutes", 1), mg(r, x, "ml_per_h", 0));
}

/* The label's least minutes for this infusion, as the verifier tried it. */
static const char *floor_cell(report *r, const json_t *x, size_t i) {
    const json_t *limits = json_object_get(r->chosen, "limits");
    (void)x;
    for (size_t k = 0; k < json_array_size(limits); k++) {
        const json_t *l = json_array_get(limits, k);
        const char *name = strrchr(fe__js(l, "rule"), '/');
        if (name && fe__streq(name, "/min-minutes") && fe__jn(l, "infusion") == (double)i && !isnan(fe__jn(l, "limit")))
            return fe__printf(r->a, "%s min", mg(r, l, "limit", 1));
    }
    return "none set";
}

static const char *test_cell(report *r, const json_t *x, size_t i) {
    (void)i;
    if (isnan(fe__jn(x, "test_dose_mg"))) return "none";
    return fe__printf(r->a, "%s mg (%s mL), then wait %s min", mg(r, x, "test_dose_mg", 1), mg(r, x, "test_dose_ml", 2),
                      mg(r, x, "test_wait_minutes", 0));
}

static const char *watch_cell(report *r, const json_t *x, size_t i) {
    (void)i;
    return fe__printf(r->a, "%s min", mg(r, x, "observe_minutes", 0));
}

static const char *days_words(report *r, const json_t *list, const group *g) {
    const char *first = fe__day_words(r, fe__js(json_array_get(list, g->from), "on")),
               *last = fe__day_words(r, fe__js(json_array_get(list, g->to - 1), "on"));
    return g->to - g->from == 1 ? first : fe__printf(r->a, "%zu times, %s to %s", g->to - g->from, first, last);
}

static void table(report *r, const json_t *list, const group *g, size_t n) {
    static const struct {
        const char *name;
        cell_of cell;
    } rows[] = {{"Dose", dose_cell},    {"Draw up", draw_cell},      {"Dilute in", dilute_cell}, {"Test dose", test_cell},
                {"Over, at", run_cell}, {"Label floor", floor_cell}, {"Watch after", watch_cell}};
    fe__html(&r->t, "<table class=\"give\"><thead><tr><th></th>");
    for (size_t k = 0; k < n; k++) fe__html(&r->t, "<th>%s</th>", days_words(r, list, &g[k]));
    fe__html(&r->t, "</tr></thead><tbody>");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool said = rows[i].cell != test_cell;
        for (size_t k = 0; k < n; k++) said = said || !isnan(fe__jn(json_array_get(list, g[k].from), "test_dose_mg"));
        if (!said) continue;
        fe__html(&r->t, "<tr><th>%s</th>", rows[i].name);
        for (size_t k = 0; k < n; k++)
            fe__html(&r->t, i ? "<td>%s</td>" : "<td><b>%s</b></td>",
                     rows[i].cell(r, json_array_get(list, g[k].from), g[k].from));
        fe__html(&r->t, "</tr>");
    }
    fe__html(&r->t, "</tbody></table>\n");
}

static void limits_table(report *r) {
    const json_t *limits = json_object_get(r->chosen, "limits");
    fe__html(&r->t,
             "<details class=\"numbers\"><summary>See all %d limits</summary><div "
             "class=\"scroll\"><table><thead><tr><th>Limit</th><th>Here</th><th>Allowed</th><th>Source</th></tr></thead><tbody>",
             (int)json_array_size(limits));
    for (size_t i = 0; i < json_array_size(limits); i++) {
        const json_t *l = json_array_get(limits, i);
        const char *unit = fe__say_unit(r->a, fe__js(l, "unit"));
        const json_t *limit = json_object_get(l, "limit");
        const char *allowed = json_is_number(limit)                      ? mg(r, l, "limit", 2)
                              : json_is_string(limit)                    ? json_string_value(limit)
                              : json_is_true(json_object_get(l, "kept")) ? "kept"
                                                                         : "broken";
        const char *here = json_is_string(json_object_get(l, "value")) ? fe__js(l, "value") : mg(r, l, "value", 2);
        fe__html(&r->t, "<tr><th>%s</th><td>%s %s</td><td>%s %s</td><td>%s</td></tr>", fe__js(l, "rule"), here,
                 *here == '-' ? "" : unit, allowed, json_is_number(limit) ? unit : "", fe__js(l, "source"));
    }
    fe__html(&r->t, "</tbody></table></div></details>\n");
}

static void verified(report *r) {
    const json_t *v = json_object_get(r->root, "verified"), *broken = json_object_get(v, "broken");
    size_t n = json_array_size(broken);
    if (n == 0)
        fe__html(&r->t,
                 "<p class=\"ver\">Checked against the label by a second, separate reading: %s limits, none exceeded.</p>\n",
                 mg(r, v, "limits", 0));
    else
        fe__html(&r->t, "<p class=\"ver bad\">The second check found %d limits broken: %s.</p>\n", (int)n,
                 fe__list(&(page){.a = r->a}, broken));
    limits_table(r);
}

void fe__plan_give(report *r) {
    const json_t *list = json_object_get(r->chosen, "infusions");
    group *g = FE_NEW_ARRAY(r->a, group, GROUPS_MAX);
    size_t n = groups_of(list, g);
    fe__html(&r->t, "<section><h2 class=\"h\">Plan A, to give: %s %s</h2>", fe__js(r->chosen, "generic"),
             fe__js(r->chosen, "brand"));
    for (size_t i = 0; i < n; i += COLUMNS) table(r, list, g + i, n - i < COLUMNS ? n - i : COLUMNS);
    verified(r);
    fe__html(&r->t, "</section>\n");
}
