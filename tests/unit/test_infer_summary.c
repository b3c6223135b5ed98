/* Summaries of patients who are not kept: held against the same numbers kept, in two passes in long double and sorted; and the same bytes in any
 * order, in any parts, on any number of threads. */
#include "test_body_bench.h"

#include <stdlib.h>

#include "infer/endpoint.h"
#include "infer/prior.h"

enum { MANY = 20000, ENDS = 7, PATIENTS = 240 };

static arena *room;

static int open_room(void **state) {
    room = fe__arena_new(0);
    if (!room || setjmp(*fe__arena_escape(room))) return -1;
    return open_model(state);
}

static int close_room(void **state) {
    fe__arena_free(room);
    return close_model(state);
}

static int ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return (a > b) - (a < b);
}

/* ---- values ------------------------------------------------------------------------------------------------------------------------- */

static const summary_scale scales[ENDS] = {
    {2, 25, 0.01, 13, false},          /* hemoglobin */
    {0, 1e5, 0.1, 100, false},         /* ferritin */
    {-20, 20, 0.001, -2, true},        /* a fall */
    {-1000, 50, 1e-6, 0, false},       /* both sides, far apart in size */
    {0, 1, 1e-9, NAN, false},          /* a share */
    {-0.001, 1e6, 0.5, 1e6 - 1, true}, /* spread of a few steps beside the scale */
    {-40, -3, 0.25, -7, true},         /* below 0 alone */
};

/* One patient in so many lacks a value, or has one that is on no scale. */
static double value_of(int which, double u, double z) {
    if (u < 0.01) return NAN;
    if (u < 0.012) return INFINITY;
    if (u < 0.014) return -INFINITY;
    switch (which) {
    case 0: return 12 + 3 * z;
    case 1: return 40 * exp(1.2 * z);
    case 2: return u < 0.3 ? (u < 0.2 ? 0.0 : -0.0) : -2 + 3 * z;
    case 3: return u < 0.5 ? -exp(3 * z) : exp(2 * z) / 10;
    case 4: return u * u * u * u;
    case 5: return 1e6 - 2 + 0.001 * z;
    default: return floor(-8 + 4 * z);
    }
}

static double (*values)[ENDS];

static void make_values(void) {
    random_stream r = fe__random_stream(20261125, 1, 1);
    values = fe__alloc_array(room, MANY, sizeof *values);
    for (size_t k = 0; k < MANY; k++) {
        for (int e = 0; e < ENDS; e++) {
            double u = fe__random_uniform(&r);
            values[k][e] = value_of(e, u, fe__random_normal(&r));
        }
    }
}

/* Those on the scale, sorted; how many are not. */
typedef struct kept {
    double v[MANY];
    size_t n, missing, below, above, reached;
} kept;

static const kept *keep(int e, size_t patients) {
    static kept x;
    const summary_scale *s = &scales[e];
    memset(&x, 0, sizeof x);
    for (size_t k = 0; k < patients; k++) {
        double v = values[k][e];
        if (isnan(v)) x.missing++;
        else if (v < s->low) x.below++;
        else if (v > s->high) x.above++;
        else {
            x.v[x.n++] = v;
            x.reached += s->falls ? v <= s->threshold : v >= s->threshold;
        }
    }
    qsort(x.v, x.n, sizeof *x.v, ascending);
    return &x;
}

static fine mean_of(const double *v, size_t n) {
    fine sum = 0;
    for (size_t i = 0; i < n; i++) sum += v[i];
    return sum / (fine)n;
}

static fine sd_of(const double *v, size_t n) {
    fine mean = mean_of(v, n), sum = 0;
    for (size_t i = 0; i < n; i++) sum += (v[i] - mean) * (v[i] - mean);
    return sqrtl(sum / (fine)(n - 1));
}

