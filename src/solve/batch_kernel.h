/* The batch solver for one instruction set: included by batch_<isa>.c, which sets FE_LANES and KERNEL(name). Everything but the two entry
 * points is static, so that no shared function carries instructions that an older processor lacks. */
#define LANE_FUNCTION static

#include <math.h>
#include <string.h>

#include "solve/batch.h"
#include "solve/batch_isa.h"

#include "body/generated.c"

/* ---- Rodas4P, in the transformed form: (I/(h gamma) - J) k_i = f(y + sum a_ij k_j) + (1/h) sum c_ij k_j ------------------------- */

enum { STAGES = 6 };
static const double gamma_ = 0.25;
static const double a[STAGES - 1][STAGES - 2] = {
    {0},
    {3.0},
    {1.831036793486759, 0.4955183967433795},
    {2.304376582692669, -0.05249275245743001, -1.176798761832782},
    {-7.170454962423024, -4.741636671481785, -16.31002631330971, -1.062004044111401}};
static const double c[STAGES][STAGES - 1] = {
    {0},
    {-12.0},
    {-8.791795173947035, -2.207865586973518},
    {10.81793056857153, 6.780270611428266, 19.5348594464241},
    {34.19095006749676, 15.49671153725963, 54.7476087596413, 14.16005392148534},
    {34.62605830930532, 15.30084976114473, 56.99955578662667, 18.40807009793095, -5.714285714285717}};
static const double d2[STAGES - 1] = {25.09876703708589, 11.62013104361867, 28.49148307714626, -5.664021568594133, 0};
static const double d3[STAGES - 1] = {1.638054557396973, -0.7373619806678748, 8.47791821923899, 15.9925314877952,
                                      -1.882352941176471};

/* Step control, per lane. */
static const double safety = 0.85, shrink_most = 0.2, grow_most = 8, first_step = 0.024, first_rtol = 1e-4, split_below = 2;
enum { STEPS_MAX = 20000 };

/* ---- the block ------------------------------------------------------------------------------------------------------------------ */

typedef struct block {
    lane g[PREPARED], y[STATES], arg[STATES], k[STAGES][STATES], w[W_ENTRIES], j[JACOBIAN], q[QUANTITIES];
    lane scale_abs[STATES];
    lane ih, d, err;
    /* per lane */
    double t[FE_LANES], h[FE_LANES], kept_h[FE_LANES], edge[FE_LANES], tried[FE_LANES];
    size_t id[FE_LANES], out[FE_LANES];
    unsigned steps[FE_LANES];
    bool busy[FE_LANES];
    batch_body bodies[FE_LANES];
    const batch_ask *ask;
    batch_counts *counts;
    size_t next; /* body to load */
    double h0;
} block;

static lane fused(lane x, double factor, lane sum) { return lane_fma(lane_of(factor), x, sum); }

static void scatter(block *b, int l) {
    double g[PREPARED];
    fe__body_prepare(&b->bodies[l].b, g);
    for (int i = 0; i < PREPARED; i++) lane_set(&b->g[i], l, g[i]);
    for (int i = 0; i < STATES; i++) lane_set(&b->y[i], l, b->bodies[l].y[i]);
}

static void gather(const lane *y, int l, double *out) {
    for (int i = 0; i < STATES; i++) out[i] = lane_get(y[i], l);
}

/* ---- one step of all lanes --------------------------------------------------------------------------------------------------------- */

static void step(block *b) {
    lane f[STATES];
    fe__jacobian(b->g, b->y, b->j);
    fe__w(b->j, b->d, b->w);
    fe__w_lu(b->w);
    fe__rates(b->g, b->y, b->k[0]);
    fe__w_solve(b->w, b->k[0]);
    for (int s = 1; s < STAGES; s++) {
        for (int i = 0; i < STATES; i++) {
            if (s == STAGES - 1) b->arg[i] = b->arg[i] + b->k[s - 1][i];
            else {
                lane sum = b->y[i];
                for (int p = 0; p < s; p++) sum = fused(b->k[p][i], a[s][p], sum);
                b->arg[i] = sum;
            }
        }
        fe__rates(b->g, b->arg, f);
        for (int i = 0; i < STATES; i++) {
            lane sum = b->k[0][i] * c[s][0];
            for (int p = 1; p < s; p++) sum = fused(b->k[p][i], c[s][p], sum);
            b->k[s][i] = lane_fma(b->ih, sum, f[i]);
        }
        fe__w_solve(b->w, b->k[s]);
    }
    lane total = lane_of(0.0);
    for (int i = 0; i < STATES; i++) {
        b->arg[i] = b->arg[i] + b->k[STAGES - 1][i];
        lane size = lane_max(lane_abs(b->y[i]), lane_abs(b->arg[i]));
        lane e = b->k[STAGES - 1][i] / fused(size, b->ask->rtol, b->scale_abs[i]);
        total = lane_fma(e, e, total);
    }
    b->err = lane_sqrt(total * (1.0 / STATES));
}

