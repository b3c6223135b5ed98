/* What has a source and a sentence: guidance.csv, contradictions.csv, findings.csv, missing.csv. */
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "knowledge/loading.h"

const char *const fe__question_words[QUESTION_WORDS] = {"assess",  "plan",     "check",     "prepare",
                                                        "deficit", "forecast", "interpret", "infuse"};

static bool is_one_of(const char *word, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(word, words[i]) == 0) return true;
    }
    return false;
}

static const char *const *mentions(loader *l, const sheet *s, size_t row, size_t column, size_t *n) {
    const char *const *ids = fe__cell_list(s, row, column, n);
    if (!*n) return ids;
    const char *at = fe__printf(l->a, "%s, %s", fe__cell_line(s, row), s->columns[column]);
    for (size_t i = 0; i < *n; i++) fe__loader_mention_cell(l, at, ids[i]);
    return ids;
}

/* ---- findings.csv ------------------------------------------------------------------------------------------------ */

void fe__load_findings(loader *l) {
    enum { F_ID, F_QUESTION, F_LEVEL, F_MEANING, F_RULES, F_SEED, F_KIND, F_COLUMNS };
    static const char *const columns[F_COLUMNS] = {"id", "question", "level", "meaning", "rule_ids", "seed", "kind"};
    static const char *const kinds[] = {"finding", "advice", "check", "sheet", "expect"};
    fe__loader_enter(l, FILE_FINDINGS);
    sheet s = fe__loader_sheet(l, columns, F_COLUMNS);
    finding_row *rows = FE_NEW_ARRAY(l->a, finding_row, s.t.rows);
    for (size_t i = 0; i < s.t.rows; i++) {
        finding_row *r = &rows[i];
        r->id = fe__cell_must(&s, i, F_ID);
        r->meaning = fe__cell_must(&s, i, F_MEANING);
        r->level = (level)fe__cell_word(&s, i, F_LEVEL, LEVEL_INFO, fe__level_words, LEVEL_WORDS);
        int kind = fe__cell_word(&s, i, F_KIND, 0, kinds, sizeof kinds / sizeof *kinds);
        r->kind = kinds[kind];
        r->questions = fe__cell_list(&s, i, F_QUESTION, &r->questions_n);
        r->rule_ids = mentions(l, &s, i, F_RULES, &r->rule_ids_n);
        r->seeds = mentions(l, &s, i, F_SEED, &r->seeds_n);
        for (size_t j = 0; j < r->questions_n; j++) {
            if (!is_one_of(r->questions[j], fe__question_words, QUESTION_WORDS)) {
                fe__cell_fault(&s, i, F_QUESTION, fe__words_text(l->a, fe__question_words, QUESTION_WORDS), r->questions[j],
                               NULL);
            }
        }
        if (!fe__loader_id(&l->index->findings, r->id)) fe__cell_fault(&s, i, F_ID, "an id that no other row has", r->id, NULL);
    }
    l->k->findings = rows;
    l->k->findings_n = s.t.rows;
}

/* ---- guidance.csv ------------------------------------------------------------------------------------------------ */

