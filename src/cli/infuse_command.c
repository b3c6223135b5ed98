/* ferrule infuse: the infusion in progress. Each subcommand is one row of a table. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

static const char *const own_options[] = {"store", "name", "key", "head", "port", "address", "device", NULL};

static const char help[] =
    "Usage: ferrule infuse replay EVENTS [OPTION...]\n"
    "       ferrule infuse new SESSION [--name NAME]\n"
    "       ferrule infuse start NAME [rate_ml_per_h=N]\n"
    "       ferrule infuse event NAME KIND [FIELD=VALUE...]\n"
    "       ferrule infuse status [NAME]\n"
    "       ferrule infuse watch NAME\n"
    "       ferrule infuse verify [NAME [--head HASH]]\n"
    "       ferrule infuse export NAME\n"
    "       ferrule infuse listen NAME --port N [--device ID]\n"
    "\n"
    "The infusion in progress: what to do about this sign, when it may run again, when the patient may leave.\n"
    "\n"
    "  replay EVENTS   plays a record {\"ferrule\":1,\"session\":{\"patient\",\"order\",\"baseline\",\"site\"},\"events\":[...]} "
    "and\n"
    "                  says how things stand at --at. Events after that are not played. A record without a check begins with "
    "the\n"
    "                  checklist taken as done, and says so.\n"
    "\n"
    "  new SESSION     begins a session that is kept: the same file, without events. The first word of what it answers is its "
    "name.\n"
    "  event           one event: on the disk, then answered. KIND is - for one JSON object on standard input.\n"
    "                  --key K makes a second delivery of the same event known as one.\n"
    "  start           the event start.\n"
    "  status          how a session stands now, or every session there is.\n"
    "  watch           the same, looked at every second until it is ended, whoever enters events; with --json a line whenever\n"
    "                  something has changed.\n"
    "  verify          whether the record is as it was written: what is changed, missing or elsewhere is named. --head is the "
    "hash that\n"
    "                  an earlier answer gave, which a record made anew does not hold. Exit status 1: it is not.\n"
    "  export          the record, as replay reads it.\n"
    "  listen          takes what a pump sends (IHE PCD-01, HL7 v2 over MLLP) as events of the session, until it is ended. "
    "Loopback alone\n"
    "                  unless --address says otherwise; --device names the pump when a message speaks of several.\n"
    "  --store FILE    where sessions are kept; else FERRULE_STORE, else ferrule.db in this folder\n"
    "\n"
    "Intentions (resume, set-rate, intend, undo, leave) can be refused; everything else is recorded, and alarmed where it is "
    "against\n"
    "the protocol.\n"
    "\n"
    "Examples:\n"
    "  ferrule infuse replay events.json --region eu --at 2026-03-02T10:11+01:00\n"
    "  ferrule infuse replay - --region us --json < events.json\n"
    "  ferrule infuse new session.json --name chair-3 --region eu\n"
    "  ferrule infuse event chair-3 sign sign=back-pain\n";

typedef struct subcommand {
    const char *name;
    int (*run)(options *o); /* the words behind its name are o->files */
} subcommand;

static const subcommand subcommands[] = {
    {"replay", fe__ask_course},    {"new", fe__infuse_new},       {"start", fe__infuse_start},
    {"event", fe__infuse_event},   {"status", fe__infuse_status}, {"verify", fe__infuse_verify},
    {"export", fe__infuse_export}, {"listen", fe__infuse_listen}, {"watch", fe__infuse_watch}};

static int run(options *o) {
    const char *name = o->files_n ? o->files[0] : "";
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++) {
        if (strcmp(subcommands[i].name, name) != 0) continue;
        o->files_n--;
        memmove(o->files, o->files + 1, o->files_n * sizeof *o->files);
        return subcommands[i].run(o);
    }
    fprintf(
        stderr,
        "ferrule infuse: replay, new, start, event, status, verify, export, listen or watch is expected, not %s; ferrule infuse "
        "--help says "
        "more\n",
        *name ? fe__shown(name) : "nothing");
    return FE_E_USAGE;
}

const command fe__command_infuse = {"infuse", "The infusion in progress: what now?", help, own_options, WORDS_MAX, run, true};
