#include "base/random.h"

#include <Random123/philox.h>
#include <math.h>

#include "base/elementary.h"

random_stream fe__random_stream(uint64_t seed, uint64_t body, uint32_t purpose) {
    return (random_stream){.seed = seed, .body = body, .purpose = purpose, .kept = NAN};
}

/* Odd multiples of 2^-53: never 0 or 1. */
static double open_unit(uint32_t high, uint32_t low) {
    uint64_t bits = ((uint64_t)high << 32 | low) >> 12;
    return ((double)bits + 0.5) * 0x1p-52;
}

double fe__random_uniform(random_stream *r) {
    if (!isnan(r->kept)) {
        double u = r->kept;
        r->kept = NAN;
        return u;
    }
    philox4x32_key_t key = {{(uint32_t)r->seed, (uint32_t)(r->seed >> 32)}};
    philox4x32_ctr_t counter = {{(uint32_t)r->body, (uint32_t)(r->body >> 32), r->purpose, r->block++}};
    philox4x32_ctr_t x = philox4x32(counter, key);
    r->kept = open_unit(x.v[2], x.v[3]);
    return open_unit(x.v[0], x.v[1]);
}

void fe__random_skip(random_stream *r, uint32_t n) {
    if (n && !isnan(r->kept)) {
        r->kept = NAN;
        n--;
    }
    r->block += n / 2;
    if (n % 2) fe__random_uniform(r);
}

double fe__random_normal(random_stream *r) { return fe__normal_quantile(fe__random_uniform(r)); }

double fe__random_poisson(random_stream *r, double mean) {
    double u = fe__random_uniform(r), p = fe__exp(-mean), sum = p, n = 0;
    while (u > sum && p > 0) {
        n += 1;
        p *= mean / n;
        sum += p;
    }
    return n;
}

static double ratio(const double *a, const double *b, double x) {
    double top = a[7], bottom = b[7];
    for (int i = 6; i >= 0; i--) {
        top = top * x + a[i];
        bottom = bottom * x + b[i];
    }
    return top / bottom;
}

double fe__normal_quantile(double p) {
    static const double a[] = {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                               1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                               3.3430575583588128105e4, 2.5090809287301226727e3};
    static const double b[] = {1.0,
                               4.2313330701600911252e1,
                               6.8718700749205790830e2,
                               5.3941960214247511077e3,
                               2.1213794301586595867e4,
                               3.9307895800092710610e4,
                               2.8729085735721942674e4,
                               5.2264952788528545610e3};
    static const double c[] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                               3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                               2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double d[] = {1.0,
                               2.05319162663775882187e0,
                               1.67638483018380384940e0,
                               6.89767334985100004550e-1,
                               1.48103976427480074590e-1,
                               1.51986665636164571966e-2,
                               5.47593808499534494600e-4,
                               1.05075007164441684324e-9};
    static const double e[] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                               2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                               2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double f[] = {1.0,
                               5.99832206555887937690e-1,
                               1.36929880922735805310e-1,
                               1.48753612908506148525e-2,
                               7.86869131145613259100e-4,
                               1.84631831751005468180e-5,
                               1.42151175831644588870e-7,
                               2.04426310338993978564e-15};
    double q = p - 0.5;
    if (fabs(q) <= 0.425) return q * ratio(a, b, 0.180625 - q * q);
    double r = sqrt(-fe__ln(q < 0 ? p : 1 - p));
    double z = r <= 5 ? ratio(c, d, r - 1.6) : ratio(e, f, r - 5);
    return q < 0 ? -z : z;
}

double fe__normal_cdf(double x) { return 0.5 * erfc(-x * 0.70710678118654752440); }
