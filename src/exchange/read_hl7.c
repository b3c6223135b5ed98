/* Names and codes are those of ISO/IEEE 11073-10101 as the IHE PCD Technical Framework, volume 2, uses them. Newer pumps say what flows
 * (..._CURRENT) beside what is set; older ones say one rate and whether they deliver. */
#include "exchange/read_hl7.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

typedef enum pump_item {
    ITEM_OTHER,
    ITEM_RATE_CURRENT,
    ITEM_RATE,
    ITEM_GIVEN_TOTAL,
    ITEM_GIVEN,
    ITEM_LEFT,
    ITEM_DELIVERS,
    ITEM_ALARM,
    ITEM_ALARM_STATE,
    ITEM_ALARM_PHASE,
    ITEM_ALARM_TEXT,
    ITEM_COUNT
} pump_item;

typedef enum item_kind { KIND_RATE, KIND_VOLUME, KIND_WORD } item_kind;

static const struct {
    const char *name, *code;
    pump_item item;
    item_kind kind;
} terms[] = {
    {"MDC_FLOW_FLUID_PUMP_CURRENT", "158014", ITEM_RATE_CURRENT, KIND_RATE},
    {"MDC_FLOW_FLUID_PUMP", "157784", ITEM_RATE, KIND_RATE},
    {"MDC_VOL_FLUID_DELIV_TOTAL", "157993", ITEM_GIVEN_TOTAL, KIND_VOLUME},
    {"MDC_VOL_FLUID_DELIV", "157864", ITEM_GIVEN, KIND_VOLUME},
    {"MDC_VOL_FLUID_TBI_REMAIN", "157872", ITEM_LEFT, KIND_VOLUME},
    {"MDC_PUMP_STAT", "184508", ITEM_DELIVERS, KIND_WORD},
    {"MDC_PUMP_INFUSING_STATUS", "184519", ITEM_DELIVERS, KIND_WORD},
    {"MDC_DEV_PUMP_CURRENT_DELIVERY_STATUS", "158005", ITEM_DELIVERS, KIND_WORD},
    {"MDC_ATTR_AL_COND", "68012", ITEM_ALARM, KIND_WORD},
    {"MDC_EVT_ALARM", "196616", ITEM_ALARM, KIND_WORD},
    {"MDC_ATTR_EVENT_PHASE", "68481", ITEM_ALARM_PHASE, KIND_WORD},
    {"MDC_ATTR_ALARM_STATE", "68482", ITEM_ALARM_STATE, KIND_WORD},
    {"MDC_ATTR_ALERT_TEXT", NULL, ITEM_ALARM_TEXT, KIND_WORD},
};
enum { TERMS = sizeof terms / sizeof *terms };

static const struct {
    const char *name;
    item_kind kind;
    double factor; /* to mL or mL/h */
} units[] = {
    {"MDC_DIM_MILLI_L_PER_HR", KIND_RATE, 1},
    {"mL/h", KIND_RATE, 1},
    {"ml/h", KIND_RATE, 1},
    {"mL/hr", KIND_RATE, 1},
    {"265266", KIND_RATE, 1},
    {"mL/min", KIND_RATE, 60},
    {"ml/min", KIND_RATE, 60},
    {"L/h", KIND_RATE, 1000},
    {"MDC_DIM_MILLI_L_PER_MIN", KIND_RATE, 60},
    {"MDC_DIM_L_PER_HR", KIND_RATE, 1000},
    {"MDC_DIM_MILLI_L", KIND_VOLUME, 1},
    {"263762", KIND_VOLUME, 1},
    {"mL", KIND_VOLUME, 1},
    {"ml", KIND_VOLUME, 1},
    {"MDC_DIM_L", KIND_VOLUME, 1000},
    {"L", KIND_VOLUME, 1000},
};
enum { UNITS = sizeof units / sizeof *units };

/* One pump as its observations come in. */
typedef struct pump_draft {
    size_t group; /* the OBR it stands under */
    pump_report report;
    double number[ITEM_COUNT];    /* NaN: not said */
    const char *word[ITEM_COUNT]; /* NULL: not said */
} pump_draft;

typedef struct pump_reader {
    faults *f;
    hl7_header *header;
    int zone_min;
    size_t group;
    double group_at; /* OBR-7, else MSH-7 */
    pump_draft *drafts;
    size_t n, cap;
} pump_reader;

static const hl7_message *message_of(const pump_reader *r) { return &r->header->message; }

