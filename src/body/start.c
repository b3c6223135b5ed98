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

static bool inside(double v, double low, double high) { return v >= low && v <= high; }

/* Of a score between 0 and its largest; NaN where there is none, or one at a bound. */
static double logit(double score, double most) { return score > 0 && score < most ? fe__ln(score / (most - score)) : NAN; }

/* kR1 of section 7: brain iron does less for the older and the sicker. */
static void symptoms(const model_data *m, const start_labs *x, symptom_constants *s) {
    const model_numbers *n = &m->n;
    double kR1 = fe__exp(-n->irls_age_slope * (x->age - n->irls_age_ref)) * fe__power(n->irls_comorbidity_factor, x->comorb);
    *s = (symptom_constants){.gRk = m->p.gR * kR1,
                             .lR = logit(x->IRLS0, n->irls_max),
                             .lF = logit(x->FS0, n->fatigue_max),
                             .maxR = n->irls_max,
                             .maxF = n->fatigue_max};
}

void fe__start_prepare(const model_data *m, const start_labs *x, start_patient *s) {
    const parameters *p = &m->p;
    double egfr = fmin(x->egfr, m->n.egfr_cap);
    *s = (start_patient){.m = m, .labs = *x, .nadler = nadler(&m->n, x), .Hbn = set_point(m, x)};
    s->BV = s->nadler * x->bvf;
    s->s = s->BV / m->n.size_bv;
    s->eps = hill(egfr, m->n.egfr_cap, p->Kepo);
    s->epsren = hill(egfr, m->n.egfr_cap, p->Kren);
    s->bloss = x->bloss / 1000 / s->BV / 24;
    s->kR = 6 / (24 * x->LS);
    s->lC = fe__ln((x->CRP + p->C00) / (2 + p->C00));
    s->FrefC = p->Fref * fe__exp(p->gF * s->lC);
    s->drC = fe__exp(-p->aPI * s->lC);
    symptoms(m, x, &s->symptoms);
    if (!inside(x->CRP, m->n.start_crp_low, m->n.start_crp_high)) s->refused = START_CRP;
    else if (!(x->egfr >= m->n.egfr_least)) s->refused = START_EGFR;
    else if (x->Hbu < x->Hb) s->refused = START_USUAL_HEMOGLOBIN;
}

/* The patient's constants and parameters with the etas in them. */
static void constants(const start_patient *s, const start_steady *x, const double *eta, body *b) {
    const start_labs *labs = &s->labs;
    patient_constants *c = &b->c;
    *b = (body){.p = s->m->p, .uESA = labs->uESA, .symptoms = s->symptoms};
    b->Hbn_factor = x->Hbn_factor;
    b->bloss_factor = x->bloss_factor;
    b->p.cFA *= factor(eta, 6);
    b->p.Mref = x->Mref;
    b->p.kM = x->kM;
    b->chi_factor = factor(eta, 9);
    b->symptoms.gRk *= factor(eta, 11);
    double symptom = factor(eta, 13);
    b->p.wH *= symptom;
    b->p.wT *= symptom;
    b->p.Hep0 *= factor(eta, 14);
    b->nadler = s->nadler;
    b->set_point = labs->woman ? s->m->n.set_point_women : s->m->n.set_point_men;
    c->BV = s->BV;
    c->s = s->s;
    c->Hbn = x->Hbn;
    c->eps = s->eps;
    c->epsren = s->epsren;
    c->bloss = x->bloss;
    c->kR = s->kR;
    c->PHb = labs->PH;
    c->capD = labs->capD * factor(eta, 10);
    c->v = labs->v * factor(eta, 12);
    fe__body_formulation(b, s->m, FORMULATION_fcm); /* any will do: every drug term is zero until the first infusion */
}

void fe__body_formulation(body *b, const model_data *m, int which) {
    b->f = m->formulations[which];
    b->f.chi *= b->chi_factor;
}

/* ---- section 6 ---------------------------------------------------------------------------------------------------------------- */

