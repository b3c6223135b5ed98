#include "exchange/hl7.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"

const char *fe__hl7_place(arena *a, const hl7_segment *s, size_t field, size_t c) {
    if (!field) return fe__printf(a, "%s[%zu]", s->id, s->nth);
    if (!c) return fe__printf(a, "%s[%zu]-%zu", s->id, s->nth, field);
    return fe__printf(a, "%s[%zu]-%zu.%zu", s->id, s->nth, field, c);
}

/* ---------------------------------------------------------------- split */

static bool is_end(char c) { return c == '\r' || c == '\n'; }

static bool fault_message(faults *f, const char *expected, const char *found, const char *hint) {
    fe__fault(f, "MSH[1]", expected, found, hint);
    return false;
}

/* Separators stand in the message itself: MSH, the field separator, then four or five more. */
static bool read_separators(faults *f, const char *s, size_t n, hl7_message *out) {
    if (n < 9 || memcmp(s, "MSH", 3) != 0)
        return fault_message(f, "a message that begins with MSH|^~\\&|", n ? fe__strndup(f->a, s, n < 16 ? n : 16) : "nothing",
                             NULL);
    size_t count = 0;
    for (size_t i = 3; i < 9; i++) {
        if (s[i] == s[3] && i > 3) break;
        if ((unsigned char)s[i] <= ' ' || (unsigned char)s[i] > '~' || isalnum((unsigned char)s[i]) || memchr(s + 3, s[i], i - 3))
            return fault_message(f, "different signs as separators", fe__strndup(f->a, s, 9), NULL);
        count++;
    }
    if (count < 5 || s[3 + count] != s[3])
        return fault_message(f, "four or five encoding characters", fe__strndup(f->a, s, 9), "MSH|^~\\&| is usual");
    out->field = s[3];
    out->component = s[4];
    out->repetition = s[5];
    out->escape = s[6];
    out->subcomponent = s[7];
    return true;
}

static size_t count_before(const hl7_message *m, const char *id) {
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++) n += fe__streq(m->segments[i].id, id);
    return n;
}

static void fault_segment(faults *f, const hl7_segment *s, const char *expected, const char *found) {
    fe__fault(f, fe__hl7_place(f->a, s, 0, 0), expected, found, NULL);
}

/* The fields of one segment, whose id ends in the separator or with the line. Of MSH the first field is the separator. */
static void split_fields(faults *f, const hl7_message *m, hl7_segment *s, const char *from, const char *end) {
    bool is_header = fe__streq(s->id, "MSH");
    hl7_piece field[HL7_FIELDS_MAX + 1] = {{0}};
    size_t n = 0;
    if (is_header) field[++n] = (hl7_piece){from + 3, 1};
    for (const char *p = from + 3; p < end;) {
        const char *next = ++p < end ? memchr(p, m->field, (size_t)(end - p)) : NULL;
        if (!next) next = end;
        if (n == HL7_FIELDS_MAX) {
            fault_segment(f, s, fe__printf(f->a, "at most %d fields", HL7_FIELDS_MAX), "more");
            break;
        }
        field[++n] = (hl7_piece){p, (size_t)(next - p)};
        p = next;
    }
    s->field = FE_NEW_ARRAY(f->a, hl7_piece, n + 1);
    memcpy(s->field, field, (n + 1) * sizeof *field);
    s->fields = n;
}

static bool is_id(const char *s, const char *end, char separator) {
    if (end - s < 3 || (end - s > 3 && s[3] != separator)) return false;
    return isupper((unsigned char)s[0]) && isalnum((unsigned char)s[1]) && isalnum((unsigned char)s[2]);
}

static void split_segment(faults *f, hl7_message *out, const char *s, const char *end) {
    hl7_segment segment = {.id = "???"};
    if (is_id(s, end, out->field)) memcpy(segment.id, s, 3);
    segment.nth = count_before(out, segment.id) + 1;
    if (fe__streq(segment.id, "???")) {
        fault_segment(f, &segment, "a segment that begins with its name and a separator",
                      fe__strndup(f->a, s, (size_t)(end - s)));
    } else if (fe__streq(segment.id, "MSH") && segment.nth > 1) {
        fault_segment(f, &segment, "one message in a frame", "a second MSH");
    } else {
        split_fields(f, out, &segment, s, end);
    }
    *FE_PUSH(f->a, out->segments, out->n, out->cap) = segment;
}

bool fe__hl7_split(faults *f, const char *bytes, size_t n, hl7_message *out) {
    *out = (hl7_message){0};
    if (n > HL7_BYTES_MAX)
        return fault_message(f, fe__printf(f->a, "at most %d bytes", HL7_BYTES_MAX), fe__printf(f->a, "%zu", n), NULL);
    if (n && memchr(bytes, 0, n)) return fault_message(f, "text", "a NUL byte", NULL);
    if (n && !fe__utf8_valid(bytes, n))
        return fault_message(f, "UTF-8, or ASCII", "bytes of another character set", "MSH-18: UNICODE UTF-8");
    if (!read_separators(f, bytes, n, out)) return false;
    const char *end = bytes + n;
    for (const char *s = bytes; s < end;) {
        const char *line = s;
        while (s < end && !is_end(*s)) s++;
        if (s > line) {
            if (out->n == HL7_SEGMENTS_MAX)
                return fault_message(f, fe__printf(f->a, "at most %d segments", HL7_SEGMENTS_MAX), "more", NULL);
            split_segment(f, out, line, s);
        }
        while (s < end && is_end(*s)) s++;
    }
    return true;
}

/* ---------------------------------------------------------------- pieces */

hl7_piece fe__hl7_field(const hl7_segment *s, size_t field) {
    return field >= 1 && field <= s->fields ? s->field[field] : (hl7_piece){"", 0};
}

