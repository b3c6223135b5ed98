/* Acknowledgements of HL7 messages: HL7 v2.6, chapter 2, ACK; error conditions of table 0357. */
#include <string.h>

#include "base/text.h"
#include "exchange/read_hl7.h"

/* A text inside a field: separators escaped, line ends gone. */
static void add_text(text *t, const hl7_message *m, const char *s) {
    static const char names[] = "FSRET";
    const char signs[] = {m->field, m->component, m->repetition, m->escape, m->subcomponent};
    for (; *s; s++) {
        const char *special = memchr(signs, *s, sizeof signs);
        if (special) fe__text_addf(t, "%c%c%c", m->escape, names[special - signs], m->escape);
        else if ((unsigned char)*s >= ' ') fe__text_addn(t, s, 1);
        else fe__text_add(t, " ");
    }
}

static void add_field(text *t, const hl7_message *m, hl7_piece p) {
    fe__text_addn(t, &m->field, 1);
    fe__text_addn(t, p.s, p.n);
}

static void add_word(text *t, const hl7_message *m, const char *word) { add_field(t, m, (hl7_piece){word, strlen(word)}); }

static hl7_piece header_field(const hl7_header *h, size_t field) {
    return h->msh ? fe__hl7_field(h->msh, field) : (hl7_piece){"", 0};
}

/* The sender becomes the receiver. */
static void add_header(text *t, const hl7_header *h, const hl7_message *m, const char *id, double now, int zone_min) {
    hl7_piece trigger = h->msh ? fe__hl7_component(m, h->msh, 9, 2) : (hl7_piece){"", 0};
    hl7_piece version = h->msh ? fe__hl7_component(m, h->msh, 12, 1) : (hl7_piece){"", 0}, mode = header_field(h, 11);
    const char signs[] = {m->component, m->repetition, m->escape, m->subcomponent, 0};
    fe__text_add(t, "MSH");
    add_word(t, m, signs);
    add_word(t, m, "FERRULE");
    add_field(t, m, header_field(h, 6));
    add_field(t, m, header_field(h, 3));
    add_field(t, m, header_field(h, 4));
    add_word(t, m, fe__hl7_time_text(t->a, now, zone_min == HL7_NO_ZONE ? 0 : zone_min));
    add_word(t, m, "");
    add_word(t, m, "ACK");
    if (trigger.n) fe__text_addf(t, "%c%s%cACK", m->component, fe__strndup(t->a, trigger.s, trigger.n), m->component);
    add_word(t, m, id);
    add_field(t, m, fe__hl7_is_empty(mode) ? (hl7_piece){"P", 1} : mode);
    add_field(t, m, fe__hl7_is_empty(version) ? (hl7_piece){"2.6", 3} : version);
    fe__text_add(t, "\r");
}

/* Table 0357: 101 required field missing, 102 data type, 200 message type, 203 version, 202 processing id, 207 application. */
static const char *condition_of(const fault *x) {
    if (fe__streq(x->at, "MSH[1]-9")) return "200^Unsupported message type";
    if (fe__streq(x->at, "MSH[1]-11")) return "202^Unsupported processing id";
    if (fe__streq(x->at, "MSH[1]-12")) return "203^Unsupported version id";
    if (fe__streq(x->at, "MSH[1]")) return "100^Segment sequence error";
    if (!strchr(x->at, '[')) return "207^Application internal error";
    return fe__streq(x->found, "nothing") || fe__streq(x->found, "none") ? "101^Required field missing" : "102^Data type error";
}

static const char *digits_of(const char **s) {
    const char *from = *s;
    while (**s >= '0' && **s <= '9') (*s)++;
    return from;
}

/* "OBX[3]-5.2" as OBX^3^5^1^2: segment, which of them, field, repetition, component. */
static void add_place(text *t, const hl7_message *m, const char *at) {
    const char *s = strchr(at, '['), *from;
    if (!s) return;
    fe__text_addn(t, at, (size_t)(s - at));
    for (int part = 0; *s == '[' || *s == '-' || *s == '.'; part++) {
        s++;
        from = digits_of(&s);
        if (part == 2) fe__text_addf(t, "%c1", m->component);
        fe__text_addn(t, &m->component, 1);
        fe__text_addn(t, from, (size_t)(s - from));
        if (*s == ']') s++;
    }
}

static void add_fault(text *t, const hl7_message *m, const fault *x) {
    fe__text_add(t, "ERR");
    add_word(t, m, "");
    add_word(t, m, "");
    add_place(t, m, x->at);
    add_word(t, m, "");
    for (const char *s = condition_of(x); *s; s++) fe__text_addn(t, *s == '^' ? &m->component : s, 1);
    fe__text_addf(t, "%cHL70357", m->component);
    add_word(t, m, "E");
    for (int i = 0; i < 3; i++) add_word(t, m, "");
    add_word(t, m, "");
    add_text(t, m, fe__printf(t->a, "%s expected, found %s", x->expected, x->found));
    fe__text_add(t, "\r");
}

const char *fe__hl7_acknowledge(arena *a, const hl7_header *h, hl7_verdict verdict, const faults *f, const char *id, double now,
                                int zone_min) {
    static const char *const codes[2][3] = {{"AA", "AE", "AR"}, {"CA", "CE", "CR"}};
    static const hl7_message usual = {.field = '|', .component = '^', .repetition = '~', .escape = '\\', .subcomponent = '&'};
    const hl7_message *m = h->msh ? &h->message : &usual;
    text t;
    if (h->msh && !h->wants_accept && !h->wants_application) return NULL;
    fe__text_init(&t, a);
    add_header(&t, h, m, id, now, zone_min);
    fe__text_add(&t, "MSA");
    add_word(&t, m, codes[h->wants_accept][verdict]);
    add_field(&t, m, header_field(h, 10));
    fe__text_add(&t, "\r");
    for (size_t i = 0; verdict != HL7_ACCEPT && i < f->n; i++) add_fault(&t, m, &f->list[i]);
    return t.s;
}