/* The labs with their etas; only etas 1 to 5, 7 and 8 act on what is solved. */
static start_status with_etas(const start_patient *s, const double *eta, start_steady *x) {
    const model_numbers *n = &s->m->n;
    const start_labs *labs = &s->labs;
    x->Hb0 = labs->Hb * factor(eta, 1);
    x->F0 = labs->F * factor(eta, 2);
    x->TS0 = labs->TSAT / 100 * factor(eta, 3);
    if (!inside(x->Hb0, n->start_hb_low, n->start_hb_high)) return START_HEMOGLOBIN;
    if (!inside(x->F0, n->start_ferritin_low, n->start_ferritin_high)) return START_FERRITIN;
    if (!inside(100 * x->TS0, n->start_tsat_low, n->start_tsat_high)) return START_TSAT;
    if (s->refused != START_OK) return s->refused;
    x->Hbu = isnan(labs->Hbu) ? x->Hb0 : fmax(labs->Hbu, x->Hb0);
    x->Hbn_factor = factor(eta, 4);
    x->bloss_factor = factor(eta, 5);
    x->Hbn = s->Hbn * x->Hbn_factor;
    x->bloss = s->bloss * x->bloss_factor;
    x->Mref = s->m->p.Mref * factor(eta, 7);
    x->kM = s->m->p.kM * factor(eta, 8);
    return START_OK;
}

/* Lines 1 to 4: red cells, macrophages, hepcidin. */
static void red_cells(const start_patient *s, start_steady *x) {
    const parameters *p = &s->m->p;
    x->Vp = s->BV * (1 - p->fcell * x->Hb0 / p->MCHC);
    x->M = s->s * x->Mref * fe__exp(fe__ln(x->F0 / s->FrefC) / p->gM);
    double Fc = 10 * p->kFe * s->BV * x->Hbu, rho = x->Hb0 / x->Hbu;
    double w_ret = 1 / (p->kRet + x->bloss), turn = 1 / (s->kR + x->bloss), step = s->kR * turn, w[6], sum = w_ret;
    w[0] = p->kRet * w_ret * turn;
    for (int i = 1; i < 6; i++) w[i] = step * w[i - 1];
    for (int i = 0; i < 6; i++) sum += w[i];
    double Ueff = Fc / sum;
    x->RET = rho * Ueff * w_ret;
    for (int i = 0; i < 6; i++) x->R[i] = rho * Ueff * w[i];
    x->Ue = Ueff / (1 - p->fin);
    x->JM = s->kR * x->R[5] + p->fin * x->Ue;
    x->phi = x->JM / (x->kM * x->M);
    x->Z = -fe__ln(x->phi) / p->pphi;
    x->psi = (1 + p->KA) / (fe__exp(p->qA * x->Z) + p->KA);
}

static double stores_signal(const start_patient *s, const start_steady *x, double H) {
    const parameters *p = &s->m->p;
    return fe__ln(((x->M + H) / s->s + p->S00) / (p->Sref + p->S00));
}

/* Lines 5 and 6 for one TIBC: what must be absorbed, what the gut can, and the hepatocyte iron that balances it. v is kh/(kb U), so that
 * den/(kb U) = 1 + v. */
static void plasma_iron(const start_patient *s, start_steady *x, double TIBC) {
    const parameters *p = &s->m->p;
    double cap = 0.01 * TIBC, u = cap * (1 - x->TS0), U = (u + sqrt(u * u + p->epsU * p->epsU)) / 2, v = p->kh / (p->kb * U);
    x->TIBC = TIBC;
    x->ct = x->TS0 * cap;
    x->T = x->ct * x->Vp;
    double leaves = x->Ue + (p->kT + x->bloss) * x->T, Jin = leaves * (1 + v), JN = leaves * v, kH = x->phi * p->kH;
    double Hs = (JN + p->kT * x->T) / (kH + p->kbl), Jab = Jin - x->JM - kH * Hs, unit = p->Aref * s->s * x->psi;
    x->a_star = Jab / unit;
    double ratio = x->a_star / s->labs.amax, ratio2 = ratio * ratio;
    x->a = x->a_star / sqrt(sqrt(1 + ratio2 * ratio2));
    x->H = (Jin - x->JM - x->a * unit) / kH;
}

/* TIBC and H depend on each other when TIBC was not measured: the fixed point of line 5, from the same first H and to the same end. Passes
 * go on from where the last two point to (Wegstein, Communications of the ACM 1 (1958) no. 6, 9), so that five do for a dozen. */