/* Every ranked value may be off by a 256th of itself, or be taken for 0. */
static void assert_quantile(double got, const double *sorted, size_t n, double q, double least) {
    fine place = (fine)q * (fine)(n - 1);
    size_t at = (size_t)place, next = at + 1 < n ? at + 1 : at;
    fine want = sorted[at] + (place - (fine)at) * ((fine)sorted[next] - sorted[at]);
    fine size = fmaxl(fabsl((fine)sorted[at]), fabsl((fine)sorted[next]));
    assert_within(got, want, fmaxl(size / 256, least));
    if (sorted[at] >= least || sorted[next] <= -least) assert_within(got, want, size / 256 * (1 + 1e-12L));
}

static void assert_as_kept(const summary_layout *of, const summary *s, size_t patients) {
    static const double q[] = {0, 0.001, 0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975, 0.999, 1};
    for (int e = 0; e < ENDS; e++) {
        const kept *x = keep(e, patients);
        const summary_cell *c = &s->cells[e];
        assert_int_equal(c->n, x->n);
        assert_int_equal(c->missing, x->missing);
        assert_int_equal(c->below, x->below);
        assert_int_equal(c->above, x->above);
        assert_int_equal(c->reached, x->reached);
        if (x->n == 0) continue;
        fine half = ((fine)scales[e].high - scales[e].low) / 0x1p33L * (1 + 1e-6L), round = 1e-14L * (fine)scales[e].high;
        assert_true(c->min == x->v[0] && c->max == x->v[x->n - 1]);
        assert_within(fe__summary_mean(of, s, (size_t)e), mean_of(x->v, x->n), half + fabsl(round));
        if (x->n > 1)
            assert_within(fe__summary_sd(of, s, (size_t)e), sd_of(x->v, x->n),
                          half * sqrtl((fine)x->n / (fine)(x->n - 1)) + 1e-12L * sd_of(x->v, x->n));
        for (size_t i = 0; i < sizeof q / sizeof *q; i++)
            assert_quantile(fe__summary_quantile(of, s, (size_t)e, q[i]), x->v, x->n, q[i], scales[e].least);
    }
}

static summary *summary_of(const summary_layout *of, size_t from, size_t to) {
    summary *s = fe__summary_new(room, of);
    for (size_t k = from; k < to; k++) fe__summary_add(of, s, SOLVE_OK, values[k]);
    return s;
}

static void it_says_what_the_values_say_when_they_are_kept(void **state) {
    (void)state;
    const summary_layout *of = fe__summary_layout(room, scales, ENDS);
    static const size_t sizes[] = {1, 2, 3, 10, 100, 1001, MANY};
    make_values();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const summary *s = summary_of(of, 0, sizes[i]);
        assert_int_equal(s->ends[SOLVE_OK], sizes[i]);
        assert_as_kept(of, s, sizes[i]);
    }
}

/* ---- order ---------------------------------------------------------------------------------------------------------------------------- */

static void any_order_gives_the_same_bytes(void **state) {
    (void)state;
    const summary_layout *of = fe__summary_layout(room, scales, ENDS);
    make_values();
    const summary *all = summary_of(of, 0, MANY);
    seed(20261125);
    for (int round = 0; round < 5; round++) {
        summary *s = fe__summary_new(room, of);
        for (size_t k = MANY; k > 1; k--) { /* shuffled */
            double held[ENDS];
            size_t other = (size_t)one_below((int)k);
            memcpy(held, values[k - 1], sizeof held);
            memcpy(values[k - 1], values[other], sizeof held);
            memcpy(values[other], held, sizeof held);
        }
        for (size_t k = 0; k < MANY; k++) fe__summary_add(of, s, SOLVE_OK, values[k]);
        assert_memory_equal(s, all, of->size);
    }
}

/* Cut anywhere, merged in any order, empty parts among them. */
static void any_parts_give_the_same_bytes(void **state) {
    (void)state;
    enum { PARTS = 9 };
    const summary_layout *of = fe__summary_layout(room, scales, ENDS);
    make_values();
    const summary *all = summary_of(of, 0, MANY);
    seed(20261126);
    for (int round = 0; round < 20; round++) {
        summary *parts[PARTS];
        size_t from = 0;
        for (int i = 0; i < PARTS; i++) {
            size_t to = i == PARTS - 1 ? MANY : i == 4 ? from : from + (size_t)one_below((int)(MANY - from) / 3);
            parts[i] = summary_of(of, from, to);
            from = to;
        }
        for (int left = PARTS; left > 1; left--) { /* two of those that are left, at random */
            int one = one_below(left), two = (one + 1 + one_below(left - 1)) % left;
            fe__summary_merge(of, parts[one], parts[two]);
            parts[two] = parts[left - 1];
        }
        assert_memory_equal(parts[0], all, of->size);
    }
}

