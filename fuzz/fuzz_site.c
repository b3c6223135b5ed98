/* Site settings from any bytes. */
#include "reading.h"

static void read_site(const knowledge *k, faults *f, const char *bytes, size_t n, text *outcome) {
    const site *s = fe__site_read(k, f, bytes, n);
    if ((s == NULL) != (f->n > 0)) abort();
    if (!s) return;
    if (!s->sha256 || s->on_site_resuscitation < -1 || s->on_site_resuscitation > 1) abort();
    for (size_t i = 0; i < s->formulary_n; i++) fe__text_addf(outcome, "%s ", s->formulary[i]);
    for (size_t i = 0; i < s->prices_n; i++) fe__text_addf(outcome, "%s %.17g ", s->prices[i].product, s->prices[i].vial_mg);
    fe__text_addf(outcome, "%s %zu\n", s->sha256, s->off_label_n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) { return fuzz_twice(read_site, data, n); }
