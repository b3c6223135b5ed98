/* Words of what the machine counts; see protocol.h. */
#include "base/text.h"
#include "session/protocol.h"

#define WORD(name, word) word,
static const char *const phases[] = {FE_PHASES(WORD)};
static const char *const events[] = {FE_SESSION_EVENTS(WORD)};
static const char *const facts_words[] = {FE_SESSION_FACTS(WORD)};
static const char *const signals[] = {FE_SIGNALS(WORD)};

static int find(const char *const *words, unsigned n, const char *word) {
    for (unsigned i = 0; i < n; i++)
        if (fe__streq(words[i], word)) return (int)i;
    return -1;
}

const char *fe__phase_word(unsigned phase) { return phase < PHASE_COUNT ? phases[phase] : ""; }
const char *fe__session_event_word(unsigned kind) { return kind < SESSION_EVENT_COUNT ? events[kind] : ""; }
const char *fe__fact_word(unsigned fact) { return fact < FACT_COUNT ? facts_words[fact] : ""; }
const char *fe__signal_word(unsigned signal) { return signal < SIGNAL_COUNT ? signals[signal] : ""; }
int fe__phase_of(const char *word) { return find(phases, PHASE_COUNT, word); }
int fe__session_event_of(const char *word) { return find(events, SESSION_EVENT_COUNT, word); }
int fe__fact_of(const char *word) { return find(facts_words, FACT_COUNT, word); }