/* ---- ends ---------------------------------------------------------------------------------------------------------------------------- */

static void nobody_has_no_mean(void **state) {
    (void)state;
    const summary_layout *of = fe__summary_layout(room, scales, ENDS);
    summary *s = fe__summary_new(room, of);
    const double none[ENDS] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN}, one[ENDS] = {12.5, 30, -1, 4, 0.25, 7, -4};
    for (int i = 0; i < 2; i++) {
        assert_true(isnan(fe__summary_mean(of, s, 0)) && isnan(fe__summary_sd(of, s, 0)) &&
                    isnan(fe__summary_quantile(of, s, 0, 0.5)));
        fe__summary_add(of, s, SOLVE_OK, none);
    }
    assert_int_equal(s->cells[3].missing, 2);
    fe__summary_add(of, s, SOLVE_OK, one);
    assert_within(fe__summary_mean(of, s, 0), 12.5L, 23 / 0x1p33L);
    assert_true(isnan(fe__summary_sd(of, s, 0)));
    assert_true(fe__summary_quantile(of, s, 0, 0.3) == 12.5); /* between the least and the largest, there is but itself */
    assert_true(fe__summary_quantile(of, s, 6, 1) == -4);
}

static void the_ends_of_a_scale_are_on_it(void **state) {
    (void)state;
    const summary_layout *of = fe__summary_layout(room, scales, 1);
    summary *s = fe__summary_new(room, of);
    const double v[] = {2, 25, nextafter(2, 0), nextafter(25, 26), 13, nextafter(13, 0)};
    for (size_t i = 0; i < sizeof v / sizeof *v; i++) fe__summary_add(of, s, SOLVE_OK, &v[i]);
    const summary_cell *c = &s->cells[0];
    assert_true(c->n == 4 && c->below == 1 && c->above == 1 && c->min == 2 && c->max == 25);
    assert_int_equal(c->reached, 2); /* 25 and 13 */
}

static void zeros_of_both_signs_are_one(void **state) {
    (void)state;
    const summary_layout *of = fe__summary_layout(room, &scales[2], 1);
    summary *a = fe__summary_new(room, of), *b = fe__summary_new(room, of);
    const double plus = 0.0, minus = -0.0;
    fe__summary_add(of, a, SOLVE_OK, &plus), fe__summary_add(of, a, SOLVE_OK, &minus);
    fe__summary_add(of, b, SOLVE_OK, &minus), fe__summary_add(of, b, SOLVE_OK, &plus);
    assert_memory_equal(a, b, of->size);
    assert_true(!signbit(a->cells[0].min) && fe__summary_quantile(of, a, 0, 0.5) == 0);
}

/* As many as there may be, half at each end of the scale: no sum wraps. */
static void no_sum_overflows(void **state) {
    (void)state;
    const summary_layout *of = fe__summary_layout(room, &scales[2], 1);
    summary *s = fe__summary_new(room, of), *same = fe__summary_new(room, of);
    const double low = -20, high = 20;
    fe__summary_add(of, s, SOLVE_OK, &low), fe__summary_add(of, s, SOLVE_OK, &high);
    for (int i = 0; i < 30; i++) {
        memcpy(same, s, of->size);
        fe__summary_merge(of, s, same);
    }
    fine n = 0x1p31L;
    assert_int_equal(s->cells[0].n, (uint64_t)n);
    assert_within(fe__summary_mean(of, s, 0), 0, 40 / 0x1p33L);
    assert_within(fe__summary_sd(of, s, 0), 20 * sqrtl(n / (n - 1)), 1e-13L);
    assert_within(fe__summary_quantile(of, s, 0, 0.25), -20, 20 / 256.0L);
    summary *top = fe__summary_new(room, of); /* all of 2^32 - 1 at the top */
    fe__summary_add(of, top, SOLVE_OK, &high);
    for (int i = 0; i < 31; i++) {
        memcpy(same, top, of->size);
        fe__summary_merge(of, top, same);
        fe__summary_add(of, top, SOLVE_OK, &high);
    }
    assert_int_equal(top->cells[0].n, SUMMARY_PATIENTS_MAX);
    assert_within(fe__summary_mean(of, top, 0), 20, 1e-13L);
    assert_true(fe__summary_sd(of, top, 0) == 0 && fe__summary_quantile(of, top, 0, 1) == 20);
}

