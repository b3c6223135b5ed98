/* Random streams: the known answers of Philox, the shape of what is drawn, the normal distribution and its inverse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "base/random.h"

enum { MANY = 200000 };

static void assert_within(double v, double expected, double tolerance, const char *what) {
    if (!(fabs(v - expected) <= tolerance)) fail_msg("%s: %.17g, not %.17g", what, v, expected);
}

/* What 64 bits of the generator become: the middle of one of 2^52 equal parts of the unit. */
static double unit(uint32_t high, uint32_t low) { return ((double)(((uint64_t)high << 32 | low) >> 12) + 0.5) * 0x1p-52; }

/* The vectors that Random123 publishes for philox4x32-10 (kat_vectors): counter, key, numbers. */
static void philox_gives_its_known_answers(void **state) {
    static const struct {
        uint32_t counter[4], key[2], numbers[4];
    } rows[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t seed = (uint64_t)rows[i].key[1] << 32 | rows[i].key[0],
                 body = (uint64_t)rows[i].counter[1] << 32 | rows[i].counter[0];
        random_stream r = fe__random_stream(seed, body, rows[i].counter[2]);
        r.block = rows[i].counter[3];
        assert_within(fe__random_uniform(&r), unit(rows[i].numbers[0], rows[i].numbers[1]), 0, "first of a block");
        assert_within(fe__random_uniform(&r), unit(rows[i].numbers[2], rows[i].numbers[3]), 0, "second of a block");
    }
}

static void a_block_gives_two_numbers_and_the_next_follows(void **state) {
    random_stream r = fe__random_stream(7, 8, 9), second = r;
    (void)state;
    second.block = 1;
    fe__random_uniform(&r), fe__random_uniform(&r);
    assert_within(fe__random_uniform(&r), fe__random_uniform(&second), 0, "third");
}

static void skipping_is_drawing_and_forgetting(void **state) {
    (void)state;
    for (uint32_t first = 0; first < 3; first++) {
        for (uint32_t n = 0; n < 8; n++) {
            random_stream r = fe__random_stream(7, 8, 9), drawn = r;
            for (uint32_t i = 0; i < first; i++) fe__random_uniform(&r), fe__random_uniform(&drawn);
            fe__random_skip(&r, n);
            for (uint32_t i = 0; i < n; i++) fe__random_uniform(&drawn);
            for (int i = 0; i < 3; i++) assert_within(fe__random_uniform(&r), fe__random_uniform(&drawn), 0, "after a skip");
        }
    }
}

static void streams_are_apart_and_copies_keep_their_place(void **state) {
    random_stream a = fe__random_stream(1, 2, 3), b = fe__random_stream(2, 2, 3), c = fe__random_stream(1, 3, 3),
                  d = fe__random_stream(1, 2, 4), e = fe__random_stream(1, 2 + (1ull << 32), 3),
                  f = fe__random_stream(1 + (1ull << 32), 2, 3);
    (void)state;
    for (int i = 0; i < 100; i++) {
        random_stream copy = a;
        double u = fe__random_uniform(&a);
        assert_true(u == fe__random_uniform(&copy));
        random_stream *others[] = {&b, &c, &d, &e, &f};
        for (size_t k = 0; k < 5; k++) assert_true(u != fe__random_uniform(others[k]));
    }
}

/* Never 0 or 1: each number is an odd multiple of 2^-53. */
static void uniforms_are_inside(void **state) {
    random_stream r = fe__random_stream(11, 0, 1);
    (void)state;
    for (int i = 0; i < MANY; i++) {
        double u = fe__random_uniform(&r), twice = u * 0x1p53;
        assert_true(u > 0 && u < 1 && twice == floor(twice) && fmod(twice, 2) == 1);
    }
    assert_true(unit(0xffffffff, 0xffffffff) < 1 && unit(0, 0) > 0);
}

static int ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return a < b ? -1 : a > b;
}

static double itself(double u) { return u; }

/* Kolmogorov and Smirnov: 1.95 / sqrt(n) is passed by one sample of a thousand. */
static void assert_distribution(double *v, size_t n, double (*cdf)(double), const char *what) {
    double worst = 0;
    qsort(v, n, sizeof *v, ascending);
    for (size_t i = 0; i < n; i++) {
        double p = cdf(v[i]);
        worst = fmax(worst, fmax(p - (double)i / (double)n, (double)(i + 1) / (double)n - p));
    }
    if (!(worst < 1.95 / sqrt((double)n))) fail_msg("%s: distance %g", what, worst);
}

static void assert_moments(const double *v, size_t n, double mean, double variance, double skew, double kurtosis,
                           const char *what) {
    double m = (double)n, sum = 0, two = 0, three = 0, four = 0;
    for (size_t i = 0; i < n; i++) sum += v[i] / m;
    for (size_t i = 0; i < n; i++) {
        double d = (v[i] - mean) / sqrt(variance);
        two += d * d / m, three += d * d * d / m, four += d * d * d * d / m;
    }
    assert_within(sum, mean, 4 * sqrt(variance / m), what);
    assert_within(two, 1, 4 * sqrt(2 / m) * 1.2, what);
    assert_within(three, skew, 4 * sqrt(15 / m), what);
    assert_within(four, kurtosis, 4 * sqrt(96 / m), what);
}

