/* The batch solver for one instruction set: included by batch_<isa>.c, which sets FE_LANES and KERNEL(name). Everything but the two entry
 * points is static, so that no shared function carries instructions that an older processor lacks. */
#define LANE_FUNCTION static inline
#define LANE_TABLE    static

#include <math.h>
#include <string.h>

#include "solve/batch.h"
#include "solve/batch_isa.h"

#include "body/generated.c"

#include "solve/rodas5p.h"

/* Step control, per lane. */
static const double safety = 0.85, shrink_most = 0.2, grow_most = 8, first_step = 0.024, first_rtol = 1e-4, split_below = 2;
enum { STEPS_MAX = 20000 };

/* A part of the states that is solved without the rest. */
typedef struct part {
    void (*first)(const lane *restrict g, const lane *restrict y, lane d, lane *restrict w, lane *restrict k);
    void (*later)(const lane *restrict g, const lane *restrict y, const lane *restrict w, lane ih, lane *restrict k);
    int n; /* the first n states */
} part;

/* ---- the block ------------------------------------------------------------------------------------------------------------------ */

/* Outputs that wait until every lane has one: they are observed together, though bodies have theirs at different times. */
typedef struct waiting {
    lane y[STATES], g[PREPARED_OBSERVED], tau, o[OBSERVED];
    size_t id[FE_LANES], time[FE_LANES];
    int n;
} waiting;

typedef struct block {
    lane *y, *arg; /* each one of these: where the step begins, and the argument of a stage, which ends as where the step ends */
    lane state[2][STATES], k[STAGES][STATES], w[W_ENTRIES], g[PREPARED];
    double scale_abs[STATES];
    lane red_most;          /* iron in red cells that no valid course reaches, mg */
    lane ih, error, margin; /* 1/h; of the step that was tried; above 0 when its end is possible */
    const part *part;
    waiting waiting;
    /* per lane */
    double t[FE_LANES], h[FE_LANES], edge[FE_LANES], tried[FE_LANES];
    size_t id[FE_LANES], out[FE_LANES];
    unsigned steps[FE_LANES];
    bool busy[FE_LANES], accepted[FE_LANES];
    batch_body bodies[FE_LANES];
    const batch_ask *ask;
    batch_counts *counts;
    double h0;
} block;

static lane fused(lane x, double factor, lane sum) { return lane_fma(lane_of(factor), x, sum); }

static void read_lanes(lane x, double *out) {
    for (int l = 0; l < FE_LANES; l++) out[l] = lane_get(&x, l);
}

static lane of_lanes(const double *x) {
    lane out = lane_of(0.0);
    for (int l = 0; l < FE_LANES; l++) lane_set(&out, l, x[l]);
    return out;
}

static void scatter(block *b, int l) {
    double g[PREPARED];
    const body *x = &b->bodies[l].b;
    fe__body_prepare(x, g);
    for (int i = 0; i < PREPARED; i++) lane_set(&b->g[i], l, g[i]);
    for (int i = 0; i < STATES; i++) lane_set(&b->y[i], l, b->bodies[l].y[i]);
    lane_set(&b->red_most, l, fe__solve_red_most(b->ask->m, x));
}

static void gather(const lane *y, int l, double *out) {
    for (int i = 0; i < STATES; i++) out[i] = lane_get(&y[i], l);
}

/* ---- one step of all lanes --------------------------------------------------------------------------------------------------------- */

/* W k_s = f(arg) + (1/h) sum c k. Called with s constant, so that the sums over the stages before it are straight-line code. */
static inline void stage(block *b, int s) {
    const part *p = b->part;
    for (int i = 0; i < p->n; i++) {
        lane sum = b->y[i], push = lane_of(0.0), k = push;
        for (int q = 0; q < s; q++) {
            k = lane_held(b->k[q][i]);
            if (s < PLAIN) sum = fused(k, a[s][q], sum);
            push = q == 0 ? k * c[s][q] : fused(k, c[s][q], push);
        }
        b->arg[i] = s < PLAIN ? sum : b->arg[i] + k;
        b->k[s][i] = push;
    }
    p->later(b->g, b->arg, b->w, b->ih, b->k[s]);
}

