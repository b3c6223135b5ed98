/* The knowledge: data/ read, checked and looked up. Immutable once loaded; shared by threads.
 *
 * Everything lives in the knowledge's own arena until fe__knowledge_free. Strings are never NULL unless the comment
 * says so. Numbers absent in the data are NaN unless the comment says so. */
#ifndef FE_KNOWLEDGE_KNOWLEDGE_H
#define FE_KNOWLEDGE_KNOWLEDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/fault.h"
#include "knowledge/condition.h"
#include "knowledge/reaction.h"

typedef enum verified { VERIFIED_YES, VERIFIED_SECONDARY, VERIFIED_DERIVED, VERIFIED_PROJECT, VERIFIED_MEMORY } verified;
const char *fe__verified_word(verified v);

/* ---- vocabulary ---------------------------------------------------------------------------------------------- */

typedef enum term_kind {
    TERM_FIELD,
    TERM_LAB,
    TERM_CONDITION,
    TERM_PRODUCT,
    TERM_FORMULATION,
    TERM_MEDICATION,
    TERM_EVENT,
    TERM_SIGN,
    TERM_ASSAY,
    TERM_METHOD
} term_kind;

typedef struct term {
    const char *id, *label, *unit, *note;
    term_kind kind;
    const char *const *words; /* fields of words (oral_iron, sex): the accepted words; n = 0 otherwise */
    size_t words_n;
    double hard_low, hard_high, warn_low, warn_high;
} term;

typedef struct unit_row {
    int term;
    const char *unit;
    double factor, offset; /* canonical = given * factor + offset */
} unit_row;

/* ---- statements with a source --------------------------------------------------------------------------------- */

/* Anything that can stand in the `sources` of an answer. */
typedef struct cite {
    const char *id;
    const char *text; /* citation fit for a user */
    verified verified;
    long as_of; /* day on which it was last read (days since 1970) */
} cite;

typedef struct guidance {
    const char *id, *topic, *statement, *applies_when, *strength, *source, *seed, *rule_kind, *user_source;
    verified verified;
} guidance;

typedef struct contradiction {
    const char *id, *topic, *source_a, *source_b, *side;
    const char *const *rows; /* ids of the rows on both sides */
    size_t rows_n;
} contradiction;

typedef enum level { LEVEL_INFO, LEVEL_CAUTION, LEVEL_URGENT, LEVEL_REFUSAL } level;
const char *fe__level_word(level l);

typedef struct finding_row {
    const char *id, *meaning, *kind; /* kind: finding, advice, check, sheet, expect */
    const char *const *questions;    /* assess, plan, ... */
    size_t questions_n;
    const char *const *rule_ids, *const *seeds;
    size_t rule_ids_n, seeds_n;
    level level;
} finding_row;

/* ---- products -------------------------------------------------------------------------------------------------- */

typedef enum limit_kind { LIMIT_NONE, LIMIT_CAUTION, LIMIT_LABEL } limit_kind;
enum { LIMIT_KINDS = LIMIT_LABEL + 1 };
extern const char *const fe__limit_kind_words[LIMIT_KINDS];

/* What a limit is about; the words of products.json. */
/* clang-format off */
#define FE_WHATS(X)                                                                                           \
    X(max_single_mg) X(max_single_mg_per_kg) X(max_daily_mg) X(max_weekly_mg) X(max_weekly_mg_per_kg)         \
    X(max_monthly_mg) X(max_course_mg) X(max_course_mg_per_kg) X(max_maintenance_mg) X(max_doses)             \
    X(max_doses_per_week) X(within_days) X(max_week) X(min_interval_days) X(max_interval_days) X(min_minutes) \
    X(max_mg_per_min) X(max_mg_per_h) X(max_ml_per_min) X(max_bag_ml) X(min_bag_ml) X(min_conc_mg_per_ml)     \
    X(max_conc_mg_per_ml) X(min_age_years) X(hb_g_dl_max_excl) X(diluents) X(routes)                          \
    X(min_minutes_of_dialysis_before) X(min_minutes_apart) X(needs_reason)
