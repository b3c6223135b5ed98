#include "report/chart_table.h"

#include <math.h>

#include "report/markup.h"
#include "report/say.h"

enum { BRIEF_COLUMNS = 7 };

static const char *date_of(const timeline *l, double day) {
    return fe__say_day(l->a, fe__timeline_day(l, day), fe__timeline_today(l));
}

static void opening(text *t, const char *summary, const char *of) {
    fe__html(t, "<details class=\"numbers\"><summary>%s</summary><div class=\"scroll\"><table data-table=\"%s\">", summary, of);
}

void fe__table_doses(text *t, const timeline *l) {
    opening(t, "Iron given", "iron");
    fe__html(t, "<thead><tr><th>When</th><th>Date</th><th>Dose</th><th>Product</th><th></th></tr></thead><tbody>");
    for (size_t i = 0; i < l->doses_n; i++) {
        const dose *x = &l->doses[i];
        fe__html(t, "<tr><th>%s</th><td>%s</td><td>%s mg</td><td>%s</td><td>%s</td></tr>", fe__timeline_when(l, x->day),
                 date_of(l, x->day), fe__say_number(l->a, x->mg, 1), x->product, x->planned ? "planned" : "given");
    }
    fe__html(t, "</tbody></table></div></details>\n");
}

void fe__table_labs(text *t, const timeline *l) {
    opening(t, "Labs", "labs");
    fe__html(t, "<thead><tr><th>When</th><th>Date</th><th>Lab</th><th>Value</th></tr></thead><tbody>");
    for (size_t i = 0; i < l->labs_n; i++) {
        const measured *m = &l->labs[i];
        fe__html(t, "<tr><th>%s</th><td>%s</td><td>%s</td><td>%s %s</td></tr>", fe__timeline_when(l, m->day), date_of(l, m->day),
                 fe__quantity(l->a, m->lab)->title, m->words, m->unit);
    }
    for (size_t i = 0; i < l->dues_n; i++)
        fe__html(t, "<tr><th>%s</th><td>%s</td><td>%s</td><td>to take</td></tr>", fe__timeline_when(l, l->dues[i].day),
                 date_of(l, l->dues[i].day), l->dues[i].take);
    fe__html(t, "</tbody></table></div></details>\n");
}

static const char *range_words(const timeline *l, const fan *f, double low, double high) {
    return fe__printf(l->a, "%s to %s", fe__quantity_words(l->a, f->what, low), fe__quantity_words(l->a, f->what, high));
}

void fe__table_fan(text *t, const timeline *l, const fan *f) {
    opening(t, fe__printf(l->a, "%s%s%s", f->what->title, *f->unit ? ", " : "", f->unit), f->what->id);
    fe__html(t, "<thead><tr><th>When</th><th>Middle</th><th>Half</th><th>9 in 10</th>%S</tr></thead><tbody>",
             f->other ? "<th>Drug alone</th>" : "");
    for (size_t i = 0; i < f->n; i++) {
        fe__html(t, "<tr><th>%s</th><td>%s</td><td>%s</td><td>%s</td>", fe__timeline_when(l, f->t[i]),
                 fe__quantity_words(l->a, f->what, f->p50[i]), range_words(l, f, f->p25[i], f->p75[i]),
                 range_words(l, f, f->p5[i], f->p95[i]));
        if (f->other) fe__html(t, "<td>%s</td>", fe__quantity_words(l->a, f->what, f->other[i]));
        fe__html(t, "</tr>");
    }
    fe__html(t, "</tbody></table></div></details>\n");
}

void fe__table_bars(text *t, const timeline *l, const fan *f) {
    const char *what = f->n ? " before it was known" : ""; /* beside a table of the forecast */
    opening(t, fe__printf(l->a, "%s%s%s%s", f->what->title, what, *f->unit ? ", " : "", f->unit),
            fe__printf(l->a, "%s%s", f->what->id, f->n ? "-foreseen" : ""));
    fe__html(t, "<thead><tr><th>When</th><th>Date</th><th>Measured</th><th>Foreseen, middle</th><th>9 in 10</th><th>It "
                "lies</th><th>It reads</th></tr></thead><tbody>");
    for (size_t i = 0; i < f->bars_n; i++) {
        const bar *b = &f->bars[i];
        bool none = isnan(b->p50);
        fe__html(t, "<tr><th>%s</th><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>",
                 fe__timeline_when(l, b->day), date_of(l, b->day), b->value,
                 none ? "-" : fe__quantity_words(l->a, f->what, b->p50), none ? "-" : range_words(l, f, b->p5, b->p95),
                 *b->place ? b->place : "-", *b->reading ? fe__say_id_lower(l->a, b->reading) : "-");
    }
    fe__html(t, "</tbody></table></div></details>\n");
}

/* ---- a few telling times ------------------------------------------------------------------------------------------------------- */

size_t fe__telling_days(double to, double days[16]) {
    static const double telling[] = {0, 1, 7, 14, 28, 56, 84, 168, 252, 364, 728};
    size_t n = 0;
    for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++)
        if (telling[i] <= to + 0.5) days[n++] = telling[i];
    if (n && to - days[n - 1] > 6) days[n++] = to;
    return n;
}

size_t fe__point_at(const fan *f, double day) {
    size_t best = f->n;
    double off = 0.5;
    for (size_t i = 0; i < f->n; i++) {
        if (fabs(f->t[i] - day) >= off) continue;
        best = i;
        off = fabs(f->t[i] - day);
    }
    return best;
}

void fe__table_brief(text *t, const timeline *l, const fan *const *fans, size_t n) {
    double days[16];
    size_t all = fe__telling_days(l->to, days), columns = 0;
    for (size_t i = 0; i < all; i++)
        if (all <= BRIEF_COLUMNS || days[i] != 14) days[columns++] = days[i]; /* the week that says least */
    fe__html(t, "<table class=\"brief on-paper\"><caption>The other panels, middle (9 in 10)</caption><thead><tr><th></th>");
    for (size_t c = 0; c < columns; c++) fe__html(t, "<th>%s</th>", fe__timeline_when(l, days[c]));
    fe__html(t, "</tr></thead><tbody>");
    for (size_t i = 0; i < n; i++) {
        const fan *f = fans[i];
        fe__html(t, "<tr><th>%s<span>%s</span></th>", f->what->title, f->unit);
        for (size_t c = 0; c < columns; c++) {
            size_t at = fe__point_at(f, days[c]);
            if (at == f->n) fe__html(t, "<td>-</td>");
            else
                fe__html(t, "<td>%s<span>%s</span></td>", fe__quantity_words(l->a, f->what, f->p50[at]),
                         range_words(l, f, f->p5[at], f->p95[at]));
        }
        fe__html(t, "</tr>");
    }
    fe__html(t, "</tbody></table>\n");
}
