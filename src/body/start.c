/* Line numbers in comments are those of docs/model.md, section 6. */
#include "body/start.h"

#include <math.h>
#include <string.h>

#include "base/elementary.h"

start_labs fe__start_labs_none(void) {
    return (start_labs){.population = -1,
                        .age = NAN,
                        .wt = NAN,
                        .ht = NAN,
                        .Hb = NAN,
                        .Hbu = NAN,
                        .F = NAN,
                        .TSAT = NAN,
                        .TIBC = NAN,
                        .serum_iron = NAN,
                        .transferrin = NAN,
                        .UIBC = NAN,
                        .CRP = NAN,
                        .CRPb = NAN,
                        .egfr = NAN,
                        .bloss = NAN,
                        .LS = NAN,
                        .uESA = 0,
                        .PH = NAN,
                        .bvf = 1,
                        .Hbn = NAN,
                        .amax = NAN,
                        .capD = 1,
                        .v = 1,
                        .IRLS0 = NAN,
                        .FS0 = NAN,
                        .comorb = 0,
                        .TIBCref_factor = 1};
}

const char *fe__start_text(start_status s) {
#define SENTENCE(name, sentence) sentence,
    static const char *const sentences[] = {FE_STARTS(SENTENCE)};
    return sentences[s];
}

const char *fe__start_word(start_status s) {
    static const char *const words[] = {"ok",   "no-weight", "no-hemoglobin", "no-iron",          "hemoglobin",    "ferritin",
                                        "tsat", "crp",       "egfr",          "usual-hemoglobin", "contradiction", "not-finite"};
    _Static_assert(sizeof words / sizeof *words == START_STATUSES, "one word each");
    return words[s];
}

int fe__start_population(const start_labs *x) {
    if (x->population >= 0) return x->population;
    return x->woman ? POPULATION_healthy_f : POPULATION_healthy_m;
}

/* ---- what is missing ------------------------------------------------------------------------------------------------------ */

static double set_point(const model_data *m, const start_labs *x) {
    if (!isnan(x->Hbn)) return x->Hbn;
    return x->woman ? m->n.set_point_women : m->n.set_point_men;
}

static double clamp(double v, double low, double high) { return fmin(fmax(v, low), high); }

static double inflamed(const model_data *m, double crp) {
    return fe__power((2 + m->p.C00) / (crp + m->p.C00), m->n.tsat_from_ferritin_crp);
}

/* In percent. */
static double tsat_of_ferritin(const model_data *m, const start_labs *x) {
    const model_numbers *n = &m->n;
    double base = n->tsat_from_ferritin_base + n->tsat_from_ferritin_slope * fe__ln(x->F / n->tsat_from_ferritin_ug_l);
    double tsat =
        clamp(base, n->tsat_from_ferritin_low, n->tsat_from_ferritin_high) * inflamed(m, x->CRP) * (x->Hb / set_point(m, x));
    return 100 * clamp(tsat, n->tsat_low, n->tsat_high);
}

static double ferritin_of_tsat(const model_data *m, const start_labs *x) {
    const model_numbers *n = &m->n;
    double scaled = x->TSAT / 100 / inflamed(m, x->CRP) * (set_point(m, x) / x->Hb);
    double f = n->tsat_from_ferritin_ug_l * fe__exp((scaled - n->tsat_from_ferritin_base) / n->tsat_from_ferritin_slope);
    return clamp(f, n->ferritin_from_tsat_low, n->ferritin_from_tsat_high);
}

static void fill(double *value, double with, unsigned *filled, unsigned what) {
    if (!isnan(*value)) return;
    *value = with;
    *filled |= what;
}

/* TIBC from transferrin or UIBC, TSAT from serum iron and TIBC. Serum iron without TIBC is not used. */
static void from_parts(const model_data *m, start_labs *x, unsigned *filled) {
    double tibc = !isnan(x->transferrin) ? m->n.transferrin_to_tibc * x->transferrin : x->serum_iron + x->UIBC;
    if (!isnan(tibc)) fill(&x->TIBC, tibc, filled, FILLED_TIBC_FROM_PARTS);
    double tsat = 100 * x->serum_iron / x->TIBC;
    if (!isnan(tsat)) fill(&x->TSAT, tsat, filled, FILLED_TSAT_FROM_PARTS);
}

