#include "report/assets.h"

#include <sodium.h>
#include <string.h>

static const struct embedded_file *asset(const char *name, size_t n) {
    for (size_t i = 0; i < fe__report_assets_count; i++)
        if (strncmp(fe__report_assets[i].name, name, n) == 0 && !fe__report_assets[i].name[n]) return &fe__report_assets[i];
    return NULL;
}

static void add_base64(text *t, const struct embedded_file *f) {
    size_t n = sodium_base64_encoded_len(f->size, sodium_base64_VARIANT_ORIGINAL);
    char *s = fe__alloc(t->a, n);
    fe__text_add(t, sodium_bin2base64(s, n, f->data, f->size, sodium_base64_VARIANT_ORIGINAL));
}

/* A style sheet without its comments; url(NAME) of an asset becomes the asset itself. */
static void add_sheet(text *t, const char *css) {
    while (*css) {
        size_t plain = strcspn(css, "/u");
        fe__text_addn(t, css, plain);
        css += plain;
        const char *end = NULL;
        if (strncmp(css, "/*", 2) == 0 && (end = strstr(css, "*/"))) {
            css = end + 2;
        } else if (strncmp(css, "url(", 4) == 0 && (end = strchr(css, ')')) && asset(css + 4, (size_t)(end - css - 4))) {
            fe__text_add(t, "url(data:font/woff2;base64,");
            add_base64(t, asset(css + 4, (size_t)(end - css - 4)));
            css = end;
        } else if (*css) fe__text_addn(t, css++, 1);
    }
}

void fe__add_style(text *t) {
    static const char *const sheets[] = {"tokens.css", "page.css"};
    fe__text_add(t, "<style>\n");
    for (size_t i = 0; i < sizeof sheets / sizeof sheets[0]; i++) {
        const struct embedded_file *f = asset(sheets[i], strlen(sheets[i]));
        if (f) add_sheet(t, (const char *)f->data);
    }
    fe__text_add(t, "</style>\n");
}
