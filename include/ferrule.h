/* libferrule: decision support for iron by vein.
 *
 * Fe, the iron; rule, the dose. One course (a patient's timeline as JSON) goes in, one answer (JSON, or text for a terminal) comes
 * out. Everything that is not declared here may change without notice.
 *
 *     fe_engine *engine;
 *     fe_answer *answer;
 *     if (fe_open(NULL, &engine, NULL) != FE_OK) return 1;
 *     fe_request ask = fe_request_for("plan");
 *     ask.input = course; ask.region = "eu"; ask.at = "2026-11-02T12:00+01:00";
 *     if (fe_ask(engine, &ask, &answer) == FE_OK) puts(fe_answer_text(answer, 100, 0));
 *     fe_answer_free(answer);
 *     fe_close(engine);
 *
 * This is decision support. It is no medical device, it decides nothing, and it is not for use without a clinician.
 *
 * Units. Everything inside a JSON text is in the unit that stands beside it, or in the unit of the vocabulary (data/vocabulary.csv):
 * mg of elemental iron, kg, cm, g/dL, ug/L. Plain numbers of fe_request are in the unit that their name ends with.
 *
 * Ownership. fe_open gives an engine that fe_close frees; fe_ask gives an answer that fe_answer_free frees. Text returned by an
 * fe_answer_* function belongs to the answer and lives as long as it does. Nothing that is passed in is kept.
 *
 * Threads. An engine is immutable once opened: any number of threads may ask it at once. An answer belongs to one thread at a time.
 *
 * Errors. Every function that can fail returns a code of FE_STATUSES. It always sets its out-parameters: to what there is to free,
 * else to NULL, so that both can be given to fe_answer_free and fe_close without a look. A bad input (FE_E_INPUT) or request
 * (FE_E_USAGE) still gives an answer: its JSON lists every fault with file, place, expected, found and hint. No function prints or
 * exits, and no input makes one abort: an assertion that fails is a fault of the library. */
#ifndef FERRULE_H
#define FERRULE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Codes, names and sentences in one list, so that they cannot drift. */
/* clang-format off */
#define FE_STATUSES(X)                                             \
    X(FE_OK, 0, "answered")                                        \
    X(FE_E_USAGE, 2, "the request cannot be understood")           \
    X(FE_E_INPUT, 3, "the input has faults")                       \
    X(FE_E_INTERNAL, 4, "internal fault")                          \
    X(FE_E_MEMORY, 5, "memory is out")                             \
    X(FE_E_KNOWLEDGE, 6, "the knowledge (data folder) has faults")
/* clang-format on */

typedef enum fe_status {
#define FE_STATUS_ENUM(name, value, sentence) name = value,
    FE_STATUSES(FE_STATUS_ENUM)
#undef FE_STATUS_ENUM
} fe_status;

/* The sentence of a code; never NULL. */
const char *fe_status_text(fe_status status);

/* "0.1.0". */
const char *fe_version(void);

/* What the solver behind forecasts runs on here: "avx512", "avx2", "neon", "scalar", or "baseline" on a processor without fused multiply-add,
 * where the answers are the same and come tens of times slower. */
const char *fe_instruction_set(void);

typedef struct fe_engine fe_engine;
typedef struct fe_answer fe_answer;

/* How an engine is opened. Zero is a good start for every field. */
typedef struct fe_options {
    const char *data_folder; /* another copy of data/; NULL: the knowledge compiled in. Every answer then says so. */
    const char *site;        /* text of site.json; NULL: no site settings */
    size_t site_length;      /* 0: strlen */
    const char *site_name;   /* name of it for faults; NULL: "site.json" */
} fe_options;

/* Opens an engine; *engine is NULL unless FE_OK. `options` may be NULL. `why` may be NULL; else *why is an answer that lists the faults
 * on FE_E_KNOWLEDGE or FE_E_INPUT (site settings) and NULL otherwise. Close with fe_close. */
fe_status fe_open(const fe_options *options, fe_engine **engine, fe_answer **why);
void fe_close(fe_engine *engine); /* NULL is fine */

/* A rule that is passed on purpose: product/name of a caution limit, with the reason. */
typedef struct fe_acceptance {
    const char *rule;
    const char *because;
} fe_acceptance;

/* A value given instead of a file: {"hb", "8.9g/dL"}, {"sex", "f"}, {"condition", "celiac-disease"}. */
typedef struct fe_value {
    const char *key;
    const char *value;
} fe_value;

