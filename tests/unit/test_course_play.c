/* Events on a body: what each kind changes, the order of those of one time, and a course played through (docs/model.md, section 5). */
#include "test_body_bench.h"

#include "base/json.h"
#include "course/play.h"
#include "exchange/read_scenario.h"

/* ---- a body with something in every pool --------------------------------------------------------------------------------------------- */

typedef struct stage {
    const model_data *m;
    body b;
    double y[STATES];
} stage;

static stage on_stage(const model_data *m) {
    stage s = {.m = m};
    start_labs x = plain_labs();
    double eta[ETAS + 1] = {[4] = 0.1, [5] = 0.7, [9] = 0.4};
    assert_int_equal(start_of(m, &x, eta, &s.b, s.y), START_OK);
    s.b.R = 77;
    s.y[ST_D] = 200, s.y[ST_D2] = 20, s.y[ST_ML] = 90, s.y[ST_INF] = 5, s.y[ST_FA] = 40, s.y[ST_X] = 1, s.y[ST_Q] = 0.5;
    s.y[ST_G] = 30, s.y[ST_CABS] = 4, s.y[ST_CLOSS] = 7, s.y[ST_HF] = 0.1, s.y[ST_HS] = 0.01;
    return s;
}

static body_event rate(int which, double mg_h) {
    return (body_event){.kind = BODY_RATE, .formulation = which, .amount = mg_h, .Hbn = NAN};
}

static body_event of_kind(body_event_kind kind, double amount) {
    return (body_event){.kind = kind, .formulation = KEEP_FORMULATION, .amount = amount, .Hbn = NAN};
}

static body_event delivery(double bvf, double Hbn, double mL_d) {
    return (body_event){.kind = BODY_DELIVERY, .formulation = KEEP_FORMULATION, .bvf = bvf, .Hbn = Hbn, .amount = mL_d};
}

static stage after(stage s, body_event e) {
    fe__event_apply(s.m, &s.b, s.y, &e);
    return s;
}

static void assert_same_body(const body *a, const body *b) { assert_memory_equal(a, b, sizeof *a); }

/* Every state but those listed (closed by -1) is as before. */
static void assert_states_but(const stage *a, const stage *b, const int *changed) {
    for (int i = 0; i < STATES; i++) {
        bool may = false;
        for (const int *c = changed; *c >= 0; c++) may = may || *c == i;
        if (!may && memcmp(&a->y[i], &b->y[i], sizeof(double)) != 0) fail_msg("%s changed to %.17g", state_names[i], b->y[i]);
        if (may && memcmp(&a->y[i], &b->y[i], sizeof(double)) == 0) fail_msg("%s did not change", state_names[i]);
    }
}

/* ---- what each kind changes ------------------------------------------------------------------------------------------------------------ */

static void a_rate_sets_the_inflow_and_the_constants(void **state) {
    const stage before = on_stage(*state);
    for (int i = 0; i < FORMULATION_COUNT; i++) {
        stage s = after(before, rate(i, 125)), want = before;
        want.b.R = 125;
        want.b.f = before.m->formulations[i];
        want.b.f.chi *= exp(0.4);
        assert_same_body(&s.b, &want.b);
        assert_memory_equal(s.y, before.y, sizeof s.y);
    }
    stage s = after(before, rate(KEEP_FORMULATION, 0)), want = before;
    want.b.R = 0;
    assert_same_body(&s.b, &want.b);
    s = after(before, rate(FORMULATION_is, 0)); /* a pause may name another formulation */
    assert_true(s.b.R == 0 && s.b.f.kL == before.m->formulations[FORMULATION_is].kL);
}

static void oral_iron_goes_to_the_gut(void **state) {
    const stage before = on_stage(*state), s = after(before, of_kind(BODY_ORAL, 65));
    assert_true(s.y[ST_G] == 95);
    assert_states_but(&before, &s, (const int[]){ST_G, -1});
    assert_same_body(&before.b, &s.b);
}

static void an_esa_is_a_drive_from_now_on(void **state) {
    stage before = on_stage(*state), s = after(before, of_kind(BODY_ESA, 1.5));
    assert_memory_equal(s.y, before.y, sizeof s.y);
    before.b.uESA = 1.5;
    assert_same_body(&before.b, &s.b);
}