static void fault_at(pump_reader *r, const hl7_segment *s, size_t field, size_t c, const char *expected, hl7_piece found,
                     const char *hint) {
    fe__fault(r->f, fe__hl7_place(r->f->a, s, field, c), expected, found.n ? fe__strndup(r->f->a, found.s, found.n) : "nothing",
              hint);
}

static const char *component_text(const pump_reader *r, const hl7_segment *s, size_t field, size_t c) {
    return fe__hl7_text(r->f->a, message_of(r), fe__hl7_component(message_of(r), s, field, c));
}

/* ---------------------------------------------------------------- the header */

static bool is_one_of(const char *word, const char *const *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (fe__streq(word, list[i])) return true;
    return false;
}

/* MSH-15 and MSH-16: AL always, NE never, ER only with faults, SU only without; empty is "never" once the other is there. */
static bool is_wanted(const char *when, bool faulty) {
    if (!when || fe__streq(when, "NE")) return false;
    return fe__streq(when, "AL") || (faulty ? fe__streq(when, "ER") : fe__streq(when, "SU"));
}

static double read_time(pump_reader *r, const hl7_segment *s, size_t field, double otherwise) {
    double at;
    int zone;
    hl7_piece p = fe__hl7_component(message_of(r), s, field, 1);
    if (fe__hl7_is_empty(p)) return otherwise;
    if (fe__hl7_time(p, r->zone_min, &at, &zone)) {
        if (r->zone_min == HL7_NO_ZONE) r->zone_min = zone;
        return at;
    }
    fault_at(r, s, field, 0, "a time as YYYYMMDDHHMMSS+ZZZZ", p, "the zone of MSH-7 holds for times that carry none");
    return otherwise;
}

static void read_header(pump_reader *r) {
    hl7_header *h = r->header;
    const hl7_segment *msh = h->msh;
    h->control_id = component_text(r, msh, 10, 1);
    hl7_piece sender = fe__hl7_field(msh, 3);
    h->sender = fe__hl7_is_empty(sender) ? NULL : fe__strndup(r->f->a, sender.s, sender.n);
    const char *accept = component_text(r, msh, 15, 1), *application = component_text(r, msh, 16, 1);
    h->enhanced = accept || application;
    h->sent_at = read_time(r, msh, 7, NAN);
    h->zone_min = r->zone_min;
    if (!h->control_id)
        fault_at(r, msh, 10, 0, "a control id", fe__hl7_field(msh, 10), "without one no acknowledgement can name the message");
    bool faulty = r->f->n > 0;
    h->wants_accept = h->enhanced && is_wanted(accept, faulty);
    h->wants_application = h->enhanced ? is_wanted(application, faulty) : true;
}

/* A message that is whole but none for a session. */
static bool is_for_us(pump_reader *r) {
    static const char *const triggers[] = {"R01", "R40", "R42"};
    static const char *const versions[] = {"2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1", "2.8.2", "2.9"};
    const hl7_segment *msh = r->header->msh;
    const char *type = component_text(r, msh, 9, 1), *trigger = component_text(r, msh, 9, 2);
    if (!fe__streq(type, "ORU") || !is_one_of(trigger, triggers, sizeof triggers / sizeof *triggers)) {
        fault_at(r, msh, 9, 0, "ORU^R01 (PCD-01), ORU^R40 or ORU^R42", fe__hl7_field(msh, 9), NULL);
        return false;
    }
    if (!fe__streq(component_text(r, msh, 11, 1), "P")) {
        fault_at(r, msh, 11, 0, "P, a message about a patient", fe__hl7_field(msh, 11),
                 "training and debugging messages go elsewhere");
        return false;
    }
    if (!is_one_of(component_text(r, msh, 12, 1), versions, sizeof versions / sizeof *versions)) {
        fault_at(r, msh, 12, 0, "2.6, or 2.5 to 2.9", fe__hl7_field(msh, 12), NULL);
        return false;
    }
    return true;
}

/* ---------------------------------------------------------------- observations */

/* The row of `terms` that OBX-3 names, TERMS when none; code and name must not speak of two things. */
static size_t term_of(pump_reader *r, const hl7_segment *obx) {
    const char *code = component_text(r, obx, 3, 1), *name = component_text(r, obx, 3, 2);
    size_t by_code = TERMS, by_name = TERMS;
    for (size_t i = 0; i < TERMS; i++) {
        if (code && fe__streq(code, terms[i].code)) by_code = i;
        if (name && fe__streq(name, terms[i].name)) by_name = i;
    }
    if (by_code < TERMS && name && by_code != by_name) {
        fault_at(r, obx, 3, 0, fe__printf(r->f->a, "%s^%s", terms[by_code].code, terms[by_code].name), fe__hl7_field(obx, 3),
                 "code and name speak of two things");
        return TERMS;
    }
    return by_code < TERMS ? by_code : by_name;
}