/* Up to a separator; *rest moves behind it, NULL when it was the last. */
static hl7_piece cut(hl7_piece p, char separator, hl7_piece *rest) {
    const char *at = p.n ? memchr(p.s, separator, p.n) : NULL;
    if (!at) {
        *rest = (hl7_piece){NULL, 0};
        return p;
    }
    size_t n = (size_t)(at - p.s);
    *rest = (hl7_piece){at + 1, p.n - n - 1};
    return (hl7_piece){p.s, n};
}

hl7_piece fe__hl7_component(const hl7_message *m, const hl7_segment *s, size_t field, size_t c) {
    hl7_piece rest, one = cut(fe__hl7_field(s, field), m->repetition, &rest);
    for (hl7_piece part = one;; part = rest) {
        one = cut(part, m->component, &rest);
        if (--c == 0) return one;
        if (!rest.s) return (hl7_piece){"", 0};
    }
}

bool fe__hl7_is_empty(hl7_piece p) { return p.n == 0 || (p.n == 2 && memcmp(p.s, "\"\"", 2) == 0); }

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \X0D0A\: bytes of their own. */
static void add_hex(text *t, const char *s, size_t n) {
    for (size_t i = 0; i + 1 < n; i += 2) {
        int high = hex_digit(s[i]), low = hex_digit(s[i + 1]);
        if (high < 0 || low < 0) return;
        char byte = (char)(16 * high + low);
        if (byte) fe__text_addn(t, &byte, 1);
    }
}

/* What stands between two escape characters. Highlighting and other character sets leave nothing. */
static void add_escaped(text *t, const hl7_message *m, const char *s, size_t n) {
    char sign = 0;
    if (n == 1 && *s == 'F') sign = m->field;
    if (n == 1 && *s == 'S') sign = m->component;
    if (n == 1 && *s == 'R') sign = m->repetition;
    if (n == 1 && *s == 'E') sign = m->escape;
    if (n == 1 && *s == 'T') sign = m->subcomponent;
    if (n >= 3 && memcmp(s, ".br", 3) == 0) sign = '\n';
    if (n >= 3 && memcmp(s, ".sp", 3) == 0) sign = '\n';
    if (sign) fe__text_addn(t, &sign, 1);
    else if (n > 1 && *s == 'X') add_hex(t, s + 1, n - 1);
}

const char *fe__hl7_text(arena *a, const hl7_message *m, hl7_piece p) {
    text t;
    if (fe__hl7_is_empty(p)) return NULL;
    fe__text_init(&t, a);
    for (const char *s = p.s, *end = p.s + p.n; s < end;) {
        const char *close = *s == m->escape ? memchr(s + 1, m->escape, (size_t)(end - s - 1)) : NULL;
        if (close) {
            add_escaped(&t, m, s + 1, (size_t)(close - s - 1));
            s = close + 1;
        } else {
            fe__text_addn(&t, s++, 1); /* an escape that nobody closes is a sign like others */
        }
    }
    return fe__utf8_valid(t.s, t.n) ? t.s : "\xEF\xBF\xBD";
}

/* ---------------------------------------------------------------- times */

static bool all_digits(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (s[i] < '0' || s[i] > '9') return false;
    return true;
}

/* "+0100" as ISO writes it; at most 14 hours, which the reader of ISO times looks at. */
static bool read_zone(const char *s, size_t n, char out[7]) {
    if (n != 5 || (s[0] != '+' && s[0] != '-') || !all_digits(s + 1, 4)) return false;
    char zone[7] = {s[0], s[1], s[2], ':', s[3], s[4], 0};
    memcpy(out, zone, sizeof zone);
    return true;
}

static void zone_of(int zone_min, char out[7]) {
    int minutes = zone_min < 0 ? -zone_min : zone_min, hours = minutes / 60;
    char zone[7] = {zone_min < 0 ? '-' : '+',
                    (char)('0' + hours / 10 % 10),
                    (char)('0' + hours % 10),
                    ':',
                    (char)('0' + minutes % 60 / 10),
                    (char)('0' + minutes % 10),
                    0};
    memcpy(out, zone, sizeof zone);
}

bool fe__hl7_time(hl7_piece p, int zone_min, double *seconds, int *zone) {
    char iso[] = "0000-00-00T00:00:00+00:00";
    const char *s = p.s;
    size_t n = 0;
    while (n < p.n && s[n] >= '0' && s[n] <= '9') n++;
    size_t rest = n;
    if (rest < p.n && s[rest] == '.') {
        for (rest++; rest < p.n && s[rest] >= '0' && s[rest] <= '9';) rest++;
        if (n != 14 || rest == n + 1) return false;
    }
    if (n != 12 && n != 14) return false;
    memcpy(iso, s, 4);
    for (size_t i = 0; i < (n - 4) / 2; i++) memcpy(iso + 5 + 3 * i, s + 4 + 2 * i, 2);
    if (rest < p.n) {
        if (!read_zone(s + rest, p.n - rest, iso + 19)) return false;
    } else {
        if (zone_min == HL7_NO_ZONE) return false;
        zone_of(zone_min, iso + 19);
    }
    return fe__time_parse(iso, seconds, zone);
}

const char *fe__hl7_time_text(arena *a, double seconds, int zone_min) {
    double whole = floor(seconds);
    const char *iso = fe__time_text(a, whole, zone_min); /* to the minute */
    int second = (int)(whole - 60 * floor(whole / 60));
    return fe__printf(a, "%.4s%.2s%.2s%.2s%.2s%02d%.3s%.2s", iso, iso + 5, iso + 8, iso + 11, iso + 14, second, iso + 16,
                      iso + 20);
}
