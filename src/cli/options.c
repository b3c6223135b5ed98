/* The options of the command line. Options are written in full: --weight could be read as kg or lb, so it is read as neither. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"

enum { DRAWS_MAX = 100000 };
static const double seed_max = 9007199254740992; /* 2^53: doubles hold no larger whole numbers one by one */

/* Options that every command knows. */
static const char *const common[] = {"json", "region", "at", "site", "data", "off-label", "accept", "because", "help", NULL};
static const char *const flags[] = {"json", "help", "example", "csv", "optimize", NULL};

static const char common_help[] = "\n"
                                  "Common options:\n"
                                  "  --region us|eu|ca    whose labels (eu is EU/UK); no default\n"
                                  "  --at TIME            now, as 2026-11-02T12:00+01:00 (default: the clock)\n"
                                  "  --json               the answer as one JSON document\n"
                                  "  --site FILE          site settings\n"
                                  "  --data FOLDER        another copy of the knowledge\n"
                                  "  --off-label ID       switch on one off-label regimen, product/name\n"
                                  "  --accept RULE --because TEXT   pass one caution limit with its reason\n";

void fe__help_print(const command *c) {
    fputs(c->help, stdout);
    if (c->asks) fputs(common_help, stdout);
}

static bool in(const char *const *list, const char *word) {
    for (; list && *list; list++)
        if (strcmp(*list, word) == 0) return true;
    return false;
}

const char *fe__shown(const char *word) {
    static char shown[200];
    size_t n = 0;
    for (size_t left = strlen(word); left;) {
        bool is_shown;
        size_t size = fe__character(word, left, &is_shown), taken = size ? size : 1;
        if (n + taken >= sizeof shown) break;
        if (is_shown) memcpy(shown + n, word, size);
        else shown[n] = '?';
        n += is_shown ? size : 1;
        word += taken;
        left -= taken;
    }
    shown[n] = '\0';
    return shown;
}

static int fail(const command *c, const char *format, const char *word) {
    fprintf(stderr, "ferrule %s: ", c->name);
    fprintf(stderr, format, fe__shown(word));
    fprintf(stderr, "; ferrule %s --help says more\n", c->name);
    return FE_E_USAGE;
}

/* Options that carry a plain number in the unit of their name, without a vocabulary row of their own in the request. */
static double *number_of(options *o, const char *name) {
    fe_request *r = &o->request;
    const struct {
        const char *name;
        double *slot;
    } numbers[] = {{"dose-mg", &r->dose_mg}, {"bag-ml", &r->bag_ml},       {"minutes", &r->minutes},
                   {"need-mg", &r->need_mg}, {"stores-mg", &r->stores_mg}, {"stores-mg-per-kg", &r->stores_mg_per_kg},
                   {"weeks", &r->weeks},     {"draws", &o->draws},         {"seed", &o->seed}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (strcmp(numbers[i].name, name) == 0) return numbers[i].slot;
    return NULL;
}

static const char **word_of(options *o, const char *name) {
    fe_request *r = &o->request;
    const struct {
        const char *name;
        const char **slot;
    } words[] = {{"region", &r->region},
                 {"at", &r->at},
                 {"site", &o->site_file},
                 {"scenario", &o->scenario_file},
                 {"report", &o->report_file},
                 {"data", &o->data_folder},
                 {"product", &r->product},
                 {"method", &r->method},
                 {"route", &r->route},
                 {"weight-basis", &r->weight_basis},
                 {"observations", &o->observations_file},
                 {"population-map", &o->map_file},
                 {"etas", &o->etas_file}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].name, name) == 0) return words[i].slot;
    return NULL;
}

/* The option as it stands in the lists: its text outlives the command line's own. NULL when it is none. */
static const char *known_option(const command *c, const char *name) {
    for (int own = 0; own < 2; own++)
        for (const char *const *w = own ? c->options : common; w && *w; w++)
            if (strcmp(*w, name) == 0) return *w;
    return NULL;
}

/* What overwrites is taken once: of two weights or regions none is better than the other. Values that may repeat, and those that
 * the library judges together, are kept in a list. */
