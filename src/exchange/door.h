/* The door of the library: what fe_open, fe_ask and fe_answer_* of ferrule.h stand on. Text comes in here, answers go out here. */
#ifndef FE_EXCHANGE_DOOR_H
#define FE_EXCHANGE_DOOR_H

#include "advise/assess.h"
#include "advise/check.h"
#include "advise/forecast.h"
#include "advise/said.h"
#include "base/json.h"
#include "course/site.h"
#include "exchange/read.h"
#include "ferrule.h"
#include "knowledge/model.h"

struct fe_engine {
    arena *a;
    knowledge *k;
    const site *site;        /* never NULL; empty when no site settings were given */
    const char *data_folder; /* NULL: what is compiled in */
};

struct fe_answer {
    arena *a;
    json_t *root;
    json_t *course; /* what the question was asked of, for fe_answer_page; NULL when there is none */
    int exit;
    char *json; /* malloc'd by fe_answer_json */
    char *text; /* malloc'd by fe_answer_text */
    char *page; /* malloc'd by fe_answer_page */
};

/* One question on its way through. */
typedef struct asking {
    const fe_engine *engine;
    const fe_request *request;
    arena *a;
    const knowledge *k;
    faults faults;
    json_out out;
    double now;
    long now_day; /* when the question is dated by a day alone, else LONG_MIN */
    int zone_min;
    bool clock; /* `at` was not given */
    const char *region;
    const char *input_sha256;
    const course *course; /* NULL when the question has none */
    facts *facts;
    plan_ask ask;
    said_list said;
    missing *missing;
    size_t missing_n;
    json_t *root;          /* the answer so far */
    confirm_list confirms; /* of the numbers of the request */
    bool refusal;
    const model_data *model; /* NULL when the question needs none */
    forecast_rooms rooms;
} asking;

/* Envelope: question, verdict, stamp, then (fe__write_findings) findings, missing, confirm. */
void fe__write_head(asking *q, const char *verdict);
void fe__write_findings(asking *q, const confirm *more, size_t more_n);
json_t *fe__write_infusion(asking *q, const preparation *p, long on, int day, bool with_days);
/* One row of `sources`. */
json_t *fe__write_source(asking *q, const char *id);
json_t *fe__write_strings(asking *q, const char *const *list, size_t n);
json_t *fe__write_limits(asking *q, const verification *v);
void fe__write_verification(asking *q, const verification *v);

/* A usage fault when the stores are said in both ways. */
void fe__one_stores_term(asking *q, double mg, double mg_per_kg);

/* The questions. Each writes its answer into q->root. */
void fe__answer_assess(asking *q);
void fe__answer_plan(asking *q);
void fe__answer_check(asking *q, const order *o);
void fe__answer_prepare(asking *q);
void fe__answer_deficit(asking *q);
void fe__answer_products(asking *q);
void fe__answer_guidance(asking *q);
void fe__answer_simulate(asking *q);
void fe__answer_forecast(asking *q);
void fe__answer_fit(asking *q);
void fe__answer_fit_data(asking *q);
void fe__answer_simulate_data(asking *q);
void fe__answer_interpret(asking *q);
void fe__answer_validate(asking *q);
void fe__answer_infuse(asking *q);

/* The course of q in canonical units, with the words of the vocabulary; the caller owns it. */
json_t *fe__write_course(asking *q);

/* What follows from labs and fields by arithmetic alone. */
json_t *fe__write_derived(asking *q);

/* The part of an assessment that plan shows too when it refuses. */
void fe__write_assessment(asking *q, const assessment *s);

#endif
