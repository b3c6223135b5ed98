/* ferrule new. Each answer is judged as it is given, by the readers that will judge the file; the file is read once more, whole,
 * before it is written. */
#include "cli/new.h"

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "base/text.h"
#include "exchange/read.h"
#include "ferrule.h"

enum { LINE_MAX_BYTES = 1000, SHOWN_MAX = 20 };

typedef enum outcome { NEW_WRITTEN = 0, NEW_ENDED = FE_E_USAGE, NEW_FAILED = FE_E_INTERNAL } outcome;

typedef struct dialogue {
    const knowledge *k;
    arena *a;
    double now;
    int zone_min;
    FILE *in, *out, *file;
    json_out built;
    json_t *course, *patient, *events; /* patient and events hang in course */
    bool ended;                        /* the answers are over */
    char line[LINE_MAX_BYTES + 2];     /* the last answer, trimmed */
} dialogue;

/* ---- lines ---- */

static void say(dialogue *d, const char *s) { fputs(s, d->out); }

/* The next answer into d->line. False when there are no more. */
static bool next_line(dialogue *d) {
    size_t n = 0;
    int c = EOF;
    while (!d->ended && (c = getc(d->in)) != EOF && c != '\n') {
        if (c != 0 && n < sizeof d->line - 1) d->line[n++] = (char)c;
    }
    d->line[n] = '\0';
    d->ended = d->ended || (c == EOF && n == 0);
    while (n && isspace((unsigned char)d->line[n - 1])) d->line[--n] = '\0';
    size_t blanks = strspn(d->line, " \t");
    memmove(d->line, d->line + blanks, n - (blanks < n ? blanks : n) + 1);
    return !d->ended;
}

/* False when the answers are over. */
static bool ask(dialogue *d, const char *question) {
    if (d->ended) return false;
    fprintf(d->out, "%s: ", question);
    fflush(d->out);
    return next_line(d);
}

static bool is_answer(const dialogue *d, const char *word) { return fe__streq(d->line, word); }

static void say_faults(dialogue *d, const faults *f) {
    for (size_t i = 0; i < f->n; i++) {
        fprintf(d->out, "  expected %s, not %s", f->list[i].expected, f->list[i].found);
        if (f->list[i].hint) fprintf(d->out, " (%s)", f->list[i].hint);
        say(d, "\n");
    }
}

/* ---- building: what is put away is looked up again, since a failed insertion has freed it ---- */

static json_t *put(dialogue *d, json_t *object, const char *key, json_t *value) {
    fe__jput(&d->built, object, key, value);
    return json_object_get(object, key);
}

static json_t *add_object(dialogue *d, json_t *list) {
    fe__jadd(&d->built, list, fe__jobject(&d->built));
    return json_array_get(list, json_array_size(list) - 1);
}

/* ---- numbers ---- */

static int row_of(const dialogue *d, const char *id) {
    int t = fe__term_find_kind(d->k, id, TERM_FIELD);
    return t >= 0 ? t : fe__term_find_kind(d->k, id, TERM_LAB);
}

static const char *shown_unit(const char *unit) {
    if (fe__streq(unit, "a")) return "years";
    return fe__streq(unit, "wk") ? "weeks" : unit;
}

/* "hemoglobin (g/dL, also g/L, mmol/L; 1 to 25 g/dL)". */
static const char *number_question(dialogue *d, int row) {
    const term *t = &d->k->terms[row];
    text q;
    fe__text_init(&q, d->a);
    fe__text_addf(&q, "%s (%s", t->label, shown_unit(t->unit));
    const char *join = ", also ";
    for (size_t i = 0; i < d->k->units_n; i++) {
        const unit_row *u = &d->k->units[i];
        if (u->term != row || fe__streq(u->unit, t->unit)) continue;
        fe__text_addf(&q, "%s%s", join, u->unit);
        join = ", ";
    }
    if (!isnan(t->hard_low) && !isnan(t->hard_high))
        fe__text_addf(&q, "; %s to %s", fe__number_text(d->a, t->hard_low, 2), fe__number_text(d->a, t->hard_high, 2));
    fe__text_add(&q, ")");
    return q.s;
}

