/* The record of an infusion from any bytes; what is read is played. */
#include "reading.h"

#include <math.h>

#include "exchange/read_session.h"

static const session_protocol *protocol_for(arena *a, const knowledge *k, faults *f, const session_record *r) {
    static const site no_site = {
        .observe_minutes = NAN, .on_site_resuscitation = -1, .adrenaline_mg = NAN, .symptom_free_minutes = NAN};
    preparation prepared = {.volume_ml = 270,
                            .ml_per_h = 1080,
                            .final_mg_per_ml = 3.7,
                            .test_dose_ml = r->order.test_dose_mg > 0 ? 0.5 : NAN,
                            .test_seconds = 30,
                            .test_wait_minutes = 60,
                            .observe_minutes = 30};
    session_case c = {.patient = r->patient, .prepared = &prepared, .least_minutes = 15, .site = r->site ? r->site : &no_site};
    return fe__session_protocol(a, k, f, &c);
}

static void read_session(const knowledge *k, faults *f, const char *bytes, size_t n, text *outcome) {
    json_t *json = fe__json_read(f, bytes, n);
    const session_record *r = json ? fe__session_read(k, f, json, 1772449200, 60) : NULL;
    json_decref(json);
    if (!json) return;
    if ((r == NULL) != (f->n > 0)) abort();
    if (!r) return;
    const session_protocol *p = protocol_for(f->a, k, f, r);
    if (!p) abort(); /* the data is the built-in one */
    const session_play *x = fe__session_play(f->a, p, r, 1772449200);
    bool emergency = false;
    for (size_t i = 0; i < x->steps_n; i++) {
        unsigned phase = x->steps[i].phase;
        if (phase >= PHASE_COUNT || (emergency && phase != PHASE_EMERGENCY && phase != PHASE_ENDED)) abort();
        emergency = emergency || phase == PHASE_EMERGENCY;
        fe__text_addf(outcome, "%u%c%s ", phase, x->steps[i].refused ? '!' : '.', x->steps[i].rule ? x->steps[i].rule : "");
    }
    if (x->out.rate_allowed > 1080 || x->out.resume.rate_ml_per_h > 1080) abort();
    fe__text_addf(outcome, "%u %u %.17g\n", x->state.phase, x->state.grade, x->state.given_ml);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) { return fuzz_twice(read_session, data, n); }
