/* How fast the batch solver is, beside CVODE and beside other methods in its own lanes: one program, one core, all of them in turn, compared at
 * equal achieved error.
 *
 *   solver-bench FOLDER            everything; FOLDER/solver.json and FOLDER/work-precision.csv
 *   solver-bench --smoke           each method once over a few bodies, no times
 *   solver-bench --grow N          plays N virtual patients in a stream; prints microseconds a patient, KiB resident
 *   solver-bench --endpoints N RTOL THREADS FILE
 *                                  endpoint summaries of N virtual patients (stream.h)
 *
 * A tolerance is not an error: every method plays the same bodies at half decades of rtol, its error is measured against CVODE at 1e-12, and its
 * time is read off, logarithm over logarithm, where the error crosses 1e-4 and 1e-6. Times are the best of ROUNDS rounds, of
 * ROUNDS_BETWEEN for points that only the plot shows. */
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "methods.h"
#include "rows.h"
#include "stream.h"

enum {
    BODIES = 66,
    SMOKE_BODIES = 11,
    ROUNDS = 9,
    ROUNDS_BETWEEN = 2,
    POINTS_MAX = 24,
    DRAWS = 4000,
    GROW_SIZES = 4,
    BASELINE_BODIES = 11
};
static const double targets[] = {1e-4, 1e-6};
enum { TARGETS = sizeof targets / sizeof *targets };
static const double error_most = 3e-2, error_least = 2e-7, rtol_least = 1e-12;

typedef struct point {
    double rtol, error, median, p95;
    body_error worst;
    double seconds; /* a body, best so far */
    batch_counts counts;
    size_t jobs;
    bool is_read; /* beside a target: its time is in the ratios */
} point;

typedef struct curve {
    const method *m;
    point points[POINTS_MAX];
    size_t n;
} curve;

typedef enum case_id { CASE_ONE, CASE_DRAWS, CASE_VIRTUAL, CASE_STILL, CASES } case_id;

typedef struct measured {
    bench_case c;
    bool one;
    double *want; /* the reference */
    double reference_error;
    curve curves[METHODS_MAX];
    size_t n;
} measured;

/* ---- operations ------------------------------------------------------------------------------------------------------------------ */

/* Of one step of the batch solver, counted in src/body/generated.c and src/solve/batch_kernel.h: + - * / sqrt one each, a fused multiply-add
 * two, signs and selections none. */
static double flops_per_step(void) {
    const double combined = STATES * (32 + 49 + 8); /* arguments, the sums of c, the error */
    return FLOPS_STAGE_FIRST_ALL + 7 * FLOPS_STAGE_ALL + combined;
}

/* ---- errors, then times ------------------------------------------------------------------------------------------------------------ */

static void *room_for(size_t n, size_t size) {
    void *p = calloc(n, size);
    if (p) return p;
    fputs("bench: memory is out\n", stderr);
    exit(1);
}

static double *values_for(size_t n) { return room_for(n * CASE_TIMES * OBSERVED, sizeof(double)); }

static const method *peer_of(const methods *all, bool native, const char *matrix) {
    for (size_t i = 0; i < all->n; i++) {
        const method *m = &all->list[i];
        if (m->kind == METHOD_PEER && m->is_native == native && strstr(m->name, matrix)) return m;
    }
    return NULL;
}

/* The peer's own strongest, or the packaged one. */
static const method *reference_of(const methods *all) {
    const method *m = peer_of(all, true, "klu");
    if (!m) m = peer_of(all, false, "klu");
    return m ? m : peer_of(all, false, "dense");
}

static void reference(measured *x, const method *m) {
    double *loose = values_for(x->c.n);
    body_error errors[BODIES];
    case_run run = {.c = &x->c, .values = loose};
    x->want = values_for(x->c.n);
    bool ok = method_run(m, &run, x->c.n, 1e-11, false, NULL);
    run.values = x->want;
    if (!ok || !method_run(m, &run, x->c.n, 1e-12, false, NULL)) {
        fputs("bench: the reference does not come to its end\n", stderr);
        exit(1);
    }
    bench_errors(loose, x->want, x->c.n, errors);
    x->reference_error = errors[x->c.n - 1].error;
    free(loose);
}

static bool in_case(const method *m, case_id id, const char *widest) {
    bool is_widest = m->isa && strcmp(m->isa, widest) == 0;
    if (id == CASE_ONE) return m->kind == METHOD_FERRULE;
    if (id == CASE_STILL) return is_widest;
    return true;
}

