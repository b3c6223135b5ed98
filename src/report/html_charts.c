/* The sheet of charts of a page: the course itself, its legend in words, further panels, and every number behind them. */
#include <math.h>
#include <string.h>

#include "report/chart.h"
#include "report/chart_table.h"
#include "report/html.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/say.h"

/* What stands in the first drawing; everything else is a further panel. A score of restless legs is there only where it applies. */
static const char *const first_ids[] = {"hemoglobin", "ferritin", "tsat", "phosphate", "irls"};

static bool is_first(const fan *f) {
    for (size_t i = 0; i < sizeof first_ids / sizeof first_ids[0]; i++)
        if (fe__streq(f->what->id, first_ids[i])) return true;
    return false;
}

static const fan **fans_where(const report *r, bool first, size_t *n) {
    const fan **list = FE_NEW_ARRAY(r->a, const fan *, r->l->fans_n + 1);
    *n = 0;
    for (size_t i = 0; i < r->l->fans_n; i++)
        if (is_first(&r->l->fans[i]) == first) list[(*n)++] = &r->l->fans[i];
    return list;
}

const char *fe__label_of(const report *r, const fan *const *fans, size_t n, const char *opening) {
    text t;
    fe__text_init(&t, r->a);
    fe__text_add(&t, opening);
    for (size_t i = 0; i < n; i++) fe__text_addf(&t, "%s%s", t.n ? " " : "", fe__chart_sentence(r->l, fans[i]));
    return t.n ? t.s : "";
}

static void legend(report *r) {
    bool planned = false, given = false;
    for (size_t i = 0; i < r->l->doses_n; i++) *(r->l->doses[i].planned ? &planned : &given) = true;
    fe__html(&r->t,
             "<p class=\"legend\"><span><i class=\"k1\"></i>measured</span><span><i class=\"k2\"></i>middle forecast</span>"
             "<span><i class=\"k3\"></i>half fall here</span><span><i class=\"k4\"></i>9 in 10 fall here</span>%S%S<span><i "
             "class=\"k6\"></i>lab to take</span></p>\n",
             given ? "<span><i class=\"k5\"></i>iron given</span>" : "",
             planned ? "<span><i class=\"k5 plan\"></i>iron planned</span>" : "");
}

/* The windows of trust once more in words: hatching alone carries nothing. */
void fe__part_windows(report *r) {
    static const char *const says[][2] = {
        {"not-interpretable", "too early to judge"}, {"provisional", "read with care"}, {"reliable", "can be trusted"}};
    const char *last = "";
    for (size_t i = 0; i < r->l->windows_n; i++) {
        const trust *w = &r->l->windows[i];
        const char *words = w->id;
        for (size_t k = 0; k < sizeof says / sizeof says[0]; k++)
            if (fe__streq(says[k][0], w->id)) words = says[k][1];
        if (!fe__streq(last, w->lab))
            fe__html(&r->t, "%S<p class=\"trust\"><b>%s</b>", *last ? ".</p>\n" : "", fe__quantity(r->a, w->lab)->title);
        else fe__html(&r->t, ";");
        fe__html(&r->t, " %s from %s", words, fe__say_day(r->a, fe__timeline_day(r->l, w->from), r->today));
        last = w->lab;
    }
    if (*last) fe__html(&r->t, ".%s</p>\n", r->l->begun ? "" : " These days hang on the infusions planned.");
}

/* What lies beyond the end of an axis is said. */
void fe__part_cuts(report *r, const fan *const *fans, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double high = 0;
        for (size_t k = 0; k < fans[i]->n; k++) high = fmax(high, fans[i]->p95[k]);
        for (size_t k = 0; k < fans[i]->bars_n; k++) high = fmax(high, fans[i]->bars[k].p95);
        if (!(fans[i]->what->most > 0 && high > fans[i]->what->most)) continue;
        fe__html(&r->t,
                 "<p class=\"trust\"><b>%s</b> is drawn up to %s %s: in the first days the assay reads drug iron too.</p>\n",
                 fans[i]->what->title, fe__say_number(r->a, fans[i]->what->most, 0), fe__say_unit(r->a, fans[i]->unit));
    }
}

