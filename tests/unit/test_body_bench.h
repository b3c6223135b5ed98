/* What the tests of the body share: the built-in model, and the equations of docs/model.md (sections 3 and 4) once more, written by
 * hand in long double, with the gross flux of each: the sum of its terms without their signs. */
#ifndef TEST_BODY_BENCH_H
#define TEST_BODY_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../tools/random_body.h"
#include "base/arena.h"
#include "base/fault.h"
#include "body/rates.h"
#include "knowledge/model.h"

typedef long double fine;

static arena *model_arena;

/* The state of a group of tests is the model. */
static inline int open_model(void **state) {
    faults f;
    model_arena = fe__arena_new(0);
    if (!model_arena || setjmp(*fe__arena_escape(model_arena))) return -1;
    fe__faults_init(&f, model_arena, NULL);
    *state = (void *)(uintptr_t)fe__model_load(NULL, &f);
    return *state ? 0 : -1;
}

static inline int close_model(void **state) {
    (void)state;
    fe__arena_free(model_arena);
    return 0;
}

static inline void seed(uint64_t with) {
    random_seed = with;
    print_message("seed %llu\n", (unsigned long long)with);
}

#define assert_within(v, expected, tolerance) assert_within_((v), (expected), (tolerance), #v, __LINE__)
static inline void assert_within_(fine v, fine expected, fine tolerance, const char *what, int line) {
    if (!(fabsl(v - expected) <= tolerance)) fail_msg("line %d: %s is %.17Lg, not %.17Lg", line, what, v, expected);
}
#define assert_close(v, expected) assert_within((v), (expected), 1e-12L * fabsl((fine)(expected)))

/* A woman of 163 cm and 64 kg who starts; one field at a time is changed by the tests. */
static inline start_labs plain_labs(void) {
    start_labs x = fe__start_labs_none();
    x.woman = 1;
    x.population = -1;
    x.age = 40, x.wt = 64, x.ht = 163, x.Hb = 10, x.F = 20, x.TSAT = 12, x.CRP = 4, x.egfr = 80, x.bloss = 3, x.LS = 115,
    x.PH = 3.4;
    x.IRLS0 = 25, x.FS0 = 6, x.comorb = 2;
    return x;
}

static inline start_status start_of(const model_data *m, const start_labs *labs, const double *eta, body *b, double *y) {
    start_labs x = *labs;
    unsigned filled;
    start_status s = fe__start_fill(m, &x, &filled);
    return s == START_OK ? fe__start(m, &x, eta, b, y) : s;
}

/* ---- section 3 ---------------------------------------------------------------------------------------------------------------- */

typedef struct plain {
    fine circ, Hb, Vp, ct, sat, U, lS, lT, lC, phi, psi, L, fc, dr, rc, C, UD, rel, JM, JH, Jab, Jin, den, JT, JN, LPI, NTBI, Ue;
} plain;

static inline void plain_plasma(const body *b, const fine *y, plain *q) {
    const parameters *p = &b->p;
    q->circ = y[ST_RET] + y[ST_R1] + y[ST_R2] + y[ST_R3] + y[ST_R4] + y[ST_R5] + y[ST_R6];
    q->Hb = q->circ / (10 * (fine)p->kFe * b->c.BV);
    q->Vp = b->c.BV * (1 - p->fcell * q->Hb / p->MCHC);
    fine cap = 0.01L * y[ST_TIBC] * q->Vp, free_capacity = (cap - y[ST_T]) / q->Vp;
    q->ct = y[ST_T] / q->Vp;
    q->sat = y[ST_T] / cap;
    q->U = (free_capacity + sqrtl(free_capacity * free_capacity + (fine)p->epsU * p->epsU)) / 2;
    q->C = y[ST_D] / (b->f.fV * q->Vp);
    q->UD = b->c.capD * ((fine)b->c.s * b->f.Vm * q->C / (b->f.Km + q->C) + b->f.kL * y[ST_D]);
    q->rel = b->f.krel * y[ST_D] + (fine)b->f.finst * b->R;
}

