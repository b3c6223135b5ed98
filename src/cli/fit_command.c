/* ferrule fit. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"

static const char *const own_options[] = {COURSE_OPTIONS, "draws", "seed", "etas", NULL};

static const char help[] =
    "Usage: ferrule fit COURSE|DATA.csv [OPTION...]\n"
    "\n"
    "What the results after the first labs say of a patient: the likeliest etas (MAP), draws of the posterior and how far they "
    "can be\n"
    "trusted, every result beside what was foreseen of it. A result that fits badly is named with its odds, and is not averaged "
    "in.\n"
    "\n"
    "A data set (NONMEM-style CSV, docs/data-sets.md) is fitted patient by patient: a row of each result goes to standard output "
    "as soon\n"
    "as its patient is done, the summary to standard error. Ctrl-C keeps the patients that are done.\n"
    "\n"
    "  --draws N            draws of the posterior (default 4000; of a data set 1000 a patient)\n"
    "  --seed N             of these draws (default 1)\n"
    "  --etas FILE.csv      of a data set: one row a patient with likeliest etas, their sd, objective, Pareto k\n"
    "\n"
    "Examples:\n"
    "  ferrule fit course.json\n"
    "  ferrule fit course.json --json\n"
    "  ferrule fit trial.csv --etas etas.csv > fitted.csv\n";

static int run(options *o) {
    if (!o->files_n) {
        if (!o->values_n) fputs("ferrule fit: a course or a data set is missing; ferrule fit --help says more\n", stderr);
        return o->values_n ? fe__ask_course(o) : FE_E_USAGE;
    }
    char *bytes = fe__slurp(o->files[0], &o->request.input_length);
    if (!bytes) return FE_E_INPUT;
    o->request.input = bytes;
    o->request.input_name = o->files[0];
    bool is_data = fe__is_data_file(bytes);
    int status = FE_E_USAGE;
    if (!is_data && o->etas_file)
        fputs("ferrule fit: --etas is of a data set; the answer of a course has its etas in it\n", stderr);
    else status = is_data ? fe__ask_data_set(o) : fe__ask_and_print(o);
    free(bytes);
    return status;
}

const command fe__command_fit = {"fit", "What the results say of this patient: etas, draws, residuals", help, own_options, 1, run,
                                 true};
