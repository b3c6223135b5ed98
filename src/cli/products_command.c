/* ferrule products. */
#include "cli/command.h"

static const char *const own_options[] = {NULL};

static const char help[] =
    "Usage: ferrule products [ID] [OPTION...]\n"
    "\n"
    "Products, their limits and methods, with sources.\n"
    "\n"
    "Examples:\n"
    "  ferrule products --region eu\n"
    "  ferrule products fdi-eu\n"
    "\n"
    "Common options:\n"
    "  --region us|eu|ca    whose labels (eu is EU/UK); no default\n"
    "  --at TIME            now, as 2026-11-02T12:00+01:00 (default: the clock)\n"
    "  --json               the answer as one JSON document\n"
    "  --site FILE          site settings\n"
    "  --data FOLDER        another copy of the knowledge\n"
    "  --off-label ID       switch on one off-label regimen, product/name\n"
    "  --accept RULE --because TEXT   pass one caution limit with its reason\n";

static int run(options *o) {
    o->request.subject = o->files_n ? o->files[0] : NULL;
    return fe__ask_and_print(o);
}

const command fe__command_products = {"products", "Products, their limits and methods, with sources", help, own_options, 1, run};