/* clang-format on */
#define FE_WHAT_ENUM(name) WHAT_##name,
typedef enum limit_what { FE_WHATS(FE_WHAT_ENUM) WHAT_COUNT } limit_what;
extern const char *const fe__what_names[WHAT_COUNT];

typedef struct limit {
    const char *id;   /* source row, e.g. FCM-EU-L03 */
    const char *name; /* closed list of names of the answers: max-weekly */
    limit_what what;
    limit_kind kind;           /* LIMIT_NONE rows carry no value */
    double value;              /* in `unit`; NaN for lists */
    const char *const *values; /* diluents, routes: ids */
    size_t values_n;
    bool strict;                      /* `strictly_more` / `exclusive`: the value itself does not keep the limit */
    const char *unit, *text, *source; /* text "" when none */
    verified verified;
    /* where it applies: */
    double dose_min_excl, dose_max;                   /* -inf, +inf when absent */
    double weight_min, weight_max_excl, age_max_excl; /* -inf / +inf when absent */
    const char *route;                                /* NULL: any */
    double minutes_max;                               /* the usual upper end of a range of minutes; NaN when none (no limit) */
} limit;

typedef struct limits {
    const limit *list;
    size_t n;
} limits;

typedef enum gate_action { GATE_BLOCK, GATE_ASK, GATE_WARN, GATE_INSTRUCT, GATE_IGNORE_LAB } gate_action;
enum { GATE_ACTIONS = GATE_IGNORE_LAB + 1 };
extern const char *const fe__gate_action_words[GATE_ACTIONS];

typedef struct gate {
    const char *id;
    const char *name;    /* name of the limit list; NULL: no limit, shown only */
    const char *finding; /* id of findings.csv, NULL when none */
    gate_action action;
    limit_kind kind; /* label or caution */
    const char *when, *text, *source;
    verified verified;
    const condition *condition;
    const int
        *labs; /* GATE_IGNORE_LAB: these labs (terms) do not count when drawn within `hours` after a dose; n = 0 otherwise */
    size_t labs_n;
    double hours; /* NaN otherwise */
} gate;

/* First part of an infusion or injection given slowly (iron dextran EU/UK). */
typedef struct first_part {
    const char *id, *source;
    double mg, minutes, minutes_max, wait_minutes; /* NaN when absent */
    verified verified;
} first_part;

typedef struct route_rules {
    const char *route; /* "infusion" | "injection" */
    limits limits;     /* everything of the route: doses, minutes, bags, concentrations, rates */
    bool dilution_required;
    bool bag_is_final; /* bag_ml means the final volume (drug volume withdrawn first) */
    const char *const *diluents;
    size_t diluents_n;
    const first_part *first; /* NULL when none */
} route_rules;

typedef struct test_dose {
    const char *id, *source, *when, *note;
    double mg, ml, bag_ml, seconds_min, minutes_max, wait_minutes; /* NaN when absent */
    limit_kind kind;
    verified verified;
} test_dose;

typedef enum dose_type {
    DOSE_FIXED,        /* mg, doses */
    DOSE_MG_PER_KG,    /* mg_per_kg, max_mg, doses or every_days + weeks */
    DOSE_NEED,         /* need_method; per_dose_mg[], doses */
    DOSE_TABLE,        /* rows by Hb and weight: the total */
    DOSE_TABLE_BY_DAY, /* phases: mg by Hb and weight on a day */
    DOSE_PER_SESSION,  /* mg or mg_max a session; doses, or need_method */
    DOSE_SEQUENCE,     /* mg[] on days[] */
    DOSE_WEEKLY,
    DOSE_MONTHLY
} dose_type;

typedef struct table_row { /* bounds are -inf / +inf when absent; mg NaN when not set */
    double hb_min, hb_min_excl, hb_max, hb_max_excl, weight_min, weight_max_excl;
    double total_mg, mg_per_kg, total_mg_min, total_mg_max;
} table_row;

typedef struct dose_phase {
    double day;
    const table_row *rows;
    size_t rows_n;
} dose_phase;