static inline void plain_signals(const body *b, const fine *y, plain *q) {
    const parameters *p = &b->p;
    q->lS = logl(((y[ST_M] + p->wS * y[ST_ML] + y[ST_H]) / b->c.s + p->S00) / ((fine)p->Sref + p->S00));
    q->lT = logl((q->sat + p->t00) / (0.30L + p->t00));
    q->lC = logl((y[ST_CRP] + p->C00) / (2.0L + p->C00));
    q->phi = expl(-p->pphi * y[ST_Z]);
    q->psi = (1.0L + p->KA) / (expl(p->qA * y[ST_Z]) + p->KA);
    q->L = p->Pm / (1 + (p->Pm - 1.0L) * expl(p->sHb * (q->Hb - b->c.Hbn)));
    q->fc = (1.0L + p->Kc) * q->ct / (p->Kc + q->ct);
    q->rc = (1.0L + p->Kr) * q->ct / (p->Kr + q->ct);
    q->dr = b->c.eps * q->L * expl(-p->aPI * q->lC) + y[ST_A];
}

static inline plain plain_quantities(const body *b, const fine *y) {
    const parameters *p = &b->p;
    plain q;
    plain_plasma(b, y, &q);
    plain_signals(b, y, &q);
    q.JM = p->kM * q.phi * y[ST_M];
    q.JH = p->kH * q.phi * y[ST_H];
    q.Jab = (fine)b->c.a * p->Aref * b->c.s * q.psi + p->kG * y[ST_G] * (p->fO * q.psi / (1 + y[ST_G] / p->G50));
    q.Jin = q.JM + q.JH + q.Jab + q.rel;
    q.den = p->kb * q.U + p->kh;
    q.JT = q.Jin * p->kb * q.U / q.den;
    q.JN = q.Jin * p->kh / q.den;
    q.NTBI = 17.9067L * q.Jin / q.den / q.Vp;
    q.LPI = 17.9067L * q.rel / q.den / q.Vp;
    q.Ue = (fine)b->c.s * p->kapE * y[ST_P] * q.fc;
    return q;
}

/* ---- section 4 ---------------------------------------------------------------------------------------------------------------- */

enum { TERMS_MAX = 6 };

static inline void terms(fine *f, fine *gross, int state, const fine (*list)[TERMS_MAX]) {
    f[state] = gross[state] = 0;
    for (int i = 0; i < TERMS_MAX; i++) f[state] += (*list)[i], gross[state] += fabsl((*list)[i]);
}
#define TERMS(state, ...) terms(f, gross, ST_##state, &(const fine[TERMS_MAX]){__VA_ARGS__})

static inline void plain_iron(const body *b, const plain *q, const fine *y, fine *f, fine *gross) {
    const parameters *p = &b->p;
    const formulation *d = &b->f;
    fine bloss = b->c.bloss, kR = b->c.kR;
    TERMS(D, (1 - (fine)d->finst) * b->R, -d->krel * y[ST_D], -q->UD, -d->k12 * y[ST_D], d->k21 * y[ST_D2], -bloss * y[ST_D]);
    TERMS(D2, d->k12 * y[ST_D], -d->k21 * y[ST_D2]);
    TERMS(T, q->JT, -q->Ue, -p->kT * y[ST_T], -bloss * y[ST_T]);
    TERMS(ML, q->UD, -d->kML * y[ST_ML]);
    TERMS(M, d->kML * y[ST_ML], kR * y[ST_R6], p->fin * q->Ue, -q->JM);
    TERMS(H, q->JN, p->kT * y[ST_T], -q->JH, -p->kbl * y[ST_H]);
    TERMS(E1, (1 - (fine)p->fin) * q->Ue, -p->kE * y[ST_E1]);
    TERMS(E2, p->kE * y[ST_E1], -p->kE * y[ST_E2]);
    TERMS(RET, p->kE * y[ST_E2], -p->kRet * y[ST_RET], -bloss * y[ST_RET]);
    TERMS(R1, p->kRet * y[ST_RET], -kR * y[ST_R1], -bloss * y[ST_R1]);
    for (int i = ST_R2; i <= ST_R6; i++) terms(f, gross, i, &(const fine[TERMS_MAX]){kR * y[i - 1], -kR * y[i], -bloss * y[i]});
    TERMS(G, -p->kG * y[ST_G]);
    TERMS(CABS, q->Jab);
    TERMS(CLOSS, p->kbl * y[ST_H], bloss * (q->circ + y[ST_T] + y[ST_D]));
}