/* Half decades of rtol from where the error is of use to where it is below every target. */
static void errors_of(curve *v, const measured *x, double *got) {
    body_error errors[BODIES];
    for (int i = 0; i < 2 * 12 && v->n < POINTS_MAX; i++) {
        point p = {.rtol = pow(10, -0.5 * (i + 2)), .seconds = INFINITY};
        case_run run = {.c = &x->c, .values = got};
        if (p.rtol < 0.9 * rtol_least || !method_run(v->m, &run, x->c.n, p.rtol, x->one, &p.counts)) continue;
        bench_errors(got, x->want, x->c.n, errors);
        p.worst = errors[x->c.n - 1];
        p.error = p.worst.error;
        p.median = errors[x->c.n / 2].error;
        p.p95 = errors[x->c.n * 95 / 100].error;
        if (!(p.error < error_most)) continue;
        v->points[v->n++] = p;
        if (p.error < error_least) return;
    }
}

static void time_once(curve *v, const measured *x, bool all) {
    for (size_t i = 0; i < v->n; i++) {
        point *p = &v->points[i];
        if (!all && !p->is_read) continue;
        size_t jobs = x->one ? x->c.n : v->m->jobs;
        case_run run = {.c = &x->c};
        double start = machine_seconds();
        method_run(v->m, &run, jobs, p->rtol, x->one, &p->counts);
        p->seconds = fmin(p->seconds, (machine_seconds() - start) / (double)jobs);
        p->jobs = jobs;
    }
}

static void measure_errors(measured *cases, const methods *all) {
    for (int id = 0; id < CASES; id++) {
        measured *x = &cases[id];
        double *got = values_for(x->c.n);
        reference(x, reference_of(all));
        for (size_t i = 0; i < all->n; i++) {
            if (!in_case(&all->list[i], (case_id)id, all->widest)) continue;
            curve *v = &x->curves[x->n++];
            v->m = &all->list[i];
            errors_of(v, x, got);
        }
        free(got);
    }
}

/* ---- read off at an error ------------------------------------------------------------------------------------------------------------- */

typedef struct reading {
    double seconds, rtol; /* NaN when the error is not crossed */
    const point *near;    /* the tighter of the two points around it */
} reading;

/* Where the error falls below the target for good: the first point of the tighter side, 0 when even the loosest is there, n when none is. */
static size_t crossing(const curve *v, double target) {
    size_t at = v->n;
    while (at > 0 && v->points[at - 1].error <= target) at--;
    return at;
}

static reading read_at(const curve *v, double target) {
    reading r = {NAN, NAN, NULL};
    size_t at = v ? crossing(v, target) : 0;
    if (!v || at == v->n) return r;
    const point *b = &v->points[at], *a = at ? b - 1 : b;
    double s = at ? log(target / a->error) / log(b->error / a->error) : 0;
    r.seconds = exp(log(a->seconds) + s * log(b->seconds / a->seconds));
    r.rtol = exp(log(a->rtol) + s * log(b->rtol / a->rtol));
    r.near = b;
    return r;
}

static void mark_read(curve *v) {
    for (int i = 0; i < TARGETS; i++) {
        size_t at = crossing(v, targets[i]);
        if (at < v->n) v->points[at].is_read = true;
        if (at > 0) v->points[at - 1].is_read = true;
    }
}

static const curve *curve_of(const measured *x, const method *m) {
    for (size_t i = 0; m && i < x->n; i++)
        if (x->curves[i].m == m) return &x->curves[i];
    return NULL;
}

/* ---- the tables --------------------------------------------------------------------------------------------------------------------------- */

static void name_of_value(const body_error *e, const bench_course *c, char *out, size_t size) {
    snprintf(out, size, "%s %g h", bench_value_name(e->value), c->times[e->time]);
}

static void cell(double ratio) {
    if (isfinite(ratio)) printf(" %8.2f", ratio);
    else printf("        -");
}

