/* Reading the record of an infusion; see read_session.h. Each kind of event has exactly its fields. */
#include "exchange/read_session.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"

/* ---- readers of single fields ---- */

static const char *id_read(reader *r, const json_t *value, const char *at, unsigned kinds) {
    const char *id = fe__text_of(r, value, at);
    int t = id ? fe__term_of(r, id, at, kinds) : -1;
    return t < 0 ? NULL : r->k->terms[t].id;
}

static void sign_read(reader *r, void *into, const json_t *value, const char *at) {
    ((session_entry *)into)->id = id_read(r, value, at, KIND_BIT(TERM_SIGN));
}

/* Ids of findings.csv of this kind, as candidates for a hint. */
static const char **findings_of(reader *r, const char *kind, size_t *n) {
    const char **ids = FE_NEW_ARRAY(r->f->a, const char *, r->k->findings_n + 2);
    *n = 0;
    for (size_t i = 0; i < r->k->findings_n; i++)
        if (fe__streq(r->k->findings[i].kind, kind)) ids[(*n)++] = r->k->findings[i].id;
    return ids;
}

static bool is_one_of(const char *const *ids, size_t n, const char *id) {
    for (size_t i = 0; i < n; i++)
        if (fe__streq(ids[i], id)) return true;
    return false;
}

static void item_read(reader *r, void *into, const json_t *value, const char *at) {
    session_entry *e = into;
    size_t n;
    const char *id = fe__text_of(r, value, at), **ids = findings_of(r, "check", &n);
    ids[n++] = "vitals";
    ids[n++] = "prescriber";
    if (!id) return;
    if (is_one_of(ids, n, id) || fe__term_find_kind(r->k, id, TERM_SIGN) >= 0) e->id = id;
    else fe__fault_word(r, at, "an id of kind check, vitals, prescriber or a sign", id, ids, n);
}

static void action_read(reader *r, void *into, const json_t *value, const char *at) {
    session_entry *e = into;
    size_t n;
    const char *id = fe__text_of(r, value, at), **ids = findings_of(r, "advice", &n);
    if (!id) return;
    if (is_one_of(ids, n, id) || fe__term_find_kind(r->k, id, TERM_MEDICATION) >= 0) e->id = id;
    else fe__fault_word(r, at, "an id of kind advice or medication", id, ids, n);
}

/* Doses of what is given for a reaction; those of iron have a range of their own. */
static void dose_read(reader *r, void *into, const json_t *value, const char *at) {
    enum { DOSE_MG_MAX = 10000 };
    double v = json_is_number(value) ? json_number_value(value) : NAN;
    if (v > 0 && v <= DOSE_MG_MAX) ((session_entry *)into)->dose_mg = v;
    else fe__fault_json(r, at, fe__printf(r->f->a, "mg, above 0 and at most %d", DOSE_MG_MAX), value, NULL);
}

static void undo_read(reader *r, void *into, const json_t *value, const char *at) {
    json_int_t n = json_integer_value(value);
    if (n >= 1 && n <= READ_EVENTS_MAX) ((session_entry *)into)->undo = (long)n;
    else fe__fault_json(r, at, "the number of an entry, from 1", value, "left out: the last entry");
}

/* ---- the kinds ---- */

#define TARGET(member) .offset = offsetof(session_entry, member)
#define AT                                                                                                                       \
    {.key = "at", .type = FIELD_INSTANT, .need = FIELD_REQUIRED, TARGET(at)}, {                                                  \
        .key = "event", .type = FIELD_LATER, .need = FIELD_REQUIRED, .words = "a kind of event"                                  \
    }