/* "1.1.0.0": a pump is what stands under one of the second numbers. */
static const char *place_of(pump_reader *r, const hl7_segment *obx) {
    const char *dotted = component_text(r, obx, 4, 1);
    size_t n = 0, dots = 0;
    if (!dotted) return "";
    while (dotted[n] && (dotted[n] != '.' || ++dots < 2)) n++;
    return fe__strndup(r->f->a, dotted, n);
}

static pump_draft *draft_of(pump_reader *r, const hl7_segment *obx) {
    const char *place = place_of(r, obx);
    for (size_t i = 0; i < r->n; i++)
        if (r->drafts[i].group == r->group && fe__streq(r->drafts[i].report.place, place)) return &r->drafts[i];
    pump_draft *d = FE_PUSH(r->f->a, r->drafts, r->n, r->cap);
    *d = (pump_draft){.group = r->group, .report = {.place = place, .observed_at = NAN}};
    for (int i = 0; i < ITEM_COUNT; i++) d->number[i] = NAN;
    return d;
}

/* The factor to mL or mL/h that OBX-6 names; NaN with a fault. */
static double unit_factor(pump_reader *r, const hl7_segment *obx, item_kind kind) {
    for (size_t c = 1; c <= 5; c++) {
        const char *unit = component_text(r, obx, 6, c);
        for (size_t i = 0; unit && i < UNITS; i++)
            if (units[i].kind == kind && fe__streq(unit, units[i].name)) return units[i].factor;
    }
    fault_at(r, obx, 6, 0,
             kind == KIND_RATE ? "a unit of flow, as 265266^MDC_DIM_MILLI_L_PER_HR^MDC"
                               : "a unit of volume, as 263762^MDC_DIM_MILLI_L^MDC",
             fe__hl7_field(obx, 6), NULL);
    return NAN;
}

static void take_number(pump_reader *r, const hl7_segment *obx, pump_draft *d, size_t term) {
    static const double BOUND[] = {[KIND_RATE] = 1e5, [KIND_VOLUME] = 1e5}; /* no pump and no bag: a broken number */
    double value;
    item_kind kind = terms[term].kind;
    hl7_piece p = fe__hl7_component(message_of(r), obx, 5, 1);
    const char *type = component_text(r, obx, 2, 1), *written = fe__hl7_text(r->f->a, message_of(r), p);
    if (!fe__streq(type, "NM")) {
        fault_at(r, obx, 2, 0, "NM, a number", fe__hl7_field(obx, 2), NULL);
        return;
    }
    if (!written) return; /* not known by the pump */
    double factor = unit_factor(r, obx, kind);
    if (isnan(factor)) return;
    if (!fe__number_parse(*written == '+' ? written + 1 : written, &value) || value < 0 || value * factor > BOUND[kind]) {
        fault_at(r, obx, 5, 0, kind == KIND_RATE ? "a rate, 0 or more" : "a volume, 0 or more", p, NULL);
        return;
    }
    double *slot = &d->number[terms[term].item];
    if (!isnan(*slot) && *slot != value * factor) {
        fault_at(r, obx, 5, 0,
                 fe__printf(r->f->a, "one %s a pump; before it said %s", terms[term].name, fe__number_text(r->f->a, *slot, 3)), p,
                 "which of two channels runs is not known");
        return;
    }
    *slot = value * factor;
}

/* A coded word: its name when it has one ("196940^MDC_EVT_FLUID_LINE_OCCL^MDC", "^pump-status-paused"), else the text. */
static void take_word(pump_reader *r, const hl7_segment *obx, pump_draft *d, size_t term) {
    const char *name = component_text(r, obx, 5, 2), *code = component_text(r, obx, 5, 1);
    const char *word = name ? name : code;
    if (word && !d->word[terms[term].item]) d->word[terms[term].item] = word;
    if (word && terms[term].item == ITEM_DELIVERS && strstr(word, "paus"))
        d->word[ITEM_DELIVERS] = word; /* the stricter of two */
}

/* OBX-11: X could not be obtained, D deleted, W wrong, N not asked for. */
static bool says_something(pump_reader *r, const hl7_segment *obx) {
    const char *status = component_text(r, obx, 11, 1);
    return !status || !strchr("XDWN", status[0]) || strlen(status) != 1;
}

