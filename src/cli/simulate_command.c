/* ferrule simulate. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"

static const char *const own_options[] = {"scenario", "csv", NULL};

static const char help[] =
    "Usage: ferrule simulate --scenario FILE [--csv | --json]\n"
    "\n"
    "One patient's labs and events through the body model by the reference integrator: every state and observable at the times "
    "of\n"
    "the file. Prints CSV, 17 significant digits; --json gives the same columns as arrays and the constants solved from the "
    "labs.\n"
    "\n"
    "  --scenario FILE      {\"patient\":{\"sex\",\"wt\",\"Hb\",\"F\",...},\"events\":[[hours,kind,{...}]],\"times_h\":[...]}; - "
    "is "
    "standard input\n"
    "  --csv                the default, said aloud\n"
    "\n"
    "Examples:\n"
    "  ferrule simulate --scenario scenario.json --csv > trajectory.csv\n"
    "  echo '{\"patient\":{\"sex\":\"f\",\"wt\":64,\"Hb\":8.9,\"F\":7},\"times_h\":[0,24,168],\n"
    "         \"events\":[[0,\"infuse\",{\"prod\":\"fcm\",\"dose\":1000,\"min\":15}]]}' | ferrule simulate --scenario -\n";

static int run(options *o) {
    if (!o->scenario_file) {
        fputs("ferrule simulate: --scenario FILE is missing\n", stderr);
        return FE_E_USAGE;
    }
    char *text = fe__slurp(o->scenario_file, &o->request.input_length);
    if (!text) return FE_E_INPUT;
    o->request.input = text;
    o->request.input_name = o->scenario_file;
    int status = fe__ask_and_print(o);
    free(text);
    return status;
}

const command fe__command_simulate = {"simulate", "A scenario through the body model, as CSV", help, own_options, 0, run, true};
