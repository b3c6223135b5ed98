/* Numbers are read and written without the process's locale: strtod is given digits and an exponent, never a
 * decimal point, so its locale has nothing to say. */
#include "base/text.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* A double half way between two others has at most 767 significant digits; one digit more that only says
     * "and something" is enough to round right. */
    DIGITS_MAX = 780,
    EXPONENT_MAX = 100000000, /* any input is shorter than this, so the place of the point cannot undo it */
    DECIMALS_MAX = 17,
    NEAREST_MAX = 64 /* longer words get no suggestion */
};

void fe__text_init(text *t, arena *a) { *t = (text){.a = a, .s = fe__alloc(a, 1), .cap = 1}; }

void fe__text_add(text *t, const char *s) { fe__text_addn(t, s, strlen(s)); }

void fe__text_addn(text *t, const char *s, size_t n) {
    if (n >= t->cap - t->n) {
        size_t cap = n < SIZE_MAX / 4 ? 2 * t->cap + n + 32 : SIZE_MAX; /* the arena refuses the latter */
        char *bigger = fe__alloc(t->a, cap);
        memcpy(bigger, t->s, t->n);
        t->s = bigger;
        t->cap = cap;
    }
    if (n) memcpy(t->s + t->n, s, n);
    t->n += n;
    t->s[t->n] = 0;
}

