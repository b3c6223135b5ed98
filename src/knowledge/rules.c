/* rules.json: when a finding holds and what follows; the lists of causes, checks, sheet lines and dates. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "knowledge/loading.h"

static const char *const effects[] = {"none",           "indicates",     "individual", "contraindicates", "defers",
                                      "not-deficiency", "not-indicated", "oral",       "urgent",          "missing"};
enum { EFFECTS = EFFECT_MISSING + 1 };

/* Sources of an element; resolved when every file is read. */
static const char *const *take_sources(loader *l, shape *o, const char *list, size_t row, size_t *n) {
    const char *const *ids = fe__take_texts(o, "sources", SOME, n);
    for (size_t i = 0; i < *n; i++) fe__loader_mention(l, list, row, i, ids[i]);
    return ids;
}

static const finding_row *take_finding(loader *l, shape *o, const char *key) {
    const char *id = fe__take_text(o, key, MUST);
    const finding_row *f = fe__finding_find(l->k, id);
    if (!f && *id) fe__shape_fault(o, key, "an id of findings.csv", id, fe__names_hint(l->a, &l->index->findings, id));
    return f;
}

/* ---- of an interpretation ------------------------------------------------------------------------------------------- */

const char *const fe__interpret_verdict_words[INTERPRET_VERDICTS] = {"act-now", "act", "watch", "as-expected", "too-early"};

/* Labs or signs of the vocabulary, by their rows. */
static const int *take_of(loader *l, shape *o, size_t *n) {
    const char *const *ids = fe__take_texts(o, "of", MAY, n);
    int *rows = FE_NEW_ARRAY(l->a, int, *n + 1);
    for (size_t i = 0; i < *n; i++) {
        rows[i] = fe__term_find_kind(l->k, ids[i], TERM_LAB);
        if (rows[i] < 0) rows[i] = fe__term_find_kind(l->k, ids[i], TERM_SIGN);
        if (rows[i] < 0) fe__shape_fault(o, "of", "labs or signs of vocabulary.csv", ids[i], NULL);
    }
    return rows;
}

static int take_verdict(shape *o, take how) {
    return fe__take_word(o, "verdict", how, -1, fe__interpret_verdict_words, INTERPRET_VERDICTS);
}

/* ---- definitions and findings ------------------------------------------------------------------------------------ */

static unsigned take_questions(loader *l, shape *o) {
    size_t n;
    const char *const *list = fe__take_texts(o, "in", SOME, &n);
    unsigned questions = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned k = 0;
        while (k < QUESTION_WORDS && strcmp(list[i], fe__question_words[k]) != 0) k++;
        if (k < QUESTION_WORDS) questions |= 1u << k;
        else fe__shape_fault(o, "in", fe__words_text(l->a, fe__question_words, QUESTION_WORDS), list[i], NULL);
    }
    return questions;
}

/* `indication` stands beside the effect "indicates", and only there. */
static void take_indication(loader *l, shape *o, rule *r) {
    static const char *const strengths[] = {"strong", "usual", "consider", "specialist"};
    bool indicates = r->effect == EFFECT_INDICATES;
    const tree *json = fe__take(o, "indication", indicates ? MUST : MAY, "object with id and strength");
    place at = fe__place_key(o->at, "indication");
    if (!json) return;
    if (!indicates) fe__shape_fault(o, "indication", "the effect \"indicates\" beside an indication", effects[r->effect], NULL);
    shape i = fe__shape(&l->f, json, &at);
    r->indication = fe__take_term(l, &i, "id", MUST, TERM_CONDITION);
    int s = fe__take_word(&i, "strength", MUST, -1, strengths, sizeof strengths / sizeof *strengths);
    r->strength = s < 0 ? NULL : strengths[s];
    fe__shape_done(&i);
}

static void take_routes(loader *l, shape *o, rule *r) {
    static const char *const routes[] = {"oral", "iv"};
    r->routes = fe__take_texts(o, "routes", MAY, &r->routes_n);
    for (size_t i = 0; i < r->routes_n; i++) {
        bool is_known = strcmp(r->routes[i], routes[0]) == 0 || strcmp(r->routes[i], routes[1]) == 0;
        if (!is_known) fe__shape_fault(o, "routes", fe__words_text(l->a, routes, 2), r->routes[i], NULL);
    }
}

static void take_differs(loader *l, shape *o, rule *r) {
    const char *id = fe__take_text(o, "differs", MAY);
    if (!id) return;
    r->differs = fe__contradiction_find(l->k, id);
    if (!r->differs)
        fe__shape_fault(o, "differs", "an id of contradictions.csv", id, fe__names_hint(l->a, &l->index->contradictions, id));
}

