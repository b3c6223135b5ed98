#include "solve/status.h"

#include <math.h>

const char *fe__solve_text(solve_status s) {
#define SENTENCE(name, sentence) sentence,
    static const char *const sentences[] = {FE_SOLVES(SENTENCE)};
    return sentences[s];
}

double fe__solve_red_most(const model_data *m, const body *b) { return m->n.runaway_hb * 10 * b->p.kFe * b->c.BV; }

solve_status fe__solve_look(const model_data *m, const body *b, const double *y) {
    double red = 0;
    for (int i = 0; i < STATES; i++)
        if (!isfinite(y[i])) return SOLVE_NOT_FINITE;
    for (int i = ST_RET; i <= ST_R6; i++) red += y[i];
    if (!(red <= fe__solve_red_most(m, b))) return SOLVE_RUNAWAY;
    if (!(y[ST_T] > 0 && y[ST_M] > 0 && y[ST_H] > 0)) return SOLVE_EMPTY;
    return SOLVE_OK;
}