/* The end of the step in arg, its error in units of what is allowed (root mean square), and whether a living body can be there. Four
 * quotients share a division: a/b + c/d = (ad + cb)/(bd). */
static void finish_step(block *b) {
    const part *p = b->part;
    lane total = lane_of(0.0), sizes = lane_of(0.0), top = lane_of(0.0), below = lane_of(1.0);
    for (int i = 0; i < p->n; i++) {
        const lane k = b->k[STAGES - 1][i];
        b->arg[i] = b->arg[i] + k;
        lane size = lane_max(lane_abs(b->y[i]), lane_abs(b->arg[i])), scale = fused(size, b->ask->rtol, lane_of(b->scale_abs[i]));
        scale = scale * scale;
        top = lane_fma(top, scale, k * k * below);
        below = below * scale;
        sizes = sizes + size;
        if (i % 4 == 3 || i == p->n - 1) {
            total = total + top / below;
            top = lane_of(0.0);
            below = lane_of(1.0);
        }
    }
    lane red = b->arg[ST_RET];
    for (int i = ST_R1; i <= ST_R6; i++) red = red + b->arg[i];
    lane least = lane_min(lane_min(b->arg[ST_T], b->arg[ST_M]), lane_min(b->arg[ST_H], b->red_most - red));
    b->error = lane_sqrt(total * (1.0 / p->n));
    b->margin = least - (sizes - sizes); /* NaN when one is infinite */
}

static void step(block *b) {
    b->part->first(b->g, b->y, b->ih * gamma_inverse, b->w, b->k[0]);
    stage(b, 1);
    stage(b, 2);
    stage(b, 3);
    stage(b, 4);
    stage(b, 5);
    stage(b, 6);
    stage(b, 7);
    finish_step(b);
}

/* ---- outputs: the method's own interpolant, all lanes that have one due at once ------------------------------------------------------ */

/* y(theta) = (1-theta) y0 + theta y1 + sum weight k: the weights of a lane first, then every state by them. */
static void interpolate(const block *b, const double *theta, lane *out) {
    const lane s = of_lanes(theta), r = 1.0 - s;
    lane weight[STAGES];
    for (int q = 0; q < STAGES; q++) {
        lane inner = lane_of(dense[DENSE - 1][q]);
        for (int j = DENSE - 2; j >= 0; j--) inner = lane_fma(s, inner, lane_of(dense[j][q]));
        weight[q] = s * r * inner;
    }
    for (int i = 0; i < b->part->n; i++) {
        lane sum = lane_fma(s, b->arg[i], b->y[i] * r);
        for (int q = 0; q < STAGES; q++) sum = lane_fma(weight[q], b->k[q][i], sum);
        out[i] = sum;
    }
}

/* Whoever waits is observed and goes. */
static void put(block *b) {
    waiting *w = &b->waiting;
    double y[STATES], o[OBSERVED];
    if (w->n == 0) return;
    fe__observe(w->g, w->y, w->tau, w->o);
    for (int place = 0; place < w->n; place++) {
        gather(w->y, place, y);
        for (int i = 0; i < OBSERVED; i++) {
            double v = lane_get(&w->o[i], place);
            o[i] = isnan(v) ? (double)NAN : v; /* of one sign, whatever made it */
        }
        b->ask->output(b->ask->context, w->id[place], w->time[place], y, o);
    }
    w->n = 0;
}

/* The next output of a lane, whose state is that of y. */
static void wait(block *b, int l, const lane *y) {
    waiting *w = &b->waiting;
    int place = w->n;
    for (int i = 0; i < b->part->n; i++) lane_set(&w->y[i], place, lane_get(&y[i], l));
    for (int i = 0; i < PREPARED_OBSERVED; i++) lane_set(&w->g[i], place, lane_get(&b->g[i], l));
    lane_set(&w->tau, place, fmax(0, b->ask->times[b->out[l]] - b->bodies[l].first_iron));
    w->id[place] = b->id[l];
    w->time[place] = b->out[l]++;
    if (++w->n == FE_LANES) put(b);
}