static inline void plain_rest(const body *b, const plain *q, const fine *y, fine *f, fine *gross) {
    const parameters *p = &b->p;
    const patient_constants *c = &b->c;
    fine k = p->kHep, made = p->Fref * expl(p->gM * logl(y[ST_M] / ((fine)c->s * p->Mref))) + p->cFA * y[ST_FA];
    TERMS(TIBC, p->kTf * c->tibi * expl(-p->gS * q->lS - p->gI * q->lC), -p->kTf * y[ST_TIBC]);
    TERMS(Z, k * c->z, k * p->aS * q->lS, k * p->aT * q->lT, k * p->aI * q->lC, -k * p->aE * logl(q->dr), -k * y[ST_Z]);
    TERMS(INF, b->f.sig * q->UD / c->s, -p->kI * y[ST_INF]);
    TERMS(CRP, (fine)p->kC * c->CRPb, p->kC * y[ST_INF], -p->kC * y[ST_CRP]);
    TERMS(P, p->kP * c->e * q->rc * q->dr, -p->kP * y[ST_P]);
    TERMS(F, p->kF * made * expl(p->gF * q->lC), -p->kF * y[ST_F]);
    TERMS(FA, q->UD / c->s, -p->kFA * y[ST_FA]);
    TERMS(X, b->f.chi * q->UD / c->s, -p->kX * y[ST_X]);
    TERMS(PH, p->kPh * c->PHb * powl(1 + y[ST_X], -(fine)p->gP * c->epsren), -p->kPh * y[ST_PH]);
    TERMS(B, p->kB * (1.0L + p->KB) * q->ct / (p->KB + q->ct), -p->kB * y[ST_B]);
    TERMS(W, p->kW * p->wH * q->Hb, p->kW * p->wT * q->fc, -p->kW * y[ST_W]);
    TERMS(Q, p->kQ * c->v * q->LPI / p->L50, (fine)p->kQ * c->v * b->f.kapC * b->R / c->s, -p->kQ * y[ST_Q]);
    TERMS(HF, p->lamF * y[ST_Q] * y[ST_Q] / (1 + y[ST_Q]));
    TERMS(HS, (fine)b->f.lamS * b->R, (fine)b->f.lamS * b->R * b->R / ((fine)p->RS * c->s));
    TERMS(A, (fine)p->kA * b->uESA, -p->kA * y[ST_A]);
}

/* f[STATES] and the gross flux of each. */
static inline void plain_rates(const body *b, const fine *y, fine *f, fine *gross) {
    plain q = plain_quantities(b, y);
    plain_iron(b, &q, y, f, gross);
    plain_rest(b, &q, y, f, gross);
}

static inline void to_fine(const double *y, fine *out) {
    for (int i = 0; i < STATES; i++) out[i] = y[i];
}

static const int iron_list[] = {ST_D,   ST_D2, ST_T,  ST_ML, ST_M,  ST_H,  ST_E1, ST_E2,
                                ST_RET, ST_R1, ST_R2, ST_R3, ST_R4, ST_R5, ST_R6};
enum { IRON_STATES = sizeof iron_list / sizeof *iron_list };

/* Iron in the body, mg (section 11): what changes only by what is given, absorbed and lost. */
static inline double iron_total(const double *y) {
    double sum = 0;
    for (int i = 0; i < IRON_STATES; i++) sum += y[iron_list[i]];
    return sum;
}

static const char *const state_names[] = {
#define STATE_WORD(name) [ST_##name] = #name,
    FE_STATES(STATE_WORD)};

#endif