/* Whether the answer (from `s` on) is a value of the row, and a surprising one is meant. */
static bool is_good_number(dialogue *d, int row, const char *s) {
    faults f;
    confirm_list confirms = {0};
    char kept[sizeof d->line];
    fe__faults_init(&f, d->a, "-");
    fe__quantity_read(d->k, &f, row, s, "", &confirms);
    say_faults(d, &f);
    if (f.n || !confirms.n) return !f.n;
    memcpy(kept, d->line, sizeof kept);
    bool is_meant =
        ask(d, fe__printf(d->a, "  %s y keeps it", confirms.list[0].text)) && (is_answer(d, "y") || is_answer(d, "yes"));
    memcpy(d->line, kept, sizeof kept);
    return is_meant;
}

/* A number with its unit as it was written: 64, or "154 lb". */
static void put_number(dialogue *d, json_t *object, const char *key) {
    double v = NAN;
    const char *unit = "";
    fe__number_unit_parse(d->a, d->line, &v, &unit);
    if (*unit) fe__jput_str(&d->built, object, key, d->line);
    else fe__jput_num(&d->built, object, key, v);
}

static void ask_number(dialogue *d, const char *id, bool is_needed) {
    int row = row_of(d, id);
    while (row >= 0 && ask(d, number_question(d, row))) {
        if (!*d->line && !is_needed) return;
        if (!*d->line) {
            say(d, "  this is asked of every course\n");
        } else if (is_good_number(d, row, d->line)) {
            put_number(d, d->patient, id);
            return;
        }
    }
}

static void put_lab(dialogue *d, int row) {
    double v = NAN;
    const char *unit = "", comparator[2] = {d->line[0], '\0'};
    bool is_bound = d->line[0] == '<' || d->line[0] == '>';
    fe__number_unit_parse(d->a, d->line + is_bound, &v, &unit);
    json_t *lab = add_object(d, d->events);
    fe__jput_str(&d->built, lab, "at", fe__time_text(d->a, d->now, d->zone_min));
    fe__jput_str(&d->built, lab, "lab", d->k->terms[row].id);
    if (is_bound) fe__jput_str(&d->built, lab, "comparator", comparator);
    fe__jput_num(&d->built, lab, "value", v);
    fe__jput_str(&d->built, lab, "unit", *unit ? unit : d->k->terms[row].unit);
}

static void ask_lab(dialogue *d, const char *id) {
    int row = fe__term_find_kind(d->k, id, TERM_LAB);
    while (row >= 0 && ask(d, number_question(d, row))) {
        if (!*d->line) return;
        bool is_bound = d->line[0] == '<' || d->line[0] == '>';
        if (!is_good_number(d, row, d->line + is_bound)) continue;
        put_lab(d, row);
        return;
    }
}

/* ---- words ---- */

/* One of the words, "" when unknown, NULL when the answers are over. */
static const char *ask_word(dialogue *d, const char *question, const char *const *words, size_t n, bool is_needed) {
    text q;
    fe__text_init(&q, d->a);
    fe__text_addf(&q, "%s (", question);
    for (size_t i = 0; i < n; i++) fe__text_addf(&q, "%s%s", i ? ", " : "", words[i]);
    fe__text_add(&q, ")");
    while (ask(d, q.s)) {
        for (size_t i = 0; i < n && *d->line; i++) {
            bool is_letter = !d->line[1] && n == 2 && d->line[0] == words[i][0]; /* f, m */
            if (is_answer(d, words[i]) || is_letter) return words[i];
        }
        if (!*d->line && !is_needed) return "";
        say(d, *d->line ? "  one of these words is expected\n" : "  this is asked of every course\n");
    }
    return NULL;
}

static void ask_field_word(dialogue *d, const char *id, bool is_needed) {
    int row = fe__term_find_kind(d->k, id, TERM_FIELD);
    if (row < 0) return;
    const term *t = &d->k->terms[row];
    const char *word = ask_word(d, t->label, t->words, t->words_n, is_needed);
    if (word && *word) fe__jput_str(&d->built, d->patient, id, word);
}

