#include "stream.h"

#include <math.h>
#include <stdio.h>

#include "infer/endpoint.h"
#include "machine.h"
#include "rows.h"

enum { ENDPOINTS_MOST = 24, LOOK_EVERY = 64, RESIDENT_MOST_KIB = 64 * 1024 };
static const double week = 168, day = 24;

/* ---- what is asked ----------------------------------------------------------------------------------------------------------------- */

typedef struct asked {
    const model_data *m;
    const double *times;
    const char *names[ENDPOINTS_MOST], *units[ENDPOINTS_MOST];
    endpoint list[ENDPOINTS_MOST];
    size_t n;
} asked;

static endpoint *ask(asked *x, const char *name, const char *unit, endpoint e) {
    x->names[x->n] = name;
    x->units[x->n] = unit;
    x->list[x->n] = e;
    return &x->list[x->n++];
}

/* The output time next to an hour. */
static double output_near(const asked *x, double hour) {
    double best = x->times[0];
    for (size_t i = 1; i < CASE_TIMES; i++)
        if (fabs(x->times[i] - hour) < fabs(best - hour)) best = x->times[i];
    return best;
}

static void at(asked *x, const char *name, const char *unit, int observed, double hour, summary_scale scale) {
    ask(x, name, unit, (endpoint){.observed = observed, .kind = ENDPOINT_AT, .from = output_near(x, hour), .scale = scale});
}

static void change_at(asked *x, const char *name, const char *unit, int observed, double hour, summary_scale scale) {
    endpoint e = {.observed = observed, .kind = ENDPOINT_AT, .change = true, .from = output_near(x, hour), .scale = scale};
    ask(x, name, unit, e);
}

static void over_all(asked *x, const char *name, const char *unit, int observed, endpoint_kind kind, double level,
                     summary_scale scale) {
    ask(x, name, unit, (endpoint){.observed = observed, .kind = kind, .to = 24 * week, .level = level, .scale = scale});
}

/* Scales wide enough for whatever the model can mean; thresholds are the model's own. */
static void ask_all(asked *x) {
    const model_numbers *n = &x->m->n;
    const summary_scale hb = {0, 40, 0.01, NAN, false}, ferritin = {0, 1e5, 0.1, n->ferritin_high, false},
                        tsat = {0, 200, 0.1, NAN, false}, phosphate = {0, 20, 0.01, n->phosphate_low, true},
                        hours = {0, 24 * week, 1, NAN, false}, iron = {0, 1e4, 0.001, NAN, false},
                        risk = {0, 1, 1e-6, NAN, false};
    const summary_scale one = {-40, 40, 0.01, n->rise_one, false}, two = {-40, 40, 0.01, n->rise_two, false},
                        score = {-100, 100, 0.01, -n->irls_fall, true};
    at(x, "hemoglobin, start", "g/dL", OBSERVED_Hb, 0, hb);
    at(x, "hemoglobin, week 12", "g/dL", OBSERVED_Hb, 12 * week, hb);
    at(x, "hemoglobin, week 24", "g/dL", OBSERVED_Hb, 24 * week, hb);
    change_at(x, "change of hemoglobin, week 3", "g/dL", OBSERVED_Hb, 3 * week, one);
    change_at(x, "change of hemoglobin, week 12", "g/dL", OBSERVED_Hb, 12 * week, two);
    over_all(x, "highest hemoglobin", "g/dL", OBSERVED_Hb, ENDPOINT_MOST, NAN, hb);
    at(x, "ferritin, start", "ug/L", OBSERVED_ferritin, 0, ferritin);
    at(x, "ferritin, week 12", "ug/L", OBSERVED_ferritin, 12 * week, ferritin);
    at(x, "ferritin, week 24", "ug/L", OBSERVED_ferritin, 24 * week, ferritin);
    over_all(x, "highest ferritin", "ug/L", OBSERVED_ferritin, ENDPOINT_MOST, NAN, ferritin);
    over_all(x, "ferritin above its limit", "h", OBSERVED_ferritin, ENDPOINT_OVER, n->ferritin_high, hours);
    at(x, "TSAT, week 24", "%", OBSERVED_TSAT_obs, 24 * week, tsat);
    over_all(x, "lowest phosphate", "mg/dL", OBSERVED_phosphate, ENDPOINT_LEAST, NAN, phosphate);
    over_all(x, "phosphate below its limit", "h", OBSERVED_phosphate, ENDPOINT_UNDER, n->phosphate_low, hours);
    over_all(x, "highest labile iron", "umol/L", OBSERVED_NTBI, ENDPOINT_MOST, NAN, iron);
    at(x, "risk of pain, day 8", "1", OBSERVED_pain_risk, 8 * day, risk);
    change_at(x, "change of IRLS, week 12", "score", OBSERVED_IRLS, 12 * week, score);
    change_at(x, "change of fatigue, week 24", "score", OBSERVED_fatigue, 24 * week,
              (summary_scale){-100, 100, 0.01, NAN, false});
}

/* ---- on the way -------------------------------------------------------------------------------------------------------------------------- */