start_status fe__start_fill(const model_data *m, start_labs *x, unsigned *filled) {
    const variable_spread *who = m->populations[fe__start_population(x)];
    *filled = 0;
    if (isnan(x->wt)) return START_NO_WEIGHT;
    if (isnan(x->Hb)) return START_NO_HEMOGLOBIN;
    from_parts(m, x, filled);
    if (isnan(x->F) && isnan(x->TSAT)) return START_NO_IRON;
    fill(&x->ht, x->woman ? m->n.height_women : m->n.height_men, filled, FILLED_HEIGHT);
    fill(&x->age, m->n.age_default, filled, FILLED_AGE);
    fill(&x->CRP, who[VARIABLE_CRP].median, filled, FILLED_CRP);
    fill(&x->egfr, who[VARIABLE_egfr].median, filled, FILLED_EGFR);
    fill(&x->bloss, who[VARIABLE_bloss].median, filled, FILLED_LOSS);
    fill(&x->LS, who[VARIABLE_LS].median, filled, FILLED_LIFESPAN);
    bool dialysis = x->population == POPULATION_hd_ckd;
    fill(&x->PH, dialysis ? m->n.phosphate_dialysis : m->n.phosphate_default, filled, FILLED_PHOSPHATE);
    if (isnan(x->amax)) x->amax = x->population >= 0 ? who[VARIABLE_amax].median : m->p.amax;
    if (isnan(x->TSAT)) fill(&x->TSAT, tsat_of_ferritin(m, x), filled, FILLED_TSAT);
    if (isnan(x->F)) fill(&x->F, ferritin_of_tsat(m, x), filled, FILLED_FERRITIN);
    return START_OK;
}

/* ---- section 2 -------------------------------------------------------------------------------------------------------------- */

static double hill(double x, double cap, double k) { return x * x / (x * x + k * k) * (1 + k * k / (cap * cap)); }

static double nadler(const model_numbers *n, const start_labs *x) {
    double h = x->ht / 100, h3 = h * h * h;
    return x->woman ? n->nadler_women_h3 * h3 + n->nadler_women_kg * x->wt + n->nadler_women_l
                    : n->nadler_men_h3 * h3 + n->nadler_men_kg * x->wt + n->nadler_men_l;
}

static double factor(const double *eta, int i) { return eta ? fe__exp(eta[i]) : 1; }

static void constants(const model_data *m, const start_labs *x, const double *eta, body *b) {
    patient_constants *c = &b->c;
    double egfr = fmin(x->egfr, m->n.egfr_cap);
    *b = (body){.p = m->p, .uESA = x->uESA, .age = x->age, .comorb = x->comorb, .IRLS0 = x->IRLS0, .FS0 = x->FS0};
    b->Hbn_factor = factor(eta, 4);
    b->bloss_factor = factor(eta, 5);
    b->p.cFA *= factor(eta, 6);
    b->p.Mref *= factor(eta, 7);
    b->p.kM *= factor(eta, 8);
    b->chi_factor = factor(eta, 9);
    b->p.gR *= factor(eta, 11);
    b->p.wH *= factor(eta, 13);
    b->p.wT *= factor(eta, 13);
    b->p.Hep0 *= factor(eta, 14);
    b->nadler = nadler(&m->n, x);
    b->set_point = x->woman ? m->n.set_point_women : m->n.set_point_men;
    c->BV = b->nadler * x->bvf;
    c->s = c->BV / m->n.size_bv;
    c->Hbn = set_point(m, x) * b->Hbn_factor;
    c->eps = hill(egfr, m->n.egfr_cap, m->p.Kepo);
    c->epsren = hill(egfr, m->n.egfr_cap, m->p.Kren);
    c->bloss = x->bloss * b->bloss_factor / 1000 / c->BV / 24;
    c->kR = 6 / (24 * x->LS);
    c->PHb = x->PH;
    c->capD = x->capD * factor(eta, 10);
    c->v = x->v * factor(eta, 12);
    fe__body_formulation(b, m, FORMULATION_fcm); /* any will do: every drug term is zero until the first infusion */
}