/* ---- outputs: the method's own interpolant, all lanes that have one due at once ------------------------------------------------------ */

static void interpolate(block *b, const double *theta, lane *out) {
    lane s = lane_of(0.0);
    for (int l = 0; l < FE_LANES; l++) lane_set(&s, l, theta[l]);
    lane r = 1.0 - s;
    for (int i = 0; i < STATES; i++) {
        lane c3 = b->k[0][i] * d2[0], c4 = b->k[0][i] * d3[0];
        for (int p = 1; p < STAGES - 1; p++) {
            c3 = fused(b->k[p][i], d2[p], c3);
            c4 = fused(b->k[p][i], d3[p], c4);
        }
        out[i] = lane_fma(s, lane_fma(r, lane_fma(s, c4, c3), b->arg[i]), b->y[i] * r);
    }
}

static void put(block *b, int l, const lane *y) {
    double state[STATES], q[QUANTITIES];
    gather(y, l, state);
    for (int i = 0; i < QUANTITIES; i++) q[i] = lane_get(b->q[i], l);
    b->ask->output(b->ask->context, b->id[l], b->out[l]++, &b->bodies[l], state, q);
}

/* Outputs strictly inside the accepted steps; those at an edge come after its events. */
static void outputs_inside(block *b, const bool *accepted) {
    for (;;) {
        double theta[FE_LANES] = {0};
        bool due[FE_LANES], any = false;
        lane y[STATES];
        for (int l = 0; l < FE_LANES; l++) {
            double end = b->t[l] + b->tried[l];
            double at = b->busy[l] && b->out[l] < b->ask->times_n ? b->ask->times[b->out[l]] : INFINITY;
            due[l] = accepted[l] && at < b->edge[l] && at <= end;
            theta[l] = due[l] ? (at - b->t[l]) / b->tried[l] : 1;
            any = any || due[l];
        }
        if (!any) return;
        interpolate(b, theta, y);
        fe__quantities(b->g, y, b->q);
        for (int l = 0; l < FE_LANES; l++)
            if (due[l]) put(b, l, y);
    }
}

/* Outputs at the hour at which a lane stands now, after its events. */
static void outputs_here(block *b, int l) {
    double at = b->t[l];
    if (!(b->out[l] < b->ask->times_n && b->ask->times[b->out[l]] == at)) return;
    fe__quantities(b->g, b->y, b->q);
    while (b->out[l] < b->ask->times_n && b->ask->times[b->out[l]] == at) put(b, l, b->y);
}

/* ---- lanes come and go ------------------------------------------------------------------------------------------------------------------ */

static double end_of(const block *b) { return b->ask->times[b->ask->times_n - 1]; }

static void next_edge(block *b, int l) {
    double e = b->ask->edge(b->ask->context, b->id[l], &b->bodies[l]);
    b->edge[l] = fmin(e, end_of(b));
    b->h[l] = b->h0;
}

/* Section 15: what no valid course reaches. */
static solve_status look(const block *b, int l) {
    double y[STATES], red = 0;
    const body *x = &b->bodies[l].b;
    gather(b->y, l, y);
    for (int i = 0; i < STATES; i++)
        if (!isfinite(y[i])) return SOLVE_NOT_FINITE;
    for (int i = ST_RET; i <= ST_R6; i++) red += y[i];
    if (!(red <= b->ask->m->n.runaway_hb * 10 * x->p.kFe * x->c.BV)) return SOLVE_RUNAWAY;
    return y[ST_T] > 0 && y[ST_M] > 0 && y[ST_H] > 0 ? SOLVE_OK : SOLVE_EMPTY;
}

static void load(block *b, int l);

static void finish(block *b, int l, solve_status s) {
    b->ask->done(b->ask->context, b->id[l], s);
    b->busy[l] = false;
    load(b, l);
}

/* A body that is over at once (only one output time, at 0) leaves its lane to the next. */
static void load(block *b, int l) {
    while (b->next < b->ask->first + b->ask->n) {
        size_t k = b->next++;
        if (!b->ask->load(b->ask->context, k, &b->bodies[l])) {
            b->ask->done(b->ask->context, k, SOLVE_FAILED);
            continue;
        }
        b->id[l] = k;
        b->t[l] = 0;
        b->out[l] = 0;
        b->steps[l] = 0;
        b->busy[l] = true;
        scatter(b, l);
        outputs_here(b, l);
        if (end_of(b) > 0) {
            next_edge(b, l);
            return;
        }
        b->ask->done(b->ask->context, k, SOLVE_OK);
        b->busy[l] = false;
    }
}

