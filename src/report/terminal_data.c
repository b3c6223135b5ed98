/* The end of a data set on a terminal: how many patients, which failed and why, how far the etas are drawn towards the typical patient. */
#include "report/page.h"

static void failed_lines(page *p, const json_t *failed) {
    for (size_t i = 0; i < json_array_size(failed); i++) {
        const json_t *f = json_array_get(failed, i);
        fe__page_paragraph(p, fe__printf(p->a, "  %s (line %.0f)  ", fe__js(f, "id"), fe__jn(f, "line")), INK_YELLOW,
                           fe__js(f, "why"));
    }
}

static void shrinkage_lines(page *p, const json_t *list) {
    if (json_array_size(list) == 0) return;
    fe__page_heading(p, "Likeliest etas over the patients");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *s = json_array_get(list, i);
        fe__page_paragraph(p, fe__printf(p->a, "  %2.0f %-10s ", fe__jn(s, "eta"), fe__js(s, "acts_on")), INK_PLAIN,
                           fe__printf(p->a, "mean %+.3f, shrinkage %.0f%%, %.0f patients", fe__jn(s, "mean"),
                                      100 * fe__jn(s, "shrinkage"), fe__jn(s, "patients")));
    }
}

void fe__page_data(page *p, const json_t *root) {
    const json_t *failed = json_object_get(root, "failed"), *ignored = json_object_get(root, "ignored");
    double done = fe__jn(root, "done"), all = fe__jn(root, "patients");
    fe__page_paragraph(
        p, "", INK_BOLD,
        fe__printf(p->a, "%.0f of %.0f patients done, %zu of them without an answer.", done, all, json_array_size(failed)));
    if (fe__streq(fe__js(root, "verdict"), "interrupted"))
        fe__page_paragraph(p, "", INK_YELLOW, "Interrupted: what was written is whole up to the last patient done.");
    failed_lines(p, failed);
    if (json_array_size(ignored))
        fe__page_paragraph(p, "Columns that mean nothing here: ", INK_DIM, fe__printf(p->a, "%s.", fe__list(p, ignored)));
    shrinkage_lines(p, json_object_get(root, "shrinkage"));
    fe__page_stamp(p, root);
}