static void failures_are_counted_by_reason_and_their_values_are_not_read(void **state) {
    (void)state;
    const summary_layout *of = fe__summary_layout(room, scales, 1);
    summary *s = fe__summary_new(room, of), *more = fe__summary_new(room, of);
    const double v = 12;
    fe__summary_add(of, s, SOLVE_STEPS, NULL);
    fe__summary_add(of, s, SOLVE_RUNAWAY, &v);
    fe__summary_add(of, more, SOLVE_RUNAWAY, &v);
    fe__summary_add_unmade(more);
    fe__summary_add(of, more, SOLVE_OK, &v);
    fe__summary_merge(of, s, more);
    for (int i = 0; i < SOLVE_STATUSES; i++)
        assert_true(s->ends[i] == (i == SOLVE_RUNAWAY ? 2 : i == SOLVE_STEPS || i == SOLVE_OK ? 1 : 0));
    assert_int_equal(s->unmade, 1);
    assert_int_equal(s->cells[0].n, 1);
}

/* ---- endpoints of a patient --------------------------------------------------------------------------------------------------------- */

static const summary_scale wide = {-1e6, 1e6, 0.001, NAN, false};

/* The value of one endpoint of a patient whose hemoglobin is v at the times. */
static double measured(endpoint e, const double *times, const double *v, size_t n) {
    endpoint_track track;
    double o[OBSERVED] = {0}, out;
    e.scale = wide;
    e.observed = OBSERVED_Hb;
    const endpoint_plan *p = fe__endpoint_plan(room, &e, 1, times, n);
    fe__endpoints_begin(p, &track);
    for (size_t i = 0; i < n; i++) {
        o[OBSERVED_Hb] = v[i];
        fe__endpoints_see(p, &track, i, o);
    }
    fe__endpoints_values(p, &track, &out);
    return out;
}