void fe__part_drawings(report *r, const fan *const *fans, size_t n, const char *key, bool rows, const char *label) {
    static const char *const suffix[] = {"w", "m", "p"};
    for (int how = LOOK_WIDE; how <= LOOK_PHONE; how++) {
        chart_ask ask = {.key = fe__printf(r->a, "%s%s", key, suffix[how]),
                         .look = (look)how,
                         .rows = rows,
                         .fans = fans,
                         .fans_n = n,
                         .misses = json_object_get(r->forecast, "misses"),
                         .chances = json_object_get(r->forecast, "chances"),
                         .label = label};
        fe__chart(&r->t, r->l, &ask);
    }
}

static void further(report *r, const fan *const *fans, size_t n) {
    if (n == 0) return;
    fe__html(&r->t, "<details class=\"further\"><summary>Further panels: ");
    for (size_t i = 0; i < n; i++) fe__html(&r->t, "%s%s", i ? ", " : "", i ? fans[i]->what->brief : fans[i]->what->title);
    fe__html(&r->t, "</summary><div class=\"scroll\">");
    chart_ask ask = {.key = "f",
                     .look = LOOK_MIDDLE,
                     .fans = fans,
                     .fans_n = n,
                     .misses = json_object_get(r->forecast, "misses"),
                     .label = fe__label_of(r, fans, n, "")};
    fe__chart(&r->t, r->l, &ask);
    fe__html(&r->t, "</div></details>\n");
    fe__table_brief(&r->t, r->l, fans, n);
}

static void numbers(report *r) {
    fe__html(&r->t, "<section class=\"tables\"><h2 class=\"h\">Every number drawn</h2>\n");
    fe__table_doses(&r->t, r->l);
    fe__table_labs(&r->t, r->l);
    for (size_t i = 0; i < r->l->fans_n; i++) fe__table_fan(&r->t, r->l, &r->l->fans[i]);
    for (size_t i = 0; i < r->l->fans_n; i++)
        if (r->l->fans[i].bars_n) fe__table_bars(&r->t, r->l, &r->l->fans[i]);
    fe__html(&r->t, "</section>\n");
}

static void said_bars(report *r, const fan *const *fans, size_t n) {
    size_t bars = 0;
    for (size_t i = 0; i < n; i++) bars += fans[i]->bars_n;
    if (bars)
        fe__html(
            &r->t,
            "<p class=\"trust\"><b>Open bars</b> hold 9 in 10 of what was foreseen of a lab before it was known; the bands know "
            "all labs.</p>\n");
}

void fe__part_charts(report *r) {
    size_t first_n, more_n;
    const fan **first = fans_where(r, true, &first_n), **more = fans_where(r, false, &more_n);
    const char *label = fe__label_of(r, first, first_n, "Iron given, labs and forecast on one axis of time.");
    fe__html(&r->t, "<section class=\"sheet\"><p class=\"howto\">Of 10 patients like this, 9 stay inside the pale band.</p>\n");
    fe__part_cautions(r);
    fe__html(&r->t, "<div class=\"plot\">\n");
    fe__part_drawings(r, first, first_n, "c", true, label);
    fe__html(&r->t, "</div>\n");
    legend(r);
    fe__part_windows(r);
    fe__part_cuts(r, first, first_n);
    said_bars(r, first, first_n);
    if (r->l->early)
        fe__html(&r->t, "<p class=\"trust\">%d earlier lab values are not drawn; they stand in the table of labs.</p>\n",
                 (int)r->l->early);
    further(r, more, more_n);
    fe__html(&r->t, "</section>\n");
    numbers(r);
}