static void read_rule(loader *l, const tree *json, const place *at, const char *list, size_t row, size_t known, rule *r) {
    bool is_finding = strcmp(list, "findings") == 0;
    shape o = fe__shape(&l->f, json, at);
    r->id = fe__take_text(&o, "id", MUST);
    r->when = fe__take_condition(l, &o, "when", MUST, known);
    r->sources = take_sources(l, &o, list, row, &r->sources_n);
    fe__take_none(&o, "note");
    if (is_finding) {
        r->finding = take_finding(l, &o, "finding");
        r->questions = take_questions(l, &o);
        r->effect = (effect)fe__take_word(&o, "effect", MAY, EFFECT_NONE, effects, EFFECTS);
        take_indication(l, &o, r);
        take_routes(l, &o, r);
        r->about = fe__take_condition(l, &o, "about", MAY, known);
        take_differs(l, &o, r);
        r->text = fe__take_text(&o, "text", MAY);
        r->level = fe__take_word(&o, "level", MAY, -1, fe__level_words, LEVEL_WORDS);
        r->why = fe__take_text(&o, "why", MAY);
        r->of = take_of(l, &o, &r->of_n);
        r->verdict = take_verdict(&o, MAY);
        r->lapses = fe__take_yes(&o, "lapses", MAY, false);
        r->tells_chance = fe__take_yes(&o, "tells_chance", MAY, false);
        if (r->of_n && r->questions != Q_INTERPRET)
            fe__shape_fault(&o, "of", "a rule of the question interpret alone", "other questions", NULL);
    }
    fe__shape_done(&o);
    if (!fe__loader_id(&l->index->rules, r->id)) fe__shape_fault(&o, "id", "an id that no other rule has", r->id, NULL);
}