static void uniforms_and_normals_have_their_shape(void **state) {
    random_stream r = fe__random_stream(12, 5, 2);
    double *u = calloc(MANY, sizeof *u), *z = calloc(MANY, sizeof *z), together = 0;
    (void)state;
    for (int i = 0; i < MANY; i++) u[i] = fe__random_uniform(&r);
    for (int i = 0; i < MANY; i++) z[i] = fe__random_normal(&r);
    for (int i = 1; i < MANY; i++) together += z[i] * z[i - 1] / MANY;
    assert_within(together, 0, 4 / sqrt(MANY), "neighbours");
    assert_moments(u, MANY, 0.5, 1.0 / 12, 0, 1.8, "uniform");
    assert_moments(z, MANY, 0, 1, 0, 3, "normal");
    assert_distribution(u, MANY, itself, "uniform");
    assert_distribution(z, MANY, fe__normal_cdf, "normal");
    free(u);
    free(z);
}

/* First numbers of many bodies: as good as many numbers of one. */
static void first_numbers_have_their_shape(void **state) {
    double *z = calloc(MANY, sizeof *z);
    (void)state;
    for (int i = 0; i < MANY; i++) {
        random_stream r = fe__random_stream(1, (uint64_t)i, 1);
        z[i] = fe__random_normal(&r);
    }
    assert_moments(z, MANY, 0, 1, 0, 3, "first normals");
    assert_distribution(z, MANY, fe__normal_cdf, "first normals");
    free(z);
}

static void quantile_and_cdf_are_inverse(void **state) {
    /* Quantiles by mpmath to 17 digits, on every branch of the approximation. */
    static const double rows[][2] = {{0.5, 0},
                                     {0.6, 0.25334710313579980},
                                     {0.925, 1.4395314709384559},
                                     {0.975, 1.9599639845400542},
                                     {0.05, -1.6448536269514727},
                                     {1e-5, -4.2648907939228246},
                                     {1e-12, -7.0344838253011319},
                                     {1e-40, -13.310921371425171},
                                     {1e-300, -37.047096299361199}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_within(fe__normal_quantile(rows[i][0]), rows[i][1], 1e-14 * fmax(1, fabs(rows[i][1])), "quantile");
    for (double z = -37; z < 8; z += 0.0137) {
        double p = fe__normal_cdf(z), density = exp(-z * z / 2) / sqrt(2 * 3.14159265358979323846);
        assert_true(p > 0 && p <= 1);
        if (p < 1)
            assert_within(fe__normal_quantile(p), z,
                          1e-13 * fmax(1, fabs(z)) + 4 * 0x1p-53 / fmax(density, 1e-300) * (z > 0 ? p : 0), "inverse");
    }
    for (double p = 0.001; p < 0.5; p += 0.00137) {
        assert_within(fe__normal_quantile(1 - p), -fe__normal_quantile(p), 1e-12, "symmetry");
        assert_within(fe__normal_cdf(fe__normal_quantile(p)), p, 1e-14, "inverse");
    }
    assert_within(fe__normal_cdf(0), 0.5, 0, "middle");
    assert_within(fe__normal_cdf(1.9599639845400541), 0.975, 1e-15, "cdf");
}

static void poisson_has_its_shape(void **state) {
    static const double means[] = {0.8, 3.5, 20};
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        random_stream r = fe__random_stream(13, k, 6);
        double sum = 0, square = 0, mean = means[k];
        int zeros = 0;
        for (int i = 0; i < MANY; i++) {
            double n = fe__random_poisson(&r, mean);
            assert_true(n >= 0 && n == floor(n));
            sum += n, square += n * n;
            zeros += n == 0;
        }
        double m = sum / MANY, variance = square / MANY - m * m;
        assert_within(m, mean, 4 * sqrt(mean / MANY), "Poisson mean");
        assert_within(variance, mean, 5 * sqrt((mean + 2 * mean * mean) / MANY), "Poisson variance");
        assert_within((double)zeros / MANY, exp(-mean), 4 * sqrt(exp(-mean) / MANY) + 1e-9, "Poisson none");
    }
    random_stream r = fe__random_stream(13, 9, 6), u = r;
    for (int i = 0; i < 50; i++) {
        fe__random_poisson(&r, 0.8), fe__random_uniform(&u);
        assert_int_equal(r.block, u.block); /* one uniform each */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_its_known_answers),
        cmocka_unit_test(a_block_gives_two_numbers_and_the_next_follows),
        cmocka_unit_test(skipping_is_drawing_and_forgetting),
        cmocka_unit_test(streams_are_apart_and_copies_keep_their_place),
        cmocka_unit_test(uniforms_are_inside),
        cmocka_unit_test(uniforms_and_normals_have_their_shape),
        cmocka_unit_test(first_numbers_have_their_shape),
        cmocka_unit_test(quantile_and_cdf_are_inverse),
        cmocka_unit_test(poisson_has_its_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
