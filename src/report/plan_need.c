/* The dose rule: one scale of mg with every formula's need above it and every option's total, as a letter, below. */
#include <math.h>
#include <string.h>

#include "report/chart.h"
#include "report/html.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/say.h"

enum { RULE_Y = 92, ROWS = 4, ROW = 18 };

typedef struct need_mark {
    double mg;
    const char *method; /* the first that gives it */
    int more;           /* further methods that give the same */
} need_mark;

static double total_of(const json_t *list, size_t i) { return fe__jn(json_array_get(list, i), "total_mg"); }

static double highest(const report *r) {
    const json_t *methods = json_object_get(r->root, "methods"), *options = json_object_get(r->root, "options");
    double high = fe__jn(r->chosen, "need_mg");
    for (size_t i = 0; i < json_array_size(methods); i++) high = fmax(high, total_of(methods, i));
    for (size_t i = 0; i < json_array_size(options); i++) high = fmax(high, total_of(options, i));
    return high > 0 ? high * 1.15 : 1000;
}

/* One mark for each total, in order of mg; methods that agree share it. */
static need_mark *marks_of(const report *r, size_t *n) {
    const json_t *methods = json_object_get(r->root, "methods");
    need_mark *list = FE_NEW_ARRAY(r->a, need_mark, json_array_size(methods) + 1);
    *n = 0;
    for (size_t i = 0; i < json_array_size(methods); i++) {
        const char *id = fe__js(json_array_get(methods, i), "method"), *slash = strchr(id, '/'), *method = slash ? slash + 1 : id;
        double mg = round(total_of(methods, i));
        size_t k = 0;
        while (k < *n && list[k].mg < mg) k++;
        if (k < *n && list[k].mg == mg) list[k].more += !fe__streq(list[k].method, method);
        else if (!isnan(mg)) {
            memmove(list + k + 1, list + k, (*n - k) * sizeof *list);
            list[k] = (need_mark){mg, method, 0};
            (*n)++;
        }
    }
    return list;
}

/* Words stand left of their mark, in the lowest row where they cross neither words nor a mark that reaches as high. */
static int row_of(const scale *x, const need_mark *list, const int *rows, size_t i, double width) {
    double at = fe__lie(x, list[i].mg);
    int row = 0;
    for (size_t k = 0; k < i; k++)
        if (fe__lie(x, list[k].mg) > at - width && rows[k] >= row) row = rows[k] + 1;
    return row;
}

static void draw_marks(text *t, const report *r, const scale *x) {
    size_t n;
    need_mark *list = marks_of(r, &n);
    int *rows = FE_NEW_ARRAY(r->a, int, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *more = list[i].more ? fe__printf(r->a, " and %d more", list[i].more) : "";
        const char *words =
            fe__printf(r->a, "%s%s, %s", fe__say_id_lower(r->a, list[i].method), more, fe__say_number(r->a, list[i].mg, 0));
        double at = fe__lie(x, list[i].mg), width = fe__width_of(words, 12.5) + 8;
        rows[i] = row_of(x, list, rows, i, width);
        bool fits = rows[i] < ROWS && at - width >= 0;
        double y = RULE_Y - 12 - ROW * fmin(rows[i], ROWS - 1);
        fe__html(t, "<path class=\"need\" d=\"M%f %dV%f\"/>", at, RULE_Y, fits ? y - 9 : RULE_Y - 9.0);
        if (fits) fe__html(t, "<text class=\"sm halo\" x=\"%f\" y=\"%f\" text-anchor=\"end\">%s</text>", at - 5, y, words);
        else rows[i] = 0;
    }
}

/* Letters of options with one total stand together. */
static void draw_letters(text *t, const report *r, const scale *x) {
    const json_t *options = json_object_get(r->root, "options");
    for (size_t i = 0; i < json_array_size(options) && i < 26; i++) {
        char letters[128] = "";
        size_t n = 0;
        bool first = true;
        for (size_t k = 0; k < json_array_size(options) && k < 26; k++) {
            if (fabs(fe__lie(x, total_of(options, k)) - fe__lie(x, total_of(options, i))) > 9) continue;
            if (k < i) first = false;
            if (n) letters[n++] = ' ';
            letters[n++] = (char)('A' + k);
        }
        if (!first) continue;
        double at = fe__lie(x, total_of(options, i));
        fe__html(
            t,
            "<path class=\"letter\" d=\"M%f %fl5 8h-10z\"/><text class=\"lb\" x=\"%f\" y=\"%f\" text-anchor=\"middle\">%s</text>",
            at, RULE_Y + 30.0, at, RULE_Y + 52.0, letters);
    }
}

static void draw_rule(text *t, const report *r, const scale *x) {
    ticks big = fe__ticks(0, x->v1, 6);
    fe__html(t, "<rect class=\"rule\" x=\"%f\" y=\"%d\" width=\"%f\" height=\"24\"/><path class=\"ruler\" d=\"M%f %dH%f", x->x0,
             RULE_Y, x->x1 - x->x0, x->x0, RULE_Y, x->x1);
    for (int i = 0; i * big.step / 5 <= x->v1; i++)
        fe__html(t, "M%f %dv%d", fe__lie(x, i * big.step / 5), RULE_Y, i % 5 ? 4 : 10);
    fe__html(t, "\"/>");
    for (int i = 0; i < big.count; i++) {
        double v = fe__tick(&big, i);
        fe__html(t, "<text class=\"axb\" x=\"%f\" y=\"%d\">%s%s</text>", fe__lie(x, v) + 4, RULE_Y + 19,
                 fe__say_number(r->a, v, 0), i == big.count - 1 ? " mg" : "");
    }
}

void fe__plan_need(report *r) {
    static const struct {
        const char *class;
        double width;
    } looks[] = {{"wide", 1000}, {"middle", 728}, {"phone", 340}};
    double need = fe__jn(r->chosen, "need_mg");
    fe__html(&r->t, "<section class=\"sheet needs\"><p class=\"src\">Need %s mg by %s: %s</p>", fe__say_number(r->a, need, 0),
             fe__js(r->chosen, "title"), fe__js(r->chosen, "formula"));
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
        scale x = {0, highest(r), 8, looks[i].width - 24};
        fe__html(&r->t,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart %S\" role=\"img\" aria-label=\"Iron need by each "
                 "formula, and the total of each option, in mg\" viewBox=\"0 0 %f %d\" width=\"%f\" height=\"%d\">",
                 looks[i].class, looks[i].width, RULE_Y + 56, looks[i].width, RULE_Y + 56);
        draw_rule(&r->t, r, &x);
        draw_marks(&r->t, r, &x);
        draw_letters(&r->t, r, &x);
        fe__html(&r->t, "</svg>\n");
    }
    fe__html(&r->t, "</section>\n");
}
