/* Each symptom read as things stood when it was noted. */
#include <math.h>

#include "advise/facts_view.h"
#include "advise/interpret.h"

/* The newest of its kind decides. */
static bool is_newest(const facts *f, const event *e) {
    for (const event *later = e + 1; later < f->c->events + f->c->events_n; later++)
        if (later->kind == EVENT_SYMPTOM && later->term == e->term && later->at <= f->now) return false;
    return true;
}

int fe__interpret_symptoms(interpreting *x) {
    const facts *f = x->now;
    int worst = -1;
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        if (e->kind != EVENT_SYMPTOM || e->at > f->now || !is_newest(f, e)) continue;
        worst = fe__worse(worst, fe__interpret_event(x, fe__facts_as_of(f, e, fe__no_place), true, NULL));
    }
    return worst;
}
