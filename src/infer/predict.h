/* What a course does to the bodies that a patient's labs allow: each draw played, bands over the draws at each time. */
#ifndef FE_INFER_PREDICT_H
#define FE_INFER_PREDICT_H

#include "base/room.h"
#include "course/play_batch.h"
#include "infer/cohort.h"
#include "infer/quantile.h"

/* The series of a forecast, by their id in answers. */
/* clang-format off */
#define FE_SERIES(X)                                                                                            \
    X(hemoglobin, "hemoglobin", "g/dL") X(hematocrit, "hematocrit", "%") X(reticulocytes, "reticulocytes", "%") \
    X(ferritin, "ferritin", "ug/L") X(tsat, "tsat", "%") X(serum_iron, "serum-iron", "ug/dL")                   \
    X(tibc, "tibc", "ug/dL") X(transferrin, "transferrin", "g/L") X(phosphate, "phosphate", "mg/dL")            \
    X(crp, "crp", "mg/L") X(hepcidin, "hepcidin", "nmol/L") X(drug_iron, "drug-iron", "mg/L")                   \
    X(labile_iron, "labile-iron", "umol/L") X(irls, "irls", "{score}") X(irls_drug, "irls-drug", "{score}")     \
    X(fatigue, "fatigue", "{score}") X(fatigue_drug, "fatigue-drug", "{score}")                                 \
    X(reaction_risk, "reaction-risk", "1")
/* clang-format on */
#define FE_SERIES_ENUM(name, id, unit) SERIES_##name,
typedef enum series_id { FE_SERIES(FE_SERIES_ENUM) SERIES_COUNT } series_id;
extern const char *const fe__series_ids[SERIES_COUNT];
extern const char *const fe__series_units[SERIES_COUNT];

/* How finely draws are to be played for a band. */
extern const double fe__draws_rtol;

typedef struct prediction_ask {
    const cohort *cohort;
    const body_event *events; /* of the course; sorted */
    size_t events_n;
    const double *times; /* h from the start, ascending; the first is the origin of `change` */
    size_t times_n;
    size_t times_most; /* of all that will use the room below, so that it is made once; 0: no more than these */
    double rtol;
    batch_part part;    /* BATCH_LABS: phosphate, symptoms and reactions are NaN */
    uint32_t series;    /* bits of the series that are wanted; 0: all */
    int threads;        /* 1 or more: the answer does not depend on it */
    large_room *values; /* where the values of the draws go: they last until its next use. NULL: into the arena */
    /* Called now and then with the share that is done; may be NULL. */
    void (*progress)(void *context, double done);
    void *context;
} prediction_ask;

/* A column is one series at one time, the draws side by side. A series that is not wanted, or has no baseline, has no columns. */
typedef struct prediction {
    size_t draws, times_n;   /* draws that could be played */
    size_t failed;           /* draws that could not */
    solve_status failure;    /* how most of them ended */
    const size_t *number;    /* [draws] in the cohort, ascending */
    const double *times;     /* as asked */
    int place[SERIES_COUNT]; /* among the columns of a time; below 0: none */
    size_t columns;          /* of a time */
    size_t stride;           /* from column to column: `draws` or more */
    double *values;          /* [times_n][columns][stride] */
} prediction;

/* Plays the draws; the answer in the arena. draws == 0 when none could be played. */
const prediction *fe__predict(arena *a, const prediction_ask *ask);

/* Of a series that has columns. */
static inline double *fe__column(const prediction *p, size_t time, series_id s) {
    return &p->values[(time * p->columns + (size_t)p->place[s]) * p->stride];
}

static inline double fe__predicted(const prediction *p, size_t draw, size_t time, series_id s) {
    return fe__column(p, time, s)[draw];
}

/* The draw of another prediction of the same cohort with the body of a draw; p->draws when that could not be played there. */
size_t fe__same_draw(const prediction *p, const prediction *of, size_t draw);

/* The place of an hour that was asked for. */
size_t fe__predicted_at(const prediction *p, double hour);

/* Room to turn columns into quantiles with: one for each thread. */
typedef struct column_room {
    double *column; /* [draws] */
    quantile_room more;
} column_room;
column_room fe__column_room(arena *a, const prediction *p);

/* Quantiles (of q, ascending, n of them) over the draws of a series at a time, or of its change since the first time. False when the series
 * is left out. */
bool fe__quantiles(const prediction *p, size_t time, series_id s, bool change, const double *q, size_t n, const column_room *room,
                   double *out);

/* The same of every series at every time, as it is and as its change: out[change][series][time][n], known[change][series]. The columns are
 * shared among threads; the answer does not depend on how many. */
void fe__bands(arena *a, const prediction *p, const double *q, size_t n, int threads, double *out, bool *known);

#endif