static void a_bleed_takes_what_is_in_blood(void **state) {
    const stage before = on_stage(*state), s = after(before, of_kind(BODY_BLEED, 450));
    static const int in_blood[] = {ST_D, ST_T, ST_RET, ST_R1, ST_R2, ST_R3, ST_R4, ST_R5, ST_R6, ST_CLOSS, -1};
    const fine f = expl(-450 / (1000 * (fine)before.b.c.BV));
    fine removed = 0;
    for (int i = 0; in_blood[i] != ST_CLOSS; i++) {
        assert_close(s.y[in_blood[i]], f * before.y[in_blood[i]]);
        removed += (1 - f) * before.y[in_blood[i]];
    }
    assert_close(s.y[ST_CLOSS], 7 + removed);
    assert_states_but(&before, &s, in_blood);
    assert_same_body(&before.b, &s.b);
    assert_close(iron_total(s.y) + s.y[ST_CLOSS], iron_total(before.y) + 7);
}

static void a_loss_is_a_share_of_the_blood_each_hour(void **state) {
    stage before = on_stage(*state), s = after(before, of_kind(BODY_LOSS, 12));
    assert_close(s.b.c.bloss, expl(0.7L) * 12 / 1000 / before.b.c.BV / 24); /* eta 5 multiplies every mL per day */
    assert_memory_equal(s.y, before.y, sizeof s.y);
    before.b.c.bloss = s.b.c.bloss;
    assert_same_body(&before.b, &s.b);
}

static void inflammation_adds_to_its_stimulus(void **state) {
    const stage before = on_stage(*state), s = after(before, of_kind(BODY_INFLAM, 250));
    assert_true(s.y[ST_INF] == 255);
    assert_states_but(&before, &s, (const int[]){ST_INF, -1});
    assert_same_body(&before.b, &s.b);
}

static void a_transfusion_goes_to_red_cells_and_macrophages(void **state) {
    const stage before = on_stage(*state), s = after(before, of_kind(BODY_TRANSFUSE, 2));
    for (int i = ST_R1; i <= ST_R6; i++) assert_close(s.y[i], before.y[i] + 400 * 0.85L / 6);
    assert_close(s.y[ST_M], before.y[ST_M] + 60);
    assert_states_but(&before, &s, (const int[]){ST_R1, ST_R2, ST_R3, ST_R4, ST_R5, ST_R6, ST_M, -1});
    assert_same_body(&before.b, &s.b);
}

static void a_delivery_shrinks_the_volume_and_nothing_else(void **state) {
    stage before = on_stage(*state), s = after(before, delivery(1.1, 12.5, 2));
    const fine BV = 1.1L * before.b.nadler;
    assert_close(s.b.c.BV, BV);
    assert_close(s.b.c.s, BV / 5);
    assert_close(s.b.c.Hbn, 12.5L * expl(0.1L));
    assert_close(s.b.c.bloss, expl(0.7L) * 2 / 1000 / BV / 24);
    assert_memory_equal(s.y, before.y, sizeof s.y);
    assert_close(after(before, delivery(1.1, NAN, 2)).b.c.Hbn, 13.5L * expl(0.1L)); /* the default of section 2 */
    before.b.c.BV = s.b.c.BV, before.b.c.s = s.b.c.s, before.b.c.Hbn = s.b.c.Hbn, before.b.c.bloss = s.b.c.bloss;
    assert_same_body(&before.b, &s.b);
}

/* ---- the written order --------------------------------------------------------------------------------------------------------------------- */

enum { RANKED = 9 };

static body_event of_rank(int rank) {
    switch (rank) {
    case 1: return rate(KEEP_FORMULATION, 0);
    case 2: return of_kind(BODY_BLEED, 500);
    case 3: return of_kind(BODY_TRANSFUSE, 2);
    case 4: return delivery(0.8, NAN, 3);
    case 5: return of_kind(BODY_LOSS, 20);
    case 6: return of_kind(BODY_INFLAM, 100);
    case 7: return of_kind(BODY_ESA, 1);
    case 8: return of_kind(BODY_ORAL, 100);
    default: return rate(FORMULATION_is, 400);
    }
}

static stage play_both(stage s, body_event one, body_event other, bool sorted) {
    body_event list[2] = {one, other};
    list[0].place = 0, list[1].place = 1;
    if (sorted) fe__events_sort(list, 2);
    return after(after(s, list[0]), list[1]);
}

static bool is_same(const stage *a, const stage *b) {
    return memcmp(&a->b, &b->b, sizeof a->b) == 0 && memcmp(a->y, b->y, sizeof a->y) == 0;
}