/* ---- ids, found by a word ---- */

static bool contains(const char *s, const char *word) {
    size_t n = strlen(word);
    for (; *s; s++) {
        size_t i = 0;
        while (i < n && s[i] && tolower((unsigned char)s[i]) == tolower((unsigned char)word[i])) i++;
        if (i == n) return true;
    }
    return false;
}

typedef struct choice {
    int list[SHOWN_MAX];
    size_t n, more;
} choice;

static void search(const dialogue *d, unsigned kinds, choice *c) {
    *c = (choice){.n = 0};
    for (size_t i = 0; i < d->k->terms_n; i++) {
        const term *t = &d->k->terms[i];
        if (!(kinds & (1u << t->kind))) continue;
        if (is_answer(d, t->id)) {
            *c = (choice){.list = {(int)i}, .n = 1};
            return;
        }
        if (!contains(t->id, d->line) && !contains(t->label, d->line)) continue;
        if (c->n < SHOWN_MAX) c->list[c->n++] = (int)i;
        else c->more++;
    }
}

static void show_choice(dialogue *d, const choice *c) {
    if (c->n == 0) say(d, "  nothing is found: another word\n");
    for (size_t i = 0; i < c->n; i++) {
        const term *t = &d->k->terms[c->list[i]];
        fprintf(d->out, "  %zu  %s: %s\n", i + 1, t->id, t->label);
    }
    if (c->more) fprintf(d->out, "  and %zu more: a longer word\n", c->more);
}

/* The id that the last answer means; NULL after showing what it could mean. */
static const char *chosen(dialogue *d, unsigned kinds, choice *c) {
    double number;
    if (c->n && fe__number_parse(d->line, &number) && number >= 1 && number <= (double)c->n)
        return d->k->terms[c->list[(size_t)number - 1]].id;
    search(d, kinds, c);
    if (c->n == 1) return d->k->terms[c->list[0]].id;
    show_choice(d, c);
    return NULL;
}

static bool is_in(const json_t *list, const char *id) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (fe__streq(json_string_value(json_array_get(list, i)), id)) return true;
    }
    return false;
}

/* A list of ids: absent when the first answer is empty, [] when it is "none". */
static void ask_ids(dialogue *d, json_t *object, const char *key, const char *question, unsigned kinds) {
    choice c = {.n = 0};
    json_t *list = NULL;
    const char *q = fe__printf(d->a, "%s (a word to search, a number to choose, none; empty goes on)", question);
    while (ask(d, q) && *d->line) {
        bool is_none = is_answer(d, "none") && !list;
        const char *id = is_none ? NULL : chosen(d, kinds, &c);
        if (!is_none && !id) continue;
        if (!list) list = put(d, object, key, fe__jarray(&d->built));
        if (is_none) return;
        if (!is_in(list, id)) fe__jadd_str(&d->built, list, id);
        fprintf(d->out, "  noted: %s\n", id);
        c.n = 0;
    }
}

/* One id, NULL when the answer is empty, "none" or there is none. */
static const char *ask_id(dialogue *d, const char *question, unsigned kinds) {
    choice c = {.n = 0};
    while (ask(d, question) && *d->line && !is_answer(d, "none")) {
        const char *id = chosen(d, kinds, &c);
        if (id) return id;
    }
    return NULL;
}

/* ---- allergies, reactions, pregnancy ---- */

static bool is_text(const char *s) {
    size_t n = strlen(s);
    for (size_t i = 0; i < n; i++) {
        if (iscntrl((unsigned char)s[i])) return false;
    }
    return fe__utf8_valid(s, n);
}

