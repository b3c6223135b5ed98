/* A data set from any bytes. */
#include <math.h>

#include "exchange/read_data.h"
#include "reading.h"

static const model_data *fuzz_model(void) {
    static const model_data *m;
    static arena *a; /* kept, with the model in it */
    if (m) return m;
    a = fe__arena_new(0);
    if (!a || setjmp(*fe__arena_escape(a))) abort();
    faults f;
    fe__faults_init(&f, a, NULL);
    m = fe__model_load(NULL, &f);
    if (!m) abort();
    return m;
}

static void read_set(const knowledge *k, faults *f, const char *bytes, size_t n, text *outcome) {
    const data_set *d = fe__data_read(k, fuzz_model(), f, bytes, n);
    if ((d == NULL) != (f->n > 0)) abort(); /* faults, or a data set; never both, never neither */
    for (size_t i = 0; d && i < d->n; i++) {
        const data_subject *s = &d->subjects[i];
        fe__text_addf(outcome, "%s %zu events %zu rows\n", s->id, s->events_n, s->rows_n);
        for (size_t j = 0; j < s->events_n; j++)
            if (!(s->events[j].t >= 0) || !isfinite(s->events[j].amount) || (j && s->events[j].t < s->events[j - 1].t)) abort();
        for (size_t j = 0; j < s->rows_n; j++)
            if (!(s->rows[j].seen.t >= 0) || !(s->rows[j].seen.value >= 0) || (j && s->rows[j].seen.t < s->rows[j - 1].seen.t))
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) { return fuzz_twice(read_set, data, n); }