void fe__body_formulation(body *b, const model_data *m, int which) {
    b->f = m->formulations[which];
    b->f.chi *= b->chi_factor;
}

/* ---- section 6 ---------------------------------------------------------------------------------------------------------------- */

typedef struct steady {
    double Hb0, Hbu, F0, TS0, CRP0, TIBCref;
    double Vp, lC, M, Ue, JM, phi, Z, psi, RET, R[6];
    double TIBC, T, ct, H, lS;
} steady;

/* Lines 1 to 4: red cells, macrophages, hepcidin. */
static void red_cells(const body *b, steady *x) {
    const parameters *p = &b->p;
    const patient_constants *c = &b->c;
    x->Vp = c->BV * (1 - p->fcell * x->Hb0 / p->MCHC);
    x->lC = fe__ln((x->CRP0 + p->C00) / (2 + p->C00));
    x->M = c->s * p->Mref * fe__exp(fe__ln(x->F0 / (p->Fref * fe__exp(p->gF * x->lC))) / p->gM);
    double Fc = 10 * p->kFe * c->BV * x->Hbu, rho = x->Hb0 / x->Hbu;
    double w_ret = 1 / (p->kRet + c->bloss), w[6], sum = w_ret;
    w[0] = p->kRet * w_ret / (c->kR + c->bloss);
    for (int i = 1; i < 6; i++) w[i] = c->kR * w[i - 1] / (c->kR + c->bloss);
    for (int i = 0; i < 6; i++) sum += w[i];
    double Ueff = Fc / sum;
    x->RET = rho * Ueff * w_ret;
    for (int i = 0; i < 6; i++) x->R[i] = rho * Ueff * w[i];
    x->Ue = Ueff / (1 - p->fin);
    x->JM = c->kR * x->R[5] + p->fin * x->Ue;
    x->phi = x->JM / (p->kM * x->M);
    x->Z = -fe__ln(x->phi) / p->pphi;
    x->psi = (1 + p->KA) / (fe__exp(p->qA * x->Z) + p->KA);
}

static double stores_signal(const body *b, const steady *x, double H) {
    return fe__ln(((x->M + H) / b->c.s + b->p.S00) / (b->p.Sref + b->p.S00));
}

/* Lines 5 and 6 for one TIBC: what must be absorbed, what the gut can, and the hepatocyte iron that balances it. */
static void plasma_iron(body *b, steady *x, double amax) {
    const parameters *p = &b->p;
    patient_constants *c = &b->c;
    double cap = 0.01 * x->TIBC * x->Vp;
    x->T = x->TS0 * cap;
    x->ct = x->T / x->Vp;
    double u = (cap - x->T) / x->Vp, U = (u + sqrt(u * u + p->epsU * p->epsU)) / 2, den = p->kb * U + p->kh;
    double Jin = (x->Ue + (p->kT + c->bloss) * x->T) * den / (p->kb * U), JN = Jin * p->kh / den;
    double Hs = (JN + p->kT * x->T) / (x->phi * p->kH + p->kbl);
    double Jab = Jin - x->JM - x->phi * p->kH * Hs, unit = p->Aref * c->s * x->psi;
    double ratio, ratio4;
    b->a_star = Jab / unit;
    ratio = b->a_star / amax;
    ratio4 = ratio * ratio * ratio * ratio;
    c->a = b->a_star / sqrt(sqrt(1 + ratio4));
    x->H = (Jin - x->JM - c->a * unit) / (x->phi * p->kH);
}

/* TIBC and H depend on each other when TIBC was not measured: to a fixed point. */
static void iron_pools(body *b, steady *x, const start_labs *labs) {
    enum { PASSES = 200 };
    const parameters *p = &b->p;
    if (!isnan(labs->TIBC)) {
        x->TIBC = labs->TIBC;
        plasma_iron(b, x, labs->amax);
    } else {
        double before = 300 * b->c.s;
        for (int i = 0; i < PASSES; i++) {
            x->TIBC = x->TIBCref * fe__exp(-p->gS * stores_signal(b, x, before) - p->gI * x->lC);
            plasma_iron(b, x, labs->amax);
            if (!(fabs(x->H - before) >= 1e-13 * fabs(x->H))) break;
            before = x->H;
        }
    }
    x->lS = stores_signal(b, x, x->H);
}

