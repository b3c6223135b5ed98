/* What the tests of the readers share: the built-in knowledge, an arena and faults for each test, expected faults. */
#ifndef TEST_EXCHANGE_READING_H
#define TEST_EXCHANGE_READING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "exchange/read.h"

#define NOW "2026-03-02T12:00+01:00"

typedef struct bench {
    arena *a;
    knowledge *k;
    faults f;
    double now;
    int zone_min;
} bench;

static inline int open_bench(void **state) {
    bench *b = calloc(1, sizeof *b);
    b->a = fe__arena_new(0);
    if (setjmp(*fe__arena_escape(b->a))) return -1;
    fe__faults_init(&b->f, b->a, "knowledge");
    b->k = fe__knowledge_load(NULL, &b->f);
    for (size_t i = 0; i < b->f.n; i++)
        print_error("%s: %s, not %s\n", b->f.list[i].at, b->f.list[i].expected, b->f.list[i].found);
    *state = b;
    return b->k && fe__time_parse(NOW, &b->now, &b->zone_min) ? 0 : -1;
}

static inline int close_bench(void **state) {
    bench *b = *state;
    fe__knowledge_free(b->k);
    fe__arena_free(b->a);
    free(b);
    return 0;
}

static inline void fresh(bench *b) {
    if (setjmp(*fe__arena_escape(b->a))) fail_msg("memory is out");
    fe__faults_init(&b->f, b->a, "x.json");
}

static inline void show_faults(const bench *b) {
    for (size_t i = 0; i < b->f.n; i++) {
        const fault *x = &b->f.list[i];
        print_error("  %s: %s, not %s (%s)\n", x->at, x->expected, x->found, x->hint ? x->hint : "");
    }
}

static inline bool has(const char *s, const char *part) { return !part || (s && strstr(s, part)); }

/* Exactly one fault, with these words in it. NULL: not looked at. */
static inline void assert_fault(bench *b, const char *at, const char *expected, const char *found, const char *hint) {
    if (b->f.n == 1 && fe__streq(b->f.list[0].at, at) && has(b->f.list[0].expected, expected) && has(b->f.list[0].found, found) &&
        has(b->f.list[0].hint, hint))
        return;
    show_faults(b);
    fail_msg("one fault at %s is expected: %s, not %s (%s)", at, expected ? expected : "", found ? found : "", hint ? hint : "");
}

static inline void assert_no_fault(const bench *b) {
    show_faults(b);
    assert_int_equal(b->f.n, 0);
}

static inline void assert_near(double v, double expected, double tolerance) {
    if (!(fabs(v - expected) <= tolerance)) fail_msg("%.17g is not %.17g", v, expected);
}

static inline json_t *parsed(bench *b, const char *s) {
    json_t *json = fe__json_read(&b->f, s, strlen(s));
    if (!json) show_faults(b);
    assert_non_null(json);
    return json;
}

static inline const course *course_of(bench *b, const char *s) {
    fresh(b);
    json_t *json = parsed(b, s);
    const course *c = fe__course_read(b->k, &b->f, json, b->now);
    json_decref(json);
    return c;
}

/* A woman of 40 with 60 kg, these further fields of the patient and these events (NULL: none). */
static inline const course *course_with(bench *b, const char *fields, const char *events) {
    fresh(b);
    return course_of(b, fe__printf(b->a,
                                   "{\"ferrule\":1,\"patient\":{\"sex\":\"female\",\"age_years\":40,\"weight_kg\":60%s%s},"
                                   "\"events\":[%s]}",
                                   fields ? "," : "", fields ? fields : "", events ? events : ""));
}

static inline int term_of(const bench *b, const char *id, term_kind kind) {
    int t = fe__term_find_kind(b->k, id, kind);
    assert_true(t >= 0);
    return t;
}

#endif
