/* Rates, Jacobian and LU at random states of random bodies, against the equations written by hand. */
#include "test_body_bench.h"

#include "body/rates.h"

enum { BODIES = 1000 };

/* A state far from any steady one: every pool by a factor, drug and signals in the air, transferrin up to full. */
static void perturb(body *b, double *y) {
    static const int positive[] = {ST_T,  ST_TIBC, ST_M,  ST_H,  ST_CRP, ST_P, ST_E1, ST_E2, ST_RET, ST_R1,
                                   ST_R2, ST_R3,   ST_R4, ST_R5, ST_R6,  ST_F, ST_PH, ST_B,  ST_W};
    for (size_t i = 0; i < sizeof positive / sizeof *positive; i++) y[positive[i]] *= exp(uniform(-0.5, 0.5));
    double Hb = 0, most = uniform(3, 20);
    for (int i = ST_RET; i <= ST_R6; i++) Hb += y[i] / (10 * b->p.kFe * b->c.BV);
    for (int i = ST_RET; i <= ST_R6; i++) y[i] *= fmin(1, most / Hb);
    y[ST_T] = uniform(0.01, 1.02) * 0.01 * y[ST_TIBC] * b->c.BV * (1 - b->p.fcell * fmin(Hb, most) / b->p.MCHC);
    y[ST_Z] += uniform(-2, 2);
    y[ST_D] = chance(0.8) ? log_uniform(1e-3, 1500) : 0;
    y[ST_D2] = chance(0.5) ? log_uniform(1e-3, 200) : 0;
    y[ST_ML] = log_uniform(1e-3, 1000);
    y[ST_INF] = uniform(0, 100);
    y[ST_FA] = uniform(0, 500);
    y[ST_X] = uniform(0, 5);
    y[ST_Q] = uniform(0, 3);
    y[ST_A] = uniform(0, 3);
    y[ST_G] = chance(0.5) ? uniform(0, 200) : 0;
    y[ST_CABS] = uniform(0, 100);
    y[ST_CLOSS] = uniform(0, 100);
}

static void random_body(const model_data *m, body *b, double *y) {
    start_labs x;
    int refused = 0;
    random_start(m, random_labs, &x, b, y, &refused);
    fe__body_formulation(b, m, one_below(FORMULATION_COUNT));
    b->R = chance(0.3) ? 0 : log_uniform(1, 6000);
    b->uESA = chance(0.5) ? 0 : uniform(0, 3);
    perturb(b, y);
}

static void rates_are_those_of_the_specification(void **state) {
    seed(1);
    for (int n = 0; n < BODIES; n++) {
        body b;
        double y[STATES], g[PREPARED], f[STATES];
        fine at[STATES], want[STATES], gross[STATES];
        random_body(*state, &b, y);
        to_fine(y, at);
        fe__body_prepare(&b, g);
        fe__rates_all(g, y, f);
        plain_rates(&b, at, want, gross);
        for (int i = 0; i < STATES; i++)
            if (!(fabsl(f[i] - want[i]) <= 1e-12L * gross[i])) fail_msg("%s: %.17g, not %.17Lg", state_names[i], f[i], want[i]);
    }
}

/* Differences of order 4 in the long double equations: their error is far below that of the Jacobian's doubles. */
static void difference(const body *b, const fine *y, int column, fine h, fine *out) {
    fine at[STATES], gross[STATES], f[4][STATES];
    static const int steps[4] = {-2, -1, 1, 2};
    for (int k = 0; k < 4; k++) {
        memcpy(at, y, sizeof at);
        at[column] += steps[k] * h;
        plain_rates(b, at, f[k], gross);
    }
    for (int i = 0; i < STATES; i++) out[i] = (8 * (f[2][i] - f[1][i]) - (f[3][i] - f[0][i])) / (12 * h);
}

