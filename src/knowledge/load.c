/* The door of the knowledge: reads all files, has each read by its own reader, resolves what one file says of another,
 * and looks things up afterwards.
 *
 * Order of reading: what others name comes first. Rules come before products because gates name rules; `sources` may
 * name rows of any file and are resolved at the end. */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "knowledge/embedded.h"
#include "knowledge/loading.h"

const char *const fe__data_files[FILE_COUNT] = {"codes.csv",      "contradictions.csv", "findings.csv",  "guidance.csv",
                                                "manifest.json",  "missing.csv",        "practice.json", "products.json",
                                                "reactions.json", "rules.json",         "units.csv",     "vocabulary.csv"};

const char *const fe__verified_words[VERIFIED_WORDS] = {"yes", "secondary", "derived", "project", "memory"};

const char *fe__verified_word(verified v) { return fe__verified_words[v]; }

const char *const fe__level_words[LEVEL_WORDS] = {"info", "caution", "urgent", "refusal"};

const char *fe__level_word(level l) { return fe__level_words[l]; }

/* ---- files ------------------------------------------------------------------------------------------------------- */

void fe__loader_enter(loader *l, file_id file) {
    l->file = file;
    l->f.file = l->files[file].name;
}

static bool is_clean(const loader *l) { return l->f.n + l->f.dropped == 0; }

static void read_built_in(loader *l, file_id id) {
    data_file *file = &l->files[id];
    for (size_t i = 0; i < fe__embedded_count; i++) {
        if (strcmp(fe__embedded[i].name, file->name) != 0) continue;
        file->text = (const char *)fe__embedded[i].data;
        file->size = fe__embedded[i].size;
        return;
    }
    fe__fault(&l->f, "", "a file of the built-in knowledge", "no file of this name", "build again, or give a folder with --data");
}

static void read_file(loader *l, file_id id, const char *folder) {
    data_file *file = &l->files[id];
    file->name = folder ? fe__joined(l->a, folder, "/", fe__data_files[id]) : fe__data_files[id];
    fe__loader_enter(l, id);
    if (folder) file->text = fe__file_read(&l->f, file->name, CSV_MAX_BYTES, &file->size);
    else read_built_in(l, id);
    size_t n = strlen(file->name);
    bool is_json = n > 5 && strcmp(file->name + n - 5, ".json") == 0;
    if (!file->text || !is_json) return;
    json_t *checked =
        folder ? fe__json_read(&l->f, file->text, file->size) : NULL; /* the built-in copy was checked when it was built */
    if (checked || !folder) file->json = fe__tree_parse(l->a, file->text);
    json_decref(checked);
}

/* The hash of the listing "hash  name" of every file, as `sha256sum FILES | sha256sum` prints it. */
static const char *hash_of_files(loader *l) {
    text listing;
    fe__text_init(&listing, l->a);
    for (int i = 0; i < FILE_COUNT; i++) {
        fe__text_add(&listing, fe__sha256_hex(l->a, l->files[i].text, l->files[i].size));
        fe__text_add(&listing, "  ");
        fe__text_add(&listing, fe__data_files[i]);
        fe__text_add(&listing, "\n");
    }
    return fe__sha256_hex(l->a, listing.s, listing.n);
}

sheet fe__loader_sheet(loader *l, const char *const *columns, size_t n) {
    const data_file *file = &l->files[l->file];
    return fe__sheet(&l->f, file->text, file->size, columns, n);
}

/* ---- what the readers share -------------------------------------------------------------------------------------- */

char *fe__joined(arena *a, const char *one, const char *between, const char *two) {
    size_t n1 = strlen(one), nb = strlen(between), n2 = strlen(two);
    char *s = fe__alloc(a, n1 + nb + n2 + 1);
    memcpy(s, one, n1);
    memcpy(s + n1, between, nb);
    memcpy(s + n1 + nb, two, n2);
    return s;
}