/* Outputs strictly inside the accepted steps; those at an edge come after its events. */
static void outputs_inside(block *b) {
    for (;;) {
        double theta[FE_LANES] = {0};
        bool due[FE_LANES], any = false;
        lane y[STATES];
        for (int l = 0; l < FE_LANES; l++) {
            double end = b->t[l] + b->tried[l];
            double at = b->accepted[l] && b->out[l] < b->ask->times_n ? b->ask->times[b->out[l]] : INFINITY;
            due[l] = at < b->edge[l] && at <= end;
            theta[l] = due[l] ? (at - b->t[l]) / b->tried[l] : 1;
            any = any || due[l];
        }
        if (!any) return;
        interpolate(b, theta, y);
        for (int l = 0; l < FE_LANES; l++)
            if (due[l]) wait(b, l, y);
    }
}

/* Outputs at the hour at which a lane stands now, after its events. */
static void outputs_here(block *b, int l) {
    while (b->out[l] < b->ask->times_n && b->ask->times[b->out[l]] == b->t[l]) wait(b, l, b->y);
}

/* ---- lanes come and go ------------------------------------------------------------------------------------------------------------------ */

static double end_of(const block *b) { return b->ask->times[b->ask->times_n - 1]; }

static void next_edge(block *b, int l) {
    double e = b->ask->edge(b->ask->context, b->id[l], &b->bodies[l]);
    b->edge[l] = fmin(e, end_of(b));
    b->h[l] = b->h0;
}

/* Section 15: what no valid course reaches. */
static solve_status look(const block *b, int l, const lane *at) {
    double y[STATES];
    gather(at, l, y);
    return fe__solve_look(b->ask->m, &b->bodies[l].b, y);
}

/* A body that is over at once (only one output time, at 0) leaves its lane to the next. */
static void load(block *b, int l) {
    const batch_ask *ask = b->ask;
    b->busy[l] = false;
    for (size_t k; ask->take(ask->context, &k);) {
        if (!ask->load(ask->context, k, &b->bodies[l])) {
            ask->done(ask->context, k, SOLVE_FAILED);
            continue;
        }
        b->id[l] = k;
        b->t[l] = 0;
        b->out[l] = 0;
        b->steps[l] = 0;
        scatter(b, l);
        outputs_here(b, l);
        if (end_of(b) > 0) {
            b->busy[l] = true;
            next_edge(b, l);
            return;
        }
        put(b);
        ask->done(ask->context, k, SOLVE_OK);
    }
}

static void finish(block *b, int l, solve_status s) {
    put(b);
    b->ask->done(b->ask->context, b->id[l], s);
    load(b, l);
}

/* The lane stands at its edge: events, outputs of that hour, and on. */
static void cross(block *b, int l) {
    b->t[l] = b->edge[l];
    gather(b->y, l, b->bodies[l].y);
    b->ask->change(b->ask->context, b->id[l], &b->bodies[l], b->t[l]);
    scatter(b, l);
    solve_status s = look(b, l, b->y);
    if (s == SOLVE_OK) outputs_here(b, l);
    if (s != SOLVE_OK || b->t[l] >= end_of(b)) finish(b, l, s);
    else next_edge(b, l);
}

/* ---- step control -------------------------------------------------------------------------------------------------------------------------- */

/* Never over an edge; a remainder of less than two steps' worth is halved, so that no tiny step is left. A lane without a body repeats
 * its last one's step, which nobody reads. */
static void choose_steps(block *b) {
    for (int l = 0; l < FE_LANES; l++) {
        double left = b->edge[l] - b->t[l], h = b->h[l];
        if (h >= left) h = left;
        else if (h > left / 2 && left < split_below) h = left / 2;
        b->tried[l] = b->busy[l] ? h : 1;
    }
    b->ih = 1.0 / of_lanes(b->tried);
}

