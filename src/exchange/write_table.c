#include "exchange/write_table.h"

#include <math.h>
#include <string.h>

static bool is_sent(const table_out *t) { return t->q->request->table != NULL; }

static void send(table_out *t) {
    if (t->csv.n) t->q->request->table(t->q->request->table_context, t->which, t->csv.s);
    fe__text_init(&t->csv, t->q->a);
}

void fe__table_begin(table_out *t, asking *q, int which, const char *const *names, size_t n) {
    *t = (table_out){.q = q, .which = which, .names = names, .n = n};
    fe__text_init(&t->csv, q->a);
    for (size_t i = 0; i < n; i++) {
        if (is_sent(t)) fe__text_addf(&t->csv, "%s%s", i ? "," : "", names[i]);
        else t->columns[i] = fe__jarray(&q->out);
    }
    if (!is_sent(t)) return;
    fe__text_add(&t->csv, "\n");
    send(t);
}

/* What stands between this cell and the last, and behind the row. */
static void separate(table_out *t, const char *cell) {
    fe__text_addf(&t->csv, "%s%s%s", t->at ? "," : "", cell, t->at + 1 == t->n ? "\n" : "");
    t->at = (t->at + 1) % t->n;
}

void fe__table_number(table_out *t, double v) {
    if (is_sent(t)) {
        separate(t, isnan(v) ? "" : fe__printf(t->q->a, "%.10g", v));
        return;
    }
    if (isnan(v)) fe__jadd(&t->q->out, t->columns[t->at], json_null());
    else fe__jadd_num(&t->q->out, t->columns[t->at], v);
    t->at = (t->at + 1) % t->n;
}

/* Quoted where RFC 4180 asks for it. */
static const char *quoted(arena *a, const char *s) {
    text t;
    if (!strpbrk(s, ",\"\r\n")) return s;
    fe__text_init(&t, a);
    fe__text_add(&t, "\"");
    for (; *s; s++) fe__text_addf(&t, *s == '"' ? "\"\"" : "%c", *s);
    fe__text_add(&t, "\"");
    return t.s;
}

void fe__table_text(table_out *t, const char *s) {
    if (is_sent(t)) {
        separate(t, s ? quoted(t->q->a, s) : "");
        return;
    }
    if (s) fe__jadd_str(&t->q->out, t->columns[t->at], s);
    else fe__jadd(&t->q->out, t->columns[t->at], json_null());
    t->at = (t->at + 1) % t->n;
}

void fe__table_send(table_out *t) {
    if (is_sent(t)) send(t);
}

void fe__table_end(table_out *t, const char *key) {
    if (is_sent(t)) return;
    json_t *all = fe__jobject(&t->q->out);
    for (size_t i = 0; i < t->n; i++) fe__jput(&t->q->out, all, t->names[i], t->columns[i]);
    fe__jput(&t->q->out, t->q->root, key, all);
}