/* Ferritin (ug/L) and TSAT (%) for which a dose is due; NaN: no bound. */
typedef struct iron_status {
    double ferritin_min, ferritin_max, ferritin_max_excl, tsat_max_excl;
} iron_status;

/* Doses after the repletion, each given only when one of `due` holds then. */
typedef struct maintenance {
    double mg;
    const double *weeks; /* of the course, ascending */
    size_t weeks_n;
    const iron_status *due;
    size_t due_n;
} maintenance;

typedef struct need_method need_method;

typedef struct dose_spec {
    dose_type type;
    double mg, mg_per_kg, max_mg, mg_max, doses, every_days, weeks, reassess_days, per_session_mg_max;
    const need_method *need; /* NULL when none */
    const need_method *const *alternatives;
    size_t alternatives_n;
    const table_row *rows;
    size_t rows_n;
    const dose_phase *phases;
    size_t phases_n;
    const double *sequence_mg, *sequence_days, *sequence_minutes; /* minutes may be NULL */
    size_t sequence_n;
    const double *per_dose_mg; /* allowed single doses of a split, ascending; n = 0: any */
    size_t per_dose_n;
    const double *options_mg; /* weekly options */
    size_t options_n;
    maintenance maintenance;  /* weeks_n = 0: none */
    const char *weight_basis; /* "" when the method says none */
    const char *when;         /* timing in words, "" when none */
} dose_spec;

typedef struct method {
    const char *id; /* product/name */
    const char *name;
    const char *method; /* vocabulary id; NULL where the vocabulary has none (answers then show the id) */
    const char *title, *basis, *note;
    bool off_label, is_default, enabled;
    double age_min, age_max_excl, weight_min, weight_max_excl; /* -inf / +inf when absent */
    const condition *condition;                                /* NULL: no further condition */
    const char *applies_text;
    dose_spec dose;
    limits limits;
    const route_rules *routes;
    size_t routes_n;
    const test_dose *test_dose; /* NULL when none */
} method;

typedef struct vial {
    double mg, ml;
    verified verified;
} vial;

typedef struct product {
    const char *id, *generic, *brand, *region, *molecule;
    double mg_per_ml;
    const vial *vials; /* ascending mg */
    size_t vials_n;
    const char *const *indications;
    size_t indications_n;
    limits common;
    const char *const *routes;
    size_t routes_n;
    const test_dose *test_dose;                    /* NULL when none */
    double observe_minutes, observe_later_minutes; /* later: after a dose that is not the first of the course; NaN: no other */
    const char *observe_id, *observe_text, *discard_id, *discard_text, *label_revision, *recheck;
    const gate *gates;
    size_t gates_n;
    const method *methods;
    size_t methods_n;
} product;

/* ---- ways to compute the need ---------------------------------------------------------------------------------- */

typedef enum need_kind {
    NEED_GANZONI,
    NEED_HB_ONLY,
    NEED_INFED,
    NEED_POUNDS,
    NEED_BLOOD_LOSS,
    NEED_BLOOD_UNITS,
    NEED_HB_TABLE,
    NEED_WEIGHT_TABLE,
    NEED_FIXED
} need_kind;

struct need_method {
    const char *id;
    const char *method; /* vocabulary id, NULL where none */
    const char *title, *formula, *source, *weight_basis, *note;
    verified verified;
    need_kind kind;
    double target_hb_g_dl, factor, stores_mg, stores_mg_per_kg;          /* NaN when not set */
    double below_35_target_hb_g_dl, below_35_stores_mg_per_kg, below_kg; /* the rule of small patients; NaN when none */
    double desired_hb_g_dl, desired_hb_g_dl_small, small_kg, mg_per_ml, lower_weight_kg, lb_per_kg, mg_per_unit, mg;
    double hb_coefficient, stores_coefficient; /* INFeD: 0.0442 and 0.26 */
    double pound_coefficient;                  /* 0.3 */
    double round_mg, round_down_to_kg;         /* rounding of the older table */
    const table_row *rows;                     /* IBD table: total_mg; extra part in total_mg_min (of which extra), else NaN */
    size_t rows_n;
    const double *table_weight, *table_hb, *table_mg; /* renal unit table, [weights * hbs], Hb in g/dL */
    size_t table_weights_n, table_hbs_n;
    double normal_hb_female, normal_hb_male; /* IBD table: upper end of its first row */
};

