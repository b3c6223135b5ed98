/* The answer of fit on a terminal: how it went, every result beside what was foreseen of it, every eta. */
#include <math.h>

#include "report/page.h"
#include "report/say.h"

static const char *figures(page *p, const json_t *j, const char *key, int n) { return fe__say_figures(p->a, fe__jn(j, key), n); }

static void result_lines(page *p, const json_t *labs) {
    fe__page_heading(p, "Results, and what the fit makes of them");
    fe__page_paragraph(
        p, "", INK_DIM,
        "day, result, foreseen of the typical patient, of this one (9 in 10 draws), residual in standard deviations");
    for (size_t i = 0; i < json_array_size(labs); i++) {
        const json_t *l = json_array_get(labs, i);
        const char *bound = fe__js(l, "bound");
        double residual = fe__jn(l, "iwres"), odds = fe__jn(l, "impossible");
        const char *says = odds >= 0.5
                               ? fe__printf(p->a, "  fits badly: a chance of %s that it is an error, or that something happened",
                                            fe__say_chance(p->a, odds))
                               : "";
        const char *columns =
            fe__printf(p->a, "  %6.1f  %-13s %1s%6s %7s %7s (%s to %s)", fe__jn(l, "t_h") / 24, fe__js(l, "lab"),
                       fe__streq(bound, "above") ? ">"
                       : *bound                  ? "<"
                                                 : "",
                       figures(p, l, "value", 4), figures(p, l, "pred", 3), figures(p, l, "ipred", 3),
                       figures(p, l, "ipred_p5", 3), figures(p, l, "ipred_p95", 3));
        fe__page_paragraph(p, fe__printf(p->a, "%-66s", columns), odds >= 0.5 ? INK_YELLOW : INK_PLAIN,
                           fe__printf(p->a, "%s%s", isnan(residual) ? "-" : fe__printf(p->a, "%+.1f", residual), says));
    }
}

static void eta_lines(page *p, const json_t *etas) {
    fe__page_heading(p, "This patient beside the typical one");
    fe__page_paragraph(p, "", INK_DIM,
                       "eta, most likely (as a factor), sd after and before, what the results leave of the spread");
    for (size_t i = 0; i < json_array_size(etas); i++) {
        const json_t *e = json_array_get(etas, i);
        if (!json_is_true(json_object_get(e, "estimated"))) continue;
        fe__page_paragraph(p, fe__printf(p->a, "  %2.0f %-10s ", fe__jn(e, "eta"), fe__js(e, "acts_on")), INK_PLAIN,
                           fe__printf(p->a, "%+.3f (x%.2f)  %.3f of %.3f  %3.0f%%  %s", fe__jn(e, "map"), fe__jn(e, "factor"),
                                      fe__jn(e, "sd"), fe__jn(e, "omega"), 100 * fe__jn(e, "shrinkage"), fe__js(e, "what")));
    }
    fe__page_paragraph(p, "", INK_DIM, "The others are as likely as before: no result tells of them.");
}

static void quality_lines(page *p, const json_t *root) {
    const json_t *f = json_object_get(root, "fit"), *o = json_object_get(root, "objective"), *s = json_object_get(root, "solved");
    bool annealed = fe__streq(fe__js(f, "method"), "annealed");
    fe__page_heading(p, "How far to trust it");
    fe__page_pair(p, "objective", 12,
                  fe__printf(p->a, "%.2f: etas %.2f, closure %.2f, results %.2f", fe__jn(o, "total"), fe__jn(o, "etas"),
                             fe__jn(o, "closure"), fe__jn(o, "results")));
    fe__page_pair(p, "draws", 12,
                  fe__printf(p->a, "%.0f by %s; the weights were worth %.0f, Pareto k %s", fe__jn(root, "draws"),
                             annealed ? "annealing, since importance weights did not do" : "importance",
                             fe__jn(f, "effective_draws"),
                             isnan(fe__jn(f, "k_hat")) ? "unknown" : fe__printf(p->a, "%.2f", fe__jn(f, "k_hat"))));
    fe__page_pair(p, "solved", 12,
                  fe__printf(p->a, "marrow e %.2f, hepcidin tone exp(z) %.2f, absorption needed a* %.2f", fe__jn(s, "e"),
                             exp(fe__jn(s, "z")), fe__jn(s, "a_star")));
    if (!json_is_true(json_object_get(f, "converged")))
        fe__page_paragraph(p, "  caution ", INK_YELLOW,
                           "The search was cut short: the most likely values may lie elsewhere; the draws do not hang on it.");
}

void fe__page_fit(page *p, const json_t *root) {
    if (!fe__streq(fe__js(root, "verdict"), "fitted")) {
        fe__page_paragraph(p, "Not fitted: ", INK_RED, fe__js(root, "why"));
    } else {
        fe__page_paragraph(p, "Fitted from ", INK_BOLD,
                           fe__printf(p->a, "%s, %zu results after the start.", fe__js(root, "start"),
                                      json_array_size(json_object_get(root, "labs"))));
        result_lines(p, json_object_get(root, "labs"));
        eta_lines(p, json_object_get(root, "etas"));
        quality_lines(p, root);
    }
    fe__page_findings(p, root);
    fe__page_missing(p, root);
    fe__page_stamp(p, root);
}