static void jacobian_agrees_with_differences(void **state) {
    seed(2);
    for (int n = 0; n < BODIES; n++) {
        body b;
        double y[STATES], g[PREPARED], j[JACOBIAN], dense[STATES][STATES] = {{0}};
        fine at[STATES], f[STATES], gross[STATES], d[STATES];
        random_body(*state, &b, y);
        to_fine(y, at);
        fe__body_prepare(&b, g);
        fe__jacobian(g, y, j);
        for (int k = 0; k < JACOBIAN; k++) dense[fe__jacobian_rows[k]][fe__jacobian_columns[k]] = j[k];
        plain_rates(&b, at, f, gross);
        for (int c = 0; c < STATES; c++) {
            fine scale = fmaxl(fabsl(at[c]), 1e-3L);
            difference(&b, at, c, 1e-5L * scale, d);
            for (int r = 0; r < STATES; r++)
                if (!(fabsl(dense[r][c] - d[r]) <= 1e-9L * fabsl(d[r]) + 1e-12L * gross[r] / scale))
                    fail_msg("d f[%s]/d %s: %.17g, not %.17Lg", state_names[r], state_names[c], dense[r][c], d[r]);
        }
    }
}

static void what_is_not_in_the_pattern_does_not_matter(void **state) {
    bool in[STATES][STATES] = {{false}};
    for (int k = 0; k < JACOBIAN; k++) in[fe__jacobian_rows[k]][fe__jacobian_columns[k]] = true;
    seed(3);
    for (int n = 0; n < 100; n++) {
        body b;
        double y[STATES], g[PREPARED], f[STATES], moved[STATES];
        random_body(*state, &b, y);
        fe__body_prepare(&b, g);
        fe__rates_all(g, y, f);
        for (int c = 0; c < STATES; c++) {
            double kept = y[c];
            y[c] += 0.01 + 0.01 * fabs(kept);
            fe__rates_all(g, y, moved);
            y[c] = kept;
            for (int r = 0; r < STATES; r++)
                if (!in[r][c] && moved[r] != f[r]) fail_msg("%s reads %s", state_names[r], state_names[c]);
        }
    }
}

static void every_entry_of_the_pattern_is_needed(void **state) {
    bool moved[JACOBIAN] = {false};
    seed(4);
    for (int n = 0; n < 100; n++) {
        body b;
        double y[STATES], g[PREPARED], j[JACOBIAN];
        random_body(*state, &b, y);
        fe__body_prepare(&b, g);
        fe__jacobian(g, y, j);
        for (int k = 0; k < JACOBIAN; k++) moved[k] = moved[k] || fabs(j[k]) > 0;
    }
    for (int k = 0; k < JACOBIAN; k++)
        if (!moved[k]) fail_msg("%s by %s", state_names[fe__jacobian_rows[k]], state_names[fe__jacobian_columns[k]]);
}

/* ---- W = d I - J ----------------------------------------------------------------------------------------------------------------- */

/* Gauss with pivots in the column: a[row][column | right side], the answer in the last column. */
static void eliminate(fine a[STATES][STATES + 1]) {
    for (int k = 0; k < STATES; k++) {
        int pivot = k;
        for (int i = k + 1; i < STATES; i++)
            if (fabsl(a[i][k]) > fabsl(a[pivot][k])) pivot = i;
        for (int j = 0; j <= STATES; j++) {
            fine t = a[k][j];
            a[k][j] = a[pivot][j];
            a[pivot][j] = t;
        }
        for (int i = 0; i < STATES; i++) {
            fine factor = i == k ? 0 : a[i][k] / a[k][k];
            for (int j = k; j <= STATES && i != k; j++) a[i][j] -= factor * a[k][j];
        }
    }
    for (int i = 0; i < STATES; i++) a[i][STATES] /= a[i][i];
}

static void dense_w(const double *j, double d, const double *right, fine a[STATES][STATES + 1]) {
    memset(a, 0, sizeof(fine) * STATES * (STATES + 1));
    for (int k = 0; k < JACOBIAN; k++) a[fe__jacobian_rows[k]][fe__jacobian_columns[k]] = -(fine)j[k];
    for (int i = 0; i < STATES; i++) a[i][i] += d, a[i][STATES] = right[i];
}

