/* Any bytes as a JSON document: either a fault whose text can stand in an answer, or a document that is the same when
 * it is written and read again. */
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

static void check(int holds) {
    if (!holds) abort();
}

static void check_faults(const faults *f) {
    check(f->n > 0);
    for (size_t i = 0; i < f->n; i++) check(fe__utf8_valid(f->list[i].found, strlen(f->list[i].found)));
}

static void check_round_trip(arena *a, const json_t *value) {
    faults f;
    char *s = fe__json_text(value);
    check(s != NULL);
    size_t n = strlen(s);
    if (n <= JSON_MAX_BYTES) { /* indenting makes it longer */
        fe__faults_init(&f, a, "again");
        json_t *again = fe__json_read(&f, s, n);
        check(again && json_equal(value, again));
        json_decref(again);
    }
    free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    arena *a = fe__arena_new(0);
    check(a != NULL);
    if (setjmp(*fe__arena_escape(a))) abort(); /* memory ended */
    faults f;
    fe__faults_init(&f, a, "-");
    json_t *value = fe__json_read(&f, (const char *)data, size);
    if (value) check_round_trip(a, value);
    else check_faults(&f);
    json_decref(value);
    fe__arena_free(a);
    return 0;
}
