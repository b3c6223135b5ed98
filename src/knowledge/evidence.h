/* How published observations are read: data/evidence/ without the observations themselves, which a question brings.
 *
 * What an endpoint means, what a note changes of it, whom a text of a study speaks of, and what stands for a datum that a study does not give
 * are data with their reasons, not code. Read when a question needs them, into the caller's arena; immutable afterwards. */
#ifndef FE_KNOWLEDGE_EVIDENCE_H
#define FE_KNOWLEDGE_EVIDENCE_H

#include "knowledge/model.h"

/* What is made of one patient's course. */
/* clang-format off */
#define FE_MEASURES(X)                                                                                                      \
    X(VALUE, "value") X(SERUM_IRON, "serum-iron") X(FOLD, "fold") X(DURATION, "duration") X(HB_RESPONSE, "hb-response")     \
    X(ONSET, "onset") X(RELAPSE, "relapse") X(DECLINE, "decline") X(PER_MG, "per-mg") X(CMAX, "cmax") X(TMAX, "tmax") X(AUC, "auc")         \
    X(AUC_TOTAL, "auc-total") X(HALF_LIFE, "half-life") X(CLEARANCE, "clearance") X(VOLUME, "volume") X(VMAX, "vmax")       \
    X(ELIMINATION, "elimination") X(AVAILABLE, "available") X(DONATED, "donated") X(RISK, "risk") X(DAY_OF_MOST, "day-of-most") \
    X(DAY_OF_LEAST, "day-of-least") X(NONE, "none")
/* clang-format on */
#define FE_MEASURE_ENUM(name, word) MEASURE_##name,
typedef enum measure_kind { FE_MEASURES(FE_MEASURE_ENUM) MEASURE_COUNT } measure_kind;

typedef enum measure_when { WHEN_AT, WHEN_LEAST, WHEN_MOST } measure_when;
typedef enum measure_of { OF_VALUE, OF_CHANGE, OF_CHANGE_PCT } measure_of;
typedef enum measure_relation {
    RELATION_NONE,
    RELATION_LESS,
    RELATION_AT_MOST,
    RELATION_AT_LEAST,
    RELATION_MORE
} measure_relation;

/* endpoints.csv. */
typedef struct endpoint_row {
    const char *id, *stem; /* stem: what other names are made of (hb_rise_ge2_pct); "" when none */
    measure_kind measure;
    measure_when when;
    measure_of of;
    const char *observed; /* a state or what is observed, by its name in body/generated.h */
    int lab;              /* observable_id whose residual error a measurement has; -1: none */
    double factor;        /* to the unit of the endpoint */
    measure_relation relation;
    double level, level_men; /* level_men NaN: as level */
    double from_h;           /* decline: where it begins; relapse: who responds does so until then */
    double window_h;         /* where a curve ends; when the observation has no time: until then */
    const char *unit, *why;  /* MEASURE_NONE: why says which state or observable is missing */
} endpoint_row;

/* notes.csv: a phrase in the note of an observation. */
typedef struct note_row {
    const char *phrase, *stem; /* lower case; stem "": of any endpoint */
    bool extreme;              /* else the value at the time */
    const char *why;
} note_row;

/* A bound of a baseline variable. */
typedef struct population_bound {
    variable_id variable;
    bool low;
    double value;
} population_bound;
enum { POPULATION_BOUNDS_MAX = 8 };

/* population_map.csv: the text of a study. */
typedef struct population_row {
    const char *text, *reason;
    int population; /* population_id; -1: none */
    int labs_of;    /* population_id whose Hb, ferritin and TSAT go before the population's; -1 */
    population_bound bounds[POPULATION_BOUNDS_MAX];
    size_t bounds_n;
    const char *responders_endpoint; /* only who meets this endpoint; NULL: everybody */
    double responders_h;
    bool given; /* by the question's own map */
} population_row;

/* assumed.csv: what stands for a datum that is not given. */
typedef struct assumed_row {
    const char *item, *unit, *why;
    int formulation; /* -1: any */
    double up_to_mg; /* a dose; INFINITY when open */
    double value;
} assumed_row;

/* circumstances.csv: what happened in a study beside iron. The only event: esa-factor, on the drive of an ESA from the first dose on. */
typedef struct circumstance_row {
    const char *study, *why;
    double esa_factor;
} circumstance_row;

typedef struct evidence {
    const endpoint_row *endpoints;
    size_t endpoints_n;
    const note_row *notes;
    size_t notes_n;
    const assumed_row *assumed;
    size_t assumed_n;
    const circumstance_row *circumstances;
    size_t circumstances_n;
    population_row *populations;
    size_t populations_n, populations_cap;
} evidence;

/* Reads data/evidence/ (folder NULL: what is compiled in) into the arena of f. NULL with faults otherwise. */
evidence *fe__evidence_load(const char *folder, faults *f);

/* Adds the rows of a map that a question brings: columns population and indication; reason, labs_of, restrict and responders may be left out. A
 * text that is there already takes the new row. Faults with their line. */
void fe__evidence_add_map(evidence *e, faults *f, const char *map, size_t length);

/* NULL when the text is not in the map. */
const population_row *fe__evidence_population(const evidence *e, const char *words);
const circumstance_row *fe__evidence_circumstance(const evidence *e, const char *study);
/* The first row that fits; NULL when none does. */
const assumed_row *fe__evidence_assumed(const evidence *e, const char *item, int of, double mg);

#endif