static void the_file_s_order_does_not_count_but_the_rank_does(void **state) {
    const stage s = on_stage(*state);
    for (int low = 1; low <= RANKED; low++) {
        body_event first = of_rank(low);
        assert_int_equal(fe__event_rank(&first), low);
        for (int high = low + 1; high <= RANKED; high++) {
            stage right = play_both(s, of_rank(low), of_rank(high), false),
                  wrong = play_both(s, of_rank(high), of_rank(low), false);
            stage one = play_both(s, of_rank(low), of_rank(high), true), other = play_both(s, of_rank(high), of_rank(low), true);
            bool matters = (low == 1 && high == 9) || (low == 2 && (high == 3 || high == 4)) || (low == 4 && high == 5);
            if (!is_same(&one, &right) || !is_same(&other, &right)) fail_msg("ranks %d and %d", low, high);
            if (is_same(&right, &wrong) == matters) fail_msg("ranks %d and %d: whether their order matters", low, high);
        }
    }
}

static stage sorted_pair(const stage *s, int one, int other) { return play_both(*s, of_rank(one), of_rank(other), true); }

static void a_stop_comes_before_a_start(void **state) {
    const stage s = on_stage(*state);
    assert_true(sorted_pair(&s, 1, 9).b.R == 400 && sorted_pair(&s, 9, 1).b.R == 400);
}

static void a_bleed_takes_none_of_the_cells_that_are_transfused_then(void **state) {
    const stage s = on_stage(*state);
    const fine want = s.y[ST_R3] * expl(-500 / (1000 * (fine)s.b.c.BV)) + 400 * 0.85L / 6;
    assert_close(sorted_pair(&s, 2, 3).y[ST_R3], want);
    assert_close(sorted_pair(&s, 3, 2).y[ST_R3], want);
}

static void a_bleed_at_delivery_is_of_the_old_volume(void **state) {
    const stage s = on_stage(*state);
    const fine want = s.y[ST_R3] * expl(-500 / (1000 * (fine)s.b.c.BV));
    assert_close(sorted_pair(&s, 2, 4).y[ST_R3], want);
    assert_close(sorted_pair(&s, 4, 2).y[ST_R3], want);
}

static void a_loss_overrides_that_of_a_delivery_and_is_of_the_new_volume(void **state) {
    const stage s = on_stage(*state);
    const fine want = expl(0.7L) * 20 / 1000 / (0.8L * s.b.nadler) / 24;
    assert_close(sorted_pair(&s, 4, 5).b.c.bloss, want);
    assert_close(sorted_pair(&s, 5, 4).b.c.bloss, want);
}

static void of_two_of_one_rank_the_last_of_the_file_counts(void **state) {
    const stage s = on_stage(*state);
    stage t = play_both(s, rate(FORMULATION_is, 400), rate(FORMULATION_fdi, 100), true);
    assert_true(t.b.R == 100 && t.b.f.krel == s.m->formulations[FORMULATION_fdi].krel);
    t = play_both(s, rate(FORMULATION_fdi, 100), rate(FORMULATION_is, 400), true);
    assert_true(t.b.R == 400 && t.b.f.krel == s.m->formulations[FORMULATION_is].krel);
    assert_true(play_both(s, of_kind(BODY_ESA, 1), of_kind(BODY_ESA, 2), true).b.uESA == 2);
}

static void events_are_sorted_by_time_first(void **state) {
    body_event list[40];
    (void)state;
    seed(21);
    for (int n = 0; n < 200; n++) {
        for (size_t i = 0; i < 40; i++) {
            list[i] = of_rank(1 + one_below(RANKED));
            list[i].t = one_below(5), list[i].place = i;
        }
        fe__events_sort(list, 40);
        for (size_t i = 1; i < 40; i++) {
            const body_event *a = &list[i - 1], *b = &list[i];
            int ra = fe__event_rank(a), rb = fe__event_rank(b);
            assert_true(a->t < b->t || (a->t == b->t && (ra < rb || (ra == rb && a->place < b->place))));
        }
    }
}

/* ---- a course played ------------------------------------------------------------------------------------------------------------------------- */

enum { RECORDS_MAX = 64 };

typedef struct record {
    body b;
    double t, y[STATES], o[OBSERVED];
} record;

typedef struct played {
    const model_data *m;
    const scenario *s;
    record list[RECORDS_MAX];
    size_t n;
    solve_status status;
    body b; /* at the end */
    double y[STATES];
} played;

