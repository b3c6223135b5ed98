/* Reading is Jansson's work behind bounds of our own. Writing is done here, because Jansson writes 0.1 as
 * 0.10000000000000001. */
#include "base/json.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
    /* An answer repeats an input a few levels down; deeper than this is a cycle. */
    WRITE_MAX_DEPTH = 2 * JSON_MAX_DEPTH,
    FIRST_BYTES = 4096,
    DIGITS_EXACT = 15, /* any decimal of so many digits comes back from a double (DBL_DIG) ... */
    DIGITS_ALL = 17,   /* ... and any double from so many (DBL_DECIMAL_DIG) */
    FIXED_MAX = 15,    /* powers of ten written without an exponent: from 10^-5 to below 10^15 */
    FIXED_MIN = -5,
    REAL_TEXT = 40
};

/* ---- reading ---- */

/* Nesting is looked at before parsing, since Jansson's own limit is its stack's, not ours. False with a fault. */
static bool is_flat_enough(faults *f, const char *s, size_t length) {
    size_t line = 1, column = 0;
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        char c = s[i];
        column += ((unsigned char)c & 0xC0) != 0x80; /* characters, as Jansson counts */
        if (c == '\n') {
            line++;
            column = 0;
        } else if (in_string && c == '\\' && i + 1 < length && s[i + 1] != '\n') {
            i++;
            column++;
        } else if (c == '"') {
            in_string = !in_string;
        } else if (!in_string && (c == '[' || c == '{')) {
            depth++;
        } else if (!in_string && (c == ']' || c == '}')) {
            depth--;
        }
        if (depth > JSON_MAX_DEPTH) {
            fe__fault(f, fe__printf(f->a, "line %zu, column %zu", line, column),
                      fe__printf(f->a, "at most %d levels of nesting", JSON_MAX_DEPTH), "a deeper level", NULL);
            return false;
        }
    }
    return true;
}

static const char *expectation(enum json_error_code code) {
    switch (code) {
    case json_error_duplicate_key: return "each key once";
    case json_error_numeric_overflow: return "a number that a computer can hold";
    case json_error_premature_end_of_input: return "the rest of the document";
    case json_error_end_of_input_expected: return "nothing behind the document";
    case json_error_invalid_utf8: return "UTF-8";
    default: return "JSON";
    }
}

static void syntax_fault(faults *f, const json_error_t *e) {
    static const char mark[] = " near ";
    enum json_error_code code = json_error_code(e);
    const char *found = e->text, *hint = NULL;
    const char *near = code == json_error_invalid_utf8 ? NULL : strstr(e->text, mark); /* there the text names the byte */
    if (near) {
        found = near + strlen(mark);
        hint = fe__strndup(f->a, e->text, (size_t)(near - e->text));
    }
    fe__fault(f, fe__printf(f->a, "line %d, column %d", e->line, e->column), expectation(code), found, hint);
}

/* In the C locale, since Jansson's own care covers only locales whose decimal point is one byte. NULL
 * with no text in *e when memory is out. */
static json_t *load(const char *s, size_t length, json_error_t *e) {
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c) return NULL;
    locale_t own = uselocale(c);
    json_t *value = json_loadb(s, length, JSON_REJECT_DUPLICATES, e);
    uselocale(own);
    freelocale(c);
    return value;
}

json_t *fe__json_read(faults *f, const char *s, size_t length) {
    static const char mark[] = "\xEF\xBB\xBF"; /* some editors write it before UTF-8 */
    if (length > JSON_MAX_BYTES) {
        fe__fault(f, "line 1, column 1", fe__printf(f->a, "at most %d bytes", JSON_MAX_BYTES),
                  fe__printf(f->a, "%zu bytes", length), NULL);
        return NULL;
    }
    if (length >= 3 && memcmp(s, mark, 3) == 0) {
        s += 3;
        length -= 3;
    }
    if (!is_flat_enough(f, s, length)) return NULL;
    json_error_t e = {.line = 0};
    json_t *value = load(s, length, &e);
    if (value) return value;
    /* Lack of memory is no fault of the input. Jansson does not always say so, but then it says nothing. */
    if (!e.text[0] || json_error_code(&e) == json_error_out_of_memory) longjmp(*fe__arena_escape(f->a), 1);
    syntax_fault(f, &e);
    return NULL;
}

/* ---- numbers ---- */