/* Lines 7 to 9. */
static void close_body(body *b, const steady *x, const start_labs *labs, double *y) {
    const parameters *p = &b->p;
    patient_constants *c = &b->c;
    double fc = (1 + p->Kc) * x->ct / (p->Kc + x->ct), rc = (1 + p->Kr) * x->ct / (p->Kr + x->ct);
    double L = p->Pm / (1 + (p->Pm - 1) * fe__exp(p->sHb * (x->Hbu - c->Hbn)));
    double dr = c->eps * L * fe__exp(-p->aPI * x->lC) + labs->uESA;
    double P = x->Ue / (c->s * p->kapE * fc), lT = fe__ln((x->TS0 + p->t00) / (0.30 + p->t00));
    c->e = P / (rc * dr);
    c->z = x->Z - (p->aS * x->lS + p->aT * lT + p->aI * x->lC - p->aE * fe__ln(dr));
    c->tibi = x->TIBC * fe__exp(p->gS * x->lS + p->gI * x->lC);
    c->CRPb = isnan(labs->CRPb) ? x->CRP0 : fmin(x->CRP0, labs->CRPb);
    b->B0 = (1 + p->KB) * x->ct / (p->KB + x->ct);
    b->W0 = p->wH * x->Hb0 + p->wT * fc;
    memset(y, 0, STATES * sizeof *y);
    y[ST_T] = x->T;
    y[ST_TIBC] = x->TIBC;
    y[ST_M] = x->M;
    y[ST_H] = x->H;
    y[ST_Z] = x->Z;
    y[ST_INF] = x->CRP0 - c->CRPb;
    y[ST_CRP] = x->CRP0;
    y[ST_P] = P;
    y[ST_E1] = y[ST_E2] = x->Ue * (1 - p->fin) / p->kE;
    y[ST_RET] = x->RET;
    for (int i = 0; i < 6; i++) y[ST_R1 + i] = x->R[i];
    y[ST_F] = x->F0;
    y[ST_PH] = c->PHb;
    y[ST_B] = b->B0;
    y[ST_W] = b->W0;
    y[ST_A] = labs->uESA;
}

static bool inside(double v, double low, double high) { return v >= low && v <= high; }

static start_status refused(const model_data *m, const steady *x, const start_labs *labs) {
    const model_numbers *n = &m->n;
    double tsat = 100 * x->TS0;
    if (!inside(x->Hb0, n->start_hb_low, n->start_hb_high)) return START_HEMOGLOBIN;
    if (!inside(x->F0, n->start_ferritin_low, n->start_ferritin_high)) return START_FERRITIN;
    if (!inside(tsat, n->start_tsat_low, n->start_tsat_high)) return START_TSAT;
    if (!inside(x->CRP0, n->start_crp_low, n->start_crp_high)) return START_CRP;
    if (!(labs->egfr >= n->egfr_least)) return START_EGFR;
    if (labs->Hbu < labs->Hb) return START_USUAL_HEMOGLOBIN;
    return START_OK;
}

start_status fe__start(const model_data *m, const start_labs *labs, const double *eta, body *b, double *y) {
    steady x = {.Hb0 = labs->Hb * factor(eta, 1),
                .F0 = labs->F * factor(eta, 2),
                .TS0 = labs->TSAT / 100 * factor(eta, 3),
                .CRP0 = labs->CRP,
                .TIBCref = m->p.TIBCref * labs->TIBCref_factor};
    start_status no = refused(m, &x, labs);
    if (no != START_OK) return no;
    x.Hbu = isnan(labs->Hbu) ? x.Hb0 : fmax(labs->Hbu, x.Hb0);
    constants(m, labs, eta, b);
    red_cells(b, &x);
    iron_pools(b, &x, labs);
    close_body(b, &x, labs, y);
    for (int i = 0; i < STATES; i++)
        if (!isfinite(y[i])) return START_NOT_FINITE;
    if (!(b->a_star > 0 && y[ST_H] > 0 && isfinite(b->c.e) && isfinite(b->c.z))) return START_NOT_FINITE;
    return b->c.e > m->n.start_e_high ? START_CONTRADICTION : START_OK;
}