static void keep(void *context, size_t i, const double *y, const double *o) {
    played *p = context;
    record *r = &p->list[p->n];
    assert_int_equal(i, p->n++);
    *r = (record){.b = p->b, .t = p->s->times[i]};
    memcpy(r->y, y, sizeof r->y);
    memcpy(r->o, o, sizeof r->o);
}

static faults model_faults;

static const scenario *read_scenario(const char *events, const char *times) {
    fe__faults_init(&model_faults, model_arena, "x.json");
    const char *s = fe__printf(model_arena,
                               "{\"patient\":{\"sex\":\"f\",\"wt\":64,\"Hb\":10,\"F\":20,\"TSAT\":12,\"FS0\":6},\"events\":[%s],"
                               "\"times_h\":[%s]}",
                               events, times);
    json_t *json = fe__json_read(&model_faults, s, strlen(s));
    const scenario *out = json ? fe__scenario_read(NULL, &model_faults, json) : NULL;
    json_decref(json);
    return out;
}

/* Plays a body that the test may have changed. */
static played play_body(const model_data *m, const scenario *s, const body *b, const double *y) {
    played p = {.m = m, .s = s, .b = *b};
    memcpy(p.y, y, sizeof p.y);
    assert_true(s->times_n <= RECORDS_MAX);
    reference_solver *solver = fe__reference_new(m, 1e-9, 1e-12);
    assert_non_null(solver);
    p.status = fe__play(m, solver, &p.b, p.y, s->events, s->events_n, s->times, s->times_n, keep, &p);
    fe__reference_free(solver);
    return p;
}

static played play(const model_data *m, const char *events, const char *times) {
    const scenario *s = read_scenario(events, times);
    body b;
    double y[STATES];
    assert_non_null(s);
    assert_int_equal(start_of(m, &s->labs, NULL, &b, y), START_OK);
    played p = play_body(m, s, &b, y);
    if (p.status == SOLVE_OK) assert_int_equal(p.n, s->times_n);
    return p;
}

/* Iron given intravenously between the first and the last output. */
static fine infused(const played *p) {
    const double *a = p->list[0].y, *z = p->list[p->n - 1].y;
    return (fine)iron_total(z) - iron_total(a) - (z[ST_CABS] - a[ST_CABS]) + (z[ST_CLOSS] - a[ST_CLOSS]);
}

static void an_infuse_is_its_start_and_its_stop(void **state) {
    (void)state;
    const scenario *s = read_scenario("[24,\"infuse\",{\"prod\":\"fdi\",\"dose\":500,\"min\":20}]", "0");
    assert_int_equal(s->events_n, 2);
    assert_true(s->events[0].t == 24 && s->events[0].amount == 500 / (20.0 / 60) && s->events[0].formulation == FORMULATION_fdi);
    assert_true(s->events[1].t == 24 + 20.0 / 60 && s->events[1].amount == 0 && s->events[1].formulation == KEEP_FORMULATION);
    assert_true(s->events[0].kind == BODY_RATE && s->events[1].kind == BODY_RATE);
}

