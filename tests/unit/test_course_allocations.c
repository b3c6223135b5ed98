/* Memory while bodies are played: one room for all threads, taken before the first step and given back after the last. The linker puts the
 * functions below in the place of the C library's (-Wl,--wrap in tests/CMakeLists.txt). */
#include "test_body_bench.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "course/play_batch.h"
#include "infer/prior.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_aligned_alloc(size_t alignment, size_t n);
int __real_posix_memalign(void **p, size_t alignment, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_aligned_alloc(size_t alignment, size_t n);
int __wrap_posix_memalign(void **p, size_t alignment, size_t n);
void __wrap_free(void *p);

static atomic_ulong taken, given_back;

void *__wrap_malloc(size_t n) {
    atomic_fetch_add(&taken, 1);
    return __real_malloc(n);
}
void *__wrap_calloc(size_t n, size_t size) {
    atomic_fetch_add(&taken, 1);
    return __real_calloc(n, size);
}
void *__wrap_realloc(void *p, size_t n) {
    atomic_fetch_add(&taken, 1);
    return __real_realloc(p, n);
}
void *__wrap_aligned_alloc(size_t alignment, size_t n) {
    atomic_fetch_add(&taken, 1);
    return __real_aligned_alloc(alignment, n);
}
int __wrap_posix_memalign(void **p, size_t alignment, size_t n) {
    atomic_fetch_add(&taken, 1);
    return __real_posix_memalign(p, alignment, n);
}
void __wrap_free(void *p) {
    atomic_fetch_add(&given_back, 1);
    __real_free(p);
}

/* ---- playing ------------------------------------------------------------------------------------------------------------------- */

enum { EVENTS_MAX = 128, TIMES_MAX = 400 };
static const model_data *m;
static atomic_ulong outputs, ends;

static int set_up(void **state) {
    if (open_model(state) != 0) return -1;
    m = *state;
    return 0;
}

static bool body_of(void *context, size_t k, body *b, double *y) {
    start_labs labs;
    double eta[ETAS + 1];
    (void)context;
    return fe__virtual_patient(m, (int)(k % POPULATION_COUNT), 20261127, k, &labs, eta, b, y);
}

static void output(void *context, size_t k, size_t i, const double *y, const double *o) {
    (void)context, (void)k, (void)i, (void)y, (void)o;
    atomic_fetch_add(&outputs, 1);
}

static void done(void *context, size_t k, solve_status s) {
    (void)context, (void)k;
    atomic_fetch_add(&ends, s == SOLVE_OK);
}

typedef struct used {
    unsigned long taken, given_back;
} used;

static used play(size_t bodies, size_t times_n, size_t events_n, int threads) {
    static body_event events[EVENTS_MAX];
    static double times[TIMES_MAX];
    for (size_t i = 0; i < events_n; i++)
        events[i] = (body_event){.t = (double)i,
                                 .kind = BODY_RATE,
                                 .formulation = i % 2 ? KEEP_FORMULATION : FORMULATION_fcm,
                                 .amount = i % 2 ? 0 : 20,
                                 .place = i};
    for (size_t i = 0; i < times_n; i++) times[i] = 1000 * (double)(i + 1) / (double)times_n;
    atomic_store(&outputs, 0);
    atomic_store(&ends, 0);
    atomic_store(&taken, 0);
    atomic_store(&given_back, 0);
    bool ok = fe__play_batch(&(batch_play){.m = m,
                                           .events = events,
                                           .events_n = events_n,
                                           .times = times,
                                           .times_n = times_n,
                                           .n = bodies,
                                           .rtol = 1e-4,
                                           .threads = threads,
                                           .body = body_of,
                                           .output = output,
                                           .done = done},
                             NULL);
    used u = {atomic_load(&taken), atomic_load(&given_back)};
    assert_true(ok);
    assert_int_equal(atomic_load(&ends), bodies);
    assert_int_equal(atomic_load(&outputs), bodies * times_n);
    return u;
}

static void one_room_whatever_is_played(void **state) {
    (void)state;
    static const struct {
        size_t bodies, times, events;
        int threads;
    } asks[] = {{1, 1, 0, 1},   {1000, 1, 0, 1}, {1, TIMES_MAX, 0, 1},          {1, 1, EVENTS_MAX, 1},
                {200, 1, 8, 3}, {200, 50, 8, 2}, {60, TIMES_MAX, EVENTS_MAX, 2}};
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        used u = play(asks[i].bodies, asks[i].times, asks[i].events, asks[i].threads);
        assert_int_equal(u.taken, 1);
        assert_int_equal(u.given_back, 1);
    }
}

/* Otherwise the test above would say nothing. */
static void what_is_taken_is_seen(void **state) {
    (void)state;
    atomic_store(&taken, 0);
    atomic_store(&given_back, 0);
    arena *a = fe__arena_new(0);
    fe__arena_free(a);
    reference_solver *r = fe__reference_new(m, 1e-6, 1e-8);
    fe__reference_free(r);
    assert_true(atomic_load(&taken) > 2 && atomic_load(&given_back) > 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_taken_is_seen),
        cmocka_unit_test(one_room_whatever_is_played),
    };
    return cmocka_run_group_tests(tests, set_up, close_model);
}