void fe__text_addf(text *t, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *s = fe__vprintf(t->a, format, args);
    va_end(args);
    fe__text_add(t, s);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* Significant digits d and exponent e: the number is 0.ddd... read as the whole number ddd times 10^e. */
typedef struct decimal {
    char digits[DIGITS_MAX + 32]; /* room for "e-100000000" behind the digits */
    size_t n;
    long exponent;
} decimal;

static void add_digit(decimal *d, char c, bool is_fraction) {
    if (is_fraction) d->exponent--;
    if (d->n == 0 && c == '0') return;
    if (d->n < DIGITS_MAX) {
        d->digits[d->n++] = c;
        return;
    }
    d->exponent++;
    if (c != '0') d->digits[DIGITS_MAX - 1] = '1'; /* not a tie any more */
}

/* The exponent behind "e", or s itself when none is there ("5 eq" is 5 with a unit). */
static const char *scan_exponent(const char *s, long *exponent) {
    if (*s != 'e' && *s != 'E') return s;
    const char *p = s + 1;
    bool is_negative = *p == '-';
    if (*p == '-' || *p == '+') p++;
    if (!is_digit(*p)) return s;
    long e = 0;
    for (; is_digit(*p); p++) {
        if (e < EXPONENT_MAX) e = 10 * e + (*p - '0');
    }
    *exponent = is_negative ? -e : e;
    return p;
}

/* Where the number at s ends; NULL when there is none or it is too large for a double. */
static const char *scan_number(const char *s, double *value) {
    decimal d = {.n = 0};
    bool is_negative = *s == '-', has_digit = false, is_fraction = false;
    if (*s == '-' || *s == '+') s++;
    for (;; s++) {
        if (is_digit(*s)) {
            has_digit = true;
            add_digit(&d, *s, is_fraction);
        } else if (*s == '.' && !is_fraction) {
            is_fraction = true;
        } else {
            break;
        }
    }
    if (!has_digit) return NULL;
    long exponent = 0;
    s = scan_exponent(s, &exponent);
    if (d.n == 0) d.digits[d.n++] = '0';
    snprintf(d.digits + d.n, sizeof d.digits - d.n, "e%ld", exponent + d.exponent);
    double v = strtod(d.digits, NULL);
    if (!isfinite(v)) return NULL;
    *value = is_negative ? -v : v;
    return s;
}

bool fe__number_parse(const char *s, double *value) {
    double v;
    const char *end = s ? scan_number(s, &v) : NULL;
    if (!end || *end) return false;
    *value = v;
    return true;
}

static char *trimmed(arena *a, const char *s, size_t n) {
    while (n && is_blank(*s)) s++, n--;
    while (n && is_blank(s[n - 1])) n--;
    return fe__strndup(a, s, n);
}

bool fe__number_unit_parse(arena *a, const char *s, double *value, const char **unit) {
    if (!s) return false;
    while (is_blank(*s)) s++;
    double v;
    const char *end = scan_number(s, &v);
    /* "8,9 g/dL" and "5-10 mg" would be read as 8 and 5. */
    if (!end || (*end && strchr(",.+-", *end))) return false;
    const char *rest = trimmed(a, end, strlen(end));
    *value = v;
    *unit = rest;
    return true;
}

const char *fe__number_text(arena *a, double v, int decimals) {
    if (isnan(v)) return "nan"; /* printf may write a sign */
    if (decimals < 0) decimals = 0;
    if (decimals > DECIMALS_MAX) decimals = DECIMALS_MAX;
    char *s = fe__printf(a, "%.*f", decimals, v);
    if (strchr(s, '.')) {
        char *end = s + strlen(s);
        while (end[-1] == '0') end--;
        if (end[-1] == '.') end--;
        *end = 0;
    }
    return fe__streq(s, "-0") ? s + 1 : s;
}

bool fe__streq(const char *a, const char *b) {
    if (!a || !b) return a == b;
    return strcmp(a, b) == 0;
}

char **fe__split(arena *a, const char *s, char separator, size_t *n) {
    char **list = NULL;
    size_t count = 0, cap = 0;
    while (s && *s) {
        const char *end = strchr(s, separator);
        size_t length = end ? (size_t)(end - s) : strlen(s);
        char *part = trimmed(a, s, length);
        if (*part) *FE_PUSH(a, list, count, cap) = part;
        s += length;
        if (end) s++;
    }
    *n = count;
    return list;
}

/* Levenshtein distance of words of at most NEAREST_MAX bytes, one row at a time. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb) {
    size_t row[NEAREST_MAX + 1];
    for (size_t j = 0; j <= nb; j++) row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[nb];
}

const char *fe__nearest(const char *word, const char *const *candidates, size_t n) {
    const char *nearest = NULL;
    size_t length = word ? strlen(word) : 0;
    if (length == 0 || length > NEAREST_MAX) return NULL;
    size_t best = length / 3 + 1;
    for (size_t i = 0; i < n; i++) {
        size_t m = candidates[i] ? strlen(candidates[i]) : SIZE_MAX;
        if (m > NEAREST_MAX) continue;
        size_t d = distance(word, length, candidates[i], m);
        if (d < best) {
            best = d;
            nearest = candidates[i];
        }
    }
    return nearest;
}

size_t fe__utf8_length(const char *s) {
    size_t n = 0;
    for (; *s; s++) n += ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

/* Bytes of the character at s (n bytes remain), 0 when it is none (Unicode standard, table 3-7: no overlong
 * form, no surrogate, nothing past U+10FFFF). */
static size_t character(const unsigned char *s, size_t n) {
    unsigned char low = 0x80, high = 0xBF;
    size_t size;
    if (s[0] < 0x80) return 1;
    if (s[0] >= 0xC2 && s[0] <= 0xDF) size = 2;
    else if (s[0] >= 0xE0 && s[0] <= 0xEF) size = 3;
    else if (s[0] >= 0xF0 && s[0] <= 0xF4) size = 4;
    else return 0;
    if (size > n) return 0;
    if (s[0] == 0xE0) low = 0xA0;
    if (s[0] == 0xED) high = 0x9F;
    if (s[0] == 0xF0) low = 0x90;
    if (s[0] == 0xF4) high = 0x8F;
    if (s[1] < low || s[1] > high) return 0;
    for (size_t i = 2; i < size; i++) {
        if ((s[i] & 0xC0) != 0x80) return 0;
    }
    return size;
}

/* Code points that change the direction or the line of what stands around them. */
static bool is_obeyed(unsigned long c) {
    bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    bool is_mark = c == 0x061C || c == 0x200E || c == 0x200F;
    return is_control || is_mark || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

size_t fe__character(const char *s, size_t n, bool *is_shown) {
    const unsigned char *p = (const unsigned char *)s;
    size_t size = n ? character(p, n) : 0;
    *is_shown = false;
    if (size == 0) return 0;
    unsigned long c = size == 1 ? p[0] : p[0] & (0x7FU >> size);
    for (size_t i = 1; i < size; i++) c = c << 6 | (p[i] & 0x3FU);
    *is_shown = !is_obeyed(c);
    return size;
}

bool fe__is_printable(const char *s) {
    bool is_shown = true;
    for (size_t n = strlen(s); n && is_shown;) {
        size_t size = fe__character(s, n, &is_shown);
        s += size;
        n -= size;
    }
    return is_shown;
}

bool fe__utf8_valid(const char *s, size_t n) {
    const unsigned char *p = (const unsigned char *)s;
    for (size_t i = 0; i < n;) {
        size_t size = character(p + i, n - i);
        if (size == 0) return false;
        i += size;
    }
    return true;
}
