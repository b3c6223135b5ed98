/* What the fuzz targets of the readers share: bytes become JSON and are read, twice; both times must end alike. */
#ifndef FUZZ_READING_H
#define FUZZ_READING_H

#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "exchange/read.h"

enum { FUZZ_ARENA_BYTES = 256 * 1024 * 1024 };

/* Reads and says what came of it, apart from the faults. */
typedef void fuzz_read(const knowledge *k, faults *f, const char *bytes, size_t n, text *outcome);

static inline const knowledge *fuzz_knowledge(void) {
    static knowledge *k; /* libFuzzer runs one input after another in one thread */
    if (k) return k;
    arena *a = fe__arena_new(0);
    if (!a) abort();
    if (setjmp(*fe__arena_escape(a))) abort();
    faults f;
    fe__faults_init(&f, a, NULL);
    k = fe__knowledge_load(NULL, &f);
    if (!k) abort();
    fe__arena_free(a);
    return k;
}

static inline char *fuzz_once(arena *a, fuzz_read *read, const char *bytes, size_t n) {
    faults f;
    text outcome;
    if (setjmp(*fe__arena_escape(a))) abort(); /* the bound is generous: who needs more has a leak */
    fe__faults_init(&f, a, "fuzz");
    fe__text_init(&outcome, a);
    read(fuzz_knowledge(), &f, bytes, n, &outcome);
    for (size_t i = 0; i < f.n; i++) {
        if (!f.list[i].at || !f.list[i].expected || !f.list[i].found) abort();
        fe__text_addf(&outcome, "%s|%s|%s|%s\n", f.list[i].at, f.list[i].expected, f.list[i].found,
                      f.list[i].hint ? f.list[i].hint : "");
    }
    if (!fe__utf8_valid(outcome.s, outcome.n)) abort();
    return outcome.s;
}

static inline int fuzz_twice(fuzz_read *read, const uint8_t *data, size_t n) {
    arena *first = fe__arena_new(FUZZ_ARENA_BYTES), *second = fe__arena_new(FUZZ_ARENA_BYTES);
    char *bytes = malloc(n + 1); /* no byte to spare, so that reading past the end is seen */
    if (!first || !second || !bytes) abort();
    if (n) memcpy(bytes, data, n);
    bytes[n] = '\0';
    if (strcmp(fuzz_once(first, read, bytes, n), fuzz_once(second, read, bytes, n)) != 0) abort();
    free(bytes);
    fe__arena_free(first);
    fe__arena_free(second);
    return 0;
}

#endif
