/* Where a course is going: the bodies that its labs allow, played with its iron, summed up as a clinician asks. */
#ifndef FE_ADVISE_FORECAST_H
#define FE_ADVISE_FORECAST_H

#include "advise/bodies.h"
#include "advise/plan.h"
#include "infer/predict.h"

extern const char *const fe__forecast_words[4];

/* Where large things lie while forecasts are made; {0} are empty ones. */
typedef struct forecast_rooms {
    large_room bodies, treated, untreated;
} forecast_rooms;

typedef struct forecast_ask {
    const model_data *m;
    const site *site;
    double weeks; /* NaN: the usual horizon */
    size_t draws;
    uint64_t seed;
    int threads; /* 1 or more: the answer does not depend on it */
    forecast_rooms *rooms;
    bool chances_only; /* no series but those that chances are read from; goals are told of these alone */
    bool keeps_draws;  /* fills of_draw */
    double from;       /* day 0 of every option, an instant not after the first of their infusions; 0: that of the first */
    void (*progress)(void *context, double done);
    void *context;
} forecast_ask;

/* A share of draws with its 90% interval; p NaN when nothing is modelled. */
typedef struct chance {
    double p, p5, p95;
} chance;

/* clang-format off */
#define FE_CHANCES(X)                                                                                       \
    X(hb_goal, "hb-goal") X(ferritin_goal, "ferritin-goal") X(both_goals, "both-goals")                     \
    X(hb_rise_1, "hb-rise-1") X(hb_rise_2, "hb-rise-2") X(hypophosphatemia, "hypophosphatemia")             \
    X(hypophosphatemia_severe, "hypophosphatemia-severe") X(ferritin_over_500, "ferritin-over-500")         \
    X(fishbane, "fishbane") X(rls_response, "rls-response") X(retreatment_6_months, "retreatment-6-months")
/* clang-format on */
#define FE_CHANCE_ENUM(name, id) CHANCE_##name,
typedef enum chance_id { FE_CHANCES(FE_CHANCE_ENUM) CHANCE_COUNT } chance_id;
extern const char *const fe__chance_ids[CHANCE_COUNT];

enum { QUANTILES = 5 }; /* 5, 25, 50, 75, 95% */

typedef struct band {
    bool known;
    double (*at)[QUANTILES]; /* [times] */
} band;

typedef struct goal_reached {
    const char *id;
    double value, week_p5, week_p50, week_p95, p_by_horizon; /* weeks INFINITY: not reached in time by so many */
} goal_reached;

typedef struct window {
    const char *lab, *id;
    double from_day, to_day; /* on the axis of the forecast; to_day INFINITY when open */
    bool is_planned;         /* hangs on iron that is not given yet */
    const rule_line *line;
} window;

typedef struct infusion_risk {
    const body_infusion *infusion;
    double day;
    chance fishbane;
} infusion_risk;

typedef struct forecast {
    forecast_verdict verdict;
    const char *reason, *text; /* name and sentence of a refusal */
    const char *item;          /* what is missing or not modelled */
    double counts_from;        /* CANNOT_START: instant from which labs count; NaN */
    const embodied *body;      /* what it stands on; NULL when there is none */
    double t0;                 /* instant of day 0 */
    double weeks;
    size_t times_n;
    const double *t_days;
    band series[SERIES_COUNT], change[SERIES_COUNT];
    goal_reached goals[4];
    size_t goals_n;
    double goal_weeks; /* the week at which goals are judged: by_weeks of the course, else the horizon */
    chance chances[CHANCE_COUNT];
    const double
        *of_draw[CHANCE_COUNT]; /* [draws]: what each chance is the mean of, by the draw; NULL when none is, or not asked for */
    window *windows;
    size_t windows_n;
    infusion_risk *risks;
    size_t risks_n;
    const rule_line **expectations;
    size_t expectations_n;
    const miss **misses;
    size_t misses_n;
    double drift[SERIES_COUNT]; /* median change by the horizon without any iron; NaN where not looked at */
    const bodies *bodies;       /* what it is drawn from */
    bool is_unusual;            /* labs that are hardly ever seen together in such patients */
    bool contradictory;         /* the labs contradict each other: bands are wider on purpose */
    bool capped;                /* this patient loses faster than a gut absorbs */
    const char *population;     /* whose middle stands for what is unknown; NULL: healthy people */
    size_t draws, failed;
    solve_status failure;    /* how most of the failed ended */
    size_t beyond;           /* infusions of the course that lie behind the end of the forecast */
    bool leaves_range;       /* hemoglobin falls below what a start may be, in one body of twenty or more */
    const char *left_out[2]; /* series without a usable baseline */
    size_t left_out_n;
} forecast;

/* Of the course with the iron that it says. */
const forecast *fe__forecast(facts *f, const forecast_ask *ask);

/* When the first infusion of any of the options begins. */
double fe__options_begin(const facts *f, const option *options, size_t n);

/* Of each option of a plan, whose infusions stand in for those of the course after now: [n]. What options share is done once: the bodies,
 * and what these do without iron. Their day 0 is one instant, a moment before the first infusion of any: who starts later is not read later. */
const forecast *const *fe__forecast_options(facts *f, const forecast_ask *ask, const option *options, size_t n);

#endif
