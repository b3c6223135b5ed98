/* What the readers of the single files share while the knowledge is built. Private to src/knowledge. */
#ifndef FE_KNOWLEDGE_LOADING_H
#define FE_KNOWLEDGE_LOADING_H

#include "knowledge/knowledge.h"
#include "knowledge/names.h"
#include "knowledge/shape.h"
#include "knowledge/sheet.h"

/* The files, in the order of the bytes of their names (so they are hashed). */
typedef enum file_id {
    FILE_CODES,
    FILE_CONTRADICTIONS,
    FILE_FINDINGS,
    FILE_GUIDANCE,
    FILE_MANIFEST,
    FILE_MISSING,
    FILE_PRACTICE,
    FILE_PRODUCTS,
    FILE_REACTIONS,
    FILE_RULES,
    FILE_UNITS,
    FILE_VOCABULARY,
    FILE_COUNT
} file_id;

extern const char *const fe__data_files[FILE_COUNT];

typedef struct data_file {
    const char *name; /* for faults: with its folder */
    const char *text;
    size_t size;
    const tree *json; /* NULL for CSV */
    long as_of;
} data_file;

/* Row numbers are those of the knowledge's lists. */
struct knowledge_index {
    names terms, units, guidance, findings, contradictions, products, needs, bases, rules, missing;
};

/* An id that stands in `sources` and is looked up once everything is read. */
typedef struct mention {
    file_id file;
    const char *at; /* CSV: its place; JSON: its list ("findings"), then row and item */
    size_t row, item;
    bool is_csv;
    const char *id;
} mention;

/* A source that other rows name by its key. */
typedef struct source_row {
    const char *cite;
    verified verified;
} source_row;

typedef struct loader {
    arena *a;
    faults f; /* in the knowledge's own arena */
    knowledge *k;
    struct knowledge_index *index;
    data_file files[FILE_COUNT];
    file_id file; /* being read */
    sheet vocabulary;
    cite *cites;
    size_t cites_n, cites_cap;
    mention *mentions;
    size_t mentions_n, mentions_cap;
    names source_names; /* keys of products.json's sources */
    source_row *sources;
    names row_names; /* ids of rows that may be cited; source keys are not among them */
} loader;

/* The file that is read from here on: its name goes into faults, its day into cites. */
void fe__loader_enter(loader *l, file_id file);
sheet fe__loader_sheet(loader *l, const char *const *columns, size_t n);

/* Registers an id: a fault when it is there already. `shown` says where. */
bool fe__loader_id(names *t, const char *id);

/* Something that can be cited; an id that is taken is a fault at `at`. */
void fe__loader_cite(loader *l, const char *at, const char *id, const char *text, verified v);
void fe__loader_cite_row(loader *l, const place *at, const char *id, const char *source, const char *text, verified v);

void fe__loader_mention(loader *l, const char *list, size_t row, size_t item, const char *id);
void fe__loader_mention_cell(loader *l, const char *at, const char *id);

/* `id`, `source` (a key of products.json's sources) and `verified` of a row of products.json. */
const char *fe__take_source(loader *l, shape *o, take how);
verified fe__take_verified(shape *o);
verified fe__cell_verified(const sheet *s, size_t row, size_t column);
extern const char *const fe__verified_words[];
enum { VERIFIED_WORDS = 5 };
extern const char *const fe__level_words[];
enum { LEVEL_WORDS = LEVEL_REFUSAL + 1 };

/* A word of the vocabulary, of that kind; NULL / "" when absent. */
const char *fe__take_term(loader *l, shape *o, const char *key, take how, term_kind kind);
/* Words of the vocabulary. */
const char *const *fe__take_terms(loader *l, shape *o, const char *key, take how, term_kind kind, size_t *n);
/* Whether the vocabulary has it; a fault with a hint when not. */
int fe__term_must(arena *a, faults *f, const knowledge *k, const place *at, const char *id, term_kind kind);
extern const char *const fe__term_kind_words[];

/* A condition of the object: NULL when absent or faulty. */
const condition *fe__take_condition(loader *l, shape *o, const char *key, take how, size_t rules_known);
const condition *fe__condition_at(arena *a, faults *f, const knowledge *k, const tree *json, const place *at, size_t rules_known);

/* The words of question_bit, lowest bit first. */
extern const char *const fe__question_words[];
enum { QUESTION_WORDS = 8 };

/* What no number of products.json is above, whatever it says. */
enum {
    MG_MAX = 10000,
    KG_MAX = 350,
    HB_MAX = 25,
    AGE_MAX = 120,
    MINUTES_MAX = 1440,
    DAYS_MAX = 3650,
    ML_MAX = 2000,
    FERRITIN_MAX = 5000
};

/* The doses of a method. */
void fe__load_dose(loader *l, const tree *json, const place *at, dose_spec *d);

/* A table by hemoglobin and weight; rows that lie over one another are a fault. */
const table_row *fe__load_table(loader *l, const tree *rows, const place *at, size_t *n);

char *fe__joined(arena *a, const char *one, const char *between, const char *two);

/* One file, or part of one. */
void fe__load_vocabulary(loader *l);
void fe__load_units(loader *l);
void fe__load_findings(loader *l);
void fe__load_guidance(loader *l);
void fe__load_contradictions(loader *l);
void fe__load_missing(loader *l);
void fe__load_practice(loader *l);
void fe__load_codes(loader *l);
void fe__load_reactions(loader *l);
void fe__load_reaction_rows(loader *l, const tree *json);
void fe__load_sources(loader *l, const tree *sources, const place *at);
void fe__load_bases(loader *l, const tree *rows, const place *at);
void fe__load_needs(loader *l, const tree *rows, const place *at);
void fe__load_rules(loader *l);
void fe__load_products(loader *l, const tree *rows, const place *at);

#endif