typedef struct weight_basis {
    const char *id, *rule, *source, *option; /* option: word of --weight-basis, NULL when none */
    verified verified;
    double obese_bmi; /* auto: BMI from which the ideal weight is taken */
    double bmi;       /* ideal-bmi25 */
    double devine_men_kg, devine_women_kg, devine_kg_per_inch, devine_inches;
    double children_from_kg, children_to_kg; /* between these the actual weight is used */
} weight_basis;

/* ---- rules ------------------------------------------------------------------------------------------------------ */

typedef enum effect {
    EFFECT_NONE,
    EFFECT_INDICATES,
    EFFECT_INDIVIDUAL,
    EFFECT_CONTRAINDICATES,
    EFFECT_DEFERS,
    EFFECT_NOT_DEFICIENCY,
    EFFECT_NOT_INDICATED,
    EFFECT_ORAL,
    EFFECT_URGENT,
    EFFECT_MISSING
} effect;

typedef struct rule {
    const char *id;
    const finding_row *finding;    /* NULL: a definition */
    unsigned questions;            /* bits of question_bit */
    const condition *when, *about; /* about may be NULL */
    effect effect;
    const char *indication, *strength; /* NULL when none */
    const char *const *routes;
    size_t routes_n;
    const contradiction *differs; /* NULL when none */
    const char *text;             /* NULL: the finding's meaning */
    int level;                    /* of this rule, where it is another than the finding's; -1: the finding's */
    const char *why;              /* what it says for or against an option of a plan; NULL when nothing */
    const int *of;              /* interpret: the labs or signs that it reads, each as things stood when it was drawn or noted */
    size_t of_n;                /* 0: it speaks of the patient as things stand now */
    int verdict;                /* interpret: interpret_verdict; -1: by its level */
    bool lapses;                /* interpret: iron by vein given after the lab has answered it */
    bool tells_chance;          /* interpret: the finding says how sure it is, from the error of its lab */
    const char *const *sources; /* ids; the first decided */
    size_t sources_n;
} rule;

typedef enum question_bit {
    Q_ASSESS = 1,
    Q_PLAN = 2,
    Q_CHECK = 4,
    Q_PREPARE = 8,
    Q_DEFICIT = 16,
    Q_FORECAST = 32,
    Q_INTERPRET = 64,
    Q_INFUSE = 128
} question_bit;

/* What an interpretation comes to, the worst first. */
typedef enum interpret_verdict {
    INTERPRET_ACT_NOW,
    INTERPRET_ACT,
    INTERPRET_WATCH,
    INTERPRET_AS_EXPECTED,
    INTERPRET_TOO_EARLY
} interpret_verdict;
enum { INTERPRET_VERDICTS = INTERPRET_TOO_EARLY + 1 };
extern const char *const fe__interpret_verdict_words[INTERPRET_VERDICTS];

/* A line of a list: causes, checklist, setup, vitals, checks, sheet, premedication, calendar; of a forecast: populations, covariates,
 * windows, expectations; of an interpretation: readings, retests, differential, tests. */
typedef struct rule_line {
    const char *id;
    const condition *when;
    const char *text, *test; /* NULL when none */
    const char *after, *why; /* calendar: "first" | "last"; retests: "iron" | "now"; NULL otherwise */
    double days;
    const char *lab;         /* windows; NULL otherwise */
    double from_day, to_day; /* windows: days after the last infusion; to_day INFINITY when open */
    double best_days;        /* retests: `days` is the first day, this the best one */
    const char *const *take; /* calendar; differential: the labs that tell it */
    size_t take_n;
    const condition *against; /* differential: what speaks against it; NULL: nothing does */
    const int *of;            /* readings: the labs that it reads */
    size_t of_n;              /* 0: any lab */
    int verdict;              /* readings: interpret_verdict */
    const char *const *sources;
    size_t sources_n;
} rule_line;