bool fe__loader_id(names *t, const char *id) {
    bool is_new = fe__names_find(t, id) < 0;
    fe__names_add(t, id);
    return is_new;
}

void fe__loader_cite(loader *l, const char *at, const char *id, const char *words, verified v) {
    if (!*id) return;
    if (!fe__loader_id(&l->row_names, id)) fe__fault(&l->f, at, "an id that no other row has", id, NULL);
    *FE_PUSH(l->a, l->cites, l->cites_n, l->cites_cap) =
        (cite){.id = id, .text = words, .verified = v, .as_of = l->files[l->file].as_of};
}

void fe__loader_cite_row(loader *l, const place *at, const char *id, const char *source, const char *words, verified v) {
    if (!*id) return;
    int s = fe__names_find(&l->source_names, source);
    const char *from = s >= 0 ? l->sources[s].cite : "";
    const char *whole = words && *words ? fe__joined(l->a, from, ": ", words) : from;
    bool is_taken = fe__names_find(&l->row_names, id) >= 0;
    fe__loader_cite(l, is_taken ? fe__place_text(l->a, at) : "", id, whole, v);
}

void fe__loader_mention(loader *l, const char *list, size_t row, size_t item, const char *id) {
    *FE_PUSH(l->a, l->mentions, l->mentions_n, l->mentions_cap) =
        (mention){.file = l->file, .at = list, .row = row, .item = item, .id = id};
}

void fe__loader_mention_cell(loader *l, const char *at, const char *id) {
    *FE_PUSH(l->a, l->mentions, l->mentions_n, l->mentions_cap) = (mention){.file = l->file, .at = at, .is_csv = true, .id = id};
}

const char *fe__take_source(loader *l, shape *o, take how) {
    const char *key = fe__take_text(o, "source", how);
    if (!key || !*key) return "";
    if (fe__names_find(&l->source_names, key) < 0) {
        fe__shape_fault(o, "source", "a key of sources", key, fe__names_hint(l->a, &l->source_names, key));
    }
    return key;
}

verified fe__take_verified(shape *o) {
    return (verified)fe__take_word(o, "verified", MUST, VERIFIED_MEMORY, fe__verified_words, VERIFIED_WORDS);
}

verified fe__cell_verified(const sheet *s, size_t row, size_t column) {
    return (verified)fe__cell_word(s, row, column, VERIFIED_MEMORY, fe__verified_words, VERIFIED_WORDS);
}

const condition *fe__take_condition(loader *l, shape *o, const char *key, take how, size_t rules_known) {
    const tree *json = fe__take(o, key, how, "a condition");
    place at = fe__place_key(o->at, key);
    return json ? fe__condition_at(l->a, &l->f, l->k, json, &at, rules_known) : NULL;
}

/* ---- manifest ---------------------------------------------------------------------------------------------------- */

static void read_manifest(loader *l) {
    fe__loader_enter(l, FILE_MANIFEST);
    place root = fe__place("");
    shape o = fe__shape(&l->f, l->files[FILE_MANIFEST].json, &root);
    fe__take_text(&o, "schema", MUST);
    l->k->version = fe__take_text(&o, "version", MUST);
    const tree *days = fe__take(&o, "as_of", MUST, "object");
    place at = fe__place_key(&root, "as_of");
    if (days) {
        shape d = fe__shape(&l->f, days, &at);
        for (int i = 0; i < FILE_COUNT; i++) {
            if (i == FILE_MANIFEST) continue;
            const char *day = fe__take_text(&d, fe__data_files[i], MUST);
            if (*day && !fe__date_parse(day, &l->files[i].as_of))
                fe__shape_fault(&d, fe__data_files[i], "a date such as 2026-11-20", day, NULL);
        }
        fe__shape_done(&d);
    }
    fe__shape_done(&o);
}

/* ---- the parts of products.json ---------------------------------------------------------------------------------- */

typedef struct products_parts {
    const tree *sources, *bases, *needs, *products;
} products_parts;