void fe__load_guidance(loader *l) {
    enum { G_ID, G_TOPIC, G_STATEMENT, G_APPLIES, G_STRENGTH, G_SOURCE, G_VERIFIED, G_SEED, G_KIND, G_USER, G_AS_OF, G_COLUMNS };
    static const char *const columns[G_COLUMNS] = {"id",       "topic", "statement", "applies_when", "strength", "source",
                                                   "verified", "seed",  "rule_kind", "user_source",  "as_of"};
    static const char *const kinds[] = {"must", "should", "may", "info"};
    fe__loader_enter(l, FILE_GUIDANCE);
    sheet s = fe__loader_sheet(l, columns, G_COLUMNS);
    guidance *rows = FE_NEW_ARRAY(l->a, guidance, s.t.rows);
    for (size_t i = 0; i < s.t.rows; i++) {
        guidance *r = &rows[i];
        r->id = fe__cell_must(&s, i, G_ID);
        r->topic = fe__cell_must(&s, i, G_TOPIC);
        r->statement = fe__cell_must(&s, i, G_STATEMENT);
        r->applies_when = fe__cell(&s, i, G_APPLIES);
        r->strength = fe__cell_must(&s, i, G_STRENGTH);
        r->source = fe__cell_must(&s, i, G_SOURCE);
        r->seed = fe__cell(&s, i, G_SEED);
        r->verified = fe__cell_verified(&s, i, G_VERIFIED);
        int kind = fe__cell_word(&s, i, G_KIND, 0, kinds, sizeof kinds / sizeof *kinds);
        r->rule_kind = kinds[kind];
        r->user_source = fe__cell_must(&s, i, G_USER);
        bool is_new = fe__loader_id(&l->index->guidance, r->id);
        if (!is_new) fe__cell_fault(&s, i, G_ID, "an id that no other row has", r->id, NULL);
        else fe__loader_cite(l, "", r->id, r->user_source, r->verified);
        long day;
        if (!fe__date_parse(fe__cell(&s, i, G_AS_OF), &day))
            fe__cell_fault(&s, i, G_AS_OF, "a date such as 2026-11-20", fe__cell(&s, i, G_AS_OF), NULL);
        else if (is_new && *r->id) l->cites[l->cites_n - 1].as_of = day;
    }
    l->k->guidance = rows;
    l->k->guidance_n = s.t.rows;
}

/* ---- contradictions.csv ------------------------------------------------------------------------------------------ */

void fe__load_contradictions(loader *l) {
    enum { X_ID, X_TOPIC, X_A, X_B, X_SIDE, X_ROWS, X_COLUMNS };
    static const char *const columns[X_COLUMNS] = {"id", "topic", "source_A_says", "source_B_says", "default_and_why", "rows"};
    fe__loader_enter(l, FILE_CONTRADICTIONS);
    sheet s = fe__loader_sheet(l, columns, X_COLUMNS);
    contradiction *rows = FE_NEW_ARRAY(l->a, contradiction, s.t.rows);
    for (size_t i = 0; i < s.t.rows; i++) {
        contradiction *r = &rows[i];
        r->id = fe__cell_must(&s, i, X_ID);
        r->topic = fe__cell_must(&s, i, X_TOPIC);
        r->source_a = fe__cell_must(&s, i, X_A);
        r->source_b = fe__cell_must(&s, i, X_B);
        r->side = fe__cell_must(&s, i, X_SIDE);
        r->rows = mentions(l, &s, i, X_ROWS, &r->rows_n);
        if (r->rows_n == 0) fe__cell_fault(&s, i, X_ROWS, "at least one row on which the sides stand", "an empty cell", NULL);
        fe__names_add(&l->index->contradictions, r->id);
        const char *line = fe__names_find(&l->row_names, r->id) >= 0 ? fe__cell_line(&s, i) : "";
        fe__loader_cite(l, line, r->id, fe__joined(l->a, r->source_a, " / ", r->source_b), VERIFIED_YES);
    }
    l->k->contradictions = rows;
    l->k->contradictions_n = s.t.rows;
}

/* ---- missing.csv ------------------------------------------------------------------------------------------------- */

void fe__load_missing(loader *l) {
    enum { M_ITEM, M_HOW, M_SOURCES, M_COLUMNS };
    static const char *const columns[M_COLUMNS] = {"item", "how_to_get", "sources"};
    fe__loader_enter(l, FILE_MISSING);
    sheet s = fe__loader_sheet(l, columns, M_COLUMNS);
    missing_row *rows = FE_NEW_ARRAY(l->a, missing_row, s.t.rows);
    for (size_t i = 0; i < s.t.rows; i++) {
        size_t n;
        rows[i].item = fe__cell_must(&s, i, M_ITEM);
        rows[i].how_to_get = fe__cell_must(&s, i, M_HOW);
        mentions(l, &s, i, M_SOURCES, &n);
        if (!fe__loader_id(&l->index->missing, rows[i].item))
            fe__cell_fault(&s, i, M_ITEM, "an item that no other row has", rows[i].item, NULL);
    }
    l->k->missing = rows;
    l->k->missing_n = s.t.rows;
}