static void endpoints_are_what_they_are_by_hand(void **state) {
    static const double t[] = {0, 2, 3, 7, 8}, v[] = {9, 8, 12, 10, 11}, one[] = {1, -2, NAN, 4, -6};
    (void)state;
    assert_true(measured((endpoint){.kind = ENDPOINT_AT, .from = 3}, t, v, 5) == 12);
    assert_true(measured((endpoint){.kind = ENDPOINT_AT, .from = 3, .change = true}, t, v, 5) == 3);
    assert_true(measured((endpoint){.kind = ENDPOINT_AT, .from = 0, .change = true}, t, v, 5) == 0);
    assert_true(measured((endpoint){.kind = ENDPOINT_LEAST, .from = 3, .to = 8}, t, v, 5) == 10);
    assert_true(measured((endpoint){.kind = ENDPOINT_LEAST, .to = 2, .change = true}, t, v, 5) == -1);
    assert_true(measured((endpoint){.kind = ENDPOINT_MOST, .from = 7, .to = 7.5}, t, v, 5) == 10);
    assert_true(measured((endpoint){.kind = ENDPOINT_MOST, .to = 8, .change = true}, t, v, 5) == 3);
    /* above 10: from half of 2..3 on, to 7, then from 7 to 8 */
    assert_within(measured((endpoint){.kind = ENDPOINT_OVER, .to = 8, .level = 10}, t, v, 5), 5.5L, 1e-14L);
    assert_within(measured((endpoint){.kind = ENDPOINT_UNDER, .to = 8, .level = 10}, t, v, 5), 2.5L, 1e-14L);
    assert_within(measured((endpoint){.kind = ENDPOINT_OVER, .from = 2, .to = 7, .level = 11}, t, v, 5), 0.25L + 2, 1e-14L);
    assert_within(measured((endpoint){.kind = ENDPOINT_OVER, .to = 8, .level = 1, .change = true}, t, v, 5), 5.5L, 1e-14L);
    assert_true(measured((endpoint){.kind = ENDPOINT_OVER, .to = 8, .level = 20}, t, v, 5) == 0);
    assert_true(measured((endpoint){.kind = ENDPOINT_UNDER, .to = 8, .level = 20}, t, v, 5) == 8);
    /* what is missing makes missing what needs it, and nothing else */
    assert_true(isnan(measured((endpoint){.kind = ENDPOINT_AT, .from = 3}, t, one, 5)));
    assert_true(measured((endpoint){.kind = ENDPOINT_AT, .from = 7}, t, one, 5) == 4);
    for (endpoint_kind kind = ENDPOINT_LEAST; kind <= ENDPOINT_UNDER; kind++) {
        assert_true(isnan(measured((endpoint){.kind = kind, .to = 8}, t, one, 5)));
        assert_true(isnan(measured((endpoint){.kind = kind, .from = 2, .to = 3}, t, one, 5)));
        assert_true(isnan(measured((endpoint){.kind = kind, .from = 3, .to = 7}, t, one, 5)));
        assert_true(!isnan(measured((endpoint){.kind = kind, .from = 7, .to = 8}, t, one, 5)));
        assert_true(!isnan(measured((endpoint){.kind = kind, .to = 2}, t, one, 5)));
        assert_true(isnan(measured((endpoint){.kind = kind, .from = 7, .to = 8, .change = true}, &t[2], &one[2], 3)));
    }
    assert_true(measured((endpoint){.kind = ENDPOINT_LEAST, .to = 2}, t, one, 5) == -2);
    assert_true(measured((endpoint){.kind = ENDPOINT_MOST, .from = 7, .to = 8}, t, one, 5) == 4);
}

/* ---- patients in a stream --------------------------------------------------------------------------------------------------------------- */

enum { TIMES = 7, FEW = 6 };
static const double times[TIMES] = {0, 0.25, 24, 168, 504, 1008, 2016};
static const body_event events[2] = {{.kind = BODY_RATE, .formulation = FORMULATION_fcm, .amount = 4000},
                                     {.t = 0.25, .kind = BODY_RATE, .formulation = KEEP_FORMULATION}};
static const endpoint asked[FEW] = {
    {OBSERVED_Hb, ENDPOINT_AT, true, 1008, 0, 0, {-10, 20, 0.001, 1, false}},
    {OBSERVED_ferritin, ENDPOINT_MOST, false, 0, 2016, 0, {0, 400, 0.1, 300, false}}, /* some go beyond */
    {OBSERVED_phosphate, ENDPOINT_LEAST, true, 24, 1008, 0, {-10, 10, 0.001, -1, true}},
    {OBSERVED_TSAT_obs, ENDPOINT_OVER, false, 0, 2016, 20, {0, 2016, 0.1, 1000, false}},
    {OBSERVED_phosphate, ENDPOINT_UNDER, false, 24, 2016, 2.5, {0, 2016, 0.1, NAN, false}},
    {OBSERVED_IRLS, ENDPOINT_AT, false, 2016, 0, 0, {0, 40, 0.01, 15, true}}, /* most have none */
};

/* Some patients cannot be made, and some break on the way, in two ways. */
static bool patient(void *context, size_t k, body *b, double *y) {
    start_labs labs;
    double eta[ETAS + 1];
    if (k % 29 == 3) return false;
    assert_true(fe__virtual_patient(context, (int)(k % POPULATION_COUNT), 11, k, &labs, eta, b, y));
    if (k % 31 == 5) b->p.kE = NAN;
    if (k % 37 == 7) y[ST_H] = -100;
    return true;
}

typedef struct record {
    const model_data *m;
    double o[PATIENTS][TIMES][OBSERVED];
    solve_status ends[PATIENTS];
} record;

