/* A course: one patient's timeline, as read. Canonical units, instants in seconds since 1970 (UTC), terms as indices of
 * the vocabulary. Numbers not given are NaN; lists not given have n = 0 and `given` false (unknown, never "no"). */
#ifndef FE_COURSE_COURSE_H
#define FE_COURSE_COURSE_H

#include <stdbool.h>
#include <stddef.h>

#include "knowledge/knowledge.h"

typedef struct term_list {
    const int *list;
    size_t n;
    bool given;
} term_list;

typedef struct allergy {
    int term;             /* vocabulary row, -1 when text only */
    const char *to;       /* as written */
    const char *severity; /* mild, serious, unknown */
} allergy;

typedef struct reaction {
    long on;              /* day; LONG_MIN when unknown */
    const char *infusion; /* product or formulation id */
    const char *molecule; /* formulation id, "" when unknown */
    double grade;         /* 1 to 5 */
    term_list signs;
} reaction;

typedef struct patient {
    const char *id;  /* NULL when none */
    const char *sex; /* "female" | "male" | NULL */
    double age_years, weight_kg, weight_pre_pregnancy_kg, weight_ideal_kg, height_cm, blood_loss_ml_per_day,
        usual_hemoglobin_g_dl, comorbidities_count, nyha_class, lvef_pct, ckd_stage, cumulative_iv_iron_mg;
    term_list conditions, family_history, cause;
    bool pregnant;          /* pregnancy object given and not null */
    bool pregnancy_given;   /* the key stands there, even as null */
    double gestation_weeks; /* on the day below */
    long gestation_on;
    long delivered_on; /* LONG_MIN when none */
    tri breastfeeding, on_site_resuscitation;
    const allergy *allergies;
    size_t allergies_n;
    bool allergies_given;
    const reaction *reactions;
    size_t reactions_n;
    bool reactions_given;
    const char *oral_iron;     /* word of the vocabulary, NULL when unknown */
    int ferritin_assay;        /* term, -1 */
    long last_iv_iron_on;      /* LONG_MIN when none or unknown */
    bool last_iv_iron_unknown; /* "unknown" was written */
} patient;

typedef enum event_kind {
    EVENT_LAB,
    EVENT_INFUSION,
    EVENT_ORAL_IRON,
    EVENT_MEDICATION,
    EVENT_SUPPLEMENT,
    EVENT_SYMPTOM,
    EVENT_TRANSFUSION,
    EVENT_PHLEBOTOMY,
    EVENT_BLEEDING,
    EVENT_SURGERY,
    EVENT_ESA,
    EVENT_CONDITION,
    EVENT_PROCEDURE,
    EVENT_DELIVERY
} event_kind;

typedef enum lab_result {
    RESULT_NONE,
    RESULT_LOW,
    RESULT_NORMAL,
    RESULT_HIGH,
    RESULT_ABSENT,
    RESULT_POSITIVE,
    RESULT_NEGATIVE,
    RESULT_ABNORMAL
} lab_result;
const char *fe__result_word(lab_result r);

typedef struct event {
    event_kind kind;
    const char *ptr; /* JSON pointer of the event, e.g. /events/3 */
    double at;       /* instant; for spans the `since` */
    double until;    /* spans: end, INFINITY when open; else NaN */
    int term;        /* lab, medication, sign, condition, esa, procedure; product or formulation for infusion; -1 */
    double value;    /* lab value, dose_mg, units, mL, blood loss: what the kind says; NaN when none */
    /* lab */
    char comparator; /* '<', '>', 0 */
    lab_result result;
    tri fasting, morning;
    double last_oral_iron_at;
    int assay;
    bool prescribed;       /* ordered, not yet back */
    const char *unit_text; /* FGF23, troponin: the unit kept */
    /* infusion */
    const char *product;  /* product or formulation id */
    const char *molecule; /* formulation id */
    double minutes, bag_ml, test_dose_mg, prescribed_mg;
    const char *route; /* infusion, injection, intramuscular; NULL when not said */
    bool planned;
    /* others */
    double mg_per_dose, doses_per_day, iu_per_week, per_day, pain_nrs, onset_h;
    const char *text; /* surgery: what; lot; procedure: result */
    tri deferrable;
} event;

typedef struct goals {
    double hemoglobin_g_dl, ferritin_ug_l, irls, fatigue, by_weeks;
} goals;

typedef struct confirm { /* outside the warn range: used, and asked about */
    const char *at;
    double value, usual_low, usual_high;
    const char *text;
} confirm;

typedef struct course {
    patient patient;
    const event *events; /* in time order; order at one instant as answers.md says */
    size_t events_n;
    goals goals;
    int zone_min; /* of its first event; 0 when there is none */
    const confirm *confirms;
    size_t confirms_n;
} course;

/* Newest lab of a term with a value or result (prescribed ones never) at or before `now`; NULL when none. */
const event *fe__lab_newest(const course *c, int term, double now);

/* Molecule (formulation id) of a product or formulation id, "" when unknown. */
const char *fe__molecule_of(const knowledge *k, const char *product_or_formulation);

/* True now: in the patient's list or a condition event that spans `now`. Unknown when the list is absent. */
tri fe__course_has(const course *c, int condition, double now);

/* Day of the last delivery up to an instant, LONG_MIN when none: an event, or the patient's delivered_on. */
long fe__delivered(const course *c, double now);

/* Weeks of gestation at an instant (NaN when not pregnant), calendar days of the course's zone. */
double fe__gestation_now(const course *c, double now);

/* One infusion of an order, or of a finished plan as it is verified. */
typedef struct order_item {
    const char *ptr;     /* JSON pointer in the order, "/infusions/0" */
    const char *product; /* product id */
    const char *method;  /* method id when named; NULL */
    double dose_mg;
    long day;                                      /* calendar day; LONG_MIN when not said */
    const char *route;                             /* NULL when not said */
    double bag_ml, drug_ml, minutes, test_dose_mg; /* NaN when not said */
    const char *diluent;                           /* id, NULL when not said */
    const char *site;                              /* NULL */
} order_item;

typedef struct order {
    const order_item *items;
    size_t items_n;
    term_list premedication, with; /* drugs given within 30 minutes */
    int indication;                /* condition term, -1 when not said */
    const confirm *confirms;
    size_t confirms_n;
} order;

#endif