static void table(const measured *cases, const methods *all, case_id id, int target, rows *out) {
    static const char *const titles[] = {"one patient at a time", "4,000 draws of one patient",
                                         "virtual patients of all populations", "draws, the mediator Q stilled"};
    const measured *x = &cases[id], *peers = &cases[id == CASE_ONE ? CASE_DRAWS : id]; /* a peer plays one at a time anyway */
    const method *against[] = {peer_of(all, true, "klu"), peer_of(all, true, "dense"), peer_of(all, false, "klu"),
                               peer_of(all, false, "dense")};
    printf("\n%s, at a largest error of %g (times as fast as)\n", titles[id], targets[target]);
    printf("  %-20s %8s %8s %8s %8s   %10s %9s %9s %6s %6s %6s   %s\n", "", "KLU", "dense", "KLU deb", "dns deb", "us/patient",
           "rtol", "median e", "steps", "rej", "lanes", "worst");
    for (size_t i = 0; i < x->n; i++) {
        const curve *v = &x->curves[i];
        reading r = read_at(v, targets[target]);
        char name[96];
        printf("  %-20s", v->m->name);
        snprintf(name, sizeof name, "%s-%s-at-%.0e", x->c.name, v->m->name, targets[target]);
        for (int k = 0; k < 4; k++) {
            double ratio = read_at(curve_of(peers, against[k]), targets[target]).seconds / r.seconds;
            cell(ratio);
            if (against[k]) rows_add(out, name, 1 / r.seconds, "patients/s", against[k]->name, ratio);
        }
        if (!r.near) {
            printf("   not reached\n");
            continue;
        }
        const batch_counts *c = &r.near->counts;
        double jobs = (double)r.near->jobs;
        char worst[32];
        name_of_value(&r.near->worst, x->c.course, worst, sizeof worst);
        printf("   %10.2f %9.1e %9.1e %6.0f %6.1f %6.3f   %s\n", 1e6 * r.seconds, r.rtol, r.near->median, (double)c->steps / jobs,
               (double)c->rejected / jobs, (double)c->steps / (double)c->lane_steps, worst);
    }
}

static void roofline(const measured *x, const methods *all, const double *peaks, rows *out) {
    printf("\nShare of the most that fused multiply-adds reach on this core (%.0f operations a step)\n", flops_per_step());
    rows_add(out, "flops-per-step", flops_per_step(), "flop", NULL, NAN);
    for (size_t i = 0; i < all->n; i++) {
        const method *m = &all->list[i];
        if (m->kind != METHOD_FERRULE) continue;
        reading r = read_at(curve_of(x, m), targets[0]);
        if (!r.near) continue;
        double rate = flops_per_step() * (double)r.near->counts.steps / (double)r.near->jobs / r.near->seconds;
        char name[96];
        printf("  %-20s %5.1f %%   %6.2f of %6.2f Gflop/s\n", m->name, 100 * rate / peaks[i], 1e-9 * rate, 1e-9 * peaks[i]);
        snprintf(name, sizeof name, "fma-peak-%s", m->name);
        rows_add(out, name, 1e-9 * peaks[i], "Gflop/s", NULL, NAN);
        snprintf(name, sizeof name, "draws-%s-flops", m->name);
        char peak[96];
        snprintf(peak, sizeof peak, "fma-peak-%s", m->name);
        rows_add(out, name, 1e-9 * rate, "Gflop/s", peak, rate / peaks[i]);
    }
}

/* The processor without fused multiply-add: too slow for the grid, and its error is that of the others, bit for bit. */
static void baseline(const measured *x, double rtol, double native, rows *out) {
    const method m = {.name = "baseline", .isa = "baseline", .kind = METHOD_FERRULE, .jobs = BASELINE_BODIES};
    double best = INFINITY;
    for (int i = 0; i < 3; i++) {
        case_run run = {.c = &x->c};
        double start = machine_seconds();
        method_run(&m, &run, m.jobs, rtol, false, NULL);
        best = fmin(best, (machine_seconds() - start) / (double)m.jobs);
    }
    printf("  %-20s %8.2f times as fast as cvode-klu-native   %10.2f us/patient, at rtol %.1e (%zu bodies)\n",
           "baseline (no fma)", native / best, 1e6 * best, rtol, m.jobs);
    rows_add(out, "draws-baseline-at-1e-04", 1 / best, "patients/s", "cvode-klu-native", native / best);
}

/* ---- the real sizes ------------------------------------------------------------------------------------------------------------------------- */

