#include "infer/summary.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* ---- bins ----------------------------------------------------------------------------------------------------------------------- */

/* The first bits of a double above 0, exponent and 7 of the mantissa, are the number of its bin: neighbours in size have neighbouring
 * numbers. Bins of negative values lie mirrored before those of positive ones; one for 0 lies between. */
enum { BIN_SHIFT = 52 - 7 };

typedef struct summary_bins {
    size_t at;      /* the one for 0, among all bins of the summary */
    uint64_t first; /* the number of the bin that holds `least` */
    size_t below;   /* how many lie before that for 0 */
    size_t count;   /* all */
} summary_bins;

static uint64_t bin_number(double magnitude) {
    uint64_t bits;
    memcpy(&bits, &magnitude, sizeof bits);
    return bits >> BIN_SHIFT;
}

static double bin_start(uint64_t number) {
    uint64_t bits = number << BIN_SHIFT;
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static double bin_middle(uint64_t number) { return (bin_start(number) + bin_start(number + 1)) / 2; }

/* Places from that for 0, of bins up to a magnitude. */
static size_t bins_to(const summary_bins *b, double magnitude) {
    uint64_t number = magnitude > 0 ? bin_number(magnitude) : 0;
    return number < b->first ? 0 : (size_t)(number - b->first) + 1;
}

static size_t bin_of(const summary_bins *b, double v) {
    size_t away = bins_to(b, fabs(v));
    return v < 0 ? b->at - away : b->at + away;
}

/* The value that stands for those in place i of the bins of an endpoint. */
static double bin_value(const summary_bins *b, size_t i) {
    if (i == b->below) return 0;
    return i < b->below ? -bin_middle(b->first + (b->below - i) - 1) : bin_middle(b->first + (i - b->below) - 1);
}

static uint32_t *bins_in(const summary_layout *of, summary *s) { return (uint32_t *)&s->cells[of->n]; }
static const uint32_t *bins_of(const summary_layout *of, const summary *s) { return (const uint32_t *)&s->cells[of->n]; }

const summary_layout *fe__summary_layout(arena *a, const summary_scale *scales, size_t n) {
    summary_layout *out = FE_NEW(a, summary_layout);
    summary_scale *copy = FE_NEW_ARRAY(a, summary_scale, n + 1);
    summary_bins *bins = FE_NEW_ARRAY(a, summary_bins, n + 1);
    size_t all = 0;
    for (size_t i = 0; i < n; i++) {
        const summary_scale *x = &scales[i];
        summary_bins *b = &bins[i];
        assert(x->low < x->high && isfinite(x->high - x->low));
        assert(x->least > 0 && x->least <= fmax(fabs(x->low), fabs(x->high)));
        copy[i] = *x;
        b->first = bin_number(x->least);
        b->below = bins_to(b, -x->low);
        b->count = b->below + 1 + bins_to(b, x->high);
        b->at = all + b->below;
        all += b->count;
    }
    size_t size = sizeof(summary) + n * sizeof(summary_cell) + all * sizeof(uint32_t);
    *out = (summary_layout){.n = n, .scales = copy, .bins = bins, .size = (size + 7) / 8 * 8};
    return out;
}

/* ---- adding ------------------------------------------------------------------------------------------------------------------------ */

static const double steps_most = 4294967295.0; /* 2^32 - 1: the square of a step fits 64 bits */

summary *fe__summary_new(arena *a, const summary_layout *of) {
    summary *s = fe__alloc(a, of->size);
    for (size_t i = 0; i < of->n; i++) {
        s->cells[i].min = INFINITY;
        s->cells[i].max = -INFINITY;
    }
    return s;
}

static void add_wide(uint64_t *sum, uint64_t low, uint64_t high) {
    sum[0] += low;
    sum[1] += high + (sum[0] < low);
}

static void add_value(const summary_scale *x, const summary_bins *b, summary_cell *c, uint32_t *bins, double v) {
    if (isnan(v)) c->missing++;
    else if (v < x->low) c->below++;
    else if (v > x->high) c->above++;
    else {
        uint64_t step = (uint64_t)((v - x->low) * (steps_most / (x->high - x->low)) + 0.5);
        double signless = v + 0.0; /* of the two zeros one, so that the first to come does not show */
        c->n++;
        c->reached += x->falls ? v <= x->threshold : v >= x->threshold;
        c->steps += step;
        add_wide(c->squares, step * step, 0);
        if (signless < c->min) c->min = signless;
        if (signless > c->max) c->max = signless;
        bins[bin_of(b, v)]++;
    }
}

void fe__summary_add(const summary_layout *of, summary *s, solve_status end, const double *values) {
    s->ends[end]++;
    if (end != SOLVE_OK) return;
    for (size_t i = 0; i < of->n; i++) add_value(&of->scales[i], &of->bins[i], &s->cells[i], bins_in(of, s), values[i]);
}

void fe__summary_add_unmade(summary *s) { s->unmade++; }

static void merge_cells(summary_cell *into, const summary_cell *from) {
    into->n += from->n;
    into->missing += from->missing;
    into->below += from->below;
    into->above += from->above;
    into->reached += from->reached;
    into->steps += from->steps;
    add_wide(into->squares, from->squares[0], from->squares[1]);
    if (from->min < into->min) into->min = from->min;
    if (from->max > into->max) into->max = from->max;
}

void fe__summary_merge(const summary_layout *of, summary *into, const summary *from) {
    size_t bins = (of->size - sizeof(summary) - of->n * sizeof(summary_cell)) / sizeof(uint32_t);
    for (int i = 0; i < SOLVE_STATUSES; i++) into->ends[i] += from->ends[i];
    into->unmade += from->unmade;
    for (size_t i = 0; i < of->n; i++) merge_cells(&into->cells[i], &from->cells[i]);
    for (size_t i = 0; i < bins; i++) bins_in(of, into)[i] += bins_of(of, from)[i];
}

/* ---- reading ----------------------------------------------------------------------------------------------------------------------- */

uint64_t fe__summary_digest(const summary_layout *of, const summary *s) {
    const unsigned char *byte = (const unsigned char *)s;
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < of->size; i++) hash = (hash ^ byte[i]) * 0x100000001b3;
    return hash;
}

