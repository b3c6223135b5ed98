/* A simulated scenario as CSV, with the digits that read back as the same double. */
#include <math.h>

#include "report/page.h"

void fe__page_simulate(page *p, const json_t *root) {
    json_t *columns = json_object_get(root, "columns");
    const char *name, *between = "";
    json_t *list;
    if (!columns) {
        fe__page_paragraph(p, "Not simulated: ", INK_RED, fe__js(root, "why"));
        return;
    }
    json_object_foreach(columns, name, list) {
        fe__text_addf(&p->t, "%s%s", between, name);
        between = ",";
    }
    fe__text_add(&p->t, "\n");
    for (size_t i = 0; i < json_array_size(json_object_get(columns, "t_h")); i++) {
        between = "";
        json_object_foreach(columns, name, list) {
            const json_t *v = json_array_get(list, i);
            if (json_is_null(v)) fe__text_add(&p->t, between); /* left out: an empty cell */
            else fe__text_addf(&p->t, "%s%.17g", between, json_number_value(v));
            between = ",";
        }
        fe__text_add(&p->t, "\n");
    }
}