static bool recorded_patient(void *context, size_t k, body *b, double *y) {
    const model_data *m = ((const record *)context)->m;
    return patient((void *)(uintptr_t)m, k, b, y);
}

static void keep_output(void *context, size_t k, size_t i, const double *y, const double *o) {
    (void)y;
    memcpy(((record *)context)->o[k][i], o, OBSERVED * sizeof *o);
}

static void keep_end(void *context, size_t k, solve_status s) { ((record *)context)->ends[k] = s; }

static const double rtol = 1e-4;

static const record *play_and_keep(const model_data *m) {
    static record x;
    x.m = m;
    batch_play play = {.m = m,
                       .events = events,
                       .events_n = 2,
                       .times = times,
                       .times_n = TIMES,
                       .n = PATIENTS,
                       .rtol = rtol,
                       .threads = 1,
                       .context = &x,
                       .body = recorded_patient,
                       .output = keep_output,
                       .done = keep_end};
    assert_true(fe__play_batch(&play, NULL));
    return &x;
}

/* Hours over a level by a thousand points on each straight line: near enough. */
static double hours(const record *x, size_t k, const endpoint *e, double sign) {
    fine sum = 0;
    for (int i = 1; i < TIMES; i++) {
        if (times[i - 1] < e->from || times[i] > e->to) continue;
        for (int s = 0; s < 1000; s++) {
            fine share = ((fine)s + 0.5L) / 1000, v = x->o[k][i - 1][e->observed] * (1 - share) + x->o[k][i][e->observed] * share;
            sum += sign * (v - e->level) > 0 ? ((fine)times[i] - times[i - 1]) / 1000 : 0;
        }
    }
    return (double)sum;
}

static double by_hand(const record *x, size_t k, const endpoint *e) {
    double best = NAN, first = e->change ? x->o[k][0][e->observed] : 0;
    if (e->kind == ENDPOINT_OVER || e->kind == ENDPOINT_UNDER) return hours(x, k, e, e->kind == ENDPOINT_OVER ? 1 : -1);
    for (int i = 0; i < TIMES; i++) {
        double v = x->o[k][i][e->observed] - first;
        if (times[i] < e->from || times[i] > (e->kind == ENDPOINT_AT ? e->from : e->to)) continue;
        best = isnan(best) ? v : e->kind == ENDPOINT_LEAST ? fmin(best, v) : fmax(best, v);
    }
    return best;
}

static const summary *stream(void **state, const endpoint_plan *p, size_t n, int threads, arena *a) {
    const summary_ask ask = {.m = *state,
                             .plan = p,
                             .events = events,
                             .events_n = 2,
                             .n = n,
                             .rtol = rtol,
                             .threads = threads,
                             .body = patient,
                             .context = *state};
    const summary *s = fe__summarize(a, &ask);
    assert_non_null(s);
    return s;
}

