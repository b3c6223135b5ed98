/* The two rows above the fans: iron given, and labs taken and to take. */
#include <math.h>

#include "report/chart.h"
#include "report/markup.h"
#include "report/say.h"

enum { ROW_DOSES = 52, ROW_LABS = 40, BAR = 8, BAR_HIGHEST = 36 };

/* ---- iron ---------------------------------------------------------------------------------------------------------------------- */

static const char *total_words(const drawing *d) {
    double given = 0, planned = 0;
    for (size_t i = 0; i < d->l->doses_n; i++) *(d->l->doses[i].planned ? &planned : &given) += d->l->doses[i].mg;
    const char *mg = fe__say_number(d->a, given + planned, 1), *count = fe__say_count(d->a, (long)d->l->doses_n);
    if (d->l->doses_n == 0) return "none";
    if (planned == 0 || given == 0) return fe__printf(d->a, "%s mg in %s", mg, count);
    return fe__printf(d->a, "%s of %s mg", fe__say_number(d->a, given, 1), mg);
}

/* A dose is told when it differs from the one before, or is the first. */
static bool is_told(const timeline *l, size_t i) { return i == 0 || l->doses[i].mg != l->doses[i - 1].mg || l->doses_n <= 3; }

static void draw_bar(drawing *d, size_t i, double highest, double foot, double *free_x) {
    const dose *x = &d->l->doses[i];
    if (x->day < d->l->from || x->day > d->l->to) return;
    double at = fe__lie(&d->x, x->day), height = fmax(3, BAR_HIGHEST * x->mg / highest);
    const char *words = fe__say_number(d->a, x->mg, 1);
    double width = fe__width_of(words, 12.5), left = at - BAR / 2.0 - 4 - width;
    fe__html(&d->panels, "<rect class=\"%s\" x=\"%f\" y=\"%f\" width=\"%d\" height=\"%f\"/>", x->planned ? "iron plan" : "iron",
             at - BAR / 2.0, foot - height, BAR, height);
    if (is_told(d->l, i)) {
        bool before = left >= *free_x;
        fe__html(&d->panels, "<text class=\"iront\" x=\"%f\" y=\"%f\" text-anchor=\"%s\">%s</text>",
                 before ? at - BAR / 2.0 - 4 : at + BAR / 2.0 + 4, foot - height + 11 > foot - 3 ? foot - 3 : foot - height + 11,
                 before ? "end" : "start", words);
        *free_x = before ? at + BAR / 2.0 + 2 : at + BAR / 2.0 + 6 + width;
    } else *free_x = at + BAR / 2.0 + 2;
}

void fe__draw_doses(drawing *d) {
    double highest = 1, foot = d->y + ROW_DOSES - 4 + (d->above ? 22 : 0), free_x = d->x.x0 - 30;
    for (size_t i = 0; i < d->l->doses_n; i++) highest = fmax(highest, d->l->doses[i].mg);
    fe__draw_name(d, d->y + 22, "Iron given", total_words(d));
    for (size_t i = 0; i < d->l->doses_n; i++) draw_bar(d, i, highest, foot, &free_x);
    fe__html(&d->panels, "<line class=\"tick\" x1=\"%f\" x2=\"%f\" y1=\"%f\" y2=\"%f\"/>", d->x.x0, d->x.x1, foot, foot);
    d->y = foot + 4;
}

/* ---- labs ---------------------------------------------------------------------------------------------------------------------- */

/* Names of labs to take stand beside their mark while there is room, in two lines by turns; the mark alone says the day. */
static void draw_due(drawing *d, const due *x, double until, double line, double free_x[2]) {
    if (x->day < d->l->from || x->day > d->l->to) return;
    double at = fe__lie(&d->x, x->day), width = fe__width_of(x->take, 12);
    fe__html(&d->panels, "<path class=\"due\" d=\"M%f %fl5.5 9h-11z\"/>", at, line - 5);
    for (int row = 0; row < 2; row++) {
        double y = line + 4 + 14 * row;
        bool fits = at + 9 + width <= (row ? d->width - 2 : fmin(d->width - 2, until)),
             back = !fits && at - 9 - width > free_x[row];
        if (at + 9 < free_x[row] || (!fits && !back)) continue;
        fe__html(&d->panels, "<text class=\"xs halo\" x=\"%f\" y=\"%f\" text-anchor=\"%s\">%s</text>",
                 back  ? at - 9
                 : row ? at - 5
                       : at + 9,
                 y, back ? "end" : "start", x->take);
        free_x[row] = at + 14 + width;
        free_x[1 - row] = fmax(free_x[1 - row], at + 8);
        return;
    }
}

void fe__draw_labs(drawing *d) {
    double line = d->y + 18 + (d->above ? 18 : 0), free_x[2] = {d->x.x0, d->x.x0}, last = -INFINITY;
    fe__draw_name(d, d->y + (d->above ? 14 : 23), "Labs", "");
    for (size_t i = 0; i < d->l->labs_n; i++) {
        double day = d->l->labs[i].day, at = fe__lie(&d->x, day);
        if (day < d->l->from || day > d->l->to || fabs(at - last) < 1) continue;
        fe__html(&d->panels, "<circle class=\"pt\" cx=\"%f\" cy=\"%f\" r=\"4.5\"/>", at, line);
        last = at;
        if (!d->above) free_x[0] = fmax(free_x[0], at + 8);
    }
    if (!d->above)
        for (size_t i = 0; i < d->l->dues_n; i++) {
            double until = i + 1 < d->l->dues_n ? fe__lie(&d->x, d->l->dues[i + 1].day) - 8 : INFINITY;
            draw_due(d, &d->l->dues[i], until, line, free_x);
        }
    else
        for (size_t i = 0; i < d->l->dues_n; i++)
            fe__html(&d->panels, "<path class=\"due\" d=\"M%f %fl5.5 9h-11z\"/>", fe__lie_within(&d->x, d->l->dues[i].day),
                     line - 5);
    d->y = line + (d->above ? 10 : 22);
}
