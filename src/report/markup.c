#include "report/markup.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

static const char *entity_of(char c) {
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

/* What neither HTML nor XML may hold, entity or not. */
static bool is_forbidden(char c) { return ((unsigned char)c < 32 && c != '\n' && c != '\t') || c == 127; }

void fe__escape(text *t, const char *s) {
    const char *from = s;
    for (; s && *s; s++) {
        const char *entity = entity_of(*s);
        if (!entity && !is_forbidden(*s)) continue;
        fe__text_addn(t, from, (size_t)(s - from));
        if (entity) fe__text_add(t, entity);
        from = s + 1;
    }
    if (s) fe__text_addn(t, from, (size_t)(s - from));
}

static void coordinate(text *t, double v) {
    fe__text_addf(t, "%.1f", isfinite(v) ? v : 0);
    if (t->n >= 2 && t->s[t->n - 1] == '0' && t->s[t->n - 2] == '.') t->s[t->n -= 2] = '\0';
}

static void one(text *t, char kind, va_list *args) {
    const char *s;
    switch (kind) {
    case 's': fe__escape(t, va_arg(*args, const char *)); break;
    case 'S':
        s = va_arg(*args, const char *);
        if (s) fe__text_add(t, s);
        break;
    case 'd': fe__text_addf(t, "%d", va_arg(*args, int)); break;
    case 'f': coordinate(t, va_arg(*args, double)); break;
    case '%': fe__text_add(t, "%"); break;
    default: assert(false); /* no other letter stands in a format */
    }
}

void fe__html(text *t, const char *format, ...) {
    va_list args;
    va_start(args, format);
    for (const char *f = format; *f;) {
        size_t plain = strcspn(f, "%");
        fe__text_addn(t, f, plain);
        f += plain;
        if (!*f) break;
        one(t, f[1], &args);
        f += f[1] ? 2 : 1;
    }
    va_end(args);
}