/* A question. Make it with fe_request_for, which sets numbers to "not given" (NaN); then set what is known. */
typedef struct fe_request {
    const char
        *question; /* assess plan forecast fit interpret check prepare deficit products guidance simulate validate infuse */
    const char
        *input; /* JSON: a course (assess, plan, forecast, fit, interpret; check: may be NULL), a scenario (simulate), a record of
                             * an infusion (infuse); or
                             * CSV: a data set (fit, simulate; docs/data-sets.md), observations (validate); else none */
    size_t input_length;          /* 0: strlen */
    const char *input_name;       /* for faults; NULL: "-" */
    const char *population_map;   /* validate: CSV, more texts of studies and their indication; may be NULL */
    size_t population_map_length; /* 0: strlen */
    const char *population_map_name;
    const char *order;   /* check: the order, JSON */
    size_t order_length; /* 0: strlen */
    const char *order_name;
    const fe_value *values; /* assess, plan without a course; deficit: its options */
    size_t values_n;
    const char *region;              /* us eu ca; NULL: the site's */
    const char *at;                  /* now, ISO 8601 with zone; NULL: the clock, and the stamp says so */
    const char *subject;             /* prepare, products: product id; guidance: row id or topic; NULL: all */
    const char *product;             /* plan: only this one */
    const char *method;              /* plan, prepare, deficit */
    const char *route;               /* prepare: infusion injection */
    const char *weight_basis;        /* actual ideal lean pre-pregnancy */
    double dose_mg, bag_ml, minutes; /* prepare */
    double need_mg, target_hb_g_dl, stores_mg, stores_mg_per_kg; /* plan */
    const fe_acceptance *accepted;
    size_t accepted_n;
    const char *const *off_label; /* regimens product/name switched on */
    size_t off_label_n;
    double weeks; /* forecast: horizon, 1 to 60; NaN: 24, with restless legs 52 */
    /* forecast, plan, fit, interpret: bodies behind a band; validate: virtual patients of an arm; 0: none for a plan, rules alone for
     * interpret; -1: as many as usual */
    int draws;
    long long seed; /* of the draws; -1: the usual one. The answer says which: the same seed draws the same bodies */
    int optimize;   /* plan: 1 compares the ways to give iron inside the label by what they lead to */
    void (*progress)(void *context, double done); /* in the asking thread, with the share that is done; may be NULL */
    void *progress_context;
    /* fit and simulate of a data set. table: called in the asking thread with the CSV of each patient as soon as it is done, the header row first,
     * so that nothing is lost when the rest is not waited for; `which` is FE_TABLE_ROWS or FE_TABLE_ETAS. NULL: the tables stand in the answer, a
     * column an array. stopped: not 0 ends the work behind the patient that was done last; may be NULL. */
    void (*table)(void *context, int which, const char *csv);
    int (*stopped)(void *context);
    void *table_context;
} fe_request;

enum { FE_TABLE_ROWS, FE_TABLE_ETAS /* one row a patient; fit alone */ };

fe_request fe_request_for(const char *question);

/* Answers a question. FE_OK: *answer is the answer (a refusal is an answer). FE_E_INPUT, FE_E_USAGE: *answer lists the faults.
 * Any other code: *answer is NULL. */
fe_status fe_ask(const fe_engine *engine, const fe_request *request, fe_answer **answer);

/* The whole answer as JSON text, ending in a line end. Its schema is data/schema/<question>.json. NULL when memory is out. */
const char *fe_answer_json(fe_answer *answer);

/* What a terminal can show: 0, or a sum of these. */
enum { FE_COLORS = 1, FE_BLOCKS = 2 /* characters beyond ASCII, for small pictures */ };

/* The answer for people: at most `columns` wide (0: 100), in what `style` allows. NULL when memory is out. */
const char *fe_answer_text(fe_answer *answer, int columns, int style);

/* The answer as one HTML page with charts, for a screen and for paper; it fetches nothing and runs nothing. For plan, forecast and
 * interpret (refusals included) and validate. NULL for another question, for an answer that lists faults, and when memory is out. */
const char *fe_answer_page(fe_answer *answer);

/* 0 answered, 1 answered and the answer is a refusal, 2 usage, 3 bad input: the exit status of the command line. */
int fe_answer_exit(const fe_answer *answer);

void fe_answer_free(fe_answer *answer); /* NULL is fine */

#ifdef __cplusplus
}
#endif

#endif