static products_parts parts_of_products(loader *l, const place *root) {
    fe__loader_enter(l, FILE_PRODUCTS);
    shape o = fe__shape(&l->f, l->files[FILE_PRODUCTS].json, root);
    static const char *const words[] = {"schema",       "as_of",           "unit_note",   "rule_kinds",
                                        "gate_actions", "verified_legend", "how_to_read", "common_administration"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) fe__take_none(&o, words[i]);
    products_parts p = {.sources = fe__take(&o, "sources", MUST, "object"),
                        .bases = fe__take_list(&o, "weight_bases", MUST),
                        .needs = fe__take_list(&o, "need_methods", MUST),
                        .products = fe__take_list(&o, "products", MUST)};
    fe__shape_done(&o);
    return p;
}

/* ---- mentions and cites ------------------------------------------------------------------------------------------ */

static int by_id(const void *a, const void *b) { return strcmp(((const cite *)a)->id, ((const cite *)b)->id); }

static void resolve(loader *l, const mention *m) {
    if (fe__names_find(&l->row_names, m->id) >= 0) return;
    fe__loader_enter(l, m->file);
    const char *at = m->is_csv ? m->at : fe__printf(l->a, "/%s/%zu/sources/%zu", m->at, m->row, m->item);
    fe__fault(&l->f, at, "the id of a row of guidance, contradictions, products, reactions or practice", m->id,
              fe__names_hint(l->a, &l->row_names, m->id));
}

/* A contradiction is as weak as its weaker side. */
static void weaken_contradictions(const knowledge *k, cite *cites) {
    for (size_t i = 0; i < k->contradictions_n; i++) {
        const contradiction *x = &k->contradictions[i];
        const cite *own = fe__cite_find(k, x->id);
        for (size_t j = 0; own && j < x->rows_n; j++) {
            const cite *row = fe__cite_find(k, x->rows[j]);
            if (row && row->verified == VERIFIED_MEMORY) cites[own - k->cites].verified = VERIFIED_MEMORY;
        }
    }
}

static void close_references(loader *l) {
    for (size_t i = 0; i < l->mentions_n; i++) resolve(l, &l->mentions[i]);
    if (l->cites_n) qsort(l->cites, l->cites_n, sizeof *l->cites, by_id);
    l->k->cites = l->cites;
    l->k->cites_n = l->cites_n;
    weaken_contradictions(l->k, l->cites);
}

/* ---- loading ----------------------------------------------------------------------------------------------------- */

static void init(loader *l, const char *folder) {
    fe__faults_init(&l->f, l->a, "");
    l->k = FE_NEW(l->a, knowledge);
    l->k->a = l->a;
    l->k->origin = folder ? fe__strdup(l->a, folder) : "built-in";
    l->index = FE_NEW(l->a, struct knowledge_index);
    l->k->index = l->index;
    names *all[] = {&l->index->terms,          &l->index->units,    &l->index->guidance, &l->index->findings,
                    &l->index->contradictions, &l->index->products, &l->index->needs,    &l->index->bases,
                    &l->index->rules,          &l->index->missing,  &l->source_names,    &l->row_names};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) fe__names_init(all[i], l->a);
}

static void load(loader *l, const char *folder) {
    init(l, folder);
    for (int i = 0; i < FILE_COUNT; i++) read_file(l, (file_id)i, folder);
    if (!is_clean(l)) return; /* the rest would only repeat what is missing */
    l->k->sha256 = folder ? hash_of_files(l) : fe__embedded_sha256;
    read_manifest(l);
    place root = fe__place("");
    products_parts p = parts_of_products(l, &root);
    fe__load_sources(l, p.sources, &root);
    fe__load_vocabulary(l);
    fe__load_units(l);
    fe__load_findings(l);
    fe__load_guidance(l);
    fe__load_contradictions(l);
    fe__load_missing(l);
    fe__load_practice(l);
    if (folder)
        fe__load_codes(l); /* nothing is kept of them yet: checked, and for the built-in copy that was done at build time */
    fe__loader_enter(l, FILE_PRODUCTS);
    fe__load_bases(l, p.bases, &root);
    fe__load_needs(l, p.needs, &root);
    fe__load_reactions(l);
    fe__load_rules(l);
    fe__loader_enter(l, FILE_PRODUCTS);
    fe__load_products(l, p.products, &root);
    close_references(l);
}