/* "-d.ddde-xx" as printf writes it, with whatever point the locale has, into JSON's form. */
static void layout_real(const char *printed, char out[REAL_TEXT]) {
    char digits[DIGITS_ALL + 1];
    int n = 0, k = 0;
    const char *exponent_at = strchr(printed, 'e');
    int exponent = (int)strtol(exponent_at + 1, NULL, 10);
    for (const char *p = printed; p < exponent_at; p++) {
        if (*p >= '0' && *p <= '9' && n < DIGITS_ALL) digits[n++] = *p;
    }
    while (n > 1 && digits[n - 1] == '0') n--;
    if (*printed == '-') out[k++] = '-';
    bool is_fixed = exponent >= FIXED_MIN && exponent < FIXED_MAX;
    int point = is_fixed ? exponent + 1 : 1;              /* digits before the point */
    int last = is_fixed && n < point + 1 ? point + 1 : n; /* "80.0" stays a real when read again */
    for (int i = point < 1 ? point - 1 : 0; i < last; i++) {
        if (i == point) out[k++] = '.';
        out[k++] = i >= 0 && i < n ? digits[i] : '0';
    }
    out[k] = 0;
    if (!is_fixed) snprintf(out + k, (size_t)(REAL_TEXT - k), "e%d", exponent);
}

/* The fewest digits that read back the same. Below the normal doubles fewer than 15 digits can do. */
static void real_text(double v, char out[REAL_TEXT]) {
    char printed[REAL_TEXT];
    double back = 0;
    for (int digits = fabs(v) < 2.3e-308 ? 1 : DIGITS_EXACT; digits <= DIGITS_ALL; digits++) {
        snprintf(printed, sizeof printed, "%.*e", digits - 1, v);
        layout_real(printed, out);
        if (fe__number_parse(out, &back) && !(back < v) && !(back > v)) return;
    }
}

json_t *fe__jnumber(json_out *o, double v) {
    bool is_whole = fabs(v) < 1e15 && !(trunc(v) < v) && !(trunc(v) > v);
    json_t *number = is_whole ? json_integer((json_int_t)v) : json_real(v); /* NULL when not finite */
    if (!number) o->failed = true;
    return number;
}

/* ---- describing ---- */

const char *fe__json_found(arena *a, const json_t *value) {
    char real[REAL_TEXT];
    if (!value) return "nothing";
    switch (json_typeof(value)) {
    case JSON_OBJECT: return "object";
    case JSON_ARRAY: return "array";
    case JSON_STRING: return fe__printf(a, "\"%s\"", json_string_value(value));
    case JSON_INTEGER: return fe__printf(a, "%lld", (long long)json_integer_value(value));
    case JSON_REAL: real_text(json_real_value(value), real); return fe__strdup(a, real);
    case JSON_TRUE: return "true";
    case JSON_FALSE: return "false";
    default: return "null";
    }
}

const char *fe__ptr(arena *a, const char *base, const char *key) {
    text t;
    fe__text_init(&t, a);
    fe__text_add(&t, base);
    fe__text_add(&t, "/");
    for (; *key; key++) {
        if (*key == '~') fe__text_add(&t, "~0");
        else if (*key == '/') fe__text_add(&t, "~1");
        else fe__text_addn(&t, key, 1);
    }
    return t.s;
}

const char *fe__ptr_index(arena *a, const char *base, size_t index) { return fe__printf(a, "%s/%zu", base, index); }

/* ---- building ---- */

static json_t *made(json_out *o, json_t *value) {
    if (!value) o->failed = true;
    return value;
}

json_t *fe__jobject(json_out *o) { return made(o, json_object()); }

json_t *fe__jarray(json_out *o) { return made(o, json_array()); }

/* Jansson drops the value itself when the insertion fails. */
void fe__jput(json_out *o, json_t *object, const char *key, json_t *value) {
    if (json_object_set_new(object, key, value) != 0) o->failed = true;
}

void fe__jadd(json_out *o, json_t *array, json_t *value) {
    if (json_array_append_new(array, value) != 0) o->failed = true;
}

static json_t *string_or_null(const char *s) { return s ? json_string(s) : json_null(); }

static json_t *number_or_null(json_out *o, double v) { return isnan(v) ? json_null() : fe__jnumber(o, v); }

