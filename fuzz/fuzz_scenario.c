/* A scenario from any bytes, and the start of its patient. */
#include <math.h>

#include "body/rates.h"
#include "exchange/read_scenario.h"
#include "reading.h"

static const model_data *fuzz_model(void) {
    static const model_data *m; /* in an arena that lives as long as the process */
    if (m) return m;
    static arena *a;
    faults f;
    a = fe__arena_new(0);
    if (!a || setjmp(*fe__arena_escape(a))) abort();
    fe__faults_init(&f, a, NULL);
    m = fe__model_load(NULL, &f);
    if (!m) abort();
    return m;
}

/* Whatever the labs, a start is refused or gives finite states, and the first row of a trajectory. */
static void start(const start_labs *given, text *outcome) {
    const model_data *m = fuzz_model();
    start_labs labs = *given;
    unsigned filled;
    body b;
    double y[STATES], g[PREPARED], o[OBSERVED];
    start_status s = fe__start_fill(m, &labs, &filled);
    if (s == START_OK) s = fe__start(m, &labs, NULL, &b, y);
    fe__text_addf(outcome, "%s\n", fe__start_word(s));
    if (s != START_OK) return;
    fe__body_prepare(&b, g);
    fe__observe(g, y, 0, o);
    for (int i = 0; i < STATES; i++)
        if (!isfinite(y[i])) abort();
    for (int i = 0; i < OBSERVED; i++) fe__text_addf(outcome, "%.17g ", o[i]);
    if (!(fabs(o[OBSERVED_Hb] - labs.Hb) <= 1e-9 * labs.Hb) || !(b.c.e > 0 && b.c.e <= m->n.start_e_high)) abort();
}

static void read_scenario(const knowledge *k, faults *f, const char *bytes, size_t n, text *outcome) {
    json_t *json = fe__json_read(f, bytes, n);
    const scenario *s = json ? fe__scenario_read(k, f, json) : NULL;
    json_decref(json);
    if (!json) return;
    if ((s == NULL) != (f->n > 0)) abort();
    if (!s) return;
    if (s->times_n == 0) abort();
    for (size_t i = 0; i < s->times_n; i++)
        if (!(s->times[i] >= 0) || (i && !(s->times[i] > s->times[i - 1]))) abort();
    for (size_t i = 0; i < s->events_n; i++) {
        const body_event *e = &s->events[i];
        if (!(e->t >= 0 && e->amount >= 0) || (i && e->t < e[-1].t)) abort();
        if (i && e->t == e[-1].t && fe__event_rank(e) < fe__event_rank(&e[-1])) abort();
        if (e->kind == BODY_DELIVERY && !(e->bvf > 0)) abort();
        fe__text_addf(outcome, "%.17g %d %d %.17g %zu\n", e->t, (int)e->kind, e->formulation, e->amount, e->place);
    }
    start(&s->labs, outcome);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) { return fuzz_twice(read_scenario, data, n); }
