/* Labs among the facts; see facts_labs.h. The gates of action `ignore-lab` (products.json) say which labs do not count, for how many
 * hours after which drug: the iron of the drug is still in the sample. Such a lab stays in `drawn`, so that an answer can speak of it. */
#include "advise/facts_labs.h"

#include <math.h>

#include "base/date.h"
#include "base/text.h"

enum { SECONDS_PER_HOUR = 3600 };

static bool gate_names(const gate *g, int lab) {
    for (size_t i = 0; i < g->labs_n; i++)
        if (g->labs[i] == lab) return true;
    return false;
}

/* The longest time for which this drug spoils this lab; the products of one molecule speak for each other. */
static double hours_of(const knowledge *k, const char *molecule, int lab) {
    double hours = 0;
    for (size_t i = 0; i < k->products_n; i++) {
        const product *p = &k->products[i];
        if (!fe__streq(p->molecule, molecule)) continue;
        for (size_t j = 0; j < p->gates_n; j++)
            if (gate_names(&p->gates[j], lab)) hours = fmax(hours, p->gates[j].hours);
    }
    return hours;
}

double fe__facts_spoiled_hours(const facts *f, const event *lab) {
    double most = 0;
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        if (e->kind != EVENT_INFUSION || e->planned || e->at >= lab->at) continue; /* at one instant labs are drawn first */
        double hours = hours_of(f->k, e->molecule, lab->term);
        if (lab->at < e->at + hours * SECONDS_PER_HOUR) most = fmax(most, hours);
    }
    return most;
}

void fe__facts_find_labs(facts *f) {
    for (size_t i = 0; i < f->c->events_n; i++) {
        int lab = f->c->events[i].term;
        if (f->c->events[i].kind != EVENT_LAB || f->drawn[lab]) continue;
        const event *e = f->drawn[lab] = fe__lab_newest(f->c, lab, f->now);
        while (e && fe__facts_spoiled_hours(f, e) > 0) {
            f->flag[FLAG_lab_left_out] = TRI_TRUE;
            e = fe__lab_newest(f->c, lab, nextafter(e->at, -INFINITY));
        }
        f->lab[lab] = e;
    }
}

static double value_of(const facts *f, const event *const *labs, const char *id) {
    int t = fe__term_find_kind(f->k, id, TERM_LAB);
    return t >= 0 && labs[t] ? labs[t]->value : NAN;
}

/* TSAT, or from the newest of its parts: 100 x Fe / TIBC; TIBC = Fe + UIBC; TIBC follows from transferrin by its two iron sites
 * (practice.json). */
static double tsat_of(const facts *f, const event *const *labs) {
    double tsat = value_of(f, labs, "tsat");
    if (!isnan(tsat)) return tsat;
    double iron = value_of(f, labs, "serum-iron"), tibc = value_of(f, labs, "tibc");
    if (isnan(tibc)) tibc = iron + value_of(f, labs, "uibc");
    if (isnan(tibc)) tibc = value_of(f, labs, "transferrin") * f->k->practice.tibc_ug_dl_per_transferrin_g_l;
    return tibc > 0 ? 100.0 * iron / tibc : NAN;
}

void fe__facts_derive_labs(facts *f) {
    static const struct {
        const char *lab;
        number_id number;
    } ages[] = {{"hemoglobin", NUM_days_since_lab_hemoglobin},
                {"ferritin", NUM_days_since_lab_ferritin},
                {"phosphate", NUM_days_since_lab_phosphate}};
    f->number[NUM_tsat] = tsat_of(f, f->lab);
    f->number[NUM_tsat_as_drawn] = tsat_of(f, f->drawn);
    double given = fe__facts_lab(f, "mentzer-index");
    double red = fe__facts_lab(f, "red-cells"), mcv = fe__facts_lab(f, "mcv");
    f->number[NUM_mentzer_index] = isnan(given) && red > 0 ? mcv / red : given;
    f->number[NUM_irls] = fe__facts_lab(f, "irls");
    for (size_t i = 0; i < sizeof ages / sizeof *ages; i++) {
        int t = fe__term_find_kind(f->k, ages[i].lab, TERM_LAB);
        if (t >= 0 && f->lab[t]) f->number[ages[i].number] = (double)(f->today - fe__day_of(f->lab[t]->at, f->zone_min));
    }
}
