/* reactions.json, the protocol of an infusion. Its rows can be cited; ids, sources and words are checked wherever they
 * stand, whatever the row is about. */
#include <string.h>

#include "base/json.h"
#include "knowledge/loading.h"

typedef struct protocol {
    loader *l;
    names keys; /* of its own sources */
    source_row *sources;
} protocol;

static void read_sources(protocol *p, const tree *json, const place *at) {
    loader *l = p->l;
    fe__names_init(&p->keys, l->a);
    p->sources = FE_NEW_ARRAY(l->a, source_row, fe__tree_size(json));
    for (size_t i = 0; i < fe__tree_size(json); i++) {
        const char *key = fe__strdup(l->a, json->items[i].key);
        place row_at = fe__place_key(at, key);
        shape o = fe__shape(&l->f, &json->items[i], &row_at);
        source_row *s = &p->sources[p->keys.n];
        s->cite = fe__take_text(&o, "user_source", MUST);
        s->verified = fe__take_verified(&o);
        fe__take_none(&o, "read");
        fe__shape_done(&o);
        fe__names_add(&p->keys, key);
        if (fe__names_find(&l->source_names, key) < 0) fe__loader_cite(l, "/sources", key, s->cite, s->verified);
    }
}

static void fault_at(loader *l, const place *at, const char *key, const char *expected, const char *found, const char *hint) {
    place here = fe__place_key(at, key);
    fe__fault(&l->f, fe__place_text(l->a, &here), expected, found, hint);
}

/* A word of a row that must be known elsewhere; nothing when the row has no such key. */
static void check_term(protocol *p, const tree *row, const place *at, const char *key, term_kind kind) {
    const char *id = fe__tree_text(fe__tree_get(row, key));
    place here = fe__place_key(at, key);
    if (id) fe__term_must(p->l->a, &p->l->f, p->l->k, &here, id, kind);
}

static void check_finding(protocol *p, const tree *row, const place *at) {
    const char *id = fe__tree_text(fe__tree_get(row, "id_finding"));
    if (!id || fe__finding_find(p->l->k, id)) return;
    fault_at(p->l, at, "id_finding", "an id of findings.csv", id, fe__names_hint(p->l->a, &p->l->index->findings, id));
}

static verified verified_of(protocol *p, const tree *row, const place *at) {
    const char *word = fe__tree_text(fe__tree_get(row, "verified"));
    for (int i = 0; word && i < VERIFIED_WORDS; i++) {
        if (strcmp(word, fe__verified_words[i]) == 0) return (verified)i;
    }
    fault_at(p->l, at, "verified", fe__words_text(p->l->a, fe__verified_words, VERIFIED_WORDS), word, NULL);
    return VERIFIED_MEMORY;
}

static void read_row(protocol *p, const tree *row, const place *at) {
    loader *l = p->l;
    const char *id = fe__strdup(l->a, fe__tree_text(fe__tree_get(row, "id")));
    const char *source = fe__tree_text(fe__tree_get(row, "source"));
    const char *words = fe__tree_text(fe__tree_get(row, "text"));
    if (!id || !*id) fault_at(l, at, "id", "text", fe__tree_found(l->a, fe__tree_get(row, "id")), NULL);
    int s = source ? fe__names_find(&p->keys, source) : -1;
    if (s < 0) fault_at(l, at, "source", "a key of sources", source, source ? fe__names_hint(l->a, &p->keys, source) : NULL);
    verified v = verified_of(p, row, at);
    check_finding(p, row, at);
    check_term(p, row, at, "sign", TERM_SIGN);
    check_term(p, row, at, "medication", TERM_MEDICATION);
    if (!id || s < 0) return;
    const char *from = p->sources[s].cite;
    bool is_taken = fe__names_find(&l->row_names, id) >= 0;
    fe__loader_cite(l, is_taken ? fe__place_text(l->a, at) : "", id,
                    words ? fe__joined(l->a, from, ": ", words) : fe__strdup(l->a, from), v);
}

static void walk(protocol *p, const tree *json, const place *at) {
    if (fe__tree_is(json, TREE_OBJECT) && fe__tree_get(json, "id")) read_row(p, json, at);
    for (size_t i = 0; i < fe__tree_size(json); i++) {
        place under = fe__place_key(at, json->items[i].key);
        walk(p, &json->items[i], &under);
    }
    for (size_t i = 0; i < fe__tree_length(json); i++) {
        place under = fe__place_index(at, i);
        walk(p, fe__tree_element(json, i), &under);
    }
}

void fe__load_reactions(loader *l) {
    fe__loader_enter(l, FILE_REACTIONS);
    const tree *json = l->files[FILE_REACTIONS].json;
    place root = fe__place(""), sources_at = fe__place_key(&root, "sources");
    protocol p = {.l = l};
    shape o = fe__shape(&l->f, json, &root);
    fe__take_text(&o, "schema", MUST);
    read_sources(&p, fe__take(&o, "sources", MUST, "object"), &sources_at);
    walk(&p, json, &root);
    fe__load_reaction_rows(l, json);
}