/* A rule may name those above it: the rules before this one, however many there are. */
static void read_rules(loader *l, const tree *rows, const place *root, const char *list, rule *rules) {
    place list_at = fe__place_key(root, list);
    for (size_t i = 0; i < fe__tree_length(rows); i++) {
        place at = fe__place_index(&list_at, i);
        size_t row = l->k->rules_n;
        read_rule(l, fe__tree_element(rows, i), &at, list, i, row, &rules[row]);
        l->k->rules_n = row + 1;
    }
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

/* What the id of a line is: a word of the vocabulary of that kind, an id of findings.csv, or nothing at all. */
typedef enum line_id {
    ID_CONDITION,
    ID_MEDICATION,
    ID_FINDING,
    ID_WORD,
    ID_WINDOW,
    ID_READING,
    ID_RETEST,
    ID_CAUSE_OF_FAILURE,
    ID_ITEM,
    ID_NONE
} line_id;

static const char *take_window_id(shape *o) {
    static const char *const windows[] = {"not-interpretable", "provisional", "reliable"};
    int i = fe__take_word(o, "id", MUST, 0, windows, sizeof windows / sizeof *windows);
    return windows[i];
}

static void take_window(loader *l, shape *o, rule_line *line) {
    line->lab = fe__take_term(l, o, "lab", MUST, TERM_LAB);
    line->from_day = fe__take_number(o, "from_day", MUST, NAN, 0, 3650);
    line->to_day = fe__take_number(o, "to_day", MAY, INFINITY, 0, 3650);
}

static const char *take_reading_id(shape *o) {
    static const char *const readings[] = {"expected", "artefact",   "too-early", "provisional",    "high",
                                           "low",      "responding", "late",      "not-responding", "impossible"};
    int i = fe__take_word(o, "id", MUST, 0, readings, sizeof readings / sizeof *readings);
    return readings[i];
}

/* A lab that is drawn again: days after the last iron by vein, or from now. */
static void take_retest(loader *l, shape *o, rule_line *line) {
    static const char *const afters[] = {"iron", "now"};
    line->lab = fe__take_term(l, o, "lab", MUST, TERM_LAB);
    int after = fe__take_word(o, "after", MUST, 0, afters, 2);
    line->after = afters[after];
    line->days = fe__take_number(o, "not_before_days", MUST, NAN, 0, 3650);
    line->best_days = fe__take_number(o, "best_days", MUST, NAN, 0, 3650);
    line->why = fe__take_text(o, "why", MUST);
    if (line->best_days < line->days)
        fe__shape_fault(o, "best_days", "a day that is not before not_before_days", "an earlier one", NULL);
}

static void take_cause_of_failure(loader *l, shape *o, rule_line *line) {
    line->against = fe__take_condition(l, o, "against", MAY, l->k->rules_n);
    line->take = fe__take_terms(l, o, "tests", MAY, TERM_LAB, &line->take_n);
}

/* A lab, or a field of the patient. */
static const char *take_item(loader *l, shape *o) {
    const char *id = fe__take_text(o, "id", MUST);
    bool known = fe__term_find_kind(l->k, id, TERM_LAB) >= 0 || fe__term_find_kind(l->k, id, TERM_FIELD) >= 0;
    if (!known && *id) fe__shape_fault(o, "id", "a lab or a field of vocabulary.csv", id, NULL);
    return id;
}

static const char *take_line_id(loader *l, shape *o, line_id what) {
    switch (what) {
    case ID_CONDITION: return fe__take_term(l, o, "id", MUST, TERM_CONDITION);
    case ID_MEDICATION: return fe__take_term(l, o, "id", MUST, TERM_MEDICATION);
    case ID_CAUSE_OF_FAILURE:
    case ID_FINDING: {
        const finding_row *f = take_finding(l, o, "id");
        return f ? f->id : "";
    }
    case ID_WORD: return fe__take_text(o, "id", MUST);
    case ID_WINDOW: return take_window_id(o);
    case ID_READING: return take_reading_id(o);
    case ID_ITEM: return take_item(l, o);
    case ID_RETEST:
    case ID_NONE: break;
    }
    return fe__take_text_or(o, "id", "");
}

static void take_date(loader *l, shape *o, rule_line *line) {
    static const char *const afters[] = {"first", "last"};
    int after = fe__take_word(o, "after", MUST, -1, afters, 2);
    line->after = after < 0 ? NULL : afters[after];
    line->days = fe__take_number(o, "days", MUST, NAN, 0, 3650);
    line->take = fe__take_texts(o, "take", SOME, &line->take_n);
    place list = fe__place_key(o->at, "take");
    for (size_t i = 0; i < line->take_n; i++) { /* labs, or a question to the patient */
        place at = fe__place_index(&list, i);
        if (strcmp(line->take[i], "symptoms") != 0) fe__term_must(l->a, &l->f, l->k, &at, line->take[i], TERM_LAB);
    }
    line->why = fe__take_text(o, "why", MUST);
}

static void read_line(loader *l, const tree *json, const place *at, const char *list, size_t row, line_id what, rule_line *line) {
    shape o = fe__shape(&l->f, json, at);
    line->days = NAN;
    line->id = take_line_id(l, &o, what);
    line->when = fe__take_condition(l, &o, "when", MUST, l->k->rules_n);
    line->text = fe__take_text(&o, "text", MAY);
    line->test = what == ID_CONDITION ? fe__take_term(l, &o, "test", MAY, TERM_LAB) : NULL;
    if (what == ID_NONE) take_date(l, &o, line);
    if (what == ID_WINDOW) take_window(l, &o, line);
    if (what == ID_RETEST) take_retest(l, &o, line);
    if (what == ID_CAUSE_OF_FAILURE) take_cause_of_failure(l, &o, line);
    line->verdict = what == ID_READING ? take_verdict(&o, MUST) : -1;
    if (what == ID_READING) line->of = take_of(l, &o, &line->of_n);
    line->sources = take_sources(l, &o, list, row, &line->sources_n);
    fe__take_none(&o, "note");
    fe__shape_done(&o);
}

static rule_lines read_lines(loader *l, shape *whole, const char *list, line_id what) {
    const tree *rows = fe__take_list(whole, list, MUST);
    rule_line *lines = FE_NEW_ARRAY(l->a, rule_line, fe__tree_length(rows));
    place list_at = fe__place_key(whole->at, list);
    for (size_t i = 0; i < fe__tree_length(rows); i++) {
        place at = fe__place_index(&list_at, i);
        read_line(l, fe__tree_element(rows, i), &at, list, i, what, &lines[i]);
    }
    return (rule_lines){.list = lines, .n = fe__tree_length(rows)};
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

void fe__load_rules(loader *l) {
    static const char *const schemas[] = {"ferrule-rules/1"};
    fe__loader_enter(l, FILE_RULES);
    knowledge *k = l->k;
    place root = fe__place("");
    shape o = fe__shape(&l->f, l->files[FILE_RULES].json, &root);
    fe__take_word(&o, "schema", MUST, 0, schemas, 1);
    const tree *definitions = fe__take_list(&o, "definitions", MUST), *findings = fe__take_list(&o, "findings", MUST);
    rule *rules = FE_NEW_ARRAY(l->a, rule, fe__tree_length(definitions) + fe__tree_length(findings));
    k->rules = rules;
    read_rules(l, definitions, &root, "definitions", rules);
    read_rules(l, findings, &root, "findings", rules);
    k->causes = read_lines(l, &o, "causes", ID_CONDITION);
    k->checklist = read_lines(l, &o, "checklist", ID_FINDING);
    k->setup = read_lines(l, &o, "setup", ID_FINDING);
    k->vitals = read_lines(l, &o, "vitals", ID_FINDING);
    k->checks = read_lines(l, &o, "checks", ID_FINDING);
    k->sheet = read_lines(l, &o, "sheet", ID_FINDING);
    k->calendar = read_lines(l, &o, "calendar", ID_NONE);
    k->premedication = read_lines(l, &o, "premedication", ID_MEDICATION);
    k->populations = read_lines(l, &o, "populations", ID_WORD);
    k->miss_populations = read_lines(l, &o, "miss_populations", ID_WORD);
    k->covariates = read_lines(l, &o, "covariates", ID_WORD);
    k->windows = read_lines(l, &o, "windows", ID_WINDOW);
    k->expectations = read_lines(l, &o, "expectations", ID_FINDING);
    k->readings = read_lines(l, &o, "readings", ID_READING);
    k->retests = read_lines(l, &o, "retests", ID_RETEST);
    k->differential = read_lines(l, &o, "differential", ID_CAUSE_OF_FAILURE);
    k->tests = read_lines(l, &o, "tests", ID_ITEM);
    fe__take_none(&o, "as_of");
    fe__take_none(&o, "note");
    fe__shape_done(&o);
}