static void iron_pools(const start_patient *s, start_steady *x) {
    enum { PASSES = 200 };
    const parameters *p = &s->m->p;
    const start_labs *labs = &s->labs;
    double H = 300 * s->s, before = NAN, H_before = NAN;
    if (!isnan(labs->TIBC)) plasma_iron(s, x, labs->TIBC);
    for (int i = 0; i < PASSES && isnan(labs->TIBC); i++) {
        plasma_iron(s, x, p->TIBCref * labs->TIBCref_factor * fe__exp(-p->gS * stores_signal(s, x, H) - p->gI * s->lC));
        double by = x->H - H, slope = (x->H - H_before) / (H - before), next = H + by / (1 - slope);
        if (!(fabs(by) >= 1e-13 * fabs(x->H))) break;
        before = H;
        H_before = x->H;
        H = slope < 0.5 && slope > -1 && next > 0 ? next : x->H; /* as it stands where they point nowhere */
    }
    x->lS = stores_signal(s, x, x->H);
}

/* Lines 7 and 8: what explains the anemia, and the hepcidin. */
static void solved_constants(const start_patient *s, start_steady *x) {
    const parameters *p = &s->m->p;
    x->fc = (1 + p->Kc) * x->ct / (p->Kc + x->ct);
    double rc = (1 + p->Kr) * x->ct / (p->Kr + x->ct), L = p->Pm / (1 + (p->Pm - 1) * fe__exp(p->sHb * (x->Hbu - x->Hbn)));
    double dr = s->eps * L * s->drC + s->labs.uESA, lT = fe__ln((x->TS0 + p->t00) / (0.30 + p->t00));
    x->P = x->Ue / (s->s * p->kapE * x->fc);
    x->e = x->P / (rc * dr);
    x->z = x->Z - (p->aS * x->lS + p->aT * lT + p->aI * s->lC - p->aE * fe__ln(dr));
}

start_status fe__start_solve(const start_patient *s, const double *eta, start_steady *x) {
    start_status no = with_etas(s, eta, x);
    if (no != START_OK) return no;
    red_cells(s, x);
    iron_pools(s, x);
    solved_constants(s, x);
    if (!(x->a_star > 0 && x->H > 0 && isfinite(x->a_star) && isfinite(x->H) && isfinite(x->e) && isfinite(x->z)))
        return START_NOT_FINITE;
    return x->e > s->m->n.start_e_high ? START_CONTRADICTION : START_OK;
}

/* Line 9 and the rest of the state. */
start_status fe__start_finish(const start_patient *s, const start_steady *x, const double *eta, body *b, double *y) {
    const start_labs *labs = &s->labs;
    constants(s, x, eta, b);
    const parameters *p = &b->p;
    patient_constants *c = &b->c;
    b->a_star = x->a_star;
    c->a = x->a;
    c->e = x->e;
    c->z = x->z;
    c->tibi = x->TIBC * fe__exp(p->gS * x->lS + p->gI * s->lC);
    c->CRPb = isnan(labs->CRPb) ? labs->CRP : fmin(labs->CRP, labs->CRPb);
    b->symptoms.B0 = (1 + p->KB) * x->ct / (p->KB + x->ct);
    b->symptoms.W0 = p->wH * x->Hb0 + p->wT * x->fc;
    memset(y, 0, STATES * sizeof *y);
    y[ST_T] = x->T;
    y[ST_TIBC] = x->TIBC;
    y[ST_M] = x->M;
    y[ST_H] = x->H;
    y[ST_Z] = x->Z;
    y[ST_INF] = labs->CRP - c->CRPb;
    y[ST_CRP] = labs->CRP;
    y[ST_P] = x->P;
    y[ST_E1] = y[ST_E2] = x->Ue * (1 - p->fin) / p->kE;
    y[ST_RET] = x->RET;
    for (int i = 0; i < 6; i++) y[ST_R1 + i] = x->R[i];
    y[ST_F] = x->F0;
    y[ST_PH] = c->PHb;
    y[ST_B] = b->symptoms.B0;
    y[ST_W] = b->symptoms.W0;
    y[ST_A] = labs->uESA;
    for (int i = 0; i < STATES; i++)
        if (!isfinite(y[i])) return START_NOT_FINITE;
    return START_OK;
}

start_status fe__start(const model_data *m, const start_labs *labs, const double *eta, body *b, double *y) {
    start_patient s;
    start_steady x;
    fe__start_prepare(m, labs, &s);
    start_status is = fe__start_solve(&s, eta, &x);
    if (is != START_OK && is != START_CONTRADICTION) return is;
    start_status finite = fe__start_finish(&s, &x, eta, b, y);
    return finite == START_OK ? is : finite;
}
