/* Published observations from any bytes, what is read off each, and the same bytes as a map of populations. */
#include "reading.h"

#include <math.h>

#include "advise/validate_reading.h"
#include "exchange/read_observations.h"

static void read_rows(const evidence *e, const observation *list, size_t n, text *outcome) {
    for (size_t i = 0; i < n; i++) {
        unpredicted missing;
        const char *why = NULL;
        reading r;
        bool read = fe__reading_of(outcome->a, e, &list[i], &r, &missing, &why);
        if (read != (missing == PREDICTED) || (!read && !why) || (read && !(r.time_h >= 0))) abort();
        fe__text_addf(outcome, "%s %s %.17g\n", list[i].id, read ? r.words : why, list[i].value);
    }
}

static void read_both(const knowledge *k, faults *f, const char *bytes, size_t n, text *outcome) {
    evidence *e = fe__evidence_load(NULL, f);
    size_t rows, before;
    (void)k;
    if (!e) abort();
    const observation *list = fe__observations_read(f, bytes, n, &rows);
    if (f->n + f->dropped == 0) read_rows(e, list, rows, outcome);
    before = e->populations_n;
    fe__evidence_add_map(e, f, bytes, n);
    if (e->populations_n < before) abort();
    for (size_t i = 0; i < e->populations_n; i++)
        if (e->populations[i].given) fe__text_addf(outcome, "%s %d\n", e->populations[i].text, e->populations[i].population);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) { return fuzz_twice(read_both, data, n); }
