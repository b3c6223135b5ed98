/* simulate: a scenario through the reference integrator; every state and observable at its times. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "course/scenario.h"
#include "exchange/door.h"
#include "exchange/read_scenario.h"

static const double simulate_rtol = 1e-10, simulate_atol = 1e-13;

enum { SHOWN = OBSERVED_Ue + 1, COLUMNS = 1 + STATES + SHOWN }; /* of what is observed: as the reference trajectories have it */
#define NAME_OF(name) #name,
static const char *const columns[1 + STATES + OBSERVED] = {"t_h", FE_STATES(NAME_OF) FE_OBSERVED(NAME_OF)};

typedef struct table {
    const double *times;
    double *values; /* [row][COLUMNS] */
} table;

static void keep_row(void *context, size_t i, const double *y, const double *o) {
    table *t = context;
    double *row = &t->values[i * COLUMNS];
    row[0] = t->times[i];
#define VALUE_OF(name) y[ST_##name],
    const double states[STATES] = {FE_STATES(VALUE_OF)};
    memcpy(&row[1], states, sizeof states);
    memcpy(&row[1 + STATES], o, SHOWN * sizeof *row);
}

static json_t *columns_json(asking *q, const table *t, size_t rows) {
    json_t *all = fe__jobject(&q->out);
    for (int c = 0; c < COLUMNS; c++) {
        json_t *list = fe__jarray(&q->out);
        for (size_t i = 0; i < rows; i++) {
            double v = t->values[i * COLUMNS + (size_t)c];
            if (isnan(v)) fe__jadd(&q->out, list, json_null());
            else fe__jadd_num(&q->out, list, v);
        }
        fe__jput(&q->out, all, columns[c], list);
    }
    return all;
}

static void put_solved(asking *q, const body *b) {
    json_t *s = fe__jobject(&q->out);
    const struct {
        const char *name;
        double value;
    } solved[] = {
        {"e", b->c.e}, {"z", b->c.z},     {"tibi", b->c.tibi},     {"a", b->c.a},   {"a_star", b->a_star},      {"BV", b->c.BV},
        {"s", b->c.s}, {"eps", b->c.eps}, {"epsren", b->c.epsren}, {"kR", b->c.kR}, {"bloss_per_h", b->c.bloss}};
    for (size_t i = 0; i < sizeof solved / sizeof *solved; i++) fe__jput_num(&q->out, s, solved[i].name, solved[i].value);
    fe__jput(&q->out, q->root, "solved", s);
}

static void refuse(asking *q, const char *word, const char *why) {
    q->refusal = true;
    fe__write_head(q, "cannot-simulate");
    fe__jput_str(&q->out, q->root, "status", word);
    fe__jput_str(&q->out, q->root, "why", why);
}

static void simulate(asking *q, const model_data *m, const scenario *s) {
    start_labs labs = s->labs;
    unsigned filled;
    body b;
    double y[STATES];
    start_status start = fe__start_fill(m, &labs, &filled);
    if (start == START_OK) start = fe__start(m, &labs, NULL, &b, y);
    if (start != START_OK) {
        refuse(q, fe__start_word(start), fe__start_text(start));
        return;
    }
    const body at_start = b;
    table t = {s->times, FE_NEW_ARRAY(q->a, double, s->times_n *COLUMNS)};
    reference_solver *solver = fe__reference_new(m, simulate_rtol, simulate_atol);
    solve_status done =
        solver ? fe__play(m, solver, &b, y, s->events, s->events_n, s->times, s->times_n, keep_row, &t) : SOLVE_MEMORY;
    fe__reference_free(solver);
    if (done != SOLVE_OK) {
        refuse(q, "solver", fe__solve_text(done));
        return;
    }
    fe__write_head(q, "simulated");
    put_solved(q, &at_start);
    fe__jput(&q->out, q->root, "columns", columns_json(q, &t, s->times_n));
}

void fe__answer_simulate(asking *q) {
    const fe_request *r = q->request;
    q->faults.file = r->input_name ? r->input_name : "-";
    json_t *json = fe__json_read(&q->faults, r->input, r->input_length ? r->input_length : strlen(r->input));
    const scenario *s = json ? fe__scenario_read(q->k, &q->faults, json) : NULL;
    json_decref(json);
    const model_data *m = s ? fe__model_load(q->engine->data_folder, &q->faults) : NULL;
    q->model = m;
    if (m) simulate(q, m, s);
}
