#include "rows.h"

#include <math.h>

bool rows_open(rows *out, const char *path) {
    *out = (rows){.f = fopen(path, "w")};
    if (!out->f) fprintf(stderr, "bench: cannot write %s\n", path);
    return out->f != NULL;
}

void rows_close(rows *out) {
    fputs(out->any ? "\n]\n" : "[]\n", out->f);
    fclose(out->f);
}

void rows_add(rows *out, const char *name, double value, const char *unit, const char *ratio_to, double ratio) {
    if (!isfinite(value)) return;
    fprintf(out->f, "%s\n {\"name\": \"%s\", \"value\": %.6g, \"unit\": \"%s\", ", out->any ? "," : "[", name, value, unit);
    if (ratio_to && isfinite(ratio)) fprintf(out->f, "\"ratio_to\": \"%s\", \"ratio\": %.4g}", ratio_to, ratio);
    else fprintf(out->f, "\"ratio_to\": null, \"ratio\": null}");
    out->any = true;
}
