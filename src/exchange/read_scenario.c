/* A scenario file (docs/model.md, section 17). */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "exchange/read_fields.h"
#include "exchange/read_scenario.h"

enum { EVENTS_MAX = 100000, TIMES_MAX = 1000000 };
static const double hours_max = 24 * 7 * 520; /* ten years */

/* ---- numbers inside their bounds -------------------------------------------------------------------------------------------- */

static double number_within(reader *r, const json_t *value, const char *at, double low, double high, const char *what) {
    double v = json_is_number(value) ? json_number_value(value) : NAN;
    if (v >= low && v <= high) return v;
    fe__fault_json(r, at,
                   fe__printf(r->f->a, "%s, a number from %s to %s", what, fe__number_text(r->f->a, low, 4),
                              fe__number_text(r->f->a, high, 4)),
                   value, NULL);
    return NAN;
}

/* ---- the patient --------------------------------------------------------------------------------------------------------------- */

typedef struct lab_field {
    const char *key, *what;
    size_t at;
    double low, high;
} lab_field;

/* Wide: what a start refuses is said by the start, by name. */
#define LAB(key, what, low, high)                                                                                                \
    { #key, what, offsetof(start_labs, key), low, high }
static const lab_field lab_fields[] = {
    LAB(age, "years", 0, 130),
    LAB(wt, "kg", 1, 500),
    LAB(ht, "cm", 30, 260),
    LAB(Hb, "g/dL", 0, 30),
    LAB(Hbu, "usual Hb, g/dL", 0, 30),
    LAB(F, "ferritin, ug/L", 0, 1e6),
    LAB(TSAT, "%", 0, 600),
    LAB(TIBC, "ug/dL", 10, 2000),
    LAB(CRP, "mg/L", 0, 1000),
    LAB(CRPb, "mg/L", 0, 1000),
    LAB(egfr, "mL/min/1.73 m2", 0, 300),
    LAB(bloss, "mL of blood a day", 0, 2000),
    LAB(LS, "days", 5, 200),
    LAB(uESA, "drive", 0, 100),
    LAB(PH, "mg/dL", 0.1, 30),
    LAB(bvf, "factor on the blood volume", 0.5, 2),
    LAB(Hbn, "set point, g/dL", 3, 25),
    LAB(amax, "cap of the absorption factor", 1e-3, 1e3),
    LAB(capD, "factor on the uptake of the drug", 1e-3, 1e3),
    LAB(v, "susceptibility to reactions", 0, 1e3),
    LAB(IRLS0, "0 to 40", 0, 40),
    LAB(FS0, "0 to 10", 0, 10),
    LAB(comorb, "count", 0, 50),
};

static bool read_lab(reader *r, start_labs *x, const char *key, const json_t *value, const char *at) {
    for (size_t i = 0; i < sizeof lab_fields / sizeof *lab_fields; i++) {
        const lab_field *l = &lab_fields[i];
        if (strcmp(l->key, key) != 0) continue;
        *(double *)((char *)x + l->at) = number_within(r, value, at, l->low, l->high, l->what);
        return true;
    }
    return false;
}

static void read_sex(reader *r, start_labs *x, const json_t *value, const char *at) {
    const char *s = json_string_value(value);
    if (fe__streq(s, "f") || fe__streq(s, "m")) x->woman = s[0] == 'f';
    else fe__fault_json(r, at, "\"m\" or \"f\"", value, NULL);
}

static void read_patient(reader *r, void *into, const json_t *value, const char *at) {
    start_labs *x = &((scenario *)into)->labs;
    const char *key;
    json_t *member;
    bool has_sex = false;
    if (!json_is_object(value)) {
        fe__fault_json(r, at, "the patient: an object", value, NULL);
        return;
    }
    json_object_foreach((json_t *)value, key, member) {
        const char *place = fe__ptr(r->f->a, at, key);
        has_sex = has_sex || strcmp(key, "sex") == 0;
        if (strcmp(key, "sex") == 0) read_sex(r, x, member, place);
        else if (json_is_null(member)) continue;
        else if (!read_lab(r, x, key, member, place))
            fe__fault(r->f, place,
                      "a field of the patient: sex age wt ht Hb Hbu F TSAT TIBC CRP CRPb egfr bloss LS uESA PH bvf Hbn "
                      "amax capD v IRLS0 FS0 comorb",
                      key, NULL);
    }
    if (!has_sex) fe__fault(r->f, fe__ptr(r->f->a, at, "sex"), "\"m\" or \"f\"", "nothing", NULL);
}

/* ---- events ------------------------------------------------------------------------------------------------------------------------ */

typedef struct argument {
    const char *key, *what;
    double low, high;
    bool is_optional;
} argument;

enum { ARGUMENTS_MAX = 3 };

typedef struct kind_row {
    const char *word;
    bool has_product;
    argument arguments[ARGUMENTS_MAX];
} kind_row;

enum { INFUSE, RATE, ORAL, ESA, BLEED, LOSS, INFLAM, TRANSFUSE, DELIVERY, KINDS };
static const kind_row kinds[KINDS] = {
    [INFUSE] = {"infuse", true, {{"dose", "mg", 0, 1e5, false}, {"min", "minutes", 1e-6, 1e5, false}}},
    [RATE] = {"rate", true, {{"mg_h", "mg/h", 0, 1e6, false}}},
    [ORAL] = {"oral", false, {{"mg", "mg of elemental iron", 0, 1e4, false}}},
    [ESA] = {"esa", false, {{"u", "drive", 0, 100, false}}},
    [BLEED] = {"bleed", false, {{"mL", "mL", 0, 2e4, false}}},
    [LOSS] = {"loss", false, {{"mL_d", "mL a day", 0, 5e3, false}}},
    [INFLAM] = {"inflam", false, {{"mg_l", "mg/L", 0, 2e3, false}}},
    [TRANSFUSE] = {"transfuse", false, {{"units", "units", 0, 100, false}}},
    [DELIVERY] = {"delivery",
                  false,
                  {{"bvf", "factor", 0.5, 2, false}, {"Hbn", "g/dL", 3, 25, true}, {"mL_d", "mL a day", 0, 5e3, false}}},
};

typedef struct reading_events {
    reader *r;
    body_event *list;
    size_t n, cap;
} reading_events;

static const argument *argument_of(const kind_row *k, const char *key, size_t *i) {
    for (*i = 0; *i < ARGUMENTS_MAX && k->arguments[*i].key; (*i)++)
        if (strcmp(k->arguments[*i].key, key) == 0) return &k->arguments[*i];
    return NULL;
}

static int read_product(reader *r, const json_t *value, const char *at) {
    int which = fe__formulation_find(json_string_value(value));
    if (which < 0) fe__fault_json(r, at, "a formulation: fcm, fdi, is, sfg, fmx or lmwid", value, NULL);
    return which;
}

/* The arguments in the order of the table, NaN where an optional one is left out. False when one is at fault or missing. */
static bool read_arguments(reader *r, const kind_row *k, const json_t *value, const char *at, double *out, int *which) {
    size_t before = r->f->n + r->f->dropped, i;
    const char *key;
    json_t *member;
    bool seen[ARGUMENTS_MAX] = {false};
    for (i = 0; i < ARGUMENTS_MAX; i++) out[i] = NAN;
    *which = KEEP_FORMULATION;
    json_object_foreach((json_t *)value, key, member) {
        const char *place = fe__ptr(r->f->a, at, key);
        if (k->has_product && strcmp(key, "prod") == 0) {
            *which = read_product(r, member, place);
            continue;
        }
        const argument *a = argument_of(k, key, &i);
        if (!a) {
            fe__fault(r->f, place, fe__printf(r->f->a, "an argument of %s", k->word), key, NULL);
            continue;
        }
        seen[i] = true;
        if (!(a->is_optional && json_is_null(member))) out[i] = number_within(r, member, place, a->low, a->high, a->what);
    }
    for (i = 0; i < ARGUMENTS_MAX && k->arguments[i].key; i++)
        if (!seen[i] && !k->arguments[i].is_optional)
            fe__fault(r->f, fe__ptr(r->f->a, at, k->arguments[i].key), k->arguments[i].what, "nothing", NULL);
    if (k->has_product && !json_object_get(value, "prod"))
        fe__fault(r->f, fe__ptr(r->f->a, at, "prod"), "a formulation", "nothing", NULL);
    return r->f->n + r->f->dropped == before;
}

static body_event *push(reading_events *e, double t, body_event_kind kind, double amount, size_t place) {
    body_event *x = FE_PUSH(e->r->f->a, e->list, e->n, e->cap);
    *x = (body_event){.t = t, .kind = kind, .formulation = KEEP_FORMULATION, .amount = amount, .Hbn = NAN, .place = place};
    return x;
}

static void push_kind(reading_events *e, int kind, double t, const double *v, int which, size_t place) {
    static const body_event_kind plain[KINDS] = {[ORAL] = BODY_ORAL, [ESA] = BODY_ESA,       [BLEED] = BODY_BLEED,
                                                 [LOSS] = BODY_LOSS, [INFLAM] = BODY_INFLAM, [TRANSFUSE] = BODY_TRANSFUSE};
    switch (kind) {
    case INFUSE:
        push(e, t, BODY_RATE, v[0] / (v[1] / 60), place)->formulation = which;
        push(e, t + v[1] / 60, BODY_RATE, 0, place);
        break;
    case RATE: push(e, t, BODY_RATE, v[0], place)->formulation = which; break;
    case DELIVERY: {
        body_event *x = push(e, t, BODY_DELIVERY, v[2], place);
        x->bvf = v[0];
        x->Hbn = v[1];
        break;
    }
    default: push(e, t, plain[kind], v[0], place);
    }
}

static void read_event(reading_events *e, const json_t *value, const char *at, size_t place) {
    reader *r = e->r;
    const char *word = json_string_value(json_array_get(value, 1));
    int kind = 0, which;
    double v[ARGUMENTS_MAX];
    if (!json_is_array(value) || json_array_size(value) != 3) {
        fe__fault_json(r, at, "[hours, kind, arguments]", value, NULL);
        return;
    }
    double t = number_within(r, json_array_get(value, 0), fe__ptr_index(r->f->a, at, 0), 0, hours_max, "hours");
    while (kind < KINDS && !fe__streq(kinds[kind].word, word)) kind++;
    if (kind == KINDS) {
        fe__fault_json(r, fe__ptr_index(r->f->a, at, 1), "a kind: infuse rate oral esa bleed loss inflam transfuse delivery",
                       json_array_get(value, 1), NULL);
        return;
    }
    const json_t *arguments = json_array_get(value, 2);
    const char *where = fe__ptr_index(r->f->a, at, 2);
    if (!json_is_object(arguments)) fe__fault_json(r, where, "the arguments: an object", arguments, NULL);
    else if (read_arguments(r, &kinds[kind], arguments, where, v, &which) && !isnan(t)) push_kind(e, kind, t, v, which, place);
}

/* An infuse runs from its start to its stop; no other infuse or rate begins inside it. */
static void refuse_overlaps(reading_events *e, const json_t *list, const char *at) {
    double running_until = -1;
    size_t by = 0;
    for (size_t i = 0; i < e->n; i++) {
        const body_event *x = &e->list[i];
        if (x->kind != BODY_RATE || x->formulation == KEEP_FORMULATION) continue;
        const json_t *whole = json_array_get(list, x->place);
        bool is_infuse = fe__streq(json_string_value(json_array_get(whole, 1)), "infuse");
        if (x->t < running_until)
            fe__fault(e->r->f, fe__ptr_index(e->r->f->a, at, x->place), "no infuse or rate inside a running infuse",
                      fe__printf(e->r->f->a, "one at %s h", fe__number_text(e->r->f->a, x->t, 4)),
                      fe__printf(e->r->f->a, "the infuse of %s/%zu runs until then; write pauses with rate alone", at, by));
        if (!is_infuse) continue;
        double minutes = json_number_value(json_object_get(json_array_get(whole, 2), "min"));
        running_until = x->t + minutes / 60;
        by = x->place;
    }
}

static void read_events(reader *r, void *into, const json_t *value, const char *at) {
    scenario *s = into;
    size_t n;
    const json_t *list = fe__list_of(r, value, at, "events", EVENTS_MAX, &n);
    reading_events e = {.r = r};
    for (size_t i = 0; list && i < n; i++) read_event(&e, json_array_get(list, i), fe__ptr_index(r->f->a, at, i), i);
    fe__events_sort(e.list, e.n);
    if (list) refuse_overlaps(&e, list, at);
    s->events = e.list;
    s->events_n = e.n;
}

/* ---- output times, and the whole ---------------------------------------------------------------------------------------------------- */

static void read_times(reader *r, void *into, const json_t *value, const char *at) {
    scenario *s = into;
    size_t n;
    const json_t *list = fe__list_of(r, value, at, "hours", TIMES_MAX, &n);
    if (!list) return;
    double *times = FE_NEW_ARRAY(r->f->a, double, n + 1);
    for (size_t i = 0; i < n; i++) {
        times[i] = number_within(r, json_array_get(list, i), fe__ptr_index(r->f->a, at, i), 0, hours_max, "hours");
        if (i && times[i] <= times[i - 1])
            fe__fault_json(r, fe__ptr_index(r->f->a, at, i), "hours in ascending order", json_array_get(list, i), NULL);
    }
    if (n == 0) fe__fault(r->f, at, "one time at least", "an empty list", NULL);
    s->times = times;
    s->times_n = n;
}

static const field scenario_fields[] = {
    {.key = "scenario", .type = FIELD_LATER},
    {.key = "computed_by", .type = FIELD_LATER},
    {.key = "solved", .type = FIELD_LATER},
    {.key = "patient", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = read_patient, .words = "the patient: an object"},
    {.key = "events", .type = FIELD_OTHER, .read = read_events},
    {.key = "times_h", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = read_times, .words = "output times: a list of hours"},
};

const scenario *fe__scenario_read(const knowledge *k, faults *f, const json_t *json) {
    size_t before = f->n;
    reader r = {.k = k, .f = f};
    scenario *s = FE_NEW(f->a, scenario);
    s->labs = fe__start_labs_none();
    fe__fields_read(&r, json, "", scenario_fields, FIELDS_N(scenario_fields), s);
    return f->n > before || f->dropped ? NULL : s;
}
