/* Laying out text; see page.h. */
#include "report/page.h"

#include <math.h>
#include <string.h>

static const char *const codes[] = {"", "\033[1m", "\033[2m", "\033[1;31m", "\033[33m", "\033[32m"};

static void ink_on(page *p, ink c) {
    if (p->colors && c != INK_PLAIN) fe__text_add(&p->t, codes[c]);
}
static void ink_off(page *p, ink c) {
    if (p->colors && c != INK_PLAIN) fe__text_add(&p->t, "\033[0m");
}

void fe__page_blank(page *p) { fe__text_add(&p->t, "\n"); }

void fe__page_heading(page *p, const char *words) {
    fe__page_blank(p);
    ink_on(p, INK_BOLD);
    fe__text_add(&p->t, words);
    ink_off(p, INK_BOLD);
    fe__text_add(&p->t, "\n");
}

static void blanks(page *p, size_t n) {
    for (size_t i = 0; i < n; i++) fe__text_add(&p->t, " ");
}

static size_t width_of(const char *s, size_t n) {
    size_t w = 0;
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)s[i] & 0xC0) != 0x80) w++; /* continuation bytes take no column */
    return w;
}

void fe__page_paragraph(page *p, const char *first, ink color, const char *words) {
    size_t indent = width_of(first, strlen(first)), at = indent;
    bool begun = false;
    ink_on(p, color);
    fe__text_add(&p->t, first);
    ink_off(p, color);
    for (const char *w = words; *w;) {
        while (*w == ' ' || *w == '\n') w++;
        size_t n = strcspn(w, " \n"), width = width_of(w, n);
        if (n == 0) break;
        if (begun && at + 1 + width > (size_t)p->columns) {
            fe__text_add(&p->t, "\n");
            blanks(p, indent);
            at = indent;
            begun = false;
        }
        if (begun) {
            fe__text_add(&p->t, " ");
            at++;
        }
        fe__text_addn(&p->t, w, n);
        at += width;
        begun = true;
        w += n;
    }
    fe__text_add(&p->t, "\n");
}

void fe__page_pair(page *p, const char *name, int width, const char *value) {
    fe__page_paragraph(p, fe__printf(p->a, "  %-*s ", width, name), INK_DIM, value);
}

const char *fe__js(const json_t *object, const char *key) {
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

double fe__jn(const json_t *object, const char *key) {
    const json_t *v = json_object_get(object, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

const char *fe__num(page *p, double v, int decimals) { return isnan(v) ? "-" : fe__number_text(p->a, v, decimals); }

const char *fe__list(page *p, const json_t *array) {
    text t;
    fe__text_init(&t, p->a);
    for (size_t i = 0; i < json_array_size(array); i++)
        fe__text_addf(&t, "%s%s", i ? ", " : "", json_string_value(json_array_get(array, i)));
    return t.n ? t.s : "";
}
