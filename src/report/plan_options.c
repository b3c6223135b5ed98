/* The options as rows on shared scales, and what the first one gives to the mL. */
#include <math.h>
#include <string.h>

#include "report/html.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/say.h"
#include "report/scale.h"

/* ---- options ------------------------------------------------------------------------------------------------------------------------ */

static double chance_of(const json_t *option, const char *id, const char *part) {
    const json_t *chances = json_object_get(option, "chances"), *x = json_object_get(chances, id);
    if (!json_is_object(x)) x = json_object_get(json_object_get(json_object_get(option, "forecast"), "chances"), id);
    return fe__jn(x, part);
}

static bool any_chance(const json_t *options, const char *id) {
    for (size_t i = 0; i < json_array_size(options); i++)
        if (!isnan(chance_of(json_array_get(options, i), id, "p"))) return true;
    return false;
}

static double last_day(const json_t *options) {
    double last = 28;
    for (size_t i = 0; i < json_array_size(options); i++) {
        const json_t *list = json_object_get(json_array_get(options, i), "infusions");
        if (json_array_size(list)) last = fmax(last, fe__jn(json_array_get(list, json_array_size(list) - 1), "day"));
    }
    return last;
}

static double highest_dose(const json_t *options) {
    double high = 1;
    for (size_t i = 0; i < json_array_size(options); i++) {
        const json_t *list = json_object_get(json_array_get(options, i), "infusions");
        for (size_t k = 0; k < json_array_size(list); k++) high = fmax(high, fe__jn(json_array_get(list, k), "dose_mg"));
    }
    return high;
}

static void bars(report *r, const json_t *option, double last, double high) {
    const json_t *list = json_object_get(option, "infusions");
    scale x = {0, last, 5, 125};
    fe__html(&r->t, "<td class=\"sc\"><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"132\" height=\"34\" viewBox=\"0 0 132 "
                    "34\" aria-hidden=\"true\"><path class=\"tick\" fill=\"none\" d=\"M0 29.5H132");
    for (double week = 0; week <= last; week += 7) fe__html(&r->t, "M%f 30v3", fe__lie(&x, week));
    fe__html(&r->t, "\"/>");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *f = json_array_get(list, i);
        double height = fmax(2, 24 * fe__jn(f, "dose_mg") / high), at = fe__lie(&x, fe__jn(f, "day"));
        fe__html(&r->t, "<rect class=\"iron\" x=\"%f\" y=\"%f\" width=\"5\" height=\"%f\"/>", at - 2.5, 29.5 - height, height);
    }
    fe__html(&r->t, "</svg></td>");
}

/* The chance as a mark on a line from 0 to 10 in 10, with its interval. */
static void chance_cell(report *r, const json_t *option) {
    double p = chance_of(option, "both-goals", "p"), low = chance_of(option, "both-goals", "p5"),
           high = chance_of(option, "both-goals", "p95");
    scale x = {0, 1, 4, 174};
    fe__html(&r->t, "<td class=\"ch\"><b>%s</b>", isnan(p) ? "not modelled" : fe__say_chance(r->a, p));
    if (!isnan(p)) {
        fe__html(&r->t, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"178\" height=\"24\" viewBox=\"0 0 178 24\" "
                        "aria-hidden=\"true\"><path class=\"grid\" fill=\"none\" d=\"M4 2v20M89 2v20M174 2v20M4 12H174\"/>");
        if (!isnan(low) && !isnan(high))
            fe__html(&r->t, "<path class=\"between\" d=\"M%f 12H%f\"/>", fe__lie(&x, low), fe__lie(&x, high));
        fe__html(&r->t, "<circle class=\"mid\" cx=\"%f\" cy=\"12\" r=\"6\"/></svg>", fe__lie(&x, p));
    }
    fe__html(&r->t, "</td>");
}

static void bar_cell(report *r, double p) {
    fe__html(&r->t, "<td class=\"r\"><b>%s</b>", isnan(p) ? "not modelled" : fe__say_chance(r->a, p));
    if (!isnan(p))
        fe__html(&r->t,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"92\" height=\"10\" viewBox=\"0 0 92 10\" "
                 "aria-hidden=\"true\"><rect class=\"well\" width=\"92\" height=\"8\" y=\"1\"/><rect class=\"fill\" width=\"%f\" "
                 "height=\"8\" y=\"1\"/></svg>",
                 92 * p);
    fe__html(&r->t, "</td>");
}

void fe__plan_tags(report *r, const json_t *option) {
    const json_t *list = json_object_get(option, "cautions");
    if (json_is_true(json_object_get(option, "off_label"))) fe__html(&r->t, " <span class=\"tag\">off-label</span>");
    for (size_t i = 0; i < json_array_size(list); i++)
        fe__html(&r->t, " <span class=\"tag\">caution: %s</span>", json_string_value(json_array_get(list, i)));
}

void fe__plan_options(report *r) {
    const json_t *options = json_object_get(r->root, "options");
    bool goals = any_chance(options, "both-goals"), phosphate = any_chance(options, "hypophosphatemia"),
         reaction = any_chance(options, "fishbane");
    double last = last_day(options), high = highest_dose(options);
    fe__html(&r->t,
             "<section class=\"sheet scroll\"><table class=\"opts\"><thead><tr><th class=\"k\"></th><th class=\"n\">Product and "
             "doses</th><th class=\"sc\">Weeks 0 to %d</th>%S<th class=\"v\">Visits<span>time in the "
             "chair</span></th>%S%S</tr></thead><tbody>\n",
             (int)ceil(last / 7), goals ? "<th class=\"ch\">Both goals<span>0 to 10 in 10</span></th>" : "",
             phosphate ? "<th class=\"r\">Low phosphate<span>at any time</span></th>" : "",
             reaction ? "<th class=\"r\">Reaction<span>model estimate</span></th>" : "");
    for (size_t i = 0; i < json_array_size(options); i++) {
        const json_t *o = json_array_get(options, i);
        fe__html(&r->t,
                 "<tr class=\"%S\"><th class=\"k\">%s</th><td class=\"n\"><b>%s</b> <span class=\"two\">%s</span><br/><span "
                 "class=\"two small\">%s</span>",
                 i ? "" : "sel", fe__printf(r->a, "%c", (int)('A' + i % 26)), fe__say_first_large(r->a, fe__js(o, "generic")),
                 fe__js(o, "brand"), fe__doses_words(r->a, json_object_get(o, "infusions")));
        fe__plan_tags(r, o);
        fe__html(&r->t, "</td>");
        bars(r, o, last, high);
        if (goals) chance_cell(r, o);
        double visits = fe__jn(o, "visits");
        fe__html(&r->t, "<td class=\"v\"><b>%s visit%s</b><br/><span class=\"two small\">%s min</span></td>",
                 fe__say_number(r->a, visits, 0), visits == 1 ? "" : "s", fe__say_number(r->a, fe__jn(o, "chair_minutes"), 0));
        if (phosphate) bar_cell(r, chance_of(o, "hypophosphatemia", "p"));
        if (reaction)
            fe__html(&r->t, "<td class=\"r\"><b>%s</b><span class=\"two small\">%s</span></td>",
                     fe__say_chance(r->a, chance_of(o, "fishbane", "p")), fe__say_of_infusions(r->a, o));
        fe__html(&r->t, "</tr>\n");
    }
    fe__html(&r->t, "</tbody></table></section>\n");
}
