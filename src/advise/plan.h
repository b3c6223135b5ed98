/* Planning: from the need to infusions inside the label.
 *
 * For every product of the region: what its label's methods ask for, split by the limits of method and route, on the first days on
 * which no window (day, week, interval) is broken, iron already given counted. The planner proposes; the verifier (verify.h), which takes
 * nothing from it, decides whether a proposal may be shown. */
#ifndef FE_ADVISE_PLAN_H
#define FE_ADVISE_PLAN_H

#include "advise/facts.h"
#include "advise/need.h"
#include "advise/prepare.h"
#include "advise/verify.h"
#include "course/site.h"

/* What the user asks beyond the course. NaN / NULL: not said. */
typedef struct plan_ask {
    const char *product, *method, *weight_basis;
    double need_mg, target_hb_g_dl, stores_mg, stores_mg_per_kg;
    const char *const *accepted; /* caution rules */
    size_t accepted_n;
    const char *const *off_label; /* regimens switched on, command line and site together */
    size_t off_label_n;
    const site *site;
    bool brief; /* only the preferred method of each product, nothing said: for "what if" */
} plan_ask;

typedef struct planned {
    preparation prep;
    long on; /* calendar day */
    int day; /* from the day of the question */
} planned;

typedef struct option {
    const product *product;
    const method *method;
    planned *infusions;
    size_t n;
    double need_mg, total_mg, rounded_mg, shortfall_mg, chair_minutes, max_single_mg, cost, largest_dose_mg;
    need_result need; /* when the method computes one */
    bool need_known, need_given, lowers_phosphate;
    const verification *verified;
    const char *const *cautions; /* not accepted */
    size_t cautions_n;
    const char *why;
} option;

typedef struct excluded {
    const product *product;
    const char *rule;    /* product/name or id of the row */
    const char *source;  /* id of the row, NULL */
    const char *because; /* label sentence and patient fact */
} excluded;

typedef struct method_total {
    const char *method; /* vocabulary id or product/name */
    const product *product;
    double total_mg;
} method_total;

typedef struct plan {
    option *options; /* best first */
    size_t options_n, options_cap;
    option *alternatives; /* other methods of the same products */
    size_t alternatives_n, alternatives_cap;
    excluded *excluded;
    size_t excluded_n, excluded_cap;
    method_total *methods;
    size_t methods_n, methods_cap;
    double ganzoni_mg;    /* cross-check; NaN when it cannot be computed */
    const option *chosen; /* NULL when none may be shown */
    const char *missing;  /* field without which nothing could be computed; NULL */
    bool is_covered;      /* a method found its need covered by iron already given */
} plan;

plan *fe__plan(facts *f, const plan_ask *ask);

/* The input of the need formulas for these facts and settings. */
need_input fe__need_input_of(const facts *f, const plan_ask *ask);

/* The order of an option, for the verifier; and the given iron of the facts. */
const verification *fe__verify_option(facts *f, const plan_ask *ask, const option *o);
given_iron *fe__given_iron_of(facts *f, size_t *n);
verify_patient fe__verify_patient_of(const facts *f);

/* Truth of a condition for a product, as the verifier asks. Context: facts. */
tri fe__holds_for(void *context, const product *p, const condition *c);

/* Whether a method may be used: not off-label, or switched on. */
bool fe__method_open(const method *m, const char *const *off_label, size_t n);

/* Whether the method is for this patient: age, weight, condition. */
tri fe__method_applies(facts *f, const product *p, const method *m);

/* The methods for this patient in order of preference: the label's default, other methods of the label, the rest. Fills list[methods_n]. */
size_t fe__methods_for(facts *f, const plan_ask *ask, const product *p, const method **list);

/* What is to be said for an option by itself. Views its product. */
const char *fe__option_why(facts *f, const option *o);

/* Is the product in the region and on the site's formulary? */
bool fe__product_offered(const product *p, const char *region, const site *s);

#endif
