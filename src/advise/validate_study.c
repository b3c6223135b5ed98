#include "advise/validate_study.h"

#include <math.h>
#include <stdlib.h>

#include "base/elementary.h"
#include "base/random.h"
#include "infer/quantile.h"

enum { STREAM_STUDY = 21, STREAM_CONTROL = 22, DRAWN_MOST = 20000 };

typedef struct statistic_room {
    double *sample;
    quantile_room more;
} statistic_room;

static double median(double *v, size_t n, const quantile_room *room) {
    static const double half = 0.5;
    double out;
    fe__quantiles_of(v, n, &half, 1, room, &out);
    return out;
}

/* A study of more than DRAWN_MOST is drawn that large, and its distance from the statistic of all people made smaller as its size has it. */

/* Of the numbers that are there. A point without more is a mean. */
static double statistic(study_stat stat, statistic_room *room, size_t n) {
    double sum = 0, *v = room->sample;
    size_t there = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(v[i])) v[there++] = v[i];
    if (there == 0) return NAN;
    if (stat == STAT_MEDIAN) return median(v, there, &room->more);
    for (size_t i = 0; i < there; i++) sum += stat == STAT_GMEAN ? fe__ln(v[i]) : v[i];
    sum /= (double)there;
    return stat == STAT_GMEAN ? fe__exp(sum) : sum;
}

static double of_all(const study_ask *ask, const double *values, statistic_room *room) {
    for (size_t i = 0; i < ask->people; i++) room->sample[i] = values[i];
    return statistic(ask->event > 0 ? STAT_MEAN : ask->stat, room, ask->people);
}

static double of_study(const study_ask *ask, const double *values, random_stream *r, statistic_room *room) {
    for (size_t i = 0; i < ask->n; i++) {
        double v = values[(size_t)(fe__random_uniform(r) * (double)ask->people)];
        if (ask->event > 0 && !isnan(v)) v = fe__random_uniform(r) * ask->event < v ? ask->event : 0;
        room->sample[i] = v;
    }
    return statistic(ask->event > 0 ? STAT_MEAN : ask->stat, room, ask->n);
}

static int ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return (a > b) - (a < b);
}

study_interval fe__study_interval(arena *a, const study_ask *ask) {
    arena_mark mark = fe__arena_mark(a);
    study_ask drawn = *ask;
    if (drawn.n > DRAWN_MOST) drawn.n = DRAWN_MOST;
    size_t most = drawn.n > ask->people ? drawn.n : ask->people, there = 0;
    double nearer = sqrt((double)drawn.n / (double)ask->n);
    statistic_room room = {FE_NEW_ARRAY(a, double, most), {FE_NEW_ARRAY(a, double, most), FE_NEW_ARRAY(a, uint16_t, most)}};
    double *studies = FE_NEW_ARRAY(a, double, STUDIES);
    study_interval out = {of_all(ask, ask->values, &room), NAN, NAN};
    if (ask->control) out.all -= of_all(ask, ask->control, &room);
    for (uint64_t s = 0; s < STUDIES && !isnan(out.all); s++) {
        random_stream r = fe__random_stream(ask->seed, s, STREAM_STUDY), other = fe__random_stream(ask->seed, s, STREAM_CONTROL);
        double v = of_study(&drawn, ask->values, &r, &room);
        if (ask->control) v -= of_study(&drawn, ask->control, &other, &room);
        if (!isnan(v)) studies[there++] = out.all + nearer * (v - out.all);
    }
    qsort(studies, there, sizeof *studies, ascending);
    if (there) {
        out.p5 = fe__quantile_sorted(studies, there, 0.05);
        out.p95 = fe__quantile_sorted(studies, there, 0.95);
    }
    fe__arena_rewind(a, mark);
    return out;
}
