/* The page of a plan: sentence, need, options, the charts of the first option, what is ruled out; beside them what to give. */
#include <math.h>
#include <string.h>

#include "report/html.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/say.h"
#include "report/trade_words.h"

/* ---- words -------------------------------------------------------------------------------------------------------------------------- */

static bool all_equal(const json_t *infusions, double *low, double *high) {
    *low = INFINITY, *high = -INFINITY;
    for (size_t i = 0; i < json_array_size(infusions); i++) {
        double mg = fe__jn(json_array_get(infusions, i), "dose_mg");
        *low = fmin(*low, mg), *high = fmax(*high, mg);
    }
    return *low == *high;
}

static const char *span_words(arena *a, double days) {
    if (days == 7) return "a week";
    if (fmod(days, 7) == 0) return fe__printf(a, "%s weeks", fe__say_count(a, (long)(days / 7)));
    return fe__printf(a, days == 1 ? "a day" : "%s days", fe__say_count(a, (long)days));
}

const char *fe__doses_words(arena *a, const json_t *infusions) {
    size_t n = json_array_size(infusions);
    double low, high;
    bool equal = all_equal(infusions, &low, &high);
    if (n == 0) return "";
    double days = fe__jn(json_array_get(infusions, n - 1), "day") - fe__jn(json_array_get(infusions, 0), "day");
    const char *span = span_words(a, days);
    if (n == 1) return fe__printf(a, "%s mg once", fe__say_number(a, low, 1));
    if (n == 2) {
        const json_t *last = json_array_get(infusions, 1);
        return fe__printf(a, "%s mg, then %s mg %s later", fe__say_number(a, fe__jn(json_array_get(infusions, 0), "dose_mg"), 1),
                          fe__say_number(a, fe__jn(last, "dose_mg"), 1), span);
    }
    if (equal) return fe__printf(a, "%s mg, %zu times in %s", fe__say_number(a, low, 1), n, span);
    return fe__printf(a, "%zu times %s to %s mg in %s", n, fe__say_number(a, low, 1), fe__say_number(a, high, 1), span);
}

const char *fe__say_of_infusions(arena *a, const json_t *option) {
    size_t n = json_array_size(json_object_get(option, "infusions"));
    return n > 1 ? fe__printf(a, " in any of %zu infusions", n) : "";
}

static const char *headline(const report *r) {
    const char *verdict = fe__js(r->root, "verdict");
    double visits = fe__jn(r->chosen, "visits"), shortfall = fe__jn(r->chosen, "shortfall_mg");
    const char *count = fe__say_first_large(r->a, fe__say_count(r->a, (long)visits)), *s = visits == 1 ? "" : "s";
    if (!fe__streq(verdict, "planned")) return fe__printf(r->a, "Not yet a plan: %s.", fe__say_id_lower(r->a, verdict));
    if (shortfall > 0)
        return fe__printf(r->a, "Iron by vein is indicated. %s infusion%s leave%s %s mg of the need open.", count, s,
                          visits == 1 ? "s" : "", fe__say_number(r->a, shortfall, 0));
    return fe__printf(r->a, "Iron by vein is indicated. %s infusion%s cover%s the need.", count, s, visits == 1 ? "s" : "");
}

/* ---- parts ---------------------------------------------------------------------------------------------------------------------------- */

static void ruled_out(report *r) {
    const json_t *list = json_object_get(r->root, "excluded");
    if (json_array_size(list) == 0) return;
    fe__html(&r->t, "<section class=\"out\"><h2 class=\"h\">Ruled out</h2><table>");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        fe__html(&r->t, "<tr><td><b>%s</b></td><td>%s</td><td class=\"src\">%s</td></tr>", fe__js(x, "product"),
                 fe__js(x, "because"), fe__js(x, "rule"));
    }
    fe__html(&r->t, "</table></section>\n");
}

/* What the options and their rivals by method would give. */
static void alternatives(report *r) {
    const json_t *list = json_object_get(r->root, "alternatives");
    if (json_array_size(list) == 0) return;
    fe__html(&r->t,
             "<details class=\"numbers\"><summary>%d other ways with the same products</summary><div "
             "class=\"scroll\"><table><thead><tr><th>Product</th><th>Method</th><th>Doses</th><th>Total</th></tr></thead><tbody>",
             (int)json_array_size(list));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        fe__html(&r->t, "<tr><th>%s</th><td>%s</td><td>%s</td><td>%s mg</td></tr>", fe__js(o, "product"), fe__js(o, "title"),
                 fe__doses_words(r->a, json_object_get(o, "infusions")), fe__say_number(r->a, fe__jn(o, "total_mg"), 0));
    }
    fe__html(&r->t, "</tbody></table></div></details>\n");
}

static void sentences(report *r, const char *title, const json_t *ids) {
    if (json_array_size(ids) == 0) return;
    fe__html(&r->t, "<dt>%s</dt><dd>", title);
    for (size_t i = 0; i < json_array_size(ids); i++)
        fe__html(&r->t, "%S%s", i ? ". " : "", fe__word(r, json_string_value(json_array_get(ids, i))));
    fe__html(&r->t, "</dd>");
}

static void setting(report *r) {
    const json_t *first = json_array_get(json_object_get(r->chosen, "infusions"), 0);
    fe__html(&r->t, "<section class=\"out\"><h2 class=\"h\">At the chair</h2><dl class=\"next chair\">");
    sentences(r, "Setting", json_object_get(r->root, "setup"));
    sentences(r, "Before", json_object_get(first, "checks"));
    sentences(r, "Vitals", json_object_get(first, "vitals"));
    fe__html(&r->t, "</dl></section>\n");
}

void fe__html_plan(report *r) {
    double chance = NAN;
    const char *sentence = fe__goal_sentence(r, &chance), *why = fe__js(r->chosen, "why");
    fe__html(&r->t, "<div class=\"course plan\"><div>\n");
    fe__part_answer(
        r, headline(r),
        *sentence ? sentence : fe__printf(r->a, "%s: %s.", fe__say_first_large(r->a, fe__js(r->chosen, "generic")), why), chance);
    fe__plan_need(r);
    if (fe__trade_of(r->root)) fe__plan_trade(r);
    else fe__plan_options(r);
    fe__html(&r->t, "</div>\n<aside class=\"rail give-rail\">");
    fe__plan_give(r);
    fe__html(&r->t, "</aside></div>\n<div class=\"course plan\"><div>\n");
    if (r->l) fe__part_charts(r);
    ruled_out(r);
    if (!fe__trade_of(r->root)) alternatives(r);
    setting(r);
    fe__html(&r->t, "</div>\n<aside class=\"rail\">");
    fe__part_next(r);
    fe__part_findings(r);
    fe__part_missing(r);
    fe__part_goals(r);
    fe__part_given(r);
    fe__part_misses(r);
    fe__part_expect(r);
    fe__html(&r->t, "</aside></div>\n");
}