static void judge(block *b) {
    double error[FE_LANES], by[FE_LANES];
    const lane factor = safety * lane_exp(-root * lane_ln(lane_max(b->error, lane_of(1e-30))));
    read_lanes(b->error, error);
    read_lanes(lane_max(lane_min(lane_of(grow_most), factor), lane_of(shrink_most)), by);
    for (int l = 0; l < FE_LANES; l++) {
        b->accepted[l] = b->busy[l] && error[l] <= 1;
        b->counts->lane_steps++;
        if (!b->busy[l]) continue;
        b->counts->steps++;
        b->counts->rejected += !b->accepted[l];
        double wanted = b->tried[l] * (isfinite(error[l]) ? by[l] : shrink_most);
        b->h[l] = b->accepted[l] && b->tried[l] < b->h[l] ? fmax(b->h[l], wanted) : wanted; /* a clipped step says little */
    }
}

/* Accepted lanes to the end of their step. Mostly all are, and where they stand and where they come to only change names. */
static void move(block *b) {
    double flag[FE_LANES];
    bool all = true;
    for (int l = 0; l < FE_LANES; l++) {
        flag[l] = b->accepted[l];
        all = all && b->accepted[l];
    }
    if (all) {
        lane *y = b->y;
        b->y = b->arg;
        b->arg = y;
        return;
    }
    const lane_bits mask = lane_less(lane_of(0.0), of_lanes(flag));
    for (int i = 0; i < b->part->n; i++) {
        b->y[i] = lane_select(mask, b->arg[i], b->y[i]);
    }
}

/* Why a lane gets nowhere: what is wrong with where it stands, when something is. */
static solve_status stuck(const block *b, int l) {
    solve_status s = look(b, l, b->y);
    return s == SOLVE_OK ? SOLVE_STEPS : s;
}

static void advance(block *b) {
    double margin[FE_LANES];
    read_lanes(b->margin, margin);
    move(b);
    for (int l = 0; l < FE_LANES; l++) {
        if (!b->busy[l]) continue;
        solve_status s = ++b->steps[l] > STEPS_MAX ? stuck(b, l) : SOLVE_OK;
        if (b->accepted[l]) {
            bool at_edge = b->tried[l] >= b->edge[l] - b->t[l];
            if (s == SOLVE_OK && !(margin[l] > 0)) s = look(b, l, b->y);
            if (s == SOLVE_OK && at_edge) {
                cross(b, l);
                continue;
            }
            b->t[l] += b->tried[l];
        }
        if (s != SOLVE_OK) finish(b, l, s);
    }
}

static bool any_busy(const block *b) {
    for (int l = 0; l < FE_LANES; l++)
        if (b->busy[l]) return true;
    return false;
}

static void set_scales(block *b) {
    double scale[STATES];
    fe__batch_scales(scale);
    for (int i = 0; i < STATES; i++) b->scale_abs[i] = scale[i] * b->ask->rtol;
    b->h0 = first_step * fe__power(b->ask->rtol / first_rtol, root);
}

void KERNEL(fe__batch_solve)(const batch_ask *ask, void *room, batch_counts *counts) {
    static const part parts[] = {[BATCH_ALL] = {fe__stage_first_all, fe__stage_all, STATES_ALL},
                                 [BATCH_LABS] = {fe__stage_first_labs, fe__stage_labs, STATES_LABS}};
    block *b = room;
    memset(b, 0, sizeof *b);
    b->ask = ask;
    b->counts = counts;
    b->part = &parts[ask->part];
    b->y = b->state[0];
    b->arg = b->state[1];
    for (int i = 0; i < STATES; i++) b->waiting.y[i] = lane_of(NAN); /* what is not solved has no value */
    set_scales(b);
    for (int l = 0; l < FE_LANES; l++) load(b, l);
    while (any_busy(b)) {
        choose_steps(b);
        step(b);
        judge(b);
        outputs_inside(b);
        advance(b);
    }
}

size_t KERNEL(fe__batch_room)(void) { return sizeof(block); }