void fe__jput_str(json_out *o, json_t *object, const char *key, const char *s) { fe__jput(o, object, key, string_or_null(s)); }

void fe__jput_num(json_out *o, json_t *object, const char *key, double v) { fe__jput(o, object, key, number_or_null(o, v)); }

void fe__jput_int(json_out *o, json_t *object, const char *key, long long v) { fe__jput(o, object, key, json_integer(v)); }

void fe__jput_bool(json_out *o, json_t *object, const char *key, bool v) { fe__jput(o, object, key, json_boolean(v)); }

void fe__jput_null(json_out *o, json_t *object, const char *key) { fe__jput(o, object, key, json_null()); }

void fe__jadd_str(json_out *o, json_t *array, const char *s) { fe__jadd(o, array, string_or_null(s)); }

void fe__jadd_num(json_out *o, json_t *array, double v) { fe__jadd(o, array, number_or_null(o, v)); }

/* ---- writing ---- */

/* A failed writer swallows the rest; the end looks once. */
typedef struct writer {
    char *s;
    size_t n, cap;
    bool failed;
} writer;

static void putn(writer *w, const char *s, size_t n) {
    if (w->failed) return;
    if (n >= w->cap - w->n) {
        size_t cap = 2 * w->cap + n + FIRST_BYTES;
        char *bigger = cap > n ? realloc(w->s, cap) : NULL;
        if (!bigger) {
            w->failed = true;
            return;
        }
        w->s = bigger;
        w->cap = cap;
    }
    memcpy(w->s + w->n, s, n);
    w->n += n;
    w->s[w->n] = 0;
}

static void put(writer *w, const char *s) { putn(w, s, strlen(s)); }

static void put_escape(writer *w, char c) {
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *known = c ? strchr(plain, c) : NULL;
    char escape[8];
    if (known) snprintf(escape, sizeof escape, "\\%c", letters[known - plain]);
    else snprintf(escape, sizeof escape, "\\u%04x", (unsigned)(unsigned char)c);
    put(w, escape);
}

static void put_string(writer *w, const char *s, size_t n) {
    size_t from = 0;
    put(w, "\"");
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)s[i] >= 0x20 && s[i] != '"' && s[i] != '\\') continue;
        putn(w, s + from, i - from);
        put_escape(w, s[i]);
        from = i + 1;
    }
    putn(w, s + from, n - from);
    put(w, "\"");
}

static void put_line(writer *w, int depth) {
    put(w, "\n");
    for (int i = 0; i < depth; i++) put(w, "  ");
}

static void put_value(writer *w, const json_t *value, int depth);

static void put_object(writer *w, json_t *object, int depth) {
    const char *before = "";
    put(w, "{");
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        const char *key = json_object_iter_key(i);
        put(w, before);
        put_line(w, depth + 1);
        put_string(w, key, strlen(key));
        put(w, ": ");
        put_value(w, json_object_iter_value(i), depth + 1);
        before = ",";
    }
    if (json_object_size(object)) put_line(w, depth);
    put(w, "}");
}

static void put_array(writer *w, const json_t *array, int depth) {
    put(w, "[");
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i) put(w, ",");
        put_line(w, depth + 1);
        put_value(w, json_array_get(array, i), depth + 1);
    }
    if (json_array_size(array)) put_line(w, depth);
    put(w, "]");
}

static void put_number(writer *w, const json_t *value) {
    char number[REAL_TEXT];
    if (json_is_integer(value)) snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    else real_text(json_real_value(value), number);
    put(w, number);
}

static void put_value(writer *w, const json_t *value, int depth) {
    if (!value || depth > WRITE_MAX_DEPTH) {
        w->failed = true;
        return;
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT: put_object(w, (json_t *)value, depth); break; /* iterating changes nothing */
    case JSON_ARRAY: put_array(w, value, depth); break;
    case JSON_STRING: put_string(w, json_string_value(value), json_string_length(value)); break;
    case JSON_INTEGER:
    case JSON_REAL: put_number(w, value); break;
    case JSON_TRUE: put(w, "true"); break;
    case JSON_FALSE: put(w, "false"); break;
    case JSON_NULL: put(w, "null"); break;
    }
}

char *fe__json_text(const json_t *value) {
    writer w = {.s = NULL};
    put_value(&w, value, 0);
    if (!w.failed) return w.s;
    free(w.s);
    return NULL;
}