static void every_kind_of_a_file_is_its_event(void **state) {
    (void)state;
    static const struct {
        const char *text;
        body_event want;
    } cases[] = {
        {"\"rate\",{\"prod\":\"sfg\",\"mg_h\":60}", {.kind = BODY_RATE, .formulation = FORMULATION_sfg, .amount = 60}},
        {"\"rate\",{\"prod\":\"lmwid\",\"mg_h\":0}", {.kind = BODY_RATE, .formulation = FORMULATION_lmwid, .amount = 0}},
        {"\"oral\",{\"mg\":65}", {.kind = BODY_ORAL, .formulation = KEEP_FORMULATION, .amount = 65}},
        {"\"esa\",{\"u\":1.5}", {.kind = BODY_ESA, .formulation = KEEP_FORMULATION, .amount = 1.5}},
        {"\"bleed\",{\"mL\":450}", {.kind = BODY_BLEED, .formulation = KEEP_FORMULATION, .amount = 450}},
        {"\"loss\",{\"mL_d\":4}", {.kind = BODY_LOSS, .formulation = KEEP_FORMULATION, .amount = 4}},
        {"\"inflam\",{\"mg_l\":250}", {.kind = BODY_INFLAM, .formulation = KEEP_FORMULATION, .amount = 250}},
        {"\"transfuse\",{\"units\":2}", {.kind = BODY_TRANSFUSE, .formulation = KEEP_FORMULATION, .amount = 2}},
        {"\"delivery\",{\"bvf\":1.1,\"Hbn\":12,\"mL_d\":1.5}",
         {.kind = BODY_DELIVERY, .formulation = KEEP_FORMULATION, .amount = 1.5, .bvf = 1.1, .Hbn = 12}},
        {"\"delivery\",{\"bvf\":1.1,\"Hbn\":null,\"mL_d\":1.5}",
         {.kind = BODY_DELIVERY, .formulation = KEEP_FORMULATION, .amount = 1.5, .bvf = 1.1, .Hbn = NAN}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const scenario *s = read_scenario(fe__printf(model_arena, "[5,%s]", cases[i].text), "0");
        const body_event *e = s->events, *w = &cases[i].want;
        assert_int_equal(s->events_n, 1);
        assert_true(e->t == 5 && e->kind == w->kind && e->formulation == w->formulation && e->amount == w->amount);
        if (e->kind == BODY_DELIVERY) assert_true(e->bvf == w->bvf && (isnan(w->Hbn) ? isnan(e->Hbn) : e->Hbn == w->Hbn));
    }
}

#define FIRST  "[0,\"infuse\",{\"prod\":\"fcm\",\"dose\":200,\"min\":18}]"
#define SECOND "[0.3,\"infuse\",{\"prod\":\"is\",\"dose\":100,\"min\":30}]"

static void one_infuse_may_stop_when_the_next_starts(void **state) {
    static const char *const files[] = {FIRST "," SECOND, SECOND "," FIRST};
    for (int i = 0; i < 2; i++) {
        played p = play(*state, files[i], "0,0.3,0.5,1");
        assert_close(p.list[0].b.R, 200 / 0.3L);
        assert_close(p.list[1].b.R, 200);
        assert_true(p.list[1].b.f.fV == p.m->formulations[FORMULATION_is].fV && p.list[3].b.R == 0);
        assert_within(infused(&p), 300, 1e-7L);
    }
}

static void a_value_at_an_event_time_is_the_value_after(void **state) {
    played p = play(
        *state, "[2,\"infuse\",{\"prod\":\"fcm\",\"dose\":500,\"min\":15}],[2,\"oral\",{\"mg\":65}],[0,\"inflam\",{\"mg_l\":9}]",
        "0,1,2,2.25,3");
    assert_true(p.list[0].y[ST_INF] == 9);
    assert_true(p.list[1].b.R == 0 && p.list[1].o[OBSERVED_LPI] == 0 && p.list[1].y[ST_G] == 0);
    assert_true(p.list[2].b.R == 2000 && p.list[2].y[ST_D] == 0 && p.list[2].y[ST_G] == 65);
    const fine Vp = p.list[2].o[OBSERVED_Vp], den = 20 * (fine)p.list[2].o[OBSERVED_UIBC_mgL] + 3;
    assert_close(p.list[2].o[OBSERVED_LPI], 17.9067L * 0.003L * 2000 / den / Vp); /* nothing but the inflow of this instant */
    assert_true(p.list[3].b.R == 0 && p.list[3].y[ST_D] > 450);
    assert_close(p.list[3].o[OBSERVED_LPI], 17.9067L * 0.0007L * p.list[3].y[ST_D] /
                                                (20 * (fine)p.list[3].o[OBSERVED_UIBC_mgL] + 3) / p.list[3].o[OBSERVED_Vp]);
}

static void an_event_at_the_last_output_time_happens_and_one_after_it_does_not(void **state) {
    static const char later[] =
        "[3.0000001,\"bleed\",{\"mL\":2000}],[9,\"esa\",{\"u\":3}],[4,\"rate\",{\"prod\":\"fcm\",\"mg_h\":5}]";
    played quiet = play(*state, "", "0,1,3"), p = play(*state, later, "0,1,3");
    for (size_t i = 0; i < 3; i++) assert_memory_equal(p.list[i].y, quiet.list[i].y, sizeof quiet.list[i].y);
    assert_same_body(&p.b, &quiet.b);
    p = play(*state, "[3,\"bleed\",{\"mL\":2000}]", "0,1,3");
    assert_close(p.list[2].y[ST_R1], expl(-2 / (fine)p.b.c.BV) * quiet.list[2].y[ST_R1]);
}

static void a_rate_may_pause_and_go_on(void **state) {
    played p = play(*state,
                    "[0,\"rate\",{\"prod\":\"is\",\"mg_h\":400}],[0.5,\"rate\",{\"prod\":\"is\",\"mg_h\":0}],"
                    "[1,\"rate\",{\"prod\":\"is\",\"mg_h\":200}],[1.5,\"rate\",{\"prod\":\"is\",\"mg_h\":0}]",
                    "0,0.25,0.5,0.75,1,1.25,1.5,2");
    static const double rates[] = {400, 400, 0, 0, 200, 200, 0, 0};
    for (size_t i = 0; i < 8; i++) assert_true(p.list[i].b.R == rates[i]);
    const record *r = p.list;
    assert_true(r[2].y[ST_D] > r[1].y[ST_D] && r[3].y[ST_D] < r[2].y[ST_D] && r[4].y[ST_D] < r[3].y[ST_D] &&
                r[5].y[ST_D] > r[4].y[ST_D]);
    assert_true(r[3].y[ST_Q] < r[2].y[ST_Q] * 0.3); /* the mediator halves in minutes: exp(-8/4) is 0.14 */
    assert_within(infused(&p), 300, 1e-7L);
}

static void what_is_left_takes_the_constants_of_the_next_formulation(void **state) {
    played p =
        play(*state, "[0,\"infuse\",{\"prod\":\"fcm\",\"dose\":1000,\"min\":15}],[4,\"rate\",{\"prod\":\"is\",\"mg_h\":0}]",
             "0,3.9999999999,4,10");
    const record *fcm = &p.list[1], *is = &p.list[2];
    assert_within(is->y[ST_D], fcm->y[ST_D], 1e-7L * fcm->y[ST_D]);
    assert_within(is->o[OBSERVED_C_drug] / fcm->o[OBSERVED_C_drug], 1.074L / 0.9975L, 1e-7L);
    assert_true(is->b.f.kML == p.m->formulations[FORMULATION_is].kML && fcm->b.f.kML == p.m->formulations[FORMULATION_fcm].kML);
    assert_true(p.list[3].y[ST_D2] > 1); /* only sucrose has a slow pool */
}

static void a_delivery_returns_its_cells_to_less_volume(void **state) {
    static const char *const files[] = {
        "[24,\"delivery\",{\"bvf\":0.8,\"Hbn\":null,\"mL_d\":1.5}],[24,\"bleed\",{\"mL\":500}],[24,\"loss\",{\"mL_d\":6}]",
        "[24,\"loss\",{\"mL_d\":6}],[24,\"bleed\",{\"mL\":500}],[24,\"delivery\",{\"bvf\":0.8,\"Hbn\":null,\"mL_d\":1.5}]"};
    played quiet = play(*state, "", "0,24"),
           alone = play(*state, "[24,\"delivery\",{\"bvf\":0.8,\"Hbn\":null,\"mL_d\":1.5}]", "0,24,48");
    const record *before = &quiet.list[1], *r = &alone.list[1];
    assert_memory_equal(r->y, before->y, sizeof r->y);
    assert_close(r->o[OBSERVED_Hb], before->o[OBSERVED_Hb] / 0.8L);
    assert_true(r->y[ST_TIBC] == before->y[ST_TIBC] && r->o[OBSERVED_SI_obs] > before->o[OBSERVED_SI_obs] * 1.2);
    assert_close(r->b.c.bloss, 1.5L / 1000 / (0.8L * before->b.c.BV) / 24);
    for (int i = 0; i < 2; i++) {
        played p = play(*state, files[i], "0,24,48");
        const fine left = expl(-0.5L / before->b.c.BV);
        assert_close(p.list[1].o[OBSERVED_Hb], left * before->o[OBSERVED_Hb] / 0.8L);
        assert_close(p.list[1].b.c.bloss, 6.0L / 1000 / (0.8L * before->b.c.BV) / 24);
        assert_within(infused(&p), 0, 1e-8L);
    }
}

/* Hours that the placebo has lasted, from what it does to fatigue; it grows for the first 700. */
static void assert_placebo(const record *r, double hours) {
    const parameters *p = &r->b.p;
    fine fall = logl(r->o[OBSERVED_fatigue_drug] / (10 - (fine)r->o[OBSERVED_fatigue_drug])) -
                logl(r->o[OBSERVED_fatigue] / (10 - (fine)r->o[OBSERVED_fatigue]));
    assert_within(fall, p->plF * (expl(-hours / p->tpl2) - expl(-hours / p->tpl1)), 1e-14L);
}

static void a_placebo_counts_from_the_first_iron(void **state) {
    played p =
        play(*state,
             "[1,\"infuse\",{\"prod\":\"is\",\"dose\":0,\"min\":30}],[5,\"infuse\",{\"prod\":\"is\",\"dose\":100,\"min\":30}],"
             "[20,\"infuse\",{\"prod\":\"is\",\"dose\":100,\"min\":30}],[2,\"oral\",{\"mg\":100}]",
             "0,2,4.75,5,6,21");
    static const double hours[] = {0, 0, 0, 0, 1, 16};
    for (size_t i = 0; i < 6; i++) assert_placebo(&p.list[i], hours[i]);
    p = play(*state, "[0,\"infuse\",{\"prod\":\"is\",\"dose\":100,\"min\":30}]", "0,7");
    assert_placebo(&p.list[1], 7);
    p = play(*state, "", "0,7");
    assert_placebo(&p.list[1], 0);
}

static void times_a_few_ulps_apart_are_two_times(void **state) {
    played p = play(*state, "[0.1,\"infuse\",{\"prod\":\"fcm\",\"dose\":100,\"min\":12}],[0.3,\"bleed\",{\"mL\":500}]",
                    "0,0.3,0.30000000000000004,1");
    assert_int_equal(p.status, SOLVE_OK);
    assert_true(p.list[1].b.R == 100 / 0.2 && p.list[2].b.R == 0);
    assert_within(infused(&p), 100, 1e-7L);
    for (double gap = 1e-13; gap < 1e-7; gap *= 2) { /* on both sides of what is taken in one step */
        p = play(*state, fe__printf(model_arena, "[672,\"oral\",{\"mg\":50}],[%.17g,\"oral\",{\"mg\":50}]", 672 + gap),
                 "0,672,673");
        assert_int_equal(p.status, SOLVE_OK);
        assert_within(p.list[2].y[ST_G], 100 * expl(-0.5L), 1e-6L);
    }
}

static void iron_runs_in_however_short_the_time(void **state) {
    played p = play(*state, "[0,\"rate\",{\"prod\":\"fcm\",\"mg_h\":1e6}],[8e-10,\"rate\",{\"prod\":\"fcm\",\"mg_h\":0}]",
                    "0,4e-10,8e-10,2e-9");
    assert_within(p.list[1].y[ST_D], 0.997L * 4e-4L, 1e-11L);
    assert_within(p.list[2].y[ST_D], 0.997L * 8e-4L, 1e-11L);
    assert_within(p.list[3].y[ST_D], 0.997L * 8e-4L, 1e-11L);
}

/* ---- ends that are errors -------------------------------------------------------------------------------------------------------------------- */

#define FORCED                                                                                                                   \
    "[0,\"esa\",{\"u\":100}],[1,\"infuse\",{\"prod\":\"fdi\",\"dose\":5000,\"min\":60}],[168,\"infuse\",{\"prod\":\"fdi\","      \
    "\"dose\":5000,\"min\":60}]"

static void hemoglobin_that_runs_away_ends_as_an_error(void **state) {
    static const char *const times[] = {"0,24,48,72,96,120,168,336,672,4032", "0,4032"}; /* or no output where it passes */
    for (int k = 0; k < 2; k++) {
        played p = play(*state, FORCED, times[k]);
        assert_int_equal(p.status, SOLVE_RUNAWAY);
        assert_true(p.n > (k ? 0 : 2) && p.n < p.s->times_n);
        for (size_t i = 0; i < p.n; i++) assert_true(p.list[i].o[OBSERVED_Hb] <= 25);
    }
}

static void a_runaway_that_comes_back_before_the_next_output_is_one(void **state) {
    played p = play(*state, "[1,\"transfuse\",{\"units\":12}],[1.5,\"bleed\",{\"mL\":8000}]", "0,2");
    assert_int_equal(p.status, SOLVE_RUNAWAY);
}

static void an_event_that_leaves_no_valid_state_is_an_error_at_once(void **state) {
    assert_int_equal(play(*state, "[1,\"transfuse\",{\"units\":50}]", "0,1").status, SOLVE_RUNAWAY);
    assert_int_equal(play(*state, "[0,\"transfuse\",{\"units\":50}]", "0").status, SOLVE_RUNAWAY);
    assert_int_equal(play(*state, "[1,\"transfuse\",{\"units\":3}]", "0,1").status, SOLVE_OK);
}

static void an_empty_pool_or_a_state_that_is_no_number_ends_as_an_error(void **state) {
    static const int pools[] = {ST_T, ST_M, ST_H};
    const scenario *s = read_scenario("", "0,1");
    for (int i = 0; i < 4; i++) {
        body b;
        double y[STATES];
        assert_int_equal(start_of(*state, &s->labs, NULL, &b, y), START_OK);
        y[i < 3 ? pools[i] : ST_F] = i < 3 ? 0 : NAN;
        played p = play_body(*state, s, &b, y);
        assert_int_equal(p.status, i < 3 ? SOLVE_EMPTY : SOLVE_NOT_FINITE);
        assert_int_equal(p.n, 0);
    }
}

static void an_empty_pool_is_seen_between_outputs(void **state) {
    const model_data *m = *state;
    const scenario *s = read_scenario("", "0,1");
    body b;
    double y[STATES];
    assert_int_equal(start_of(m, &s->labs, NULL, &b, y), START_OK);
    reference_solver *solver = fe__reference_new(m, 1e-9, 1e-12);
    y[ST_H] = -50;
    assert_int_equal(fe__reference_start(solver, &b, y, 0, 1), SOLVE_OK);
    assert_int_equal(fe__reference_to(solver, 1, y), SOLVE_EMPTY);
    fe__reference_free(solver);
}

static void every_end_has_a_sentence(void **state) {
    (void)state;
    for (int i = 0; i < SOLVE_STATUSES; i++)
        for (int j = 0; j < i; j++) assert_string_not_equal(fe__solve_text((solve_status)i), fe__solve_text((solve_status)j));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_sets_the_inflow_and_the_constants),
        cmocka_unit_test(oral_iron_goes_to_the_gut),
        cmocka_unit_test(an_esa_is_a_drive_from_now_on),
        cmocka_unit_test(a_bleed_takes_what_is_in_blood),
        cmocka_unit_test(a_loss_is_a_share_of_the_blood_each_hour),
        cmocka_unit_test(inflammation_adds_to_its_stimulus),
        cmocka_unit_test(a_transfusion_goes_to_red_cells_and_macrophages),
        cmocka_unit_test(a_delivery_shrinks_the_volume_and_nothing_else),
        cmocka_unit_test(the_file_s_order_does_not_count_but_the_rank_does),
        cmocka_unit_test(a_stop_comes_before_a_start),
        cmocka_unit_test(a_bleed_takes_none_of_the_cells_that_are_transfused_then),
        cmocka_unit_test(a_bleed_at_delivery_is_of_the_old_volume),
        cmocka_unit_test(a_loss_overrides_that_of_a_delivery_and_is_of_the_new_volume),
        cmocka_unit_test(of_two_of_one_rank_the_last_of_the_file_counts),
        cmocka_unit_test(events_are_sorted_by_time_first),
        cmocka_unit_test(an_infuse_is_its_start_and_its_stop),
        cmocka_unit_test(every_kind_of_a_file_is_its_event),
        cmocka_unit_test(one_infuse_may_stop_when_the_next_starts),
        cmocka_unit_test(a_value_at_an_event_time_is_the_value_after),
        cmocka_unit_test(an_event_at_the_last_output_time_happens_and_one_after_it_does_not),
        cmocka_unit_test(a_rate_may_pause_and_go_on),
        cmocka_unit_test(what_is_left_takes_the_constants_of_the_next_formulation),
        cmocka_unit_test(a_delivery_returns_its_cells_to_less_volume),
        cmocka_unit_test(a_placebo_counts_from_the_first_iron),
        cmocka_unit_test(times_a_few_ulps_apart_are_two_times),
        cmocka_unit_test(iron_runs_in_however_short_the_time),
        cmocka_unit_test(hemoglobin_that_runs_away_ends_as_an_error),
        cmocka_unit_test(a_runaway_that_comes_back_before_the_next_output_is_one),
        cmocka_unit_test(an_event_that_leaves_no_valid_state_is_an_error_at_once),
        cmocka_unit_test(an_empty_pool_or_a_state_that_is_no_number_ends_as_an_error),
        cmocka_unit_test(an_empty_pool_is_seen_between_outputs),
        cmocka_unit_test(every_end_has_a_sentence),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
