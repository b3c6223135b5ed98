/* What the readers share: one object is read by one table of fields.
 *
 * A table says of each field its key, its type, where it goes and which row of the vocabulary gives its unit and range. Reading
 * goes on after a fault; a field at fault keeps what it was set to before. null is the same as absent: unknown. */
#ifndef FE_EXCHANGE_READ_FIELDS_H
#define FE_EXCHANGE_READ_FIELDS_H

#include "base/json.h"
#include "exchange/read.h"

enum {
    READ_TEXT_MAX = 1000, /* bytes of a text */
    READ_EVENTS_MAX = 20000,
    READ_LIST_MAX = 2000 /* other lists */
};

typedef struct reader {
    const knowledge *k;
    faults *f;
    confirm_list *confirms; /* NULL: nothing is asked */
    double now;
    int zone_min; /* of the course */
} reader;

typedef enum field_type {
    FIELD_NUMBER,  /* double: a number in the canonical unit, or text with a unit; range of the row `term` */
    FIELD_WORD,    /* const char *: one of `words` ("a;b;c"), or of the words of the row `term` */
    FIELD_TEXT,    /* const char * */
    FIELD_TRI,     /* tri */
    FIELD_BOOL,    /* bool */
    FIELD_MARK,    /* nothing: must be true */
    FIELD_TERM,    /* int: an id of one of `kinds` */
    FIELD_TERMS,   /* term_list: ids of `kinds`, each once */
    FIELD_DAY,     /* long */
    FIELD_INSTANT, /* double; a date alone is noon */
    FIELD_OTHER,   /* by `read` */
    FIELD_LATER    /* allowed here, read by the caller (or not at all) */
} field_type;

typedef enum field_need { FIELD_OPTIONAL, FIELD_REQUIRED, FIELD_REQUIRED_OR_NULL } field_need;

typedef void field_read(reader *r, void *into, const json_t *value, const char *at);

typedef struct field {
    const char *key;
    field_type type;
    field_need need;
    size_t offset;     /* in the struct that is filled */
    const char *term;  /* vocabulary row: unit, range, words */
    const char *words; /* of a word; of another field: what is expected, said when it is missing */
    unsigned kinds;    /* bits KIND_BIT(kind) */
    field_read *read;
} field;

#define KIND_BIT(kind)   (1u << (kind))
#define FIELDS_N(fields) (sizeof(fields) / sizeof((fields)[0]))

/* Reads every member of `object` by the table; unknown keys and missing fields are faults. False when it is no object. */
bool fe__fields_read(reader *r, const json_t *object, const char *at, const field *fields, size_t n, void *into);
/* One member that is there. */
void fe__field_read_one(reader *r, const field *m, const json_t *value, const char *at, void *into);
/* The member, NULL when absent or null. */
const json_t *fe__member(const json_t *object, const char *key);
/* A list; its length in *n. NULL with a fault when it is none or longer than `most`. `what`: of what it is a list. */
const json_t *fe__list_of(reader *r, const json_t *value, const char *at, const char *what, size_t most, size_t *n);
/* The opening "ferrule": 1. */
void fe__read_version(reader *r, void *into, const json_t *value, const char *at);
#define FIELD_VERSION                                                                                                            \
    { .key = "ferrule", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = fe__read_version, .words = FIELD_VERSION_IS }
#define FIELD_VERSION_IS "1, the version of the format"

/* One value each. False or NULL (-1, NaN) with a fault at `at`. */
const char *fe__text_of(reader *r, const json_t *value, const char *at);
const char *fe__word_of(reader *r, const char *word, const char *at, const char *const *words, size_t n);
int fe__term_of(reader *r, const char *id, const char *at, unsigned kinds);
void fe__term_add(reader *r, term_list *list, const char *id, const char *at, unsigned kinds);
bool fe__instant_of(reader *r, const json_t *value, const char *at, double *instant, bool *is_day);
bool fe__day_read(reader *r, const json_t *value, const char *at, long *day);
double fe__number_of(reader *r, int row, const json_t *value, const char *at);

/* A value in a unit (NULL: a bare one) to the canonical unit, inside the hard range. NaN with a fault at `at`, or at `unit_at`. */
double fe__convert(reader *r, int row, double given, const char *unit, const char *at, const char *unit_at);
/* "2 to 350 kg". */
const char *fe__range_words(const reader *r, int term);
/* "g/dL, g/L or mmol/L". */
const char *fe__unit_words(const reader *r, int term);

/* Faults said with a hint of the nearest word; hints are not looked for when no more faults are kept. */
void fe__fault_word(reader *r, const char *at, const char *expected, const char *found, const char *const *candidates, size_t n);
void fe__fault_json(reader *r, const char *at, const char *expected, const json_t *found, const char *hint);

/* One infusion of an order; NaN and NULL where it says nothing. */
order_item fe__infusion_read(reader *r, const json_t *json, const char *at);

/* Site settings in an object that stands inside another file, without a version; NULL with faults. */
const site *fe__site_read_inside(reader *r, const json_t *json, const char *at);

/* The tables of one course, shared with the options of the command line. */
extern const field fe__patient_fields[];
extern const size_t fe__patient_fields_n;
void fe__patient_clear(patient *p);
void fe__event_clear(event *e);
void fe__read_patient(reader *r, void *into, const json_t *value, const char *at);
void fe__read_events(reader *r, course *c, const json_t *list, const char *at);
/* What only the whole can tell: dates against now, sex against pregnancy, weeks against now. */
void fe__course_judge(reader *r, const course *c);
/* An adult's weight that does not fit the height is used, and asked about at `at`. */
void fe__ask_build(reader *r, const patient *p, const char *at);

#endif