/* The lane stands at its edge: events, outputs of that hour, and on. */
static void cross(block *b, int l) {
    b->t[l] = b->edge[l];
    gather(b->y, l, b->bodies[l].y);
    b->ask->change(b->ask->context, b->id[l], &b->bodies[l], b->t[l]);
    scatter(b, l);
    solve_status s = look(b, l);
    if (s == SOLVE_OK) outputs_here(b, l);
    if (s != SOLVE_OK || b->t[l] >= end_of(b)) finish(b, l, s);
    else next_edge(b, l);
}

/* ---- step control -------------------------------------------------------------------------------------------------------------------------- */

/* Never over an edge; a remainder of less than two steps' worth is halved, so that no tiny step is left. */
static void choose_steps(block *b) {
    for (int l = 0; l < FE_LANES; l++) {
        double left = b->edge[l] - b->t[l], h = b->busy[l] ? b->h[l] : 1;
        if (b->busy[l]) {
            if (h >= left) h = left;
            else if (h > left / 2 && left < split_below) h = left / 2;
        }
        b->tried[l] = h;
        lane_set(&b->ih, l, 1 / h);
        lane_set(&b->d, l, 1 / (h * gamma_));
    }
}

/* err^(-1/4) by two roots. */
static double factor(double err) { return err > 0 ? safety / sqrt(sqrt(err)) : grow_most; }

static void judge(block *b, bool *accepted) {
    for (int l = 0; l < FE_LANES; l++) {
        double err = lane_get(b->err, l);
        accepted[l] = b->busy[l] && err <= 1;
        if (!b->busy[l]) continue;
        b->counts->steps++;
        b->counts->rejected += !accepted[l];
        double by = isfinite(err) ? fmin(fmax(factor(err), shrink_most), grow_most) : shrink_most;
        double wanted = b->tried[l] * by;
        b->h[l] = accepted[l] && b->tried[l] < b->h[l] ? fmax(b->h[l], wanted) : wanted; /* a clipped step says little */
    }
    b->counts->lane_steps += FE_LANES;
}

static void advance(block *b, const bool *accepted) {
    for (int l = 0; l < FE_LANES; l++) {
        if (!b->busy[l]) continue;
        solve_status s = ++b->steps[l] > STEPS_MAX ? SOLVE_STEPS : SOLVE_OK;
        if (accepted[l]) {
            for (int i = 0; i < STATES; i++) lane_set(&b->y[i], l, lane_get(b->arg[i], l));
            bool at_edge = b->tried[l] >= b->edge[l] - b->t[l];
            if (s == SOLVE_OK) s = look(b, l);
            if (s == SOLVE_OK && at_edge) {
                cross(b, l);
                continue;
            }
            b->t[l] += b->tried[l];
        }
        if (s != SOLVE_OK) finish(b, l, s);
    }
}

/* A lane without a body repeats a harmless one: the first that is busy. */
static void fill_idle(block *b) {
    int from = 0;
    while (from < FE_LANES && !b->busy[from]) from++;
    for (int l = 0; l < FE_LANES && from < FE_LANES; l++) {
        if (b->busy[l]) continue;
        for (int i = 0; i < PREPARED; i++) lane_set(&b->g[i], l, lane_get(b->g[i], from));
        for (int i = 0; i < STATES; i++) lane_set(&b->y[i], l, lane_get(b->y[i], from));
    }
}

static bool any_busy(const block *b) {
    for (int l = 0; l < FE_LANES; l++)
        if (b->busy[l]) return true;
    return false;
}

/* Logarithms and indices are of the order of 1, iron and laboratory quantities in their units. */
static void set_scales(block *b) {
    static const int small[] = {ST_Z, ST_P, ST_B, ST_W, ST_Q, ST_X, ST_A, ST_HF, ST_HS};
    for (int i = 0; i < STATES; i++) b->scale_abs[i] = lane_of(b->ask->rtol);
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) b->scale_abs[small[i]] = lane_of(0.01 * b->ask->rtol);
    b->h0 = first_step * sqrt(sqrt(b->ask->rtol / first_rtol));
}

void KERNEL(fe__batch_solve)(const batch_ask *ask, void *room, batch_counts *counts) {
    block *b = room;
    memset(b, 0, sizeof *b);
    b->ask = ask;
    b->counts = counts;
    b->next = ask->first;
    set_scales(b);
    for (int l = 0; l < FE_LANES; l++) load(b, l);
    while (any_busy(b)) {
        bool accepted[FE_LANES];
        fill_idle(b);
        choose_steps(b);
        step(b);
        judge(b, accepted);
        outputs_inside(b, accepted);
        advance(b, accepted);
    }
}

size_t KERNEL(fe__batch_room)(void) { return sizeof(block); }