static void ask_allergies(dialogue *d) {
    static const char *const severities[] = {"mild", "serious", "unknown"};
    json_t *list = NULL;
    while (ask(d, "allergy to (a word or an id, none; empty goes on)") && *d->line) {
        bool is_none = is_answer(d, "none");
        if (!is_text(d->line)) {
            say(d, "  printable text is expected\n");
            continue;
        }
        const char *to = fe__strdup(d->a, d->line);
        if (!list) list = put(d, d->patient, "allergies", fe__jarray(&d->built));
        if (is_none) return;
        const char *severity = ask_word(d, "  how severe", severities, 3, false);
        json_t *one = add_object(d, list);
        fe__jput_str(&d->built, one, "to", to);
        fe__jput_str(&d->built, one, "severity", severity && *severity ? severity : "unknown");
    }
}

static void ask_day(dialogue *d, json_t *object, const char *key, const char *question) {
    long day;
    while (ask(d, question) && *d->line) {
        if (fe__date_parse(d->line, &day) && day <= fe__day_of(d->now, d->zone_min)) {
            fe__jput_str(&d->built, object, key, d->line);
            return;
        }
        say(d, "  a date such as 2026-11-02 is expected, not after today\n");
    }
}

static void ask_reactions(dialogue *d) {
    static const char *const grades[] = {"1", "2", "3", "4", "5"};
    const unsigned iron = 1u << TERM_PRODUCT | 1u << TERM_FORMULATION;
    json_t *list = NULL;
    const char *id;
    while ((id = ask_id(d, "earlier reaction to iron by vein: the product (a word to search, none; empty goes on)", iron))) {
        if (!list) list = put(d, d->patient, "reactions", fe__jarray(&d->built));
        json_t *one = add_object(d, list);
        ask_day(d, one, "on", "  its date (empty when unknown)");
        fe__jput_str(&d->built, one, "infusion", id);
        const char *grade = ask_word(d, "  grade", grades, 5, true);
        fe__jput_int(&d->built, one, "grade", grade ? *grade - '0' : 1);
        ask_ids(d, one, "signs", "  signs", 1u << TERM_SIGN);
    }
    if (is_answer(d, "none") && !list) fe__jput(&d->built, d->patient, "reactions", fe__jarray(&d->built));
}

static bool can_be_pregnant(dialogue *d) {
    faults f;
    fe__faults_init(&f, d->a, "-");
    const json_t *age = json_object_get(d->patient, "age_years");
    double years = json_number_value(age);
    if (json_is_string(age)) years = fe__quantity_read(d->k, &f, row_of(d, "age_years"), json_string_value(age), "", NULL);
    return fe__streq(json_string_value(json_object_get(d->patient, "sex")), "female") &&
           years >= d->k->practice.fertile_age_from_years && years <= d->k->practice.fertile_age_to_years;
}

static void ask_pregnancy(dialogue *d) {
    int row = fe__term_find_kind(d->k, "gestation_weeks", TERM_FIELD);
    if (row < 0 || !can_be_pregnant(d)) return;
    while (ask(d, "weeks of pregnancy today (no when not pregnant; empty when unknown)") && *d->line) {
        if (is_answer(d, "no") || is_answer(d, "none")) {
            fe__jput_null(&d->built, d->patient, "pregnancy");
            return;
        }
        if (!is_good_number(d, row, d->line)) continue;
        json_t *pregnancy = put(d, d->patient, "pregnancy", fe__jobject(&d->built));
        put_number(d, pregnancy, "gestation_weeks");
        fe__jput_str(&d->built, pregnancy, "on", fe__date_text(d->a, fe__day_of(d->now, d->zone_min)));
        return;
    }
}

/* ---- the whole ---- */

static void open_course(dialogue *d) {
    d->course = fe__jobject(&d->built);
    fe__jput_int(&d->built, d->course, "ferrule", 1);
    d->patient = put(d, d->course, "patient", fe__jobject(&d->built));
    d->events = put(d, d->course, "events", fe__jarray(&d->built));
}