static int take(const command *c, options *o, const char *name, const char *value) {
    double *number = number_of(o, name);
    const char **word = word_of(o, name);
    if (strcmp(name, "json") == 0) o->json = true;
    else if (strcmp(name, "help") == 0) o->help = true;
    else if (strcmp(name, "csv") == 0) o->json = false;
    else if (strcmp(name, "optimize") == 0) o->request.optimize = 1;
    else if (strcmp(name, "accept") == 0) {
        if (o->accepted_n == OPTIONS_MAX) return fail(c, "too many of --%s", name);
        o->accepted[o->accepted_n++].rule = value;
    } else if (strcmp(name, "because") == 0) {
        if (o->accepted_n == 0) return fail(c, "--%s belongs behind an --accept", name);
        if (o->accepted[o->accepted_n - 1].because) return fail(c, "--%s: this option once", name);
        o->accepted[o->accepted_n - 1].because = value;
    } else if (strcmp(name, "off-label") == 0) {
        if (o->off_label_n == OPTIONS_MAX) return fail(c, "too many of --%s", name);
        o->off_label[o->off_label_n++] = value;
    } else if (number && strcmp(c->name, "deficit") != 0) {
        if (!isnan(*number)) return fail(c, "--%s: this option once", name);
        if (!fe__number_parse(value, number)) return fail(c, "a number is expected, not %s", value);
    } else if (word) {
        if (*word) return fail(c, "--%s: this option once", name);
        *word = value;
    } else {
        if (o->values_n == OPTIONS_MAX) return fail(c, "too many values at --%s", name);
        o->values[o->values_n++] = (fe_value){name, value ? value : ""};
    }
    return 0;
}

/* One option, `name` without dashes; its value stands behind `=` or is the next word. 0, or 2 after a message. */
static int take_word(const command *c, options *o, char *name, int argc, char **argv, int *i) {
    char *value = strchr(name, '=');
    if (value) *value++ = '\0';
    const char *known = known_option(c, name);
    if (!known) return fail(c, "--%s is not an option of this command (options are written in full)", name);
    bool is_flag = in(flags, known);
    if (is_flag && value) return fail(c, "--%s takes no value", name);
    if (!is_flag && !value) {
        const char *next = *i + 1 < argc ? argv[*i + 1] : NULL;
        if (!next || (strncmp(next, "--", 2) == 0 && known_option(c, next + 2))) return fail(c, "--%s lacks its value", name);
        value = argv[++*i];
    }
    return take(c, o, known, value);
}

int fe__options_parse(const command *c, int argc, char **argv, options *o) {
    bool options_end = false;
    *o = (options){.request = fe_request_for(c->name), .draws = NAN, .seed = NAN};
    for (int i = 1; i < argc; i++) {
        char *word = argv[i];
        int status = 0;
        if (options_end || word[0] != '-' || strcmp(word, "-") == 0) {
            if (o->files_n == c->words_max) return fail(c, "%s is one word too many", word);
            o->files[o->files_n++] = word;
        } else if (strcmp(word, "--") == 0) options_end = true;
        else if (strcmp(word, "-h") == 0) o->help = true;
        else if (strncmp(word, "--", 2) == 0) status = take_word(c, o, word + 2, argc, argv, &i);
        else return fail(c, "%s is not understood", word);
        if (status) return status;
    }
    if (!isnan(o->draws)) {
        if (!(o->draws >= 0 && o->draws <= DRAWS_MAX && o->draws == floor(o->draws)))
            return fail(c, "%s: 0 to 100000 draws", "--draws");
        o->request.draws = (int)o->draws;
    }
    if (!isnan(o->seed)) {
        if (!(o->seed >= 0 && o->seed <= seed_max && o->seed == floor(o->seed)))
            return fail(c, "%s: a whole number, 0 or more", "--seed");
        o->request.seed = (long long)o->seed;
    }
    o->request.values = o->values;
    o->request.values_n = o->values_n;
    o->request.accepted = o->accepted;
    o->request.accepted_n = o->accepted_n;
    o->request.off_label = o->off_label;
    o->request.off_label_n = o->off_label_n;
    return 0;
}

char *fe__slurp(const char *path, size_t *length) {
    enum { LIMIT = 64 * 1024 * 1024 };
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    size_t n = 0, cap = 1 << 16;
    char *s = f ? malloc(cap) : NULL;
    while (s) {
        n += fread(s + n, 1, cap - n - 1, f);
        if (n + 1 < cap || n > LIMIT) break;
        char *more = realloc(s, cap *= 2);
        if (!more) free(s);
        s = more;
    }
    if (!s || ferror(f) || n > LIMIT) {
        fprintf(stderr, "ferrule: %s: %s\n", fe__shown(path),
                n > LIMIT ? "longer than 64 MiB" : strerror(errno ? errno : ENOMEM));
        free(s);
        s = NULL;
    } else {
        s[n] = '\0';
        *length = n;
    }
    if (f && f != stdin) fclose(f);
    return s;
}
