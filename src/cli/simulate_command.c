/* ferrule simulate. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"

static const char *const own_options[] = {"scenario", "csv", "draws", "seed", NULL};

static const char help[] =
    "Usage: ferrule simulate --scenario FILE [--csv | --json]\n"
    "       ferrule simulate DATA.csv [--draws N]\n"
    "\n"
    "One patient's labs and events through the body model by the reference integrator: every state and observable at the times "
    "of\n"
    "the file. Prints CSV, 17 significant digits; --json gives the same columns as arrays and the constants solved from the "
    "labs.\n"
    "\n"
    "A data set (NONMEM-style CSV, docs/data-sets.md) is foreseen at its observation rows: of the typical patient, or of the "
    "etas\n"
    "that the file gives; with --draws N of N bodies drawn from the prior of each patient, each value also with the error of its "
    "assay.\n"
    "\n"
    "  --scenario FILE      {\"patient\":{\"sex\",\"wt\",\"Hb\",\"F\",...},\"events\":[[hours,kind,{...}]],\"times_h\":[...]}; - "
    "is "
    "standard input\n"
    "  --csv                the default, said aloud\n"
    "  --draws N            of a data set: replicates of each patient\n"
    "  --seed N             of the replicates (default 1)\n"
    "\n"
    "Examples:\n"
    "  ferrule simulate --scenario scenario.json --csv > trajectory.csv\n"
    "  echo '{\"patient\":{\"sex\":\"f\",\"wt\":64,\"Hb\":8.9,\"F\":7},\"times_h\":[0,24,168],\n"
    "         \"events\":[[0,\"infuse\",{\"prod\":\"fcm\",\"dose\":1000,\"min\":15}]]}' | ferrule simulate --scenario -\n"
    "  ferrule simulate trial.csv --draws 200 > replicates.csv\n";

static int run(options *o) {
    const char *file = o->scenario_file ? o->scenario_file : o->files_n ? o->files[0] : NULL;
    if (!file || (o->scenario_file && o->files_n)) {
        fputs("ferrule simulate: --scenario FILE or a data set is expected, one of them\n", stderr);
        return FE_E_USAGE;
    }
    char *bytes = fe__slurp(file, &o->request.input_length);
    if (!bytes) return FE_E_INPUT;
    o->request.input = bytes;
    o->request.input_name = file;
    bool is_data = !o->scenario_file && fe__is_data_file(bytes);
    int status = is_data ? fe__ask_data_set(o) : fe__ask_and_print(o);
    free(bytes);
    return status;
}

const command fe__command_simulate = {
    "simulate", "A scenario or a data set through the body model, as CSV", help, own_options, 1, run, true};
