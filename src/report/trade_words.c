#include "report/trade_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/page.h"
#include "report/say.h"

const json_t *fe__trade_of(const json_t *root) {
    const json_t *x = json_object_get(root, "optimize");
    return json_is_true(json_object_get(x, "done")) ? x : NULL;
}

const json_t *fe__trade_option(const json_t *root, const json_t *way) {
    const char *at = fe__js(way, "at"), *number = strrchr(at, '/');
    const char *list = strncmp(at, "/options/", 9) == 0 ? "options" : "alternatives";
    return number ? json_array_get(json_object_get(root, list), strtoul(number + 1, NULL, 10)) : NULL;
}

const char *fe__trade_head(const json_t *criterion) {
    static const char *const heads[][2] = {{"both-goals", "both goals"},
                                           {"hb-goal", "Hb goal"},
                                           {"ferritin-goal", "stores goal"},
                                           {"rls-response", "legs better"},
                                           {"hb-rise-2", "Hb 2 up"},
                                           {"hb-rise-1", "Hb 1 up"},
                                           {"total_mg", "iron"},
                                           {"visits", "visits"},
                                           {"chair_minutes", "in the chair"},
                                           {"fishbane", "reaction, infusions"},
                                           {"hypophosphatemia", "low phosph."},
                                           {"ferritin-over-500", "ferritin +"}};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (fe__streq(heads[i][0], fe__js(criterion, "id"))) return heads[i][1];
    return fe__js(criterion, "id");
}

static bool is_chance(const json_t *criterion) {
    return fe__streq(fe__js(criterion, "unit"), "1") && !fe__streq(fe__js(criterion, "id"), "visits");
}

const char *fe__trade_value(arena *a, const json_t *criterion, double v) {
    const char *unit = fe__js(criterion, "unit");
    if (isnan(v)) return "-";
    if (!is_chance(criterion))
        return fe__printf(a, "%s%s%s", fe__say_number(a, v, 0), fe__streq(unit, "1") ? "" : " ",
                          fe__streq(unit, "1") ? "" : unit);
    double hundred = 100 * v;
    if (hundred < 0.95) return "<1 in 100";
    if (hundred > 99) return ">99 in 100";
    return fe__printf(a, "%s in 100", fe__number_text(a, hundred, 0));
}

const char *fe__trade_cell(arena *a, const json_t *root, const json_t *way, const json_t *criterion) {
    const char *id = fe__js(criterion, "id");
    size_t n = json_array_size(json_object_get(fe__trade_option(root, way), "infusions"));
    double v = fe__jn(json_object_get(json_object_get(way, "values"), id), "value");
    const char *value = fe__trade_value(a, criterion, v);
    return fe__streq(id, "fishbane") && n > 1 && !isnan(v) ? fe__printf(a, "%s, any of %zu", value, n) : value;
}

const char *fe__trade_remark(arena *a, const json_t *way, size_t i) {
    bool is_usual = json_is_true(json_object_get(way, "usual")),
         is_beside = strncmp(fe__js(way, "at"), "/alternatives/", 14) == 0;
    if (i == 0) return "; recommended";
    return fe__printf(a, "%s%s%s", is_usual && is_beside ? "; the label's way, not varied" : "",
                      json_is_true(json_object_get(way, "worth_a_look")) ? "" : "; no clear advantage",
                      json_is_true(json_object_get(way, "modelled")) ? "" : "; not modelled");
}

const char *fe__trade_stand(const json_t *value) {
    const char *s = fe__js(value, "stands");
    if (strncmp(s, "tie", 3) == 0 || fe__streq(s, "equal")) return "tie";
    return fe__streq(s, "better") || fe__streq(s, "worse") ? s : "";
}

const char *fe__trade_sentence(arena *a, const json_t *trade) {
    double left_out = fe__jn(trade, "left_out");
    return fe__printf(a, "%s ways inside the label were found, %s of them compared closely, by %s bodies each.%s",
                      fe__say_number(a, fe__jn(trade, "found"), 0), fe__say_number(a, fe__jn(trade, "compared"), 0),
                      fe__say_number(a, fe__jn(trade, "draws"), 0),
                      left_out > 0 ? fe__printf(a, " %s more had an advantage by a first look and are not shown.",
                                                fe__say_number(a, left_out, 0))
                                   : "");
}