static double step_size(const summary_scale *x) { return (x->high - x->low) / steps_most; }

double fe__summary_mean(const summary_layout *of, const summary *s, size_t which) {
    const summary_scale *x = &of->scales[which];
    const summary_cell *c = &s->cells[which];
    return c->n ? x->low + (double)c->steps / (double)c->n * step_size(x) : (double)NAN;
}

/* out = a b, by halves. */
static void multiply(uint64_t a, uint64_t b, uint64_t *out) {
    const uint64_t half = UINT32_MAX, a0 = a & half, a1 = a >> 32, b0 = b & half, b1 = b >> 32;
    uint64_t middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (middle & half);
    out[0] = a * b;
    out[1] = a1 * b1 + (middle >> 32) + (other >> 32);
}

/* n sum(x^2) - sum(x)^2 is exact in 128 bits, and never negative: nothing cancels, however small the spread beside the scale. */
double fe__summary_sd(const summary_layout *of, const summary *s, size_t which) {
    const summary_cell *c = &s->cells[which];
    uint64_t all[2], square[2];
    if (c->n < 2) return NAN;
    multiply(c->n, c->squares[0], all);
    all[1] += c->n * c->squares[1];
    multiply(c->steps, c->steps, square);
    uint64_t low = all[0] - square[0], high = all[1] - square[1] - (all[0] < square[0]);
    double spread = (double)high * 0x1p64 + (double)low, n = (double)c->n;
    return sqrt(spread / (n * (n - 1))) * step_size(&of->scales[which]);
}

/* Number `rank` of the sorted values, from 0. */
static double ranked(const summary_bins *b, const uint32_t *bins, const summary_cell *c, uint64_t rank) {
    const uint32_t *own = &bins[b->at - b->below];
    uint64_t seen = 0;
    for (size_t i = 0; i < b->count; i++) {
        seen += own[i];
        if (seen > rank) return fmin(fmax(bin_value(b, i), c->min), c->max);
    }
    return c->max;
}

double fe__summary_quantile(const summary_layout *of, const summary *s, size_t which, double q) {
    const summary_cell *c = &s->cells[which];
    const summary_bins *b = &of->bins[which];
    const uint32_t *bins = bins_of(of, s);
    if (c->n == 0) return NAN;
    double place = q * (double)(c->n - 1), whole = floor(place), share = place - whole;
    double low = ranked(b, bins, c, (uint64_t)whole);
    return share > 0 ? low + share * (ranked(b, bins, c, (uint64_t)whole + 1) - low) : low;
}
