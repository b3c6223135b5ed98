/* Findings of an answer; see said.h. */
#include "advise/said.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

bool fe__said_has(const said_list *l, const char *id) {
    for (size_t i = 0; i < l->n; i++)
        if (fe__streq(l->list[i].id, id)) return true;
    return false;
}

said *fe__say(said_list *l, const char *id, const char *row_id, const char *words) {
    const finding_row *row = fe__finding_find(l->k, id);
    bool apart = fe__streq(id, "sources-differ");
    for (size_t i = 0; i < l->n; i++)
        if (fe__streq(l->list[i].id, id) && (!apart || fe__streq(l->list[i].rule, row_id))) return &l->list[i];
    said *s = FE_PUSH(l->a, l->list, l->n, l->cap);
    s->id = id;
    s->probability = NAN;
    s->rule = row_id ? row_id : row && row->rule_ids_n ? row->rule_ids[0] : id;
    s->level = row ? row->level : LEVEL_INFO;
    s->text = words ? words : row ? row->meaning : "";
    if (row_id) fe__said_source(l, s, row_id);
    return s;
}

said *fe__say_by_its_rows(said_list *l, const char *id) {
    said *s = fe__say(l, id, NULL, NULL);
    const finding_row *row = fe__finding_find(l->k, id);
    for (size_t i = 0; row && i < row->rule_ids_n; i++) fe__said_source(l, s, row->rule_ids[i]);
    return s;
}

void fe__said_source(said_list *l, said *s, const char *source) {
    for (size_t i = 0; i < s->sources_n; i++)
        if (fe__streq(s->sources[i], source)) return;
    if (!fe__cite_find(l->k, source)) return;
    *FE_PUSH(l->a, s->sources, s->sources_n, s->sources_cap) = source;
}

void fe__said_fact(said_list *l, said *s, const char *words, const char *at) {
    for (size_t i = 0; i < s->because.n; i++)
        if (fe__streq(s->because.list[i].text, words)) return;
    fact *x = FE_PUSH(l->a, s->because.list, s->because.n, s->because.cap);
    x->text = words;
    x->at = at;
}

void fe__say_differ(said_list *l, const contradiction *x, const char *const *more, size_t more_n) {
    said *s = fe__say(l, "sources-differ", x->id,
                      fe__printf(l->a, "Sources disagree (%s). One side: %s. Other side: %s. Taken: %s", x->topic, x->source_a,
                                 x->source_b, x->side));
    for (size_t i = 0; i < x->rows_n; i++) fe__said_source(l, s, x->rows[i]);
    for (size_t i = 0; i < more_n; i++) fe__said_source(l, s, more[i]);
}

said *fe__say_rule(said_list *l, facts *f, const rule *r) {
    said *s = fe__say(l, r->finding->id, r->sources_n ? r->sources[0] : NULL, r->text);
    if (r->level >= 0) s->level = (level)r->level;
    fact_list because = {0};
    fe__facts_because(f, r->when, &because);
    for (size_t i = 0; i < because.n; i++) fe__said_fact(l, s, because.list[i].text, because.list[i].at);
    for (size_t i = 0; i < r->sources_n; i++) fe__said_source(l, s, r->sources[i]);
    if (r->differs) fe__say_differ(l, r->differs, r->sources, r->sources_n);
    return fe__say(l, r->finding->id, NULL, NULL); /* the list may have moved */
}

void fe__say_rules(said_list *l, facts *f, unsigned question) {
    for (size_t i = 0; i < l->k->rules_n; i++) {
        const rule *r = &l->k->rules[i];
        if (r->finding && (r->questions & question) && !r->of_n && fe__facts_rule(f, (int)i) == TRI_TRUE) fe__say_rule(l, f, r);
    }
}

static bool belongs(const knowledge *k, const char *finding, const char *question) {
    const finding_row *row = fe__finding_find(k, finding);
    for (size_t i = 0; row && i < row->questions_n; i++)
        if (fe__streq(row->questions[i], question)) return true;
    return false;
}

void fe__say_gates(said_list *l, facts *f, const product *p, const char *question) {
    for (size_t i = 0; i < p->gates_n; i++) {
        const gate *g = &p->gates[i];
        if (!g->finding || !belongs(l->k, g->finding, question) || fe__facts_holds(f, g->condition) != TRI_TRUE) continue;
        said *s = fe__say(l, g->finding, g->id, NULL);
        fe__said_fact(l, s, fe__printf(l->a, "%s: %s", p->id, g->text), "");
        fact_list because = {0};
        fe__facts_because(f, g->condition, &because);
        for (size_t b = 0; b < because.n; b++) fe__said_fact(l, s, because.list[b].text, because.list[b].at);
        fe__said_source(l, s, g->id);
    }
}

bool fe__cite_weak(const knowledge *k, const cite *c, long today) {
    return c->verified == VERIFIED_MEMORY || (double)(today - c->as_of) > k->practice.knowledge_max_age_days;
}

static void say_unverified(said_list *l, long today) {
    said *weak = NULL;
    size_t n = l->n;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < l->list[i].sources_n; j++) {
            const char *id = l->list[i].sources[j];
            if (!fe__cite_weak(l->k, fe__cite_find(l->k, id), today)) continue;
            if (!weak) weak = fe__say(l, "unverified-rule", id, NULL);
            fe__said_source(l, weak, id);
            fe__said_fact(l, weak, fe__printf(l->a, "%s rests on %s", l->list[i].id, id), "");
        }
    }
}

/* Urgent before refusal before caution before info; equal ones stay in the order in which they were said. */
static int rank_of(level v) { return v == LEVEL_URGENT ? 0 : v == LEVEL_REFUSAL ? 1 : v == LEVEL_CAUTION ? 2 : 3; }

static void sort_by_level(said_list *l) {
    for (size_t i = 1; i < l->n; i++) { /* insertion keeps the order of equals; the list is short */
        said s = l->list[i];
        size_t j = i;
        while (j > 0 && rank_of(l->list[j - 1].level) > rank_of(s.level)) {
            l->list[j] = l->list[j - 1];
            j--;
        }
        l->list[j] = s;
    }
}

void fe__say_end(said_list *l, const facts *f, unsigned question) {
    if (question & (Q_ASSESS | Q_PLAN | Q_FORECAST | Q_INTERPRET)) {
        fe__say_by_its_rows(l, "not-a-device");
    }
    say_unverified(l, f->today);
    sort_by_level(l);
}