static void assert_solved(const double *j, double d, const double *right, const double *x) {
    static fine a[STATES][STATES + 1];
    dense_w(j, d, right, a);
    for (int i = 0; i < STATES; i++) {
        fine residual = -a[i][STATES], size = fabsl(a[i][STATES]);
        for (int c = 0; c < STATES; c++) residual += a[i][c] * x[c], size += fabsl(a[i][c] * x[c]);
        if (!(fabsl(residual) <= 1e-12L * size))
            fail_msg("row %s: residual %Lg of %Lg, d = %g", state_names[i], residual, size, d);
    }
    eliminate(a);
    for (int i = 0; i < STATES; i++)
        if (!(fabsl(x[i] - a[i][STATES]) <= 1e-9L * fabsl(a[i][STATES]) + 1e-17L)) /* what is 0 may be left over */
            fail_msg("%s: %.17g, not %.17Lg, d = %g", state_names[i], x[i], a[i][STATES], d);
}

static void lu_solves_as_dense_elimination_does(void **state) {
    seed(5);
    for (int n = 0; n < BODIES; n++) {
        body b;
        double y[STATES], g[PREPARED], j[JACOBIAN], w[W_ENTRIES], f[STATES], right[STATES], push[STATES], x[STATES];
        const double d = log_uniform(1e-2, 1e5);
        random_body(*state, &b, y);
        fe__body_prepare(&b, g);
        fe__jacobian(g, y, j);
        fe__rates_all(g, y, f);
        fe__stage_first_all(g, y, d, w, x);
        assert_solved(j, d, f, x);
        for (int i = 0; i < STATES; i++) {
            push[i] = copysign(uniform(0, 1) * fmax(fabs(y[i]), 1e-3), f[i]); /* f + push loses no digits */
            right[i] = f[i] + push[i];
        }
        memcpy(x, push, sizeof x);
        fe__stage_all(g, y, w, 1, x);
        assert_solved(j, d, right, x);
    }
}

/* ---- section 11 ------------------------------------------------------------------------------------------------------------------ */

static void iron_changes_by_what_comes_and_goes_alone(void **state) {
    seed(6);
    for (int n = 0; n < BODIES; n++) {
        body b;
        double y[STATES], g[PREPARED], f[STATES];
        fine at[STATES], want[STATES], gross[STATES], sum = 0, flux = 0;
        random_body(*state, &b, y);
        to_fine(y, at);
        fe__body_prepare(&b, g);
        fe__rates_all(g, y, f);
        plain_rates(&b, at, want, gross);
        for (int i = 0; i < IRON_STATES; i++) sum += f[iron_list[i]], flux += gross[iron_list[i]];
        assert_within(sum, (fine)b.R + f[ST_CABS] - f[ST_CLOSS], 1e-13L * flux);
    }
}

static void quantities_are_those_of_the_specification(void **state) {
    seed(7);
    for (int n = 0; n < BODIES; n++) {
        body b;
        double y[STATES], g[PREPARED], o[OBSERVED];
        fine at[STATES];
        random_body(*state, &b, y);
        to_fine(y, at);
        fe__body_prepare(&b, g);
        fe__observe(g, y, 0, o);
        plain want = plain_quantities(&b, at);
        const struct {
            int of;
            fine value;
        } list[] = {{OBSERVED_Hb, want.Hb},     {OBSERVED_Vp, want.Vp},      {OBSERVED_TSAT_true, 100 * want.sat},
                    {OBSERVED_C_drug, want.C},  {OBSERVED_UIBC_mgL, want.U}, {OBSERVED_PK_iron, want.ct + want.C},
                    {OBSERVED_NTBI, want.NTBI}, {OBSERVED_LPI, want.LPI},    {OBSERVED_RETpct, 100 * at[ST_RET] / want.circ},
                    {OBSERVED_JM, want.JM},     {OBSERVED_JH, want.JH},      {OBSERVED_Jab, want.Jab},
                    {OBSERVED_Ue, want.Ue}};
        /* U loses digits where transferrin is nearly full, and NTBI and LPI with it */
        for (size_t i = 0; i < sizeof list / sizeof *list; i++)
            assert_within(o[list[i].of], list[i].value, 1e-9L * fabsl(list[i].value));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_those_of_the_specification),      cmocka_unit_test(quantities_are_those_of_the_specification),
        cmocka_unit_test(jacobian_agrees_with_differences),          cmocka_unit_test(what_is_not_in_the_pattern_does_not_matter),
        cmocka_unit_test(every_entry_of_the_pattern_is_needed),      cmocka_unit_test(lu_solves_as_dense_elimination_does),
        cmocka_unit_test(iron_changes_by_what_comes_and_goes_alone),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
