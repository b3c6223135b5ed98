/* The trade-off of an optimized plan for a terminal: a row a way, a column a criterion, ties by name. */
#include <math.h>
#include <string.h>

#include "report/html.h"
#include "report/page.h"
#include "report/say.h"
#include "report/trade_words.h"

enum { ROOM_NEEDED = 99 };

/* Room for the longest value of each criterion and its mark. */
static int column_of(const json_t *criterion) {
    static const struct {
        const char *id;
        int wide;
    } own[] = {{"total_mg", 11}, {"visits", 8}, {"fishbane", 24}};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (fe__streq(own[i].id, fe__js(criterion, "id"))) return own[i].wide;
    return 13;
}

static const char *mark_of(const char *stand) {
    if (fe__streq(stand, "better")) return "+";
    if (fe__streq(stand, "worse")) return "-";
    return fe__streq(stand, "tie") ? "=" : "";
}

static void end_line(page *p) {
    while (p->t.n && p->t.s[p->t.n - 1] == ' ') p->t.s[--p->t.n] = '\0';
    fe__text_add(&p->t, "\n");
}

static void name_line(page *p, const json_t *root, const json_t *way, size_t i) {
    const json_t *o = fe__trade_option(root, way);
    fe__page_paragraph(
        p, fe__printf(p->a, "  %c  %s  ", (int)('A' + i % 26), fe__js(way, "product")), INK_BOLD,
        fe__printf(p->a, "%s%s", fe__doses_words(p->a, json_object_get(o, "infusions")), fe__trade_remark(p->a, way, i)));
}

static void heads(page *p, const json_t *criteria) {
    fe__text_add(&p->t, "     ");
    for (size_t c = 0; c < json_array_size(criteria); c++)
        fe__text_addf(&p->t, "%-*s", column_of(json_array_get(criteria, c)), fe__trade_head(json_array_get(criteria, c)));
    end_line(p);
}

static void cells(page *p, const json_t *root, const json_t *criteria, const json_t *way, bool is_first) {
    const json_t *values = json_object_get(way, "values");
    fe__text_add(&p->t, "     ");
    for (size_t c = 0; c < json_array_size(criteria); c++) {
        const json_t *x = json_array_get(criteria, c), *v = json_object_get(values, fe__js(x, "id"));
        fe__text_addf(&p->t, "%-*s", column_of(x),
                      fe__printf(p->a, "%s %s", fe__trade_cell(p->a, root, way, x), is_first ? "" : mark_of(fe__trade_stand(v))));
    }
    end_line(p);
}

/* The numbers of one way where a table has no room. */
static void line(page *p, const json_t *root, const json_t *criteria, const json_t *way, bool is_first) {
    text t;
    fe__text_init(&t, p->a);
    for (size_t c = 0; c < json_array_size(criteria); c++) {
        const json_t *x = json_array_get(criteria, c), *v = json_object_get(json_object_get(way, "values"), fe__js(x, "id"));
        fe__text_addf(&t, "%s%s %s%s%s", c ? "; " : "", fe__trade_head(x), fe__trade_cell(p->a, root, way, x),
                      is_first ? "" : " ", is_first ? "" : mark_of(fe__trade_stand(v)));
    }
    fe__page_paragraph(p, "     ", INK_PLAIN, t.n ? t.s : "");
}

void fe__page_trade(page *p, const json_t *root) {
    const json_t *trade = fe__trade_of(root), *ways = json_object_get(trade, "ways"),
                 *criteria = json_object_get(trade, "criteria");
    const char *why_not = fe__js(json_object_get(root, "optimize"), "why_not");
    if (*why_not) {
        fe__page_heading(p, "Trade-off");
        fe__page_paragraph(p, "  not optimized: ", INK_YELLOW, why_not);
    }
    if (!trade) return;
    fe__page_heading(p, "Trade-off");
    fe__page_paragraph(p, "  ", INK_PLAIN, fe__trade_sentence(p->a, trade));
    bool is_table = p->columns >= ROOM_NEEDED;
    if (is_table) heads(p, criteria);
    for (size_t i = 0; i < json_array_size(ways); i++) {
        const json_t *w = json_array_get(ways, i);
        name_line(p, root, w, i);
        (is_table ? cells : line)(p, root, criteria, w, i == 0);
    }
    fe__page_paragraph(
        p, "  ", INK_DIM,
        "Beside A: + clearly better, - clearly worse, = a tie: a difference that chance makes, or that is too small to "
        "matter. Reaction is a model estimate without a published dose-response; ferritin + is ferritin over the "
        "ceiling at week 12; iron up to the need is never worse. The model argues for slower infusions and less iron only, "
        "never for faster or more than the label's way.");
}
