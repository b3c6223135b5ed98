/* An order from any bytes. */
#include "reading.h"

static void read_order(const knowledge *k, faults *f, const char *bytes, size_t n, text *outcome) {
    json_t *json = fe__json_read(f, bytes, n);
    const order *o = json ? fe__order_read(k, f, json, 1772449200, 60) : NULL;
    json_decref(json);
    if (!json) return;
    if ((o == NULL) != (f->n > 0)) abort();
    for (size_t i = 0; o && i < o->items_n; i++) {
        const order_item *item = &o->items[i];
        if (!item->product || !(item->dose_mg > 0)) abort();
        fe__text_addf(outcome, "%s %s %.17g %ld\n", item->ptr, item->product, item->dose_mg, item->day);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) { return fuzz_twice(read_order, data, n); }
