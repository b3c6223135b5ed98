#include "base/tree.h"

#include <string.h>

#include "base/text.h"

/* The text is copied once and its strings are ended in place, where their closing quotes stood. */
typedef struct reader {
    arena *a;
    char *at;
    tree *stack; /* elements and members of the arrays and objects that are open */
    size_t depth, cap;
} reader;

static void skip_blanks(reader *r) {
    while (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t') r->at++;
}

static unsigned hex4(const char *s) {
    unsigned v = 0;
    for (int i = 0; i < 4; i++) {
        unsigned c = (unsigned char)s[i];
        v = v * 16 + (c <= '9' ? c - '0' : (c | 32u) - 'a' + 10);
    }
    return v;
}

static char *put_utf8(char *out, unsigned c) {
    if (c < 0x80) *out++ = (char)c;
    else if (c < 0x800) {
        *out++ = (char)(0xC0 | c >> 6);
        *out++ = (char)(0x80 | (c & 63));
    } else if (c < 0x10000) {
        *out++ = (char)(0xE0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 63));
        *out++ = (char)(0x80 | (c & 63));
    } else {
        *out++ = (char)(0xF0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 63));
        *out++ = (char)(0x80 | (c >> 6 & 63));
        *out++ = (char)(0x80 | (c & 63));
    }
    return out;
}

/* One escape; r->at stands behind the backslash. */
static char *put_escape(reader *r, char *out) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = *r->at++;
    if (c != 'u') {
        const char *known = strchr(from, c);
        *out++ = known ? to[known - from] : c;
        return out;
    }
    unsigned code = hex4(r->at);
    r->at += 4;
    if (code >= 0xD800 && code < 0xDC00 && r->at[0] == '\\' && r->at[1] == 'u') {
        code = 0x10000 + ((code - 0xD800) << 10) + (hex4(r->at + 2) - 0xDC00);
        r->at += 6;
    }
    return put_utf8(out, code);
}

/* r->at stands behind the opening quote. What escapes stand for is never longer than they are. */
static const char *read_text(reader *r) {
    char *s = r->at, *out;
    r->at += strcspn(r->at, "\"\\");
    out = r->at;
    while (*r->at != '"') {
        if (*r->at != '\\') *out++ = *r->at++;
        else {
            r->at++;
            out = put_escape(r, out);
        }
    }
    r->at++;
    *out = '\0';
    return s;
}

static tree read_value(reader *r);

/* Elements or members up to the closing bracket, first on the stack, then in an array of the right size. */
static void read_items(reader *r, tree *t, char close) {
    size_t base = r->depth;
    for (skip_blanks(r); *r->at != close; skip_blanks(r)) {
        const char *key = NULL;
        if (t->kind == TREE_OBJECT) {
            r->at++;
            key = read_text(r);
            skip_blanks(r);
            r->at++; /* the colon */
        }
        tree value = read_value(r);
        value.key = key;
        *FE_PUSH(r->a, r->stack, r->depth, r->cap) = value;
        t->n++;
        skip_blanks(r);
        if (*r->at == ',') r->at++;
    }
    r->at++;
    tree *items = FE_NEW_ARRAY(r->a, tree, t->n);
    if (t->n) memcpy(items, r->stack + base, t->n * sizeof *items);
    r->depth = base;
    t->items = items;
}

static void read_number(reader *r, tree *t) {
    char token[64];
    size_t n = strspn(r->at, "+-.0123456789eE");
    size_t kept = n < sizeof token ? n : sizeof token - 1;
    memcpy(token, r->at, kept);
    token[kept] = '\0';
    fe__number_parse(token, &t->number);
    r->at += n;
}

/* The depth is bounded by the text, which fe__json_read has bounded. */
static tree read_value(reader *r) {
    tree t = {0};
    skip_blanks(r);
    switch (*r->at) {
    case '{':
    case '[':
        t.kind = *r->at == '{' ? TREE_OBJECT : TREE_ARRAY;
        r->at++;
        read_items(r, &t, t.kind == TREE_OBJECT ? '}' : ']');
        break;
    case '"':
        t.kind = TREE_TEXT;
        r->at++;
        t.text = read_text(r);
        break;
    case 't':
        t.kind = TREE_TRUE;
        r->at += 4;
        break;
    case 'f':
        t.kind = TREE_FALSE;
        r->at += 5;
        break;
    case 'n': r->at += 4; break;
    default: t.kind = TREE_NUMBER; read_number(r, &t);
    }
    return t;
}

const tree *fe__tree_parse(arena *a, const char *json) {
    static const char mark[] = "\xEF\xBB\xBF"; /* a byte order mark is skipped, as fe__json_read does */
    reader r = {.a = a, .at = fe__strdup(a, strncmp(json, mark, 3) == 0 ? json + 3 : json)};
    tree *root = FE_NEW(a, tree);
    *root = read_value(&r);
    return root;
}

bool fe__tree_is(const tree *t, tree_kind kind) { return t && t->kind == kind; }

const tree *fe__tree_get(const tree *object, const char *key) {
    for (size_t i = 0; i < fe__tree_size(object); i++)
        if (strcmp(object->items[i].key, key) == 0) return &object->items[i];
    return NULL;
}

const tree *fe__tree_element(const tree *array, size_t i) { return i < fe__tree_length(array) ? &array->items[i] : NULL; }
size_t fe__tree_length(const tree *array) { return fe__tree_is(array, TREE_ARRAY) ? array->n : 0; }
size_t fe__tree_size(const tree *object) { return fe__tree_is(object, TREE_OBJECT) ? object->n : 0; }
const char *fe__tree_text(const tree *t) { return fe__tree_is(t, TREE_TEXT) ? t->text : NULL; }
double fe__tree_number(const tree *t) { return fe__tree_is(t, TREE_NUMBER) ? t->number : 0; }

const char *fe__tree_found(arena *a, const tree *t) {
    static const char *const words[] = {"null", "false", "true", "", "", "array", "object"};
    if (!t) return "nothing";
    if (t->kind == TREE_TEXT) return fe__printf(a, "\"%s\"", t->text);
    return t->kind == TREE_NUMBER ? fe__printf(a, "%.15g", t->number) : words[t->kind];
}