static void take_observation(pump_reader *r, const hl7_segment *obx) {
    size_t term = term_of(r, obx);
    const char *device = component_text(r, obx, 18, 1);
    if (term == TERMS && !device) return;
    pump_draft *d = draft_of(r, obx);
    if (device && !d->report.device) d->report.device = device;
    if (term == TERMS || !says_something(r, obx)) return;
    double at = read_time(r, obx, 14, r->group_at);
    if (isnan(at)) fault_at(r, obx, 14, 0, "a time here, in OBR-7 or in MSH-7", (hl7_piece){"", 0}, NULL);
    d->report.observed_at = fmax(at, d->report.observed_at); /* fmax passes over what is not a number */
    if (terms[term].kind == KIND_WORD) take_word(r, obx, d, term);
    else take_number(r, obx, d, term);
}

/* ---------------------------------------------------------------- reports */

/* "pump-status-not-infusing", "pump-delivery-status-not-delivering", "pump-status-paused": nothing flows. */
static bool stands(const char *status) {
    static const char *const words[] = {"not-infusing", "not-delivering", "paused", "stopped", "standby", "complete", "off"};
    for (size_t i = 0; status && i < sizeof words / sizeof *words; i++)
        if (strstr(status, words[i])) return true;
    return false;
}

static double first_known(double a, double b) { return isnan(a) ? b : a; }

static void finish_report(pump_draft *d) {
    pump_report *p = &d->report;
    const double *number = d->number;
    p->set_ml_per_h = number[ITEM_RATE];
    p->rate_ml_per_h = number[ITEM_RATE_CURRENT];
    if (isnan(p->rate_ml_per_h)) p->rate_ml_per_h = stands(d->word[ITEM_DELIVERS]) ? 0 : number[ITEM_RATE];
    p->given_ml = first_known(number[ITEM_GIVEN_TOTAL], number[ITEM_GIVEN]);
    p->left_ml = number[ITEM_LEFT];
    p->alarm = d->word[ITEM_ALARM];
    p->alarm_text = d->word[ITEM_ALARM_TEXT];
    p->alarm_over = fe__streq(d->word[ITEM_ALARM_STATE], "inactive") || fe__streq(d->word[ITEM_ALARM_PHASE], "end");
}

/* Whether the pump says anything that counts; a rack or a monitor does not. */
static bool is_report(const pump_report *p) {
    return !isnan(p->rate_ml_per_h) || !isnan(p->given_ml) || !isnan(p->left_ml) || p->alarm;
}

static void finish(pump_reader *r, pump_report **reports, size_t *n) {
    size_t cap = 0;
    const char *named = NULL; /* a device that the message names once stands for the pumps in it */
    for (size_t i = 0; i < r->n; i++)
        if (!named) named = r->drafts[i].report.device;
    for (size_t i = 0; i < r->n; i++) {
        pump_report *p = &r->drafts[i].report;
        finish_report(&r->drafts[i]);
        if (!is_report(p)) continue;
        if (!p->device) p->device = named ? named : r->header->sender;
        *FE_PUSH(r->f->a, *reports, *n, cap) = *p;
    }
}

static void read_segments(pump_reader *r) {
    const hl7_message *m = message_of(r);
    for (size_t i = 0; i < m->n; i++) {
        const hl7_segment *s = &m->segments[i];
        if (fe__streq(s->id, "PID") && !r->header->patient_id) r->header->patient_id = component_text(r, s, 3, 1);
        if (fe__streq(s->id, "OBR")) {
            r->group++;
            r->group_at = read_time(r, s, 7, r->header->sent_at);
        }
        if (fe__streq(s->id, "OBX")) take_observation(r, s);
    }
    if (r->group == 0) fe__fault(r->f, "OBR[1]", "an OBR, which every ORU has", "none", NULL);
}

hl7_read fe__hl7_read(faults *f, const char *bytes, size_t n, int zone_min, hl7_header *header, pump_report **reports,
                      size_t *reports_n) {
    pump_reader r = {.f = f, .header = header, .zone_min = HL7_NO_ZONE, .group_at = NAN};
    *header = (hl7_header){.sent_at = NAN, .zone_min = HL7_NO_ZONE};
    *reports = NULL;
    *reports_n = 0;
    if (!fe__hl7_split(f, bytes, n, &header->message)) return HL7_FAULTY;
    header->msh = header->message.segments; /* the split has seen that it is MSH */
    r.zone_min = zone_min;
    read_header(&r);
    if (!is_for_us(&r)) return HL7_NOT_FOR_US;
    r.group_at = header->sent_at;
    read_segments(&r);
    if (f->n + f->dropped > 0) return HL7_FAULTY;
    finish(&r, reports, reports_n);
    return HL7_TAKEN;
}
