/* The trade-off of an optimized plan on its page: a row a way, a column a criterion, every column on one scale. */
#include <math.h>

#include "report/html.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/say.h"
#include "report/scale.h"
#include "report/trade_words.h"

enum { CELL_WIDE = 96 };

/* One scale for a column: from nothing to the largest value; chances that are common, to all. */
static double most_of(const json_t *ways, const char *id) {
    double most = 0;
    for (size_t i = 0; i < json_array_size(ways); i++) {
        double v = fe__jn(json_object_get(json_object_get(json_array_get(ways, i), "values"), id), "value");
        if (v > most) most = v;
    }
    return most > 0 ? most : 1;
}

/* A disc is clearly better or worse, a ring is a tie: the words beside it say which. */
static void dot(report *r, double v, double most, const char *stand, bool is_first) {
    scale x = {0, most, 7, CELL_WIDE - 7};
    fe__html(&r->t,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d 16\" aria-hidden=\"true\"><circle class=\"mid%S\" "
             "cx=\"%f\" cy=\"8\" "
             "r=\"5\"/></svg>",
             CELL_WIDE, !is_first && fe__streq(stand, "tie") ? " ring" : "", fe__lie_within(&x, v));
}

static void cell(report *r, const json_t *ways, const json_t *criterion, const json_t *way, bool is_first) {
    const json_t *value = json_object_get(json_object_get(way, "values"), fe__js(criterion, "id"));
    double v = fe__jn(value, "value");
    const char *stand = fe__trade_stand(value);
    fe__html(&r->t, "<td><b>%s</b>", fe__trade_cell(r->a, r->root, way, criterion));
    if (!is_first && *stand) fe__html(&r->t, " <i>%s</i>", stand);
    if (!isnan(v)) dot(r, v, most_of(ways, fe__js(criterion, "id")), stand, is_first);
    fe__html(&r->t, "</td>");
}

static void name_cell(report *r, const json_t *way, const json_t *o, size_t i) {
    fe__html(&r->t, "<th class=\"n\"><b>%s</b> %s<br/><i>%s%s</i>", fe__say_first_large(r->a, fe__js(o, "generic")),
             fe__js(o, "brand"), fe__doses_words(r->a, json_object_get(o, "infusions")), fe__trade_remark(r->a, way, i));
    if (fe__jn(json_object_get(way, "varies"), "slower") > 1)
        fe__html(&r->t, "<i>; %s times the usual minutes</i>",
                 fe__say_number(r->a, fe__jn(json_object_get(way, "varies"), "slower"), 1));
    fe__plan_tags(r, o);
    fe__html(&r->t, "</th>");
}

static void row(report *r, const json_t *trade, const json_t *way, size_t i) {
    const json_t *ways = json_object_get(trade, "ways"), *criteria = json_object_get(trade, "criteria");
    fe__html(&r->t, "<tr class=\"%S\"><th class=\"k\">%s</th>", i ? "" : "sel", fe__printf(r->a, "%c", (int)('A' + i % 26)));
    name_cell(r, way, fe__trade_option(r->root, way), i);
    for (size_t c = 0; c < json_array_size(criteria); c++) cell(r, ways, json_array_get(criteria, c), way, i == 0);
    fe__html(&r->t, "</tr>\n");
}

void fe__plan_trade(report *r) {
    const json_t *trade = fe__trade_of(r->root), *ways = json_object_get(trade, "ways"),
                 *criteria = json_object_get(trade, "criteria");
    if (!trade) return;
    fe__html(&r->t,
             "<h2 class=\"h\">The trade-off</h2><section class=\"sheet scroll\"><p class=\"legend\">%s</p><table class=\"opts "
             "trade\"><thead><tr><th class=\"k\"></th><th class=\"n\">Way</th>",
             fe__trade_sentence(r->a, trade));
    for (size_t c = 0; c < json_array_size(criteria); c++)
        fe__html(&r->t, "<th>%s<span>%s is better</span></th>",
                 fe__say_first_large(r->a, fe__js(json_array_get(criteria, c), "words")),
                 fe__js(json_array_get(criteria, c), "better"));
    fe__html(&r->t, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < json_array_size(ways); i++) row(r, trade, json_array_get(ways, i), i);
    fe__html(
        &r->t,
        "</tbody></table><p class=\"legend\"><span>A disc differs clearly from A; a ring is a tie with it: a difference that "
        "chance makes, or that is too small to matter.</span></p></section>\n<p class=\"trust\"><b>Why A</b> %s.</p>\n",
        fe__js(r->chosen, "why"));
}
