/* The page of a forecast, and of an answer that refuses. */
#include <math.h>

#include "report/html.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/say.h"

/* Without goals: where the first fan ends. */
static const char *plain_headline(const report *r) {
    const fan *f = &r->l->fans[0];
    size_t end = f->n - 1;
    return fe__printf(r->a, "%s is likeliest %s to %s%s%s at %s.", f->what->title, fe__quantity_words(r->a, f->what, f->p25[end]),
                      fe__quantity_words(r->a, f->what, f->p75[end]), *f->unit ? " " : "", f->unit,
                      fe__timeline_when(r->l, f->t[end]));
}

void fe__html_forecast(report *r) {
    double chance;
    const char *headline = fe__goal_headline(r), *sentence = fe__goal_sentence(r, &chance);
    fe__html(&r->t, "<div class=\"course\"><div>\n");
    if (json_is_object(json_object_get(json_object_get(r->forecast, "basis"), "unexplained")))
        fe__part_answer(r, "Something happened that this course does not say.",
                        "The forecast below is that of the course as it is written.", NAN);
    else fe__part_answer(r, *headline ? headline : plain_headline(r), sentence, chance);
    fe__part_charts(r);
    fe__html(&r->t, "</div>\n<aside class=\"rail\">");
    fe__part_next(r);
    fe__part_goals(r);
    fe__part_findings(r);
    fe__part_missing(r);
    fe__part_given(r);
    fe__part_misses(r);
    fe__part_expect(r);
    fe__html(&r->t, "</aside></div>\n");
}

/* The sentence that decides: the first refusal, else the most urgent finding. */
static const char *decisive(const report *r) {
    const json_t *list = json_object_get(r->root, "findings");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (fe__streq(fe__js(json_array_get(list, i), "level"), "refusal")) return fe__js(json_array_get(list, i), "text");
    return fe__js(json_array_get(list, 0), "text");
}

void fe__html_refusal(report *r) {
    bool plan = fe__streq(fe__js(r->root, "question"), "plan");
    const char *verdict = fe__js(r->root, "verdict"), *why = decisive(r);
    fe__html(&r->t, "<div class=\"course\"><div>\n");
    fe__part_answer(r, fe__printf(r->a, "%s: %s.", plan ? "No plan" : "No forecast", fe__say_id_lower(r->a, verdict)), why, NAN);
    fe__html(&r->t, "<section class=\"sheet pad\">");
    fe__part_findings(r);
    fe__html(&r->t, "</section></div>\n<aside class=\"rail\">");
    fe__part_missing(r);
    fe__part_given(r);
    fe__html(&r->t, "</aside></div>\n");
}
