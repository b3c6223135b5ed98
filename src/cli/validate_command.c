/* ferrule validate. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"

static const char *const own_options[] = {"observations", "population-map", "draws", "seed", "report", NULL};

static const char help[] =
    "Usage: ferrule validate --observations FILE.csv [OPTION...]\n"
    "\n"
    "The model held against published studies: each observation beside what a study of that size would see of virtual patients "
    "of\n"
    "its population, with the 90% interval of its statistic. Every row is predicted, or listed with what is missing.\n"
    "\n"
    "  --observations FILE    published numbers, in the columns of data/evidence/observations.csv; - is standard input\n"
    "  --population-map FILE  more texts of studies and their indication (columns population,indication,reason)\n"
    "  --draws N              virtual patients of an arm (default 2000)\n"
    "  --seed N               of these patients (default 1)\n"
    "  --report FILE.html     write each study against its band as one page\n"
    "\n"
    "Examples:\n"
    "  ferrule validate --observations data/evidence/observations.csv\n"
    "  ferrule validate --observations data/evidence/observations.csv --json --report validation.html\n";

static int ask(options *o, char **map) {
    fe_request *r = &o->request;
    if (o->map_file) {
        *map = fe__slurp(o->map_file, &r->population_map_length);
        if (!*map) return FE_E_INPUT;
        r->population_map = *map;
        r->population_map_name = o->map_file;
    }
    return fe__ask_and_print(o);
}

static int run(options *o) {
    if (!o->observations_file) {
        fputs("ferrule validate: --observations FILE is missing\n", stderr);
        return FE_E_USAGE;
    }
    if (o->request.draws == 0) {
        fputs("ferrule validate: --draws: 1 or more virtual patients\n", stderr);
        return FE_E_USAGE;
    }
    char *csv = fe__slurp(o->observations_file, &o->request.input_length), *map = NULL;
    if (!csv) return FE_E_INPUT;
    o->request.input = csv;
    o->request.input_name = o->observations_file;
    int status = ask(o, &map);
    free(csv);
    free(map);
    return status;
}

const command fe__command_validate = {"validate", "The model held against published studies", help, own_options, 0, run, true};
