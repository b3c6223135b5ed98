/* A quantile needs two neighbours of the sorted order, not the order. The range is cut into equal bins; whoever lies in a bin that holds a
 * wanted rank is set apart, bin by bin, and the same is done with them until they are few. Ten ranks of 4,000 numbers are found in three
 * passes, where sorting needs a dozen. No choice is by chance, and which numbers are found does not depend on the way. */
#include "infer/quantile.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 1024, FEW = 32, RANKS_MAX = 2 * QUANTILES_MAX, DEEP = 8 };

static int ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return a < b ? -1 : a > b;
}

static void sort(double *v, size_t n) {
    if (n > FEW) {
        qsort(v, n, sizeof *v, ascending);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        double x = v[i];
        size_t at = i;
        for (; at > 0 && v[at - 1] > x; at--) v[at] = v[at - 1];
        v[at] = x;
    }
}

/* Least and largest; two of each side by side, so that none waits for the one before. */
static void ends(const double *v, size_t n, double *low, double *high) {
    double a = v[0], b = v[0], c = v[n - 1], d = v[n - 1];
    for (size_t i = 0; i + 1 < n; i += 2) {
        a = v[i] < a ? v[i] : a;
        b = v[i] > b ? v[i] : b;
        c = v[i + 1] < c ? v[i + 1] : c;
        d = v[i + 1] > d ? v[i + 1] : d;
    }
    *low = a < c ? a : c;
    *high = b > d ? b : d;
}

/* The wanted ranks, ascending, and the places of what is found. */
typedef struct wanted {
    const size_t *rank;
    double *found;
    size_t n;
} wanted;

static void by_sorting(double *v, size_t n, size_t first, const wanted *w) {
    sort(v, n);
    for (size_t i = 0; i < w->n; i++) w->found[i] = v[w->rank[i] - first];
}

/* A bin that is looked into: who is in it goes to spare[from ..], the ranks of `some` are found there. */
typedef struct bin_wanted {
    size_t from, n, first;
    wanted some;
} bin_wanted;

/* Splits the ranks among their bins; slot[bin] is 1 + the number of a wanted bin, 0 of any other. */
static size_t choose_bins(const uint32_t *held, size_t first, const wanted *w, uint8_t *slot, bin_wanted *chosen) {
    size_t n = 0, below = first, from = 0, i = 0;
    for (int b = 0; b < BINS && i < w->n; b++) {
        size_t next = below + held[b], start = i;
        while (i < w->n && w->rank[i] < next) i++;
        if (i > start) {
            slot[b] = (uint8_t)(n + 1);
            chosen[n++] = (bin_wanted){from, 0, below, {w->rank + start, w->found + start, i - start}};
            from += held[b];
        }
        below = next;
    }
    return n;
}

/* v[n] holds the ranks first .. first + n - 1 of the whole. */
static void find(double *v, size_t n, size_t first, const wanted *w, const quantile_room *room, int depth) {
    double low, high;
    ends(v, n, &low, &high);
    double scale = (BINS - 1) / (high - low);
    if (low == high) {
        for (size_t i = 0; i < w->n; i++) w->found[i] = low;
        return;
    }
    if (n <= FEW || depth == DEEP || !isfinite(high - low) || !isfinite(scale)) {
        by_sorting(v, n, first, w);
        return;
    }
    uint32_t held[BINS] = {0};
    uint8_t slot[BINS] = {0};
    bin_wanted chosen[RANKS_MAX];
    for (size_t i = 0; i < n; i++) {
        room->bins[i] = (uint16_t)(int)((v[i] - low) * scale); /* never falls as v rises */
        held[room->bins[i]]++;
    }
    size_t bins = choose_bins(held, first, w, slot, chosen);
    for (size_t i = 0; i < n; i++) {
        if (!slot[room->bins[i]]) continue;
        bin_wanted *b = &chosen[slot[room->bins[i]] - 1];
        room->spare[b->from + b->n++] = v[i];
    }
    quantile_room under = {v, room->bins};
    for (size_t i = 0; i < bins; i++)
        find(room->spare + chosen[i].from, chosen[i].n, chosen[i].first, &chosen[i].some, &under, depth + 1);
}

static double between(double at, double one, double two) {
    double share = at - floor(at);
    if (isinf(two)) return share > 0 ? two : one;
    return one + share * (two - one);
}

double fe__quantile_sorted(const double *sorted, size_t n, double q) {
    double at = q * (double)(n - 1);
    size_t i = (size_t)at;
    return i + 1 >= n ? sorted[n - 1] : between(at, sorted[i], sorted[i + 1]);
}

/* Into a list that ascends; close quantiles share ranks. */
static size_t insert(size_t *rank, size_t n, size_t x) {
    size_t at = n;
    while (at > 0 && rank[at - 1] > x) at--;
    if (at > 0 && rank[at - 1] == x) return n;
    memmove(&rank[at + 1], &rank[at], (n - at) * sizeof *rank);
    rank[at] = x;
    return n + 1;
}

static double found_at(const wanted *w, size_t rank) {
    size_t i = 0;
    while (w->rank[i] != rank) i++;
    return w->found[i];
}

void fe__quantiles_of(double *v, size_t n, const double *q, size_t count, const quantile_room *room, double *out) {
    size_t rank[RANKS_MAX];
    double found[RANKS_MAX];
    wanted w = {rank, found, 0};
    assert(n > 0 && count <= QUANTILES_MAX);
    for (size_t i = 0; i < count; i++) {
        size_t at = (size_t)(q[i] * (double)(n - 1));
        w.n = insert(rank, w.n, at);
        if (at + 1 < n) w.n = insert(rank, w.n, at + 1);
    }
    find(v, n, 0, &w, room, 0);
    for (size_t i = 0; i < count; i++) {
        double at = q[i] * (double)(n - 1);
        size_t low = (size_t)at;
        out[i] = low + 1 >= n ? found_at(&w, n - 1) : between(at, found_at(&w, low), found_at(&w, low + 1));
    }
}
