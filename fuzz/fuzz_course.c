/* A course from any bytes. */
#include <math.h>

#include "reading.h"

static void read_course(const knowledge *k, faults *f, const char *bytes, size_t n, text *outcome) {
    static const double now = 1772449200; /* 2026-03-02T12:00+01:00, as in the corpus */
    json_t *json = fe__json_read(f, bytes, n);
    const course *c = json ? fe__course_read(k, f, json, now) : NULL;
    json_decref(json);
    if (!json) return;
    if ((c == NULL) != (f->n > 0)) abort(); /* faults, or a course; never both, never neither */
    if (!c) return;
    fe__text_addf(outcome, "%zu events, %zu confirms, zone %d\n", c->events_n, c->confirms_n, c->zone_min);
    for (size_t i = 0; i < c->events_n; i++) {
        const event *e = &c->events[i];
        if (isnan(e->at) || (i && e->at < e[-1].at) || e->term >= (int)k->terms_n) abort();
        if (e->kind == EVENT_LAB && e->at > now && !e->prescribed) abort();
        fe__text_addf(outcome, "%s %d %.17g %d %.17g\n", e->ptr, (int)e->kind, e->at, e->term, e->value);
    }
    for (int t = 0; t < (int)k->terms_n; t++) (void)fe__lab_newest(c, t, now);
    fe__text_addf(outcome, "%.17g weeks\n", fe__gestation_now(c, now));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) { return fuzz_twice(read_course, data, n); }