/* Copies the faults to the caller. When the caller's memory ends in between, the knowledge goes before the jump. */
static void hand_over(const faults *from, faults *f, arena *a) {
    jmp_buf outer;
    jmp_buf *escape = fe__arena_escape(f->a);
    memcpy(&outer, escape, sizeof outer);
    const char *file = f->file;
    if (setjmp(*escape) != 0) {
        memcpy(escape, &outer, sizeof outer);
        f->file = file;
        fe__arena_free(a);
        longjmp(*escape, 1);
    }
    for (size_t i = 0; i < from->n; i++) {
        const fault *x = &from->list[i];
        f->file = fe__strdup(f->a, x->file);
        fe__fault(f, x->at, x->expected, x->found, x->hint);
    }
    f->dropped += from->dropped;
    f->file = file;
    memcpy(escape, &outer, sizeof outer);
}

static knowledge *no_memory(faults *f, arena *a) {
    fe__fault(f, "", "memory for the knowledge", "no more memory", NULL);
    fe__arena_free(a);
    return NULL;
}

knowledge *fe__knowledge_load(const char *folder, faults *f) {
    arena *a = fe__arena_new(0);
    if (!a) return no_memory(f, a);
    if (setjmp(*fe__arena_escape(a))) return no_memory(f, a);
    loader *l = FE_NEW(a, loader);
    l->a = a;
    load(l, folder);
    if (is_clean(l)) return l->k;
    hand_over(&l->f, f, a);
    fe__arena_free(a);
    return NULL;
}

void fe__knowledge_free(knowledge *k) {
    if (k) fe__arena_free(k->a);
}

/* ---- look-ups ---------------------------------------------------------------------------------------------------- */

const product *fe__product_find(const knowledge *k, const char *id) {
    int i = fe__names_find(&k->index->products, id);
    return i < 0 ? NULL : &k->products[i];
}

bool fe__method_is(const method *m, const char *word) {
    return !word || fe__streq(m->id, word) || fe__streq(m->method, word) || fe__streq(m->name, word);
}

const method *fe__method_find(const product *p, const char *word, size_t from) {
    for (size_t i = from; word && i < p->methods_n; i++) {
        if (fe__method_is(&p->methods[i], word)) return &p->methods[i];
    }
    return NULL;
}

const need_method *fe__need_find(const knowledge *k, const char *id) {
    int i = fe__names_find(&k->index->needs, id);
    return i < 0 ? NULL : &k->needs[i];
}

const finding_row *fe__finding_find(const knowledge *k, const char *id) {
    int i = fe__names_find(&k->index->findings, id);
    return i < 0 ? NULL : &k->findings[i];
}

const contradiction *fe__contradiction_find(const knowledge *k, const char *id) {
    int i = fe__names_find(&k->index->contradictions, id);
    return i < 0 ? NULL : &k->contradictions[i];
}

const cite *fe__cite_find(const knowledge *k, const char *id) {
    cite key = {.id = id};
    return id && k->cites_n ? bsearch(&key, k->cites, k->cites_n, sizeof *k->cites, by_id) : NULL;
}

const weight_basis *fe__basis_find(const knowledge *k, const char *id) {
    int i = fe__names_find(&k->index->bases, id);
    return i < 0 ? NULL : &k->bases[i];
}

const char *fe__how_to_get(const knowledge *k, const char *item) {
    int i = fe__names_find(&k->index->missing, item);
    return i < 0 ? NULL : k->missing[i].how_to_get;
}

int fe__rule_find(const knowledge *k, const char *id) { return fe__names_find(&k->index->rules, id); }
