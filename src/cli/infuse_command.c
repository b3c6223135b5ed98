/* ferrule infuse: the infusion in progress. Each subcommand is one row of a table. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

static const char *const own_options[] = {NULL};

static const char help[] =
    "Usage: ferrule infuse replay EVENTS [OPTION...]\n"
    "\n"
    "The infusion in progress: what to do about this sign, when it may run again, when the patient may leave.\n"
    "\n"
    "  replay EVENTS   plays a record {\"ferrule\":1,\"session\":{\"patient\",\"order\",\"baseline\",\"site\"},\"events\":[...]} "
    "and\n"
    "                  says how things stand at --at. Events after that are not played. A record without a check begins with "
    "the\n"
    "                  checklist taken as done, and says so.\n"
    "\n"
    "Intentions (resume, set-rate, intend, undo, leave) can be refused; everything else is recorded, and alarmed where it is "
    "against\n"
    "the protocol.\n"
    "\n"
    "Examples:\n"
    "  ferrule infuse replay events.json --region eu --at 2026-03-02T10:11+01:00\n"
    "  ferrule infuse replay - --region us --json < events.json\n";

typedef struct subcommand {
    const char *name;
    int (*run)(options *o); /* the words behind its name are o->files */
} subcommand;

static const subcommand subcommands[] = {{"replay", fe__ask_course}};

static int run(options *o) {
    const char *name = o->files_n ? o->files[0] : "";
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++) {
        if (strcmp(subcommands[i].name, name) != 0) continue;
        o->files_n--;
        memmove(o->files, o->files + 1, o->files_n * sizeof *o->files);
        return subcommands[i].run(o);
    }
    fprintf(stderr, "ferrule infuse: replay is expected, not %s; ferrule infuse --help says more\n",
            *name ? fe__shown(name) : "nothing");
    return FE_E_USAGE;
}

const command fe__command_infuse = {"infuse", "The infusion in progress: what now?", help, own_options, 2, run, true};