static void a_stream_says_what_patients_say_who_are_kept(void **state) {
    const record *x = play_and_keep(*state);
    const endpoint_plan *p = fe__endpoint_plan(room, asked, FEW, times, TIMES);
    const summary *s = stream(state, p, PATIENTS, 1, room);
    size_t ends[SOLVE_STATUSES] = {0}, unmade = 0;
    for (size_t k = 0; k < PATIENTS; k++) *(k % 29 == 3 ? &unmade : &ends[x->ends[k]]) += 1;
    for (int i = 0; i < SOLVE_STATUSES; i++) assert_int_equal(s->ends[i], ends[i]);
    assert_int_equal(s->unmade, unmade);
    assert_true(unmade > 5 && ends[SOLVE_STEPS] > 5 && ends[SOLVE_EMPTY] > 5);
    for (int e = 0; e < FEW; e++) {
        static double v[PATIENTS];
        const summary_scale *scale = &asked[e].scale;
        bool are_hours = asked[e].kind == ENDPOINT_OVER || asked[e].kind == ENDPOINT_UNDER;
        size_t n = 0, missing = 0, above = 0, reached = 0;
        for (size_t k = 0; k < PATIENTS; k++) {
            if (x->ends[k] != SOLVE_OK) continue;
            double one = by_hand(x, k, &asked[e]);
            if (isnan(one)) missing++;
            else if (one > scale->high) above++;
            else reached += scale->falls ? one <= scale->threshold : one >= scale->threshold, v[n++] = one;
        }
        const summary_cell *c = &s->cells[e];
        fine off = are_hours ? 2 : (scale->high - scale->low) / 0x1p32L;
        assert_int_equal(c->n, n);
        assert_int_equal(c->missing, missing);
        assert_int_equal(c->above, above);
        assert_int_equal(c->below, 0);
        if (!are_hours) assert_int_equal(c->reached, reached);
        assert_within(fe__summary_mean(p->layout, s, (size_t)e), mean_of(v, n), off);
        assert_within(fe__summary_sd(p->layout, s, (size_t)e), sd_of(v, n), 2 * off);
        qsort(v, n, sizeof *v, ascending);
        assert_within(c->min, v[0], off);
        assert_within(c->max, v[n - 1], off);
        if (!are_hours) assert_quantile(fe__summary_quantile(p->layout, s, (size_t)e, 0.9), v, n, 0.9, scale->least);
    }
    assert_true(s->cells[1].above > 5 && s->cells[5].missing > 100 && s->cells[5].n > 10);
}

static void any_number_of_threads_gives_the_same_bytes(void **state) {
    static const int threads[] = {2, 3, 5, 100};
    const endpoint_plan *p = fe__endpoint_plan(room, asked, FEW, times, TIMES);
    const summary *one = stream(state, p, PATIENTS, 1, room);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++)
        assert_memory_equal(stream(state, p, PATIENTS, threads[i], room), one, p->layout->size);
    assert_memory_not_equal(stream(state, p, PATIENTS - 1, 2, room), one, p->layout->size);
}

static void memory_does_not_grow_with_patients(void **state) {
    const endpoint_plan *p = fe__endpoint_plan(room, asked, FEW, times, TIMES);
    size_t given[2];
    for (int i = 0; i < 2; i++) {
        arena *a = fe__arena_new(0);
        assert_true(a && setjmp(*fe__arena_escape(a)) == 0);
        stream(state, p, i ? PATIENTS : 4, 2, a);
        given[i] = fe__arena_mark(a).given;
        fe__arena_free(a);
    }
    assert_int_equal(given[0], given[1]);
}

/* In the calling thread; how many are done never falls. */
static size_t told_last, told_times;
static void told(void *context, size_t done) {
    (void)context;
    assert_true(done > told_last);
    told_last = done;
    told_times++;
}

static void a_stream_of_nobody_and_its_progress(void **state) {
    const endpoint_plan *p = fe__endpoint_plan(room, asked, FEW, times, TIMES);
    assert_memory_equal(stream(state, p, 0, 2, room), fe__summary_new(room, p->layout), p->layout->size);
    const summary_ask ask = {
        .m = *state, .plan = p, .n = 20, .rtol = rtol, .threads = 1, .body = patient, .context = *state, .progress = told};
    assert_non_null(fe__summarize(room, &ask));
    assert_true(told_last == 20 && told_times == 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_what_the_values_say_when_they_are_kept),
        cmocka_unit_test(any_order_gives_the_same_bytes),
        cmocka_unit_test(any_parts_give_the_same_bytes),
        cmocka_unit_test(nobody_has_no_mean),
        cmocka_unit_test(the_ends_of_a_scale_are_on_it),
        cmocka_unit_test(zeros_of_both_signs_are_one),
        cmocka_unit_test(no_sum_overflows),
        cmocka_unit_test(failures_are_counted_by_reason_and_their_values_are_not_read),
        cmocka_unit_test(endpoints_are_what_they_are_by_hand),
        cmocka_unit_test(a_stream_says_what_patients_say_who_are_kept),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(memory_does_not_grow_with_patients),
        cmocka_unit_test(a_stream_of_nobody_and_its_progress),
    };
    return cmocka_run_group_tests(tests, open_room, close_room);
}
