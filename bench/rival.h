/* Methods in lanes that the batch solver was not made of, to compare work and error on the model itself under its step control: Rodas4P
 * (Steinebach 1995; Hairer and Wanner, Solving Ordinary Differential Equations II) and the explicit pair of Dormand and Prince (Journal of
 * Computational and Applied Mathematics 6 (1980) 19; interpolant and step control of Hairer, Norsett and Wanner, Solving Ordinary Differential
 * Equations I). One body a lane, a step of its own, the next body when it is done: as solve/batch_kernel.h does. Included by rival_<isa>.c,
 * which sets FE_LANES and RIVAL(name). */
#define LANE_FUNCTION static inline
#define LANE_TABLE    static

#include <math.h>
#include <string.h>

#include "isa.h"

#include "body/generated.c"

enum { STAGES_MAX = 8, STEPS_MAX = 400000 };

typedef struct block block;

typedef struct method {
    void (*step)(block *b);                                /* from y over h: arg, err; what the interpolant needs stays in k */
    void (*between)(block *b, const lane *s, lane *out);   /* the solution at y(t + s h) */
    double order, safety, shrink_most, grow_most, damping; /* err^(-1/order); exponent of the error before */
    bool is_explicit;
} method;

struct block {
    lane g[PREPARED], y[STATES], arg[STATES], k[STAGES_MAX][STATES], w[W_ENTRIES], o[OBSERVED];
    lane scale_abs[STATES], h, err;
    double t[FE_LANES], wish[FE_LANES], tried[FE_LANES], edge[FE_LANES], before[FE_LANES];
    size_t id[FE_LANES], out[FE_LANES];
    unsigned steps[FE_LANES];
    bool busy[FE_LANES], has_rates[FE_LANES]; /* k[0] holds the rates at y */
    batch_body bodies[FE_LANES];
    const batch_ask *ask;
    batch_counts *counts;
    const method *m;
    double h0;
};

static lane fused(lane x, double factor, lane sum) { return lane_fma(lane_of(factor), x, sum); }

static void norm(block *b, const lane *e) {
    lane total = lane_of(0.0);
    for (int i = 0; i < STATES; i++) {
        lane x = e[i] / fused(lane_max(lane_abs(b->y[i]), lane_abs(b->arg[i])), b->ask->rtol, b->scale_abs[i]);
        total = lane_fma(x, x, total);
    }
    b->err = lane_sqrt(total * (1.0 / STATES));
}

/* ---- Rosenbrock methods, stiffly accurate: the last k is the error ----------------------------------------------- */

typedef struct tableau {
    int stages, chained, bends; /* chained: stages that start from the argument before plus its k; bends: rows of h */
    double gamma, a[STAGES_MAX][STAGES_MAX], c[STAGES_MAX][STAGES_MAX], h[3][STAGES_MAX];
} tableau;

static const tableau rodas4p = {
    .stages = 6,
    .chained = 1,
    .bends = 2,
    .gamma = 0.25,
    .a = {{0},
          {3.0},
          {1.831036793486759, 0.4955183967433795},
          {2.304376582692669, -0.05249275245743001, -1.176798761832782},
          {-7.170454962423024, -4.741636671481785, -16.31002631330971, -1.062004044111401}},
    .c = {{0},
          {-12.0},
          {-8.791795173947035, -2.207865586973518},
          {10.81793056857153, 6.780270611428266, 19.5348594464241},
          {34.19095006749676, 15.49671153725963, 54.7476087596413, 14.16005392148534},
          {34.62605830930532, 15.30084976114473, 56.99955578662667, 18.40807009793095, -5.714285714285717}},
    .h = {{25.09876703708589, 11.62013104361867, 28.49148307714626, -5.664021568594133},
          {1.638054557396973, -0.7373619806678748, 8.47791821923899, 15.9925314877952, -1.882352941176471}}};

