/* Notes of one infusion; see label_notes.h. */
#include "advise/label_notes.h"

#include <math.h>

#include "base/text.h"

typedef struct noting {
    arena *a;
    const preparation *p;
    label_note_list *out;
} noting;

static void note(noting *x, const char *id, const char *words) {
    *FE_PUSH(x->a, x->out->list, x->out->n, x->out->cap) = (label_note){id, words};
}

static const char *num(noting *x, double v) { return fe__number_text(x->a, v, 1); }

static void note_limit(void *context, const limit *l) {
    noting *x = context;
    if (l->what == WHAT_min_minutes && !isnan(l->minutes_max))
        note(x, l->id, fe__printf(x->a, "Usual time %s to %s min.", num(x, l->value), num(x, l->minutes_max)));
    if (l->what == WHAT_min_minutes_of_dialysis_before)
        note(x, l->id, fe__printf(x->a, "On hemodialysis: after at least %s min of the session.", num(x, l->value)));
}

static void note_first_part(noting *x, const first_part *f) {
    if (f && !isnan(f->minutes_max))
        note(x, f->id,
             fe__printf(x->a, "First %s mg over %s to %s min.", num(x, f->mg), num(x, f->minutes), num(x, f->minutes_max)));
}

static void note_test_dose(noting *x, const test_dose *t) {
    if (t && !isnan(t->bag_ml) && !isnan(x->p->test_dose_mg))
        note(x, t->id,
             fe__printf(x->a, "Test dose in %s mL over %s to %s min.", num(x, t->bag_ml), num(x, t->seconds_min / 60),
                        num(x, t->minutes_max)));
}

/* "25, 50 or 100" */
static const char *listed(noting *x, const double *v, size_t n, const char *last) {
    text t;
    fe__text_init(&t, x->a);
    for (size_t i = 0; i < n; i++) fe__text_addf(&t, "%s%s", i == 0 ? "" : i + 1 == n ? last : ", ", num(x, v[i]));
    return t.s;
}

static void note_maintenance(noting *x, const maintenance *m) {
    text t;
    if (!m->weeks_n) return;
    fe__text_init(&t, x->a);
    fe__text_addf(&t, "Then %s mg at weeks %s, each time if ", num(x, m->mg), listed(x, m->weeks, m->weeks_n, " and "));
    for (size_t i = 0; i < m->due_n; i++) {
        const iron_status *s = &m->due[i];
        fe__text_add(&t, i ? ", or " : "");
        if (isnan(s->ferritin_min)) fe__text_addf(&t, "ferritin is below %s ug/L", num(x, s->ferritin_max_excl));
        else fe__text_addf(&t, "ferritin is %s to %s ug/L", num(x, s->ferritin_min), num(x, s->ferritin_max));
        if (!isnan(s->tsat_max_excl)) fe__text_addf(&t, " with TSAT below %s %%", num(x, s->tsat_max_excl));
    }
    fe__text_add(&t, ".");
    note(x, x->p->method->id, t.s);
}

static void note_dose(noting *x, const dose_spec *d) {
    const char *id = x->p->method->id;
    if (d->options_n > 1)
        note(x, id,
             fe__printf(x->a, "The regimen names %s mg; the least is taken.", listed(x, d->options_mg, d->options_n, " or ")));
    if (!isnan(x->p->range_max_mg))
        note(x, id,
             fe__printf(x->a, "The table goes on to %s mg in all; more than the lower number needs a recorded reason.",
                        num(x, x->p->range_max_mg)));
    if (!isnan(d->reassess_days))
        note(x, id, fe__printf(x->a, "Look again after %s days before more iron is given.", num(x, d->reassess_days)));
    note_maintenance(x, &d->maintenance);
}

label_note_list fe__label_notes(arena *a, const preparation *p) {
    label_note_list out = {0};
    noting x = {a, p, &out};
    if (!p->method || !p->route) return out;
    prepare_input in = {.dose_mg = p->dose_mg, .cap_weight_kg = NAN, .age_years = NAN};
    fe__each_binding_limit(p->product, p->method, p->route, &in, note_limit, &x);
    note_first_part(&x, p->route->first);
    note_test_dose(&x, p->method->test_dose);
    note_dose(&x, &p->method->dose);
    return out;
}
