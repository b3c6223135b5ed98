#include "course/play.h"

#include <math.h>
#include <stdlib.h>

#include "base/elementary.h"

/* ---- the order of events at one time ---------------------------------------------------------------------------------------- */

int fe__event_rank(const body_event *e) {
    static const int ranks[BODY_EVENT_KINDS] = {[BODY_BLEED] = 2,  [BODY_TRANSFUSE] = 3, [BODY_DELIVERY] = 4, [BODY_LOSS] = 5,
                                                [BODY_INFLAM] = 6, [BODY_ESA] = 7,       [BODY_ORAL] = 8,     [BODY_RATE] = 9};
    return e->kind == BODY_RATE && e->amount == 0 ? 1 : ranks[e->kind];
}

static int by_time(const void *one, const void *two) {
    const body_event *a = one, *b = two;
    if (a->t != b->t) return a->t < b->t ? -1 : 1;
    int ra = fe__event_rank(a), rb = fe__event_rank(b);
    if (ra != rb) return ra - rb;
    return a->place < b->place ? -1 : a->place > b->place;
}

void fe__events_sort(body_event *list, size_t n) {
    if (n) qsort(list, n, sizeof *list, by_time);
}

/* ---- what each does ------------------------------------------------------------------------------------------------------------- */

/* Drawn blood takes red cells, transferrin iron and drug iron with it; the volume is replaced. */
static void bleed(body *b, double *y, double ml) {
    static const int in_blood[] = {ST_RET, ST_R1, ST_R2, ST_R3, ST_R4, ST_R5, ST_R6, ST_T, ST_D};
    double left = fe__exp(-ml / (1000 * b->c.BV));
    for (size_t i = 0; i < sizeof in_blood / sizeof *in_blood; i++) {
        double *x = &y[in_blood[i]];
        y[ST_CLOSS] += *x * (1 - left);
        *x *= left;
    }
}

static void transfuse(const model_data *m, double *y, double units) {
    double mg = m->n.transfusion_mg * units;
    for (int i = ST_R1; i <= ST_R6; i++) y[i] += mg * m->n.transfusion_cells / 6;
    y[ST_M] += mg * (1 - m->n.transfusion_cells);
}

static void set_loss(body *b, double ml_per_day) { b->c.bloss = ml_per_day * b->bloss_factor / 1000 / b->c.BV / 24; }

/* The blood volume shrinks at once: iron stays as amounts, TIBC, CRP, ferritin and phosphate as concentrations. */
static void deliver(const model_data *m, body *b, const body_event *e) {
    b->c.BV = b->nadler * e->bvf;
    b->c.s = b->c.BV / m->n.size_bv;
    b->c.Hbn = (isnan(e->Hbn) ? b->set_point : e->Hbn) * b->Hbn_factor;
    set_loss(b, e->amount);
}

void fe__event_apply(const model_data *m, body *b, double *y, const body_event *e) {
    switch (e->kind) {
    case BODY_RATE:
        b->R = e->amount;
        if (e->formulation != KEEP_FORMULATION) fe__body_formulation(b, m, e->formulation);
        break;
    case BODY_BLEED: bleed(b, y, e->amount); break;
    case BODY_TRANSFUSE: transfuse(m, y, e->amount); break;
    case BODY_DELIVERY: deliver(m, b, e); break;
    case BODY_LOSS: set_loss(b, e->amount); break;
    case BODY_INFLAM: y[ST_INF] += e->amount; break;
    case BODY_ESA: b->uESA = e->amount; break;
    case BODY_ORAL: y[ST_G] += e->amount; break;
    case BODY_EVENT_KINDS: break;
    }
}

/* ---- playing ---------------------------------------------------------------------------------------------------------------------- */

typedef struct playing {
    const model_data *m;
    reference_solver *solver;
    body *b;
    double *y;
    const body_event *events;
    size_t events_n, next;
    double first_iron; /* h; INFINITY before */
} playing;

static void apply_all_at(playing *p, double t) {
    for (; p->next < p->events_n && p->events[p->next].t == t; p->next++) {
        fe__event_apply(p->m, p->b, p->y, &p->events[p->next]);
        if (p->b->R > 0 && isinf(p->first_iron)) p->first_iron = t;
    }
}

solve_status fe__play(const model_data *m, reference_solver *solver, body *b, double *y, const body_event *events,
                      size_t events_n, const double *times, size_t times_n, play_output output, void *context) {
    playing p = {m, solver, b, y, events, events_n, 0, INFINITY};
    double t = 0, end = times_n ? times[times_n - 1] : 0, g[PREPARED], o[OBSERVED];
    apply_all_at(&p, 0);
    for (size_t i = 0; i <= times_n;) {
        double edge = p.next < events_n ? fmin(events[p.next].t, end) : end; /* nothing changes before it */
        solve_status status = t < edge ? fe__reference_start(solver, b, y, t, edge) : SOLVE_OK;
        fe__body_prepare(b, g);
        if (status == SOLVE_OK) status = fe__solve_look(m, b, y); /* as the events of t left it */
        for (; status == SOLVE_OK && i < times_n && (times[i] < edge || times[i] == t); i++) {
            if (times[i] > t) status = fe__reference_to(solver, times[i], y);
            if (status != SOLVE_OK) break;
            fe__observe(g, y, fmax(0, times[i] - p.first_iron), o);
            output(context, i, y, o);
        }
        if (status == SOLVE_OK && t < edge) status = fe__reference_to(solver, edge, y);
        if (status != SOLVE_OK) return status;
        if (t == end) break;
        t = edge;
        apply_all_at(&p, t);
    }
    return SOLVE_OK;
}