static void rosenbrock_step(block *b, const tableau *t) {
    const lane ih = 1.0 / b->h;
    fe__stage_first_all(b->g, b->y, ih * (1 / t->gamma), b->w, b->k[0]);
    for (int s = 1; s < t->stages; s++) {
        for (int i = 0; i < STATES; i++) {
            lane sum = b->y[i];
            for (int p = 0; p < s && s < t->stages - t->chained; p++) sum = fused(b->k[p][i], t->a[s][p], sum);
            b->arg[i] = s < t->stages - t->chained ? sum : b->arg[i] + b->k[s - 1][i];
        }
        for (int i = 0; i < STATES; i++) {
            lane sum = b->k[0][i] * t->c[s][0];
            for (int p = 1; p < s; p++) sum = fused(b->k[p][i], t->c[s][p], sum);
            b->k[s][i] = sum;
        }
        fe__stage_all(b->g, b->arg, b->w, ih, b->k[s]);
    }
    for (int i = 0; i < STATES; i++) b->arg[i] = b->arg[i] + b->k[t->stages - 1][i];
    norm(b, b->k[t->stages - 1]);
}

static void rosenbrock_between(block *b, const tableau *t, const lane *s, lane *out) {
    lane r = 1.0 - *s;
    for (int i = 0; i < STATES; i++) {
        lane inner = lane_of(0.0);
        for (int row = t->bends - 1; row >= 0; row--) {
            lane c = b->k[0][i] * t->h[row][0];
            for (int p = 1; p < t->stages; p++) c = fused(b->k[p][i], t->h[row][p], c);
            inner = lane_fma(*s, inner, c);
        }
        out[i] = lane_fma(*s, lane_fma(r, inner, b->arg[i]), b->y[i] * r);
    }
}

static void rodas4p_step(block *b) { rosenbrock_step(b, &rodas4p); }
static void rodas4p_between(block *b, const lane *s, lane *out) { rosenbrock_between(b, &rodas4p, s, out); }

/* ---- the explicit pair: seven stages, the last is the first of the next step ------------------------------------------------------------ */