static double best_play(const bench_case *c, size_t n, double rtol, int threads, int rounds) {
    double best = INFINITY;
    for (int i = 0; i < rounds; i++) {
        case_run run = {.c = c};
        batch_play play = bench_play(&run, n, rtol, threads);
        double start = machine_seconds();
        bool ok = fe__play_batch(&play, NULL);
        if (ok && run.ended == n) best = fmin(best, machine_seconds() - start);
    }
    return best;
}

/* All 4,000 draws, on one core and on all: how many milliseconds a posterior costs. */
static void posterior(const bench_case *draws, double rtol, int cores, double native, rows *out) {
    double one = best_play(draws, DRAWS, rtol, 1, ROUNDS);
    machine_unpin();
    double two = best_play(draws, DRAWS, rtol, 2, ROUNDS), every = best_play(draws, DRAWS, rtol, cores, ROUNDS);
    machine_pin();
    printf(
        "\n4,000 draws at a largest error of 1e-4 (rtol %.1e): %.1f ms on one core, %.1f ms with 2 threads (%.2f times as fast), "
        "%.1f ms on all %d cores\n",
        rtol, 1e3 * one, 1e3 * two, one / two, 1e3 * every, cores);
    rows_add(out, "draws-4000", DRAWS / one, "patients/s", "cvode-klu-native", DRAWS * native / one);
    rows_add(out, "draws-4000-1-thread", 1e3 * one, "ms", NULL, NAN);
    rows_add(out, "draws-4000-2-threads", 1e3 * two, "ms", "draws-4000-1-thread", two / one);
    rows_add(out, "draws-4000-all-cores", 1e3 * every, "ms", NULL, NAN);
}

static void grow_output(void *context, size_t k, size_t i, const double *y, const double *o) {
    (void)k, (void)i, (void)y;
    *(double *)context += o[OBSERVED_Hb];
}

static void grow_done(void *context, size_t k, solve_status s) { (void)context, (void)k, (void)s; }

static const model_data *grow_model; /* what grow_body reads beside its number */
static bool grow_body(void *context, size_t k, body *b, double *y) {
    (void)context;
    return bench_virtual_body(grow_model, k, b, y);
}

static int grow(const model_data *m, size_t n, double rtol) {
    bench_course c;
    double sum = 0, making = 0;
    bench_course_init(&c, m);
    grow_model = m;
    batch_play play = {.m = m,
                       .events = c.events,
                       .events_n = CASE_EVENTS,
                       .times = c.times,
                       .times_n = CASE_TIMES,
                       .n = n,
                       .rtol = rtol,
                       .threads = 1,
                       .context = &sum,
                       .body = grow_body,
                       .output = grow_output,
                       .done = grow_done};
    double start = machine_seconds();
    if (!fe__play_batch(&play, NULL)) return 1;
    double all = machine_seconds() - start;
    size_t made = n < 2000 ? n : 2000;
    start = machine_seconds();
    for (size_t k = 0; k < made; k++) {
        body b;
        double y[STATES];
        making += bench_virtual_body(m, k, &b, y);
    }
    double each = (machine_seconds() - start) / (double)made;
    printf("%.4f %.4f %ld %.6g\n", 1e6 * all / (double)n, 1e6 * each, machine_peak_kib(), sum + making);
    return 0;
}

/* Each size in a process of its own, so that the memory is of that size alone. */
static void growth(const char *self, double rtol, double native, rows *out) {
    static const char *const sizes[GROW_SIZES] = {"100", "1000", "10000", "100000"};
    double first = NAN;
    printf("\nVirtual patients made and played in a stream, one core, rtol %.1e ('make bench-million': 1,000,000)\n", rtol);
    unsetenv("FERRULE_ISA");
    for (int i = 0; i < GROW_SIZES; i++) {
        char command[4096 + 64], name[64];
        double us = NAN, making = NAN;
        long kib = -1;
        snprintf(command, sizeof command, "'%s' --grow %s %.17g", self, sizes[i], rtol);
        fflush(stdout);
        FILE *f = popen(command, "r");
        if (!f) return;
        bool ok = fscanf(f, "%lf %lf %ld", &us, &making, &kib) == 3;
        if (pclose(f) != 0 || !ok) return;
        if (i == 0) first = us;
        printf("  %8s   %5.2f times as long for each as at 100   %7.2f us/patient, of which making %6.2f   %6ld KiB resident\n",
               sizes[i], us / first, us, making, kib);
        snprintf(name, sizeof name, "stream-%s", sizes[i]);
        rows_add(out, name, us, "us/patient", i ? "stream-100" : NULL, us / first);
        snprintf(name, sizeof name, "stream-%s-memory", sizes[i]);
        rows_add(out, name, (double)kib, "KiB", NULL, NAN);
        if (i + 1 < GROW_SIZES || !isfinite(native)) continue;
        double ratio = (1e6 * native + making) / us;
        printf("  %8s   %5.2f times as fast as cvode-klu-native, making included (its time from the sample of %d)\n", sizes[i],
               ratio, BODIES);
        snprintf(name, sizeof name, "virtual-%s", sizes[i]);
        rows_add(out, name, 1e6 / us, "patients/s", "cvode-klu-native", ratio);
    }
}

