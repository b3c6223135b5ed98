/* The label verifier: does this order, or this finished plan, keep every limit of its label?
 *
 * It takes no dose, volume, minute or day from the planner (plan, propose, prepare, schedule, need) and shares none of that code, so
 * that a mistake there cannot hide here. What both stand on is what the course says: the truth of conditions (facts.h), the weight for
 * caps and the iron already given, which the caller hands over. A mistake in those is looked for by tests/verify/verifier.py, which
 * shares no code at all and judges the same orders at test time. `check` shows the verifier to users; every plan passes it before it
 * is shown. */
#ifndef FE_ADVISE_VERIFY_H
#define FE_ADVISE_VERIFY_H

#include "course/course.h"
#include "course/site.h"

/* The patient's facts that limits need, prepared by the caller from the course (advise/facts.h answers gates). */
typedef struct verify_patient {
    bool known; /* false: no course; limits that need a patient go to `unchecked` */
    double age_years;
    double cap_weight_kg; /* actual weight, in pregnancy the smaller of it and the pre-pregnancy weight */
    double hb_g_dl;       /* NaN when unknown */
    bool on_hemodialysis;
} verify_patient;

/* An infusion already given (course events before the order), any product. */
typedef struct given_iron {
    long day;
    double dose_mg;
    const char *product, *molecule;
} given_iron;

typedef struct limit_check {
    const char *rule;                      /* product/name */
    const char *source;                    /* id of the row of products.json */
    const char *name;                      /* max-weekly */
    double limit, value;                   /* NaN for words */
    const char *limit_words, *value_words; /* NULL for numbers */
    const char *unit;
    bool kept;
    limit_kind kind; /* label or caution */
    size_t item;     /* index of the infusion */
} limit_check;

typedef struct verification {
    const limit_check *checks; /* every limit that was tried, kept or not */
    size_t checks_n;
    const char *const *broken; /* names of label limits not kept, each once */
    size_t broken_n;
    const char *const *cautions; /* names of caution limits not kept and not accepted, each once */
    size_t cautions_n;
    const char *const *unchecked; /* names of limits that could not be tried (no patient, field not given), each once */
    size_t unchecked_n;
    const method *const *methods; /* [items]: the method each infusion was judged by; NULL when none applied */
} verification;

typedef struct verify_request {
    const knowledge *k;
    const order_item *items; /* in time order; `day` may be LONG_MIN: then the limits between doses are unchecked */
    size_t items_n;
    const verify_patient *patient;
    const given_iron *given; /* in time order */
    size_t given_n;
    const char *const *accepted; /* rules passed with --accept */
    size_t accepted_n;
    const char *const *off_label; /* regimens switched on */
    size_t off_label_n;
    const term_list *premedication, *with; /* of the order; NULL when none said */
    /* Truth of a condition (method applies, gates) for this patient and product. NULL without a course. */
    tri (*holds)(void *context, const product *p, const condition *c);
    void *context;
} verify_request;

/* Judges each infusion by the method it names, else by the method of its product under which it breaks least (label methods
 * that apply to the patient; off-label ones only when switched on), all infusions of one product by one method. Never NULL. */
const verification *fe__verify(arena *a, const verify_request *r);

#endif