enum { P_STAGES = 7 };
static const double p_a[P_STAGES][P_STAGES - 1] = {{0},
                                                   {1.0 / 5},
                                                   {3.0 / 40, 9.0 / 40},
                                                   {44.0 / 45, -56.0 / 15, 32.0 / 9},
                                                   {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
                                                   {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
                                                   {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}};
static const double p_e[P_STAGES] = {71.0 / 57600, 0, -71.0 / 16695, 71.0 / 1920, -17253.0 / 339200, 22.0 / 525, -1.0 / 40};
static const double p_d[P_STAGES] = {-12715105075.0 / 11282082432,  0,
                                     87487479700.0 / 32700410799,   -10690763975.0 / 1880347072,
                                     701980252875.0 / 199316789632, -1453857185.0 / 822651844,
                                     69997945.0 / 29380423};

static void pair_step(block *b) {
    lane e[STATES];
    for (int s = 1; s < P_STAGES; s++) {
        for (int i = 0; i < STATES; i++) {
            lane sum = b->k[0][i] * p_a[s][0];
            for (int p = 1; p < s; p++) sum = fused(b->k[p][i], p_a[s][p], sum);
            b->arg[i] = lane_fma(b->h, sum, b->y[i]);
        }
        fe__rates_all(b->g, b->arg, b->k[s]);
    }
    for (int i = 0; i < STATES; i++) {
        lane sum = b->k[0][i] * p_e[0];
        for (int p = 2; p < P_STAGES; p++) sum = fused(b->k[p][i], p_e[p], sum);
        e[i] = b->h * sum;
    }
    norm(b, e);
}

static void pair_between(block *b, const lane *s, lane *out) {
    lane r = 1.0 - *s;
    for (int i = 0; i < STATES; i++) {
        lane rise = b->arg[i] - b->y[i], first = b->h * b->k[0][i] - rise, last = rise - b->h * b->k[P_STAGES - 1][i] - first;
        lane fifth = b->k[0][i] * p_d[0];
        for (int p = 2; p < P_STAGES; p++) fifth = fused(b->k[p][i], p_d[p], fifth);
        out[i] = b->y[i] + *s * (rise + r * (first + *s * (last + r * (b->h * fifth))));
    }
}

static const method methods[RIVALS] = {[RIVAL_RODAS4P] = {rodas4p_step, rodas4p_between, 4, 0.85, 0.2, 8, 0, false},
                                       [RIVAL_PAIR] = {pair_step, pair_between, 5, 0.9, 0.2, 8, 0.04, true}};

/* ---- lanes come and go -------------------------------------------------------------------------------------------------------------------- */

static void scatter(block *b, int l) {
    double g[PREPARED];
    fe__body_prepare(&b->bodies[l].b, g);
    for (int i = 0; i < PREPARED; i++) lane_set(&b->g[i], l, g[i]);
    for (int i = 0; i < STATES; i++) lane_set(&b->y[i], l, b->bodies[l].y[i]);
    b->has_rates[l] = false;
}

/* Each lane at its own next output time. */
static void observe(block *b, const lane *y) {
    lane tau = lane_of(0.0);
    for (int l = 0; l < FE_LANES; l++)
        if (b->out[l] < b->ask->times_n) lane_set(&tau, l, fmax(0, b->ask->times[b->out[l]] - b->bodies[l].first_iron));
    fe__observe(b->g, y, tau, b->o);
}

static void put(block *b, int l, const lane *y) {
    double state[STATES], o[OBSERVED];
    for (int i = 0; i < STATES; i++) state[i] = lane_get(&y[i], l);
    for (int i = 0; i < OBSERVED; i++) o[i] = lane_get(&b->o[i], l);
    b->ask->output(b->ask->context, b->id[l], b->out[l]++, state, o);
}

static void outputs_here(block *b, int l) {
    const batch_ask *a = b->ask;
    if (!(b->out[l] < a->times_n && a->times[b->out[l]] == b->t[l])) return;
    observe(b, b->y);
    while (b->out[l] < a->times_n && a->times[b->out[l]] == b->t[l]) put(b, l, b->y);
}

static void outputs_inside(block *b, const bool *accepted) {
    const batch_ask *a = b->ask;
    for (;;) {
        bool due[FE_LANES], any = false;
        lane s = lane_of(1.0), y[STATES];
        for (int l = 0; l < FE_LANES; l++) {
            double at = b->out[l] < a->times_n ? a->times[b->out[l]] : INFINITY;
            due[l] = accepted[l] && at < b->edge[l] && at <= b->t[l] + b->tried[l];
            if (due[l]) lane_set(&s, l, (at - b->t[l]) / b->tried[l]);
            any = any || due[l];
        }
        if (!any) return;
        b->m->between(b, &s, y);
        observe(b, y);
        for (int l = 0; l < FE_LANES; l++)
            if (due[l]) put(b, l, y);
    }
}

static double end_of(const block *b) { return b->ask->times[b->ask->times_n - 1]; }

static void next_edge(block *b, int l) {
    b->edge[l] = fmin(b->ask->edge(b->ask->context, b->id[l], &b->bodies[l]), end_of(b));
    b->wish[l] = b->h0;
    b->before[l] = 1e-4;
}

static void load(block *b, int l) {
    b->busy[l] = false;
    while (!b->busy[l] && b->ask->take(b->ask->context, &b->id[l])) {
        if (!b->ask->load(b->ask->context, b->id[l], &b->bodies[l])) continue;
        b->t[l] = 0;
        b->out[l] = 0;
        b->steps[l] = 0;
        b->busy[l] = true;
        scatter(b, l);
        outputs_here(b, l);
        next_edge(b, l);
    }
}

static void cross(block *b, int l) {
    b->t[l] = b->edge[l];
    for (int i = 0; i < STATES; i++) b->bodies[l].y[i] = lane_get(&b->y[i], l);
    b->ask->change(b->ask->context, b->id[l], &b->bodies[l], b->t[l]);
    scatter(b, l);
    outputs_here(b, l);
    if (b->t[l] < end_of(b)) next_edge(b, l);
    else {
        b->ask->done(b->ask->context, b->id[l], SOLVE_OK);
        load(b, l);
    }
}

/* ---- steps ------------------------------------------------------------------------------------------------------------------------------------ */

static void choose(block *b) {
    int from = 0;
    while (from < FE_LANES && !b->busy[from]) from++;
    for (int l = 0; l < FE_LANES; l++) {
        double left = b->edge[l] - b->t[l], h = b->wish[l];
        if (!b->busy[l]) { /* repeats a harmless body */
            for (int i = 0; i < PREPARED; i++) lane_set(&b->g[i], l, lane_get(&b->g[i], from));
            for (int i = 0; i < STATES; i++) lane_set(&b->y[i], l, lane_get(&b->y[i], from));
            b->has_rates[l] = false;
            h = 1e-3;
        } else if (h >= left) h = left;
        else if (h > left / 2) h = left / 2;
        b->tried[l] = h;
        lane_set(&b->h, l, h);
    }
}

/* The pair's first stage, for lanes where the step before did not leave it. */
static void first_rates(block *b) {
    bool all = true;
    for (int l = 0; l < FE_LANES; l++) all = all && b->has_rates[l];
    if (all) return;
    fe__rates_all(b->g, b->y, b->k[0]); /* the same bits again where they are there already */
    for (int l = 0; l < FE_LANES; l++) b->has_rates[l] = true;
}

static void judge(block *b, bool *accepted) {
    const method *m = b->m;
    for (int l = 0; l < FE_LANES; l++) {
        double err = lane_get(&b->err, l);
        accepted[l] = b->busy[l] && err <= 1;
        if (!b->busy[l]) continue;
        b->counts->steps++;
        b->counts->rejected += !accepted[l];
        double by = m->safety * pow(fmax(err, 1e-10), 0.75 * m->damping - 1 / m->order);
        if (accepted[l] && m->damping > 0) by *= pow(b->before[l], m->damping);
        if (accepted[l]) b->before[l] = fmax(err, 1e-4);
        by = isfinite(err) ? fmin(fmax(by, m->shrink_most), m->grow_most) : m->shrink_most;
        double wanted = b->tried[l] * by;
        b->wish[l] = accepted[l] && b->tried[l] < b->wish[l] ? fmax(b->wish[l], wanted) : wanted;
    }
    b->counts->lane_steps += FE_LANES;
}

static void advance(block *b, const bool *accepted) {
    for (int l = 0; l < FE_LANES; l++) {
        if (!b->busy[l]) continue;
        if (++b->steps[l] > STEPS_MAX) {
            b->ask->done(b->ask->context, b->id[l], SOLVE_STEPS);
            load(b, l);
            continue;
        }
        if (!accepted[l]) continue;
        bool is_at_edge = b->tried[l] >= b->edge[l] - b->t[l];
        for (int i = 0; i < STATES; i++) {
            lane_set(&b->y[i], l, lane_get(&b->arg[i], l));
            if (b->m->is_explicit) lane_set(&b->k[0][i], l, lane_get(&b->k[P_STAGES - 1][i], l));
        }
        if (is_at_edge) cross(b, l);
        else b->t[l] += b->tried[l];
    }
}

static bool any_busy(const block *b) {
    for (int l = 0; l < FE_LANES; l++)
        if (b->busy[l]) return true;
    return false;
}

size_t RIVAL(bench_rival_room)(void) { return sizeof(block); }

void RIVAL(bench_rival)(rival which, const double *scale, const batch_ask *ask, void *room, batch_counts *counts) {
    block *b = room;
    memset(b, 0, sizeof *b);
    b->ask = ask;
    b->counts = counts;
    b->m = &methods[which];
    b->h0 = 0.024 * pow(ask->rtol / 1e-4, 1 / b->m->order);
    for (int i = 0; i < STATES; i++) b->scale_abs[i] = lane_of(ask->rtol * scale[i]);
    for (int l = 0; l < FE_LANES; l++) load(b, l);
    while (any_busy(b)) {
        bool accepted[FE_LANES];
        choose(b);
        if (b->m->is_explicit) first_rates(b);
        b->m->step(b);
        judge(b, accepted);
        outputs_inside(b, accepted);
        advance(b, accepted);
    }
}