/* ---- all of it --------------------------------------------------------------------------------------------------------------------------------- */

static void write_curves(const measured *cases, const char *folder) {
    char path[4096];
    snprintf(path, sizeof path, "%s/work-precision.csv", folder);
    FILE *f = fopen(path, "w");
    if (!f) return;
    fputs("case,method,rtol,error_max,error_p95,error_median,us_per_patient,steps,rejected\n", f);
    for (int id = 0; id < CASES; id++) {
        for (size_t i = 0; i < cases[id].n; i++) {
            const curve *v = &cases[id].curves[i];
            for (size_t k = 0; k < v->n; k++) {
                const point *p = &v->points[k];
                double jobs = (double)p->jobs;
                fprintf(f, "%s,%s,%.3e,%.4e,%.4e,%.4e,%.4f,%.2f,%.2f\n", cases[id].c.name, v->m->name, p->rtol, p->error, p->p95,
                        p->median, 1e6 * p->seconds, (double)p->counts.steps / jobs, (double)p->counts.rejected / jobs);
            }
        }
    }
    fclose(f);
}

static void make_cases(measured *cases, const bench_course *c, size_t n) {
    cases[CASE_ONE] = (measured){.c = bench_draws(c, n), .one = true};
    cases[CASE_ONE].c.name = "one";
    cases[CASE_DRAWS] = (measured){.c = bench_draws(c, n)};
    cases[CASE_VIRTUAL] = (measured){.c = bench_virtual(c, n)};
    cases[CASE_STILL] = (measured){.c = bench_draws(c, n)};
    cases[CASE_STILL].c.name = "still";
    bench_still(&cases[CASE_STILL].c);
    for (int id = 0; id < CASES; id++) {
        if (cases[id].c.n == n) continue;
        fputs("bench: the bodies of a case do not start\n", stderr);
        exit(1);
    }
}

static void free_cases(measured *cases) {
    for (int id = 0; id < CASES; id++) {
        bench_case_free(&cases[id].c);
        free(cases[id].want);
    }
}

static void measure_times(measured *cases, const methods *all, double *peaks) {
    for (int id = 0; id < CASES; id++)
        for (size_t i = 0; i < cases[id].n; i++) mark_read(&cases[id].curves[i]);
    for (int round = 0; round < ROUNDS; round++) {
        for (int id = 0; id < CASES; id++)
            for (size_t i = 0; i < cases[id].n; i++) time_once(&cases[id].curves[i], &cases[id], round < ROUNDS_BETWEEN);
        for (size_t i = 0; i < all->n; i++)
            if (all->list[i].isa) peaks[i] = fmax(peaks[i], method_peak(all->list[i].isa));
        fprintf(stderr, "\rround %d of %d", round + 1, ROUNDS);
    }
    fputc('\n', stderr);
}