#define NUMBER(name, member)                                                                                                     \
    { .key = #name, .type = FIELD_NUMBER, .term = #name, TARGET(member) }
#define NEEDED(name, member)                                                                                                     \
    { .key = #name, .type = FIELD_NUMBER, .need = FIELD_REQUIRED, .term = #name, TARGET(member) }
#define VITAL(name, signal)                                                                                                      \
    { .key = #name, .type = FIELD_NUMBER, .term = #name, .offset = offsetof(session_entry, vitals) + (signal) * sizeof(double) }
#define SIGN                                                                                                                     \
    { .key = "sign", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = sign_read, .words = "an id of kind sign" }
#define ACTION                                                                                                                   \
    {                                                                                                                            \
        .key = "action", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = action_read,                                       \
        .words = "an id of kind advice or medication"                                                                            \
    }

static const field plain_fields[] = {AT};
static const field check_fields[] = {
    AT,
    {.key = "item", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = item_read, .words = "an id of kind check"},
    {.key = "done", .type = FIELD_BOOL, .need = FIELD_REQUIRED, TARGET(yes), .words = "true or false"},
    {.key = "why", .type = FIELD_TEXT, TARGET(why)},
};
static const field start_fields[] = {AT, NUMBER(rate_ml_per_h, rate_ml_per_h)};
static const field vitals_fields[] = {
    AT,
    VITAL(systolic_mmhg, SIGNAL_SYSTOLIC),
    VITAL(diastolic_mmhg, SIGNAL_DIASTOLIC),
    VITAL(heart_rate_per_min, SIGNAL_HEART_RATE),
    VITAL(spo2_pct, SIGNAL_SPO2),
    VITAL(respiratory_rate_per_min, SIGNAL_RESPIRATORY_RATE),
    VITAL(temperature_c, SIGNAL_TEMPERATURE),
};
static const field sign_fields[] = {AT, SIGN, NUMBER(pain_nrs, pain_nrs)};
static const field sign_gone_fields[] = {AT, SIGN};
static const field rate_fields[] = {AT, NEEDED(rate_ml_per_h, rate_ml_per_h)};
static const field intend_fields[] = {AT, ACTION};
static const field action_fields[] = {AT, ACTION, {.key = "dose_mg", .type = FIELD_OTHER, .read = dose_read}};
static const field pump_fields[] = {
    AT, NUMBER(given_ml, given_ml), NUMBER(rate_ml_per_h, rate_ml_per_h), {.key = "alarm", .type = FIELD_TEXT, TARGET(alarm)}};
static const field prescriber_fields[] = {
    AT,
    {.key = "agrees", .type = FIELD_BOOL, .need = FIELD_REQUIRED, TARGET(yes), .words = "true or false"},
    {.key = "name", .type = FIELD_TEXT, TARGET(name)},
};
static const field undo_fields[] = {AT, {.key = "entry", .type = FIELD_OTHER, .read = undo_read}};
static const field note_fields[] = {AT,
                                    {.key = "text", .type = FIELD_TEXT, .need = FIELD_REQUIRED, TARGET(text), .words = "text"}};

static const struct kind_row {
    session_event_kind kind;
    const field *fields;
    size_t n;
} kinds[] = {
    {SESSION_CHECK, check_fields, FIELDS_N(check_fields)},
    {SESSION_START, start_fields, FIELDS_N(start_fields)},
    {SESSION_VITALS, vitals_fields, FIELDS_N(vitals_fields)},
    {SESSION_SIGN, sign_fields, FIELDS_N(sign_fields)},
    {SESSION_SIGN_GONE, sign_gone_fields, FIELDS_N(sign_gone_fields)},
    {SESSION_PAUSE, plain_fields, FIELDS_N(plain_fields)},
    {SESSION_RESUME, start_fields, FIELDS_N(start_fields)},
    {SESSION_SET_RATE, rate_fields, FIELDS_N(rate_fields)},
    {SESSION_STOP, plain_fields, FIELDS_N(plain_fields)},
    {SESSION_INTEND, intend_fields, FIELDS_N(intend_fields)},
    {SESSION_ACTION, action_fields, FIELDS_N(action_fields)},
    {SESSION_PUMP, pump_fields, FIELDS_N(pump_fields)},
    {SESSION_PRESCRIBER, prescriber_fields, FIELDS_N(prescriber_fields)},
    {SESSION_UNDO, undo_fields, FIELDS_N(undo_fields)},
    {SESSION_END, plain_fields, FIELDS_N(plain_fields)},
    {SESSION_LEAVE, plain_fields, FIELDS_N(plain_fields)},
    {SESSION_NOTE, note_fields, FIELDS_N(note_fields)},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const struct kind_row *kind_of(reader *r, const json_t *json, const char *at) {
    const json_t *value = fe__member(json, "event");
    const char *word = json_string_value(value), *words[KINDS];
    for (size_t i = 0; i < KINDS; i++) {
        words[i] = fe__session_event_word(kinds[i].kind);
        if (fe__streq(words[i], word)) return &kinds[i];
    }
    const char *place = fe__ptr(r->f->a, at, "event");
    if (word) fe__word_of(r, word, place, words, KINDS);
    else fe__fault_json(r, place, "a kind of event such as \"vitals\"", value, NULL);
    return NULL;
}

/* What the fields of one event must have together. */
static void judge_entry(reader *r, const session_entry *e, const char *at) {
    if (e->kind == SESSION_PUMP && isnan(e->given_ml) && isnan(e->rate_ml_per_h) && !e->alarm)
        fe__fault(r->f, at, "what the pump says", "nothing", "given_ml, rate_ml_per_h, alarm");
    bool any = false;
    for (unsigned i = 0; i < SIGNAL_COUNT; i++) any = any || !isnan(e->vitals[i]);
    if (e->kind == SESSION_VITALS && !any) fe__fault(r->f, at, "at least one vital sign", "none", "systolic_mmhg, spo2_pct, ...");
    if (e->kind == SESSION_CHECK && !e->yes && !(e->why && *e->why))
        fe__fault(r->f, fe__ptr(r->f->a, at, "why"), "the reason", "nothing", "an item is ticked, or declined with a reason");
    double systolic = e->vitals[SIGNAL_SYSTOLIC], diastolic = e->vitals[SIGNAL_DIASTOLIC];
    if (diastolic > systolic)
        fe__fault(r->f, fe__ptr(r->f->a, at, "diastolic_mmhg"),
                  fe__printf(r->f->a, "not above the systolic pressure, %s", fe__number_text(r->f->a, systolic, 0)),
                  fe__number_text(r->f->a, diastolic, 0), "one of the two is wrong, or they are exchanged");
}

bool fe__session_entry_read(reader *r, session_entry *e, const json_t *json, const char *at) {
    size_t before = r->f->n;
    *e = (session_entry){.ptr = at, .at = NAN, .rate_ml_per_h = NAN, .given_ml = NAN, .pain_nrs = NAN, .dose_mg = NAN};
    for (unsigned i = 0; i < SIGNAL_COUNT; i++) e->vitals[i] = NAN;
    if (!json_is_object(json)) {
        fe__fault_json(r, at, "an object", json, NULL);
        return false;
    }
    const struct kind_row *kind = kind_of(r, json, at);
    if (!kind) return false;
    e->kind = kind->kind;
    fe__fields_read(r, json, at, kind->fields, kind->n, e);
    if (r->f->n == before) judge_entry(r, e, at);
    return r->f->n == before && !r->f->dropped;
}

/* ---- who, what ---- */

typedef struct head_reading {
    session_record *record;
    patient *patient;
    session_entry baseline;
} head_reading;

static void patient_read(reader *r, void *into, const json_t *value, const char *at) {
    fe__read_patient(r, ((head_reading *)into)->patient, value, at);
}

static void order_read(reader *r, void *into, const json_t *value, const char *at) {
    session_record *x = ((head_reading *)into)->record;
    x->order = fe__infusion_read(r, value, at);
    if (x->order.route && !fe__streq(x->order.route, "infusion"))
        fe__fault(r->f, fe__ptr(r->f->a, at, "route"), "infusion", x->order.route, "a session follows an infusion at the chair");
}

static void baseline_read(reader *r, void *into, const json_t *value, const char *at) {
    head_reading *x = into;
    size_t before = r->f->n;
    fe__fields_read(r, value, at, vitals_fields + 2, FIELDS_N(vitals_fields) - 2,
                    &x->baseline);   /* the first two are at and event */
    x->baseline.kind = SESSION_NOTE; /* an empty baseline is one that is not known */
    if (r->f->n == before) judge_entry(r, &x->baseline, at);
}

static void site_read(reader *r, void *into, const json_t *value, const char *at) {
    if (json_object_size(value) == 0 && json_is_object(value)) return;
    ((head_reading *)into)->record->site = fe__site_read_inside(r, value, at);
}

static const field head_fields[] = {
    {.key = "patient", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = patient_read, .words = "the patient: an object"},
    {.key = "order", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = order_read, .words = "one infusion: an object"},
    {.key = "baseline", .type = FIELD_OTHER, .read = baseline_read},
    {.key = "site", .type = FIELD_OTHER, .read = site_read},
};

bool fe__session_head_read(reader *r, session_record *record, const json_t *json, const char *at) {
    size_t before = r->f->n;
    patient *who = FE_NEW(r->f->a, patient);
    head_reading x = {.record = record, .patient = who};
    fe__patient_clear(who);
    for (unsigned i = 0; i < SIGNAL_COUNT; i++) x.baseline.vitals[i] = NAN;
    fe__fields_read(r, json, at, head_fields, FIELDS_N(head_fields), &x);
    record->patient = who;
    memcpy(record->baseline, x.baseline.vitals, sizeof record->baseline);
    if (r->f->n == before) fe__ask_build(r, who, fe__ptr(r->f->a, at, "patient/weight_kg"));
    return r->f->n == before && !r->f->dropped;
}

/* ---- the whole ---- */

typedef struct whole {
    session_record *record;
    bool kept;
} whole;

static void head_member(reader *r, void *into, const json_t *value, const char *at) {
    fe__session_head_read(r, ((whole *)into)->record, value, at);
}

/* Entries stand in the order in which they were written: a record is no heap of slips. */
static void events_member(reader *r, void *into, const json_t *value, const char *at) {
    session_record *x = ((whole *)into)->record;
    size_t n;
    const json_t *list = fe__list_of(r, value, at, "events", READ_EVENTS_MAX, &n);
    if (!list) return;
    session_entry *all = FE_NEW_ARRAY(r->f->a, session_entry, n + 1);
    double last = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        const char *ptr = fe__ptr_index(r->f->a, at, i);
        if (!fe__session_entry_read(r, &all[i], json_array_get(list, i), ptr) || isnan(all[i].at)) continue;
        if (all[i].at < last)
            fe__fault(r->f, fe__ptr(r->f->a, ptr, "at"),
                      fe__printf(r->f->a, "a time not before the event above, %s", fe__time_text(r->f->a, last, r->zone_min)),
                      fe__time_text(r->f->a, all[i].at, r->zone_min), "events stand in the order of time");
        else last = all[i].at;
        if (all[i].kind == SESSION_UNDO && all[i].undo > (long)i)
            fe__fault(r->f, fe__ptr(r->f->a, ptr, "entry"), fe__printf(r->f->a, "an earlier entry: 1 to %zu", i),
                      fe__printf(r->f->a, "%ld", all[i].undo), NULL);
    }
    x->entries = all;
    x->entries_n = n;
}

static const field whole_fields[] = {
    FIELD_VERSION,
    {.key = "kept", .type = FIELD_BOOL, .offset = offsetof(whole, kept)},
    {.key = "session", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = head_member, .words = "an object"},
    {.key = "events", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = events_member, .words = "a list of events"},
};

const session_record *fe__session_read(const knowledge *k, faults *f, const json_t *json, double now, int zone_min) {
    size_t before = f->n;
    confirm_list confirms = {0};
    session_record *x = FE_NEW(f->a, session_record);
    whole w = {.record = x};
    reader r = {.k = k, .f = f, .confirms = &confirms, .now = now, .zone_min = zone_min};
    x->zone_min = zone_min;
    fe__fields_read(&r, json, "", whole_fields, FIELDS_N(whole_fields), &w);
    x->is_kept = w.kept;
    x->confirms = confirms.list;
    x->confirms_n = confirms.n;
    return f->n > before || f->dropped ? NULL : x;
}