typedef struct rule_lines {
    const rule_line *list;
    size_t n;
} rule_lines;

/* ---- the whole --------------------------------------------------------------------------------------------------- */

typedef struct practice {
    const double *standard_bags_ml;
    size_t standard_bags_n;
    const double *dialysis_days, *days_3_per_week, *days_2_per_week; /* days of a week */
    size_t dialysis_days_n, days_3_n, days_2_n;
    double preferred_bag_ml_max, max_pump_rate_ml_per_h, course_window_days, need_round_mg, typical_dose_mg,
        knowledge_max_age_days, drug_ml_step, tibc_ug_dl_per_transferrin_g_l, few_visits_max, shortfall_class_mg,
        phosphate_shortfall_mg, unset_mg_per_min, least_dose_mg, whole_dose_share, usual_bmi_low,
        usual_bmi_high, /* kg/m2, of adults */
        fertile_age_from_years, fertile_age_to_years, postpartum_days, repeat_course_days, adult_years, what_if_gestation_weeks,
        what_if_reaction_grade;
    /* What an optimization tries beside the usual way: shares of total and largest dose, intervals, factors on minutes. */
    const double *total_shares, *dose_shares, *interval_days, *slower;
    size_t total_shares_n, dose_shares_n, interval_days_n, slower_n;
    double tie_goal, tie_phosphate, tie_ferritin, tie_reaction, tie_iron_mg, tie_chair_minutes; /* up to so much is a tie */
    double large_phosphate;
    const char *usual_diluent; /* id of a medication */
} practice;

typedef struct missing_row {
    const char *item, *how_to_get;
} missing_row;

typedef struct knowledge {
    arena *a;
    const char *version; /* manifest */
    const char *origin;  /* "built-in", or the folder given by --data */
    const char *sha256;  /* of all files */
    const term *terms;
    size_t terms_n;
    const unit_row *units;
    size_t units_n;
    const guidance *guidance;
    size_t guidance_n;
    const finding_row *findings;
    size_t findings_n;
    const contradiction *contradictions;
    size_t contradictions_n;
    const cite *cites; /* sorted by id */
    size_t cites_n;
    const product *products;
    size_t products_n;
    const need_method *needs;
    size_t needs_n;
    const weight_basis *bases;
    size_t bases_n;
    const rule *rules; /* definitions first, then findings, in file order */
    size_t rules_n;
    rule_lines causes, checklist, setup, vitals, checks, sheet, premedication, calendar;
    rule_lines populations, miss_populations, covariates, windows, expectations; /* of a forecast */
    rule_lines readings, retests, differential, tests;                           /* of an interpretation */
    practice practice;
    const reactions *reactions; /* the protocol of an infusion */
    const missing_row *missing;
    size_t missing_n;
    const struct knowledge_index *index; /* of the look-ups below */
} knowledge;

/* Reads data/ (folder NULL: the copy compiled in). All faults at once; NULL when there is any, or memory is out. */
knowledge *fe__knowledge_load(const char *folder, faults *f);
void fe__knowledge_free(knowledge *k);

/* Look-ups; -1 or NULL when there is none. O(log n) or O(1). */
int fe__term_find(const knowledge *k, const char *id);
int fe__term_find_kind(const knowledge *k, const char *id, term_kind kind);
const unit_row *fe__unit_find(const knowledge *k, int term, const char *unit);
const product *fe__product_find(const knowledge *k, const char *id);
bool fe__method_is(const method *m, const char *word); /* its id, vocabulary id or name; NULL is every method */
const method *fe__method_find(const product *p, const char *id_or_method_or_name,
                              size_t from); /* first match at or after `from` */
const need_method *fe__need_find(const knowledge *k, const char *id);
const finding_row *fe__finding_find(const knowledge *k, const char *id);
const contradiction *fe__contradiction_find(const knowledge *k, const char *id);
const cite *fe__cite_find(const knowledge *k, const char *id);
const weight_basis *fe__basis_find(const knowledge *k, const char *id);
const char *fe__how_to_get(const knowledge *k, const char *item);
int fe__rule_find(const knowledge *k, const char *id);

#endif