static int bench(const model_data *m, const char *self, const char *folder, const char *objects) {
    static measured cases[CASES]; /* too large for a stack */
    char path[4096];
    double peaks[METHODS_MAX] = {0};
    methods all;
    bench_course course;
    int cores = machine_cores(), core = machine_pin();
    methods_find(&all, objects, BODIES);
    if (!reference_of(&all)) {
        fputs("bench: no CVODE to compare with: neither peer-native.so nor peer-debian.so could be opened\n", stderr);
        return 1;
    }
    snprintf(path, sizeof path, "%s/solver.json", folder);
    rows out;
    if (!rows_open(&out, path)) return 1;
    bench_course_init(&course, m);
    make_cases(cases, &course, BODIES);
    measure_errors(cases, &all);
    measure_times(cases, &all, peaks);

    printf("%s, core %d, %s; best of %d rounds, every method in turn\n", machine_model(), core, all.widest, ROUNDS);
    printf("24 weeks, two infusions, %d output times, %d observables; peers and errors over the same %d bodies\n", CASE_TIMES,
           OBSERVED, BODIES);
    printf("The reference, CVODE at rtol 1e-12, is within %.1e (draws) and %.1e (virtual) of itself at 1e-11\n",
           cases[CASE_DRAWS].reference_error, cases[CASE_VIRTUAL].reference_error);
    if (!all.has_native)
        printf("No natively built CVODE: see what bench/native said. Debian's packages alone are in the columns below.\n");
    for (int target = 0; target < TARGETS; target++)
        for (int id = 0; id < CASES; id++) table(cases, &all, (case_id)id, target, &out);

    reading ours = read_at(&cases[CASE_DRAWS].curves[0], targets[0]), crowd = read_at(&cases[CASE_VIRTUAL].curves[0], targets[0]);
    const method *native = peer_of(&all, true, "klu");
    double native_draws = read_at(curve_of(&cases[CASE_DRAWS], native), targets[0]).seconds,
           native_crowd = read_at(curve_of(&cases[CASE_VIRTUAL], native), targets[0]).seconds;
    printf("\n");
    baseline(&cases[CASE_DRAWS], ours.rtol, native_draws, &out);
    roofline(&cases[CASE_DRAWS], &all, peaks, &out);
    unsetenv("FERRULE_ISA");
    bench_case draws = bench_draws(&course, DRAWS);
    posterior(&draws, ours.rtol, cores, native_draws, &out);
    bench_case_free(&draws);
    growth(self, crowd.rtol, native_crowd, &out);
    write_curves(cases, folder);
    rows_close(&out);
    free_cases(cases);
    methods_free(&all);
    return 0;
}

/* Each method once, held against the packaged CVODE: that the benchmark works, in a second or two. */
static int smoke(const model_data *m, const char *objects) {
    static measured cases[CASES];
    methods all;
    bench_course course;
    int failed = 0;
    methods_find(&all, objects, SMOKE_BODIES);
    if (!reference_of(&all)) {
        fputs("bench: no peer could be opened\n", stderr);
        return 1;
    }
    bench_course_init(&course, m);
    make_cases(cases, &course, SMOKE_BODIES);
    measured *x = &cases[CASE_DRAWS];
    double *got = values_for(x->c.n);
    body_error errors[BODIES];
    reference(x, reference_of(&all));
    for (size_t i = 0; i < all.n; i++) {
        case_run run = {.c = &x->c, .values = got};
        bool ok = method_run(&all.list[i], &run, x->c.n, 1e-7, false, NULL);
        bench_errors(got, x->want, x->c.n, errors);
        ok = ok && errors[x->c.n - 1].error < 1e-3;
        printf("%-20s %.1e%s\n", all.list[i].name, errors[x->c.n - 1].error, ok ? "" : "   WRONG");
        failed += !ok;
    }
    free(got);
    free_cases(cases);
    methods_free(&all);
    return failed != 0;
}

int main(int argc, char **argv) {
    arena *memory = fe__arena_new(0);
    char objects[4096];
    faults f;
    int status = 2;
    if (!memory || setjmp(*fe__arena_escape(memory)) != 0) return 1;
    fe__faults_init(&f, memory, "data");
    const model_data *m = fe__model_load(NULL, &f);
    const char *slash = strrchr(argv[0], '/');
    snprintf(objects, sizeof objects, "%.*s", slash ? (int)(slash - argv[0]) : 1, slash ? argv[0] : ".");
    if (!m) return 1;
    if (argc == 4 && strcmp(argv[1], "--grow") == 0) status = grow(m, strtoul(argv[2], NULL, 10), strtod(argv[3], NULL));
    else if (argc == 6 && strcmp(argv[1], "--endpoints") == 0)
        status = bench_endpoints(memory, m, strtoul(argv[2], NULL, 10), strtod(argv[3], NULL), atoi(argv[4]), argv[5]);
    else if (argc == 2 && strcmp(argv[1], "--smoke") == 0) status = smoke(m, objects);
    else if (argc == 2 && argv[1][0] != '-') status = bench(m, argv[0], argv[1], objects);
    else fprintf(stderr, "usage: %s FOLDER | --smoke | --grow N RTOL | --endpoints N RTOL THREADS FILE\n", argv[0]);
    fe__arena_free(memory);
    return status;
}