typedef struct stream {
    const model_data *m;
    size_t n, looked;
    double start, told; /* s */
} stream;

static bool body_of(void *context, size_t k, body *b, double *y) {
    return bench_virtual_body(((const stream *)context)->m, k, b, y);
}

static void tell(void *context, size_t done) {
    stream *x = context;
    if (done < x->looked + LOOK_EVERY) return;
    x->looked = done;
    double now = machine_seconds(), rate = (double)done / (now - x->start);
    if (now < x->told + 1) return;
    x->told = now;
    fprintf(stderr, "\r%9zu of %zu   %7.0f patients/s   %4.0f s left ", done, x->n, rate, (double)(x->n - done) / rate);
}

/* ---- what came of it ------------------------------------------------------------------------------------------------------------------------ */

static void print_ends(const summary *s) {
    printf("\n%llu patients came to the end", (unsigned long long)s->ends[SOLVE_OK]);
    if (s->unmade) printf("; %llu could not be made", (unsigned long long)s->unmade);
    for (int i = 0; i < SOLVE_STATUSES; i++)
        if (i != SOLVE_OK && s->ends[i]) printf("; %llu: %s", (unsigned long long)s->ends[i], fe__solve_text((solve_status)i));
    printf("\n\n");
}

static void print_table(const asked *x, const summary_layout *of, const summary *s) {
    static const double q[] = {0.05, 0.5, 0.95};
    printf("%-29s %-6s %8s %8s %4s %10s %9s %10s %9s %9s %9s %9s   %s\n", "endpoint", "unit", "n", "missing", "off", "mean", "sd",
           "min", "5 %", "median", "95 %", "max", "reached");
    for (size_t i = 0; i < x->n; i++) {
        const summary_cell *c = &s->cells[i];
        const summary_scale *scale = &x->list[i].scale;
        printf("%-29s %-6s %8llu %8llu %4llu %10.4g %9.4g %10.4g", x->names[i], x->units[i], (unsigned long long)c->n,
               (unsigned long long)c->missing, (unsigned long long)(c->below + c->above), fe__summary_mean(of, s, i),
               fe__summary_sd(of, s, i), c->min);
        for (size_t k = 0; k < sizeof q / sizeof *q; k++) printf(" %9.4g", fe__summary_quantile(of, s, i, q[k]));
        printf(" %9.4g", c->max);
        if (c->n && !isnan(scale->threshold))
            printf("   %5.2f %% %s %g", 100 * (double)c->reached / (double)c->n, scale->falls ? "<=" : ">=", scale->threshold);
        printf("\n");
    }
}

static bool write_rows(const char *path, size_t n, double seconds, int threads) {
    rows out;
    if (!rows_open(&out, path)) return false;
    rows_add(&out, "endpoints-patients", (double)n, "patients", NULL, NAN);
    rows_add(&out, "endpoints-threads", threads, "threads", NULL, NAN);
    rows_add(&out, "endpoints-time", seconds, "s", NULL, NAN);
    rows_add(&out, "endpoints-rate", (double)n / seconds, "patients/s", NULL, NAN);
    rows_add(&out, "endpoints-memory", (double)machine_peak_kib(), "KiB", NULL, NAN);
    rows_close(&out);
    return true;
}

int bench_endpoints(arena *a, const model_data *m, size_t n, double rtol, int threads, const char *path) {
    bench_course c;
    bench_course_init(&c, m);
    asked x = {.m = m, .times = c.times};
    ask_all(&x);
    const endpoint_plan *plan = fe__endpoint_plan(a, x.list, x.n, c.times, CASE_TIMES);
    stream going = {.m = m, .n = n, .start = machine_seconds()};
    going.told = going.start;
    const summary_ask every = {.m = m,
                               .plan = plan,
                               .events = c.events,
                               .events_n = CASE_EVENTS,
                               .n = n,
                               .rtol = rtol,
                               .threads = threads,
                               .body = body_of,
                               .progress = tell,
                               .context = &going};
    const summary *s = fe__summarize(a, &every);
    double seconds = machine_seconds() - going.start;
    fputc('\n', stderr);
    if (!s) {
        fputs("bench: memory is out\n", stderr);
        return 1;
    }
    printf("%zu virtual patients of all populations, 24 weeks, two infusions, %d output times, rtol %g, %s, %d threads\n", n,
           CASE_TIMES, rtol, fe__batch_isa(), threads);
    print_ends(s);
    print_table(&x, plan->layout, s);
    printf("\n%.2f s, %.0f patients/s, %.1f us of a core for each; %ld KiB resident at most, %zu of them a summary; digest "
           "%016llx\n",
           seconds, (double)n / seconds, 1e6 * seconds * threads / (double)n, machine_peak_kib(), plan->layout->size / 1024,
           (unsigned long long)fe__summary_digest(plan->layout, s));
    if (machine_peak_kib() > RESIDENT_MOST_KIB) {
        fprintf(stderr, "bench: more than %d KiB resident\n", RESIDENT_MOST_KIB);
        return 1;
    }
    return write_rows(path, n, seconds, threads) ? 0 : 1;
}
