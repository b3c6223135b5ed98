/* Whom each arm of a validation was played with: what its study gives of the baseline, what is the population's, what was assumed. */
#include <math.h>

#include "report/html.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/say.h"

enum { FIGURES = 3 };

static void baselines(report *r, const json_t *arm) {
    const json_t *list = json_object_get(arm, "baselines");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *b = json_array_get(list, i);
        bool study = fe__streq(fe__js(b, "from"), "study");
        const char *v = fe__say_figures(r->a, fe__jn(b, study ? "given" : "played"), FIGURES);
        fe__html(&r->t, study ? "%S%s <b>%s</b>" : "%S%s %s", i ? ", " : "", fe__js(b, "item"), v);
    }
}

static void assumed(report *r, const json_t *arm) {
    const json_t *list = json_object_get(arm, "assumed");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        fe__html(&r->t, "%S%s %s: %s", i ? "; " : "", fe__js(x, "item"), fe__say_figures(r->a, fe__jn(x, "value"), FIGURES),
                 fe__js(x, "why"));
    }
}

void fe__html_arms(report *r) {
    const json_t *arms = json_object_get(r->root, "arms");
    if (json_array_size(arms) == 0) return;
    fe__html(&r->t, "<section class=\"sheet pad\"><h2 class=\"h\">Whom each arm was played with</h2><p class=\"small\">Bold: "
                    "given by the study; else the mean of "
                    "the people of its indication.</p><details class=\"numbers\"><summary>Arms</summary><div "
                    "class=\"scroll\"><table data-table=\"arms\"><thead>"
                    "<tr><th>Study</th><th>Text</th><th>Indication</th><th>Baseline</th><th>Assumed</th></tr></thead><tbody>");
    for (size_t i = 0; i < json_array_size(arms); i++) {
        const json_t *x = json_array_get(arms, i);
        const char *who = fe__js(x, "subgroup");
        fe__html(&r->t, "<tr><th>%s: %s %s mg</th><td>%s%s%s%s</td><td>%s</td><td>", fe__js(x, "study"), fe__js(x, "formulation"),
                 fe__say_number(r->a, fe__jn(x, "dose_mg"), 1), fe__js(x, "population"), *who ? "; " : "", who,
                 json_is_true(json_object_get(x, "before_iron")) ? "; at the start" : "", fe__js(x, "indication"));
        baselines(r, x);
        fe__html(&r->t, "</td><td>");
        assumed(r, x);
        fe__html(&r->t, "</td></tr>");
    }
    fe__html(&r->t, "</tbody></table></div></details></section>\n");
}
