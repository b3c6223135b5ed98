/* Random plausible patients, as courses: mostly anemic and iron deficient, so that plans are made. */
#ifndef FE_TESTS_RANDOM_PATIENT_H
#define FE_TESTS_RANDOM_PATIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "knowledge/knowledge.h"

/* splitmix64: the same patients for a seed on any machine. */
static uint64_t state;
static uint64_t draw(void) {
    uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}
static double uniform(double low, double high) { return low + (high - low) * (double)(draw() >> 11) / 9007199254740992.0; }
static bool chance(double p) { return uniform(0, 1) < p; }
static const char *one_of(const char *const *list, size_t n) { return list[draw() % n]; }

static const char *const conditions[] = {"iron-deficiency-anemia",
                                         "iron-deficiency",
                                         "heavy-menstrual-bleeding",
                                         "inflammatory-bowel-disease",
                                         "chronic-kidney-disease",
                                         "hemodialysis",
                                         "peritoneal-dialysis",
                                         "heart-failure",
                                         "celiac-disease",
                                         "restless-legs-syndrome",
                                         "cancer",
                                         "asthma",
                                         "bacteremia",
                                         "osteoporosis",
                                         "cirrhosis",
                                         "active-infection",
                                         "gastric-bypass",
                                         "hereditary-hemochromatosis"};
static const char *const oral[] = {"not-tried", "failed", "intolerant", "unsuitable", "current"};
static const char *const regions[] = {"us", "eu", "ca"};

static void add_lab(text *t, const char *id, const char *unit, double v) {
    fe__text_addf(t, "{\"at\":\"2026-03-02T08:00+01:00\",\"lab\":\"%s\",\"value\":%.1f,\"unit\":\"%s\"},", id, v, unit);
}

/* A plausible patient: mostly anemic and iron deficient, so that plans are made. */
static const char *random_course(arena *a, const knowledge *k) {
    text t;
    bool female = chance(0.6), pregnant = female && chance(0.12);
    double age = chance(0.1) ? uniform(1, 18) : uniform(18, 90), kg = age < 18 && !pregnant ? 3 * age + 8 : uniform(36, 140);
    fe__text_init(&t, a);
    fe__text_addf(&t,
                  "{\"ferrule\":1,\"patient\":{\"sex\":\"%s\",\"age_years\":%.1f,\"weight_kg\":%.1f,\"height_cm\":%.0f,\"oral_"
                  "iron\":\"%s\"",
                  female ? "female" : "male", pregnant ? uniform(19, 42) : age, kg,
                  age < 18 && !pregnant ? 70 + 6 * age : uniform(148, 195), one_of(oral, 5));
    if (pregnant)
        fe__text_addf(&t, ",\"pregnancy\":{\"gestation_weeks\":%.0f,\"on\":\"2026-03-02\"},\"weight_pre_pregnancy_kg\":%.1f",
                      uniform(5, 39), kg - 8);
    if (chance(0.5)) fe__text_add(&t, ",\"allergies\":[]");
    if (chance(0.2))
        fe__text_addf(&t, ",\"reactions\":[{\"on\":\"2025-02-02\",\"infusion\":\"%s\",\"grade\":%d,\"signs\":[]}]",
                      k->products[draw() % k->products_n].id, 1 + (int)(draw() % 4));
    fe__text_add(&t, ",\"nyha_class\":2,\"conditions\":[\"iron-deficiency-anemia\"");
    for (int i = 0; i < 3; i++)
        if (chance(0.5)) fe__text_addf(&t, ",\"%s\"", one_of(conditions + 1 + 6 * i, i == 2 ? 5 : 6));
    fe__text_add(&t, "]},\"events\":[");
    if (!chance(0.05)) add_lab(&t, "hemoglobin", "g/dL", chance(0.1) ? uniform(12, 16) : uniform(6, 12));
    add_lab(&t, "ferritin", "ug/L", chance(0.8) ? uniform(3, 29) : uniform(30, 400));
    if (chance(0.7)) add_lab(&t, "tsat", "%", uniform(4, 35));
    if (chance(0.6)) add_lab(&t, "phosphate", "mg/dL", uniform(1.8, 4.5));
    int given = (int)(draw() % 3);
    for (int i = 0; i < given; i++) {
        const product *p = &k->products[draw() % k->products_n];
        fe__text_addf(&t, "{\"at\":\"2026-0%d-%02dT1%d:00+01:00\",\"infusion\":\"%s\",\"dose_mg\":%.0f},", chance(0.5) ? 1 : 2,
                      1 + (int)(draw() % 28), i, p->id, chance(0.5) ? 1000.0 : p->vials[0].mg * 2);
    }
    if (t.s[t.n - 1] == ',') t.s[--t.n] = '\0';
    fe__text_add(&t, "]}");
    return t.s;
}

#endif