static void ask_everything(dialogue *d) {
    static const char *const labs[] = {"hemoglobin", "ferritin", "tsat", "crp", "phosphate"};
    say(d, "A course from your answers. Empty: unknown. A number alone is in the first unit shown.\n");
    ask_field_word(d, "sex", true);
    ask_number(d, "age_years", true);
    ask_number(d, "weight_kg", true);
    ask_number(d, "height_cm", false);
    ask_ids(d, d->patient, "conditions", "conditions true now", 1u << TERM_CONDITION);
    ask_field_word(d, "oral_iron", false);
    ask_allergies(d);
    ask_reactions(d);
    ask_pregnancy(d);
    for (size_t i = 0; i < sizeof labs / sizeof labs[0]; i++) ask_lab(d, labs[i]);
}

static outcome write_course(dialogue *d) {
    faults f;
    fe__faults_init(&f, d->a, "-");
    if (d->built.failed || !fe__course_read(d->k, &f, d->course, d->now)) {
        say_faults(d, &f);
        return NEW_FAILED;
    }
    char *written = fe__json_text(d->course);
    bool is_written = written && fputs(written, d->file) >= 0 && fputs("\n", d->file) >= 0 && fflush(d->file) == 0;
    free(written);
    return is_written ? NEW_WRITTEN : NEW_FAILED;
}

static outcome converse(dialogue *d) {
    open_course(d);
    ask_everything(d);
    if (!d->ended) return write_course(d);
    say(d, "\nThe answers ended before the questions; nothing is written.\n");
    return NEW_ENDED;
}

static outcome exemplify(dialogue *d) {
    static const char form[] =
        "{\"ferrule\":1,\"patient\":{\"id\":\"example\",\"sex\":\"female\",\"age_years\":39,\"weight_kg\":64,"
        "\"height_cm\":168,"
        "\"conditions\":[\"heavy-menstrual-bleeding\"],\"pregnancy\":null,\"allergies\":[],\"reactions\":[],"
        "\"oral_iron\":\"intolerant\",\"blood_loss_ml_per_day\":4},\"events\":["
        "{\"at\":\"%1$s\",\"lab\":\"hemoglobin\",\"value\":8.9,\"unit\":\"g/dL\"},"
        "{\"at\":\"%1$s\",\"lab\":\"ferritin\",\"value\":7,\"unit\":\"ug/L\"},"
        "{\"at\":\"%1$s\",\"lab\":\"tsat\",\"value\":6,\"unit\":\"%%\"},"
        "{\"at\":\"%1$s\",\"lab\":\"crp\",\"value\":2,\"unit\":\"mg/L\"},"
        "{\"at\":\"%1$s\",\"lab\":\"phosphate\",\"value\":3.4,\"unit\":\"mg/dL\"}],"
        "\"goals\":{\"hemoglobin_g_dl\":13,\"ferritin_ug_l\":100,\"by_weeks\":12}}";
    faults f;
    fe__faults_init(&f, d->a, "-");
    const char *s = fe__printf(d->a, form, fe__time_text(d->a, d->now, d->zone_min));
    d->course = fe__json_read(&f, s, strlen(s));
    return d->course ? write_course(d) : NEW_FAILED;
}

/* Memory that ends jumps back here; what the dialogue holds lies with the caller, and is freed there. */
static outcome guarded(dialogue *d, outcome (*work)(dialogue *)) {
    if (setjmp(*fe__arena_escape(d->a))) return NEW_FAILED;
    return work(d);
}

static int run_dialogue(dialogue *d, outcome (*work)(dialogue *)) {
    enum { MINUTE = 60 };
    d->a = fe__arena_new(0);
    d->now = floor(d->now / MINUTE) * MINUTE; /* times are written in minutes */
    outcome status = d->a ? guarded(d, work) : NEW_FAILED;
    json_decref(d->course);
    fe__arena_free(d->a);
    return (int)status;
}

int fe__new_run(const knowledge *k, double now, int zone_min, FILE *in, FILE *out, FILE *file) {
    dialogue d = {.k = k, .now = now, .zone_min = zone_min, .in = in, .out = out, .file = file};
    return run_dialogue(&d, converse);
}

int fe__new_example(const knowledge *k, double now, int zone_min, FILE *file) {
    dialogue d = {.k = k, .now = now, .zone_min = zone_min, .out = stderr, .file = file};
    return run_dialogue(&d, exemplify);
}
