/* The loader is the schema of data/: a small sound copy of it loads, and each way of breaking it is a fault that names
 * the file, the place and what was found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "knowledge/knowledge.h"

/* ---- a small sound copy: single quotes stand for double ones ----------------------------------------------------- */

typedef struct small_file {
    const char *name, *content;
} small_file;

#define NUMBER_ROW(id, name)                                                                                                     \
    "{'id':'" id "','name':'" name "','value':500,'unit':'1','text':'t','source':'US','verified':'project'}"                     \
    ","
#define LIST_ROW(id, name)                                                                                                       \
    "{'id':'" id "','name':'" name "','value':[1,2,4],'unit':'d','text':'t','source':'US','verified':'project'},"

#define LIMIT_END "'source':'LABEL','verified':'yes'}"
#define ROUTE                                                                                                                    \
    "{'route':'infusion','limits':[],'minutes':[{'id':'L-3','what':'min_minutes','name':'min-minutes','"                         \
    "value':15,"                                                                                                                 \
    "'unit':'min','kind':'label','strictly_more':true,'minutes_max':30," LIMIT_END "],'dilution':{'required':true,"              \
    "'diluents':['sodium-chloride-0.9'],'bag_volume_means':'final','bags':[],'concentration':[{'id':'L-4',"                      \
    "'what':'min_conc_mg_per_ml','name':'min-concentration','value':2,'unit':'mg/"                                               \
    "mL','kind':'label','exclusive':true," LIMIT_END                                                                             \
    "]},'first_part':{'id':'L-5','mg':25,'minutes':15,'kind':'label'," LIMIT_END "}"
#define BARE_ROUTE                                                                                                               \
    "{'route':'infusion','limits':[],'minutes':[],'dilution':{'required':false,'diluents':[],'bag_volume_"                       \
    "means':'diluent',"                                                                                                          \
    "'bags':[],'concentration':[]}}"
#define OLDER_ROWS                                                                                                               \
    NUMBER_ROW("P-22", "fertile_age_from_years")                                                                                 \
    NUMBER_ROW("P-23", "fertile_age_to_years")                                                                                   \
    NUMBER_ROW("P-24", "postpartum_days")                                                                                        \
    NUMBER_ROW("P-25", "repeat_course_days")                                                                                     \
    NUMBER_ROW("P-26", "adult_years")                                                                                            \
    NUMBER_ROW("P-27", "what_if_gestation_weeks")                                                                                \
    NUMBER_ROW("P-28", "what_if_reaction_grade")                                                                                 \
    "{'id':'P-29','name':'usual_diluent','value':'sodium-chloride-0.9','unit':'id','text':'t','source':'US','verified':'"        \
    "project'},"
#define OPTIMIZE_ROWS                                                                                                            \
    LIST_ROW("P-31", "optimize_total_shares")                                                                                    \
    LIST_ROW("P-32", "optimize_dose_shares")                                                                                     \
    LIST_ROW("P-33", "optimize_interval_days")                                                                                   \
    LIST_ROW("P-34", "optimize_slower")                                                                                          \
    NUMBER_ROW("P-35", "tie_goal")                                                                                               \
    NUMBER_ROW("P-36", "tie_phosphate")                                                                                          \
    NUMBER_ROW("P-37", "tie_ferritin")                                                                                           \
    NUMBER_ROW("P-38", "tie_reaction")                                                                                           \
    NUMBER_ROW("P-39", "tie_iron_mg")                                                                                            \
    NUMBER_ROW("P-40", "tie_chair_minutes")
#define METHOD_HEAD "'title':'T','basis':'label','off_label':false,'default':true,'enabled':true,"

static const small_file sound[] = {
    {"manifest.json", "{'schema':'ferrule-manifest/"
                      "1','version':'7','as_of':{'vocabulary.csv':'2026-11-20','units.csv':'2026-11-20',"
                      "'findings.csv':'2026-11-20','guidance.csv':'2026-11-20','contradictions.csv':'2026-11-"
                      "20','products.json':'2026-11-19',"
                      "'reactions.json':'2026-11-20','practice.json':'2026-11-20','rules.json':'2026-11-20','"
                      "missing.csv':'2026-11-20',"
                      "'codes.csv':'2026-11-20'}}"},
    {"vocabulary.csv", "id,kind,label,unit,accepted_units,hard_low,hard_high,warn_low,warn_high,codes,note\n"
                       "sex,field,sex,,female;male,,,,,,\n"
                       "age_years,field,age,a,a;mo,0,120,1,105,,\n"
                       "hemoglobin,lab,hemoglobin,g/dL,g/dL;g/L,1,25,5,18,,\n"
                       "heart-failure,condition,heart failure,,,,,,,,\n"
                       "fcm-us,product,Injectafer,,,,,,,,\n"
                       "fcm,formulation,ferric carboxymaltose,,,,,,,,\n"
                       "sodium-chloride-0.9,medication,saline,,,,,,,,\n"
                       "esa,medication,ESA,,,,,,,,\n"
                       "esa,event,ESA event,,,,,,,,\n"
                       "syncope,sign,syncope,,,,,,,,\n"
                       "ganzoni,method,Ganzoni,,,,,,,,\n"},
    {"units.csv", "id,unit,factor,offset\n"
                  "age_years,a,1,0\n"
                  "age_years,mo,0.0833333,0\n"
                  "hemoglobin,g/dL,1,0\n"
                  "hemoglobin,g/L,0.1,0\n"},
    {"findings.csv", "id,question,level,meaning,rule_ids,seed,kind\n"
                     "too-thin,assess;plan,caution,Too thin,G-1;L-4,,finding\n"
                     "look,infuse,urgent,Look,,G-2,check\n"},
    {"guidance.csv", "id,topic,statement,applies_when,strength,source,verified,seed,rule_kind,user_source,as_of\n"
                     "G-1,dose,One,,label,text,yes,,must,the label,2026-01-02\n"
                     "G-2,dose,Two,,expert,text,memory,,may,a paper,2026-01-02\n"},
    {"contradictions.csv", "id,topic,source_A_says,source_B_says,default_and_why,rows\n"
                           "X-1,dose,more,less,less,G-1;LABEL\n"
                           "X-2,time,long,short,long,G-1;G-2\n"},
    {"missing.csv", "item,how_to_get,sources\nhemoglobin,Take a blood count.,G-1\n"},
    {"codes.csv", "kind,concept,system,code,display,unit_ucum,alt_unit_ucum,factor_to_alt,fhir_resource,role,"
                  "verified,source,note\n"
                  "loinc,hemoglobin,http://loinc.org,718-7,,g/dL,,,Observation,input,yes,list,\n"
                  "icd10,x,http://icd,D50,,,,,Condition,input,memory,list,\n"},
    {"practice.json",
     "{'schema':'ferrule-practice/1','as_of':'2026-11-20','rows':[" NUMBER_ROW("P-1", "preferred_bag_ml_max") NUMBER_ROW(
         "P-2", "max_pump_rate_ml_per_h") NUMBER_ROW("P-3", "course_window_days") NUMBER_ROW("P-4", "need_round_mg")
         NUMBER_ROW("P-5", "typical_dose_mg") NUMBER_ROW("P-8", "knowledge_max_age_days") NUMBER_ROW("P-9", "drug_ml_step")
             NUMBER_ROW("P-10", "tibc_ug_dl_per_transferrin_g_l") NUMBER_ROW("P-11", "few_visits_max") NUMBER_ROW(
                 "P-12", "shortfall_class_mg") NUMBER_ROW("P-13", "phosphate_shortfall_mg") LIST_ROW("P-14", "standard_bags_ml")
                 LIST_ROW("P-15", "dialysis_days_of_week_pattern") LIST_ROW("P-16", "days_pattern_3_per_week") LIST_ROW(
                     "P-17",
                     "days_pattern_2_per_week") "{'id':'P-18','name':'unset_mg_per_min','value':500,'unit':'1','text':'t',"
                                                "'source':'US','verified':'project'}," NUMBER_ROW(
                                                    "P-20", "usual_bmi_low") NUMBER_ROW("P-21", "usual_bmi_high")
                                                    OLDER_ROWS OPTIMIZE_ROWS NUMBER_ROW("P-41", "whole_dose_share") NUMBER_ROW(
                                                        "P-42", "large_phosphate") "{'id':'P-19','name':'least_dose_mg','"
                                                                                   "value':20,'unit':'1','text':'t',"
                                                                                   "'source':'US','verified':'project'}]}"},
    {"reactions.json", "{'schema':'ferrule-reactions/1','sources':{'PAPER':{'user_source':'a paper on "
                       "reactions','read':'all','verified':'yes'}},"
                       "'signs':[{'id':'R-1','sign':'syncope','min_grade':2,'text':'fell','source':'PAPER','verified':'yes'}],"
                       "'grades':[{'grade':1,'actions':[{'id':'R-2','id_finding':'look','text':'Stop.','source':'PAPER','"
                       "verified':'yes'}]}],"
                       "'adrenaline':{'repeat_after_min':5,'concentration_mg_per_ml':1},"
                       "'at_baseline_means':{'systolic_pct':10,'systolic_mmhg':10,'heart_rate_per_min':10,'spo2_pct':2,"
                       "'respiratory_rate_per_min':4},"
                       "'session':{'limits':{'undo':{'seconds':60},'persist':{'minutes':15},'strong_pain':{'nrs':7},"
                       "'resume_vitals':{'minutes':5},'over_delivery':{'ml':5},'refractory':{'doses':2}},"
                       "'transitions':[{'from':['running'],'on':['time'],'to':'severe','rule':'R-1','when':['severe']}],"
                       "'advice':[{'finding':'look','rule':'R-2','phases':['severe'],'when':['severe']}],"
                       "'findings':[{'finding':'look','rule':'R-2','in':['findings'],'phases':['severe']}],"
                       "'alarms':[{'id':'R-3','name':'alarm','priority':'high','text':'Act.','phases':['severe'],'source':'PAPER'"
                       ",'verified':'yes'}],"
                       "'intents':[{'actions':['increase-rate'],'refused':true,'rule':'R-1'}]}}"},
    {"rules.json", "{'schema':'ferrule-rules/1','definitions':["
                   "{'id':'def-thin','when':{'lab':'hemoglobin','lt':9},'sources':['G-1']},"
                   "{'id':'def-thinner','when':{'all':[{'rule':'def-thin'},{'lab':'hemoglobin','lt':7}]},'sources':['G-1','"
                   "X-1']}],"
                   "'findings':[{'id':'RL-1','finding':'too-thin','in':['assess','plan'],'when':{'rule':'def-thinner'},'"
                   "sources':['G-1','L-1'],"
                   "'effect':'indicates','indication':{'id':'heart-failure','strength':'usual'},'routes':['iv'],'about':{'"
                   "has':'heart-failure'},"
                   "'differs':'X-1','text':'Thin.'}],"
                   "'causes':[{'id':'heart-failure','when':{'always':true},'test':'hemoglobin','sources':['G-1']}],"
                   "'checklist':[{'id':'look','when':{'always':true},'sources':['R-1']}],'setup':[],'vitals':[],'checks':[]"
                   ","
                   "'sheet':[{'id':'look','when':{'always':true},'text':'Look.','sources':['PAPER']}],"
                   "'calendar':[{'after':'last','days':28,'take':['hemoglobin'],'why':'to "
                   "see','sources':['P-1'],'when':{'always':true}}],"
                   "'premedication':[{'id':'esa','when':{'always':true},'text':'no','sources':['L-1']}],"
                   "'populations':[],'miss_populations':[],'covariates':[],'windows':[],'expectations':[],"
                   "'readings':[{'id':'low','verdict':'act','of':['hemoglobin'],'when':{'always':true},'sources':['G-1']}],"
                   "'retests':[{'lab':'hemoglobin','after':'iron','not_before_days':14,'best_days':42,'why':'w','when':{'always':"
                   "true},'sources':['G-1']}],"
                   "'differential':[{'id':'too-thin','when':{'always':true},'against':{'rule':'def-thin'},'tests':['hemoglobin'],"
                   "'sources':['G-1']}],"
                   "'tests':[{'id':'hemoglobin','when':{'always':true},'sources':['G-1']}]}"},
    {"products.json",
     "{'schema':'ferrule-products/1','sources':{'LABEL':{'cite':'the label of 2026','verified':'yes'},"
     "'US':{'cite':'our choice','verified':'project'}},"
     "'weight_bases':[{'id':'auto','rule':'r','source':'US','verified':'yes','option':null,'parameters':{'"
     "obese_bmi':30}},"
     "{'id':'actual','rule':'r','source':'US','verified':'yes','option':'actual'},"
     "{'id':'ideal-bmi25','rule':'r','source':'US','verified':'yes','option':'ideal','parameters':{'bmi':25}}"
     ","
     "{'id':'ideal-devine','rule':'r','source':'US','verified':'yes','option':'lean',"
     "'parameters':{'men_kg':50,'women_kg':45.5,'kg_per_inch':2.3,'inches':60}},"
     "{'id':'lean-infed','rule':'r','source':'US','verified':'yes','option':'lean','parameters':{'men_kg':50,'women_kg':45.5,'kg_"
     "per_inch':2.3,'inches':60,'children_kg':[5,15]}},"
     "{'id':'pre-pregnancy','rule':'r','source':'US','verified':'yes','option':'pre-pregnancy'},"
     "{'id':'caps','rule':'r','source':'US','verified':'yes','option':null},"
     "{'id':'lean-if-obese','rule':'r','source':'US','verified':'yes','option':null,'parameters':{'obese_bmi':30}},"
     "{'id':'none','rule':'r','source':'US','verified':'yes','option':null}],"
     "'need_methods':[{'id':'ganzoni-15-500','method':'ganzoni','kind':'ganzoni','title':'Ganzoni','formula':"
     "'f',"
     "'parameters':{'target_hb_g_dl':15,'factor':2.4,'stores_mg':500,'below_kg':35,"
     "'below_35_kg':{'target_hb_g_dl':13,'stores_mg_per_kg':15}},'weight_basis':'auto','source':'LABEL','"
     "verified':'yes',"
     "'example':{'weight_kg':70,'hb_g_dl':8,'need_mg':1676}},"
     "{'id':'table-a','method':null,'kind':'hb-table','title':'Table','parameters':{'normal_hb_g_dl_female':"
     "12,"
     "'normal_hb_g_dl_male':13},'table':[{'hb_g_dl_min':10,'hb_g_dl_max_excl':null,'weight_kg_max_excl':70,'"
     "total_mg':1000},"
     "{'hb_g_dl_min':null,'hb_g_dl_max_excl':10,'total_mg':1500,'of_which_extra_mg':500}],'weight_basis':'"
     "actual',"
     "'source':'LABEL','verified':'memory','example':{'weight_kg':60,'hb_g_dl':11,'need_mg':1000}},"
     "{'id':'cells','method':null,'kind':'weight-table','title':'Cells','table_by_weight':{'hb_g_dl':[6,7],"
     "'rows':[{'weight_kg':40,'mg':[1100,1000]},{'weight_kg':50,'mg':[1300,1200]}]},'weight_basis':'actual','"
     "source':'LABEL',"
     "'verified':'yes','example':{'weight_kg':50,'hb_g_dl':6,'need_mg':1300}}],"
     "'products':[{'id':'fcm-us','generic':'ferric "
     "carboxymaltose','brand':['Injectafer','generic'],'region':'us','molecule':'fcm',"
     "'concentration_mg_per_ml':50,'vials':[{'mg':750,'ml':15,'verified':'yes'},{'mg':100,'ml':2,'verified':'"
     "memory'}],"
     "'indications':['iron deficiency'],'common_limits':[{'id':'L-1','what':'diluents','name':'diluent',"
     "'value':['sodium-chloride-0.9'],'unit':'1','kind':'label'," LIMIT_END "],'routes_allowed':['infusion'],"
     "'test_dose':{'id':'L-6','mg':25,'ml':0.5,'over_seconds_min':30,'wait_minutes':60,'when':'first','kind':"
     "'label'," LIMIT_END ","
     "'observation':{'minutes':30,'id':'L-7','text':'30 min','kind':'label'," LIMIT_END ","
     "'discard':{'id':'L-8','text':'Discard.','kind':'label'," LIMIT_END ",'label_revision':'2026','recheck':null,"
     "'gates':[{'id':'GA-1','name':'overload','action':'block','kind':'label','when':'thin','condition':{'"
     "rule':'def-thin'},"
     "'finding':'too-thin','text':'No.'," LIMIT_END "],"
     "'methods':[{'id':'fcm-us/first','name':'first','method':'ganzoni'," METHOD_HEAD
     "'applies':{'age_years_min':18,'text':'adults','condition':{'has':'heart-failure'}},"
     "'dose':{'type':'need','need':'ganzoni-15-500','alternatives':['table-a'],'per_dose_mg':[200,100],'"
     "weight_basis':'actual'},"
     "'limits':[{'id':'L-2','what':'max_single_mg','name':'max-single-dose','value':750,'unit':'mg','kind':'"
     "label',"
     "'dose_mg_max':1000,'weight_kg_min':50," LIMIT_END "],'routes':[" ROUTE "],'test_dose':'L-6'},"
     "{'id':'fcm-us/ganzoni','name':'ganzoni','method':null," METHOD_HEAD
     "'applies':{'text':'all','condition':null},'dose':{'type':'table','rows':["
     "{'hb_g_dl_max_excl':10,'total_mg':1500},{'hb_g_dl_min':10,'mg_per_kg':20}]},'limits':[],'routes':"
     "[" BARE_ROUTE "]},"
     "{'id':'fcm-us/third','name':'third','method':'ganzoni'," METHOD_HEAD
     "'applies':{'text':'all','condition':null},'dose':{'type':'sequence','mg':[300,400],'days':[0,14]},'"
     "limits':["
     "{'id':'L-9','what':'max_course_mg','name':'max-course','value':null,'unit':'mg','kind':'none'"
     "," LIMIT_END "],"
     "'routes':[" BARE_ROUTE "]}]}]}"},
};
enum { FILES = sizeof sound / sizeof *sound };

/* ---- folders ----------------------------------------------------------------------------------------------------- */

/* In one file, the first `from` becomes `to`. */
typedef struct change {
    const char *file, *from, *to;
} change;

static char folder[64];

static const char *path_of(const char *name) {
    static char path[160];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void in_double_quotes(char *s) {
    for (; *s; s++) {
        if (*s == '\'') *s = '"';
    }
}

static char *changed(const small_file *file, const change *changes, size_t n) {
    static char content[16384], before[16384];
    snprintf(content, sizeof content, "%s", file->content);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(changes[i].file, file->name) != 0) continue;
        memcpy(before, content, sizeof before);
        const char *at = strstr(before, changes[i].from);
        if (!at) print_error("%s has no %s\n", file->name, changes[i].from);
        assert_non_null(at);
        size_t head = (size_t)(at - before);
        int length = snprintf(content + head, sizeof content - head, "%s%s", changes[i].to, at + strlen(changes[i].from));
        assert_true((size_t)length < sizeof content - head);
    }
    if (strstr(file->name, ".json")) in_double_quotes(content);
    return content;
}

static void write_folder(const change *changes, size_t n) {
    for (size_t i = 0; i < FILES; i++) {
        FILE *out = fopen(path_of(sound[i].name), "wb");
        assert_non_null(out);
        fputs(changed(&sound[i], changes, n), out);
        assert_int_equal(fclose(out), 0);
    }
}

static int make_folder(void **state) {
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.40s/ferrule-XXXXXX", tmp ? tmp : "/tmp");
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    for (size_t i = 0; i < FILES; i++) remove(path_of(sound[i].name));
    return rmdir(folder);
}

/* ---- loading ----------------------------------------------------------------------------------------------------- */

typedef struct outcome {
    arena *a;
    faults f;
    knowledge *k;
} outcome;

static outcome loaded(const char *from) {
    outcome o = {.a = fe__arena_new(0)};
    assert_non_null(o.a);
    if (setjmp(*fe__arena_escape(o.a)) != 0) fail_msg("no memory");
    fe__faults_init(&o.f, o.a, "mine");
    o.k = fe__knowledge_load(from, &o.f);
    return o;
}

static void drop(outcome *o) {
    fe__knowledge_free(o->k);
    fe__arena_free(o->a);
}

static void print_faults(const faults *f) {
    for (size_t i = 0; i < f->n; i++) {
        const fault *x = &f->list[i];
        print_error("%s: %s: expected %s, found %s\n", x->file, x->at, x->expected, x->found);
    }
}

static outcome small(void) {
    write_folder(NULL, 0);
    outcome o = loaded(folder);
    print_faults(&o.f);
    assert_non_null(o.k);
    return o;
}

/* One way of breaking the small copy, and the fault that must tell it. */
typedef struct broken {
    const char *file, *from, *to, *at, *found;
} broken;

static bool tells(const faults *f, const broken *b) {
    for (size_t i = 0; i < f->n; i++) {
        const fault *x = &f->list[i];
        const char *name = strrchr(x->file, '/');
        if (name && strcmp(name + 1, b->file) == 0 && strcmp(x->at, b->at) == 0 && strstr(x->found, b->found)) return true;
    }
    return false;
}

static void each_is_told(const broken *list, size_t n) {
    for (size_t i = 0; i < n; i++) {
        change c = {list[i].file, list[i].from, list[i].to};
        write_folder(&c, 1);
        outcome o = loaded(folder);
        if (o.k || !tells(&o.f, &list[i])) {
            print_error("%s with %s: no fault at %s with %s\n", c.file, c.to, list[i].at, list[i].found);
            print_faults(&o.f);
            fail();
        }
        drop(&o);
    }
}

#define EACH_IS_TOLD(list) each_is_told(list, sizeof(list) / sizeof *(list))

/* ---- a sound copy ------------------------------------------------------------------------------------------------ */

static void the_built_in_knowledge_is_sound(void **state) {
    (void)state;
    outcome o = loaded(NULL);
    print_faults(&o.f);
    assert_non_null(o.k);
    assert_string_equal(o.k->origin, "built-in");
    assert_int_equal(strlen(o.k->sha256), 64);
    assert_int_equal(o.k->products_n, 11);
    for (size_t i = 1; i < o.k->cites_n; i++) assert_true(strcmp(o.k->cites[i - 1].id, o.k->cites[i].id) < 0);
    for (size_t i = 0; i < o.k->cites_n; i++) assert_true(*o.k->cites[i].text && o.k->cites[i].as_of > 20000);
    drop(&o);
}

static void a_folder_gives_the_same_hash_whenever_it_is_the_same(void **state) {
    (void)state;
    outcome one = small(), two = loaded(folder);
    assert_string_equal(one.k->sha256, two.k->sha256);
    assert_string_equal(one.k->origin, folder);
    assert_string_equal(one.k->version, "7");
    change c = {"missing.csv", "blood count", "blood  count"};
    write_folder(&c, 1);
    outcome other = loaded(folder);
    assert_non_null(other.k);
    assert_string_not_equal(one.k->sha256, other.k->sha256);
    drop(&one);
    drop(&two);
    drop(&other);
}

static void words_and_units_are_found(void **state) {
    (void)state;
    outcome o = small();
    const knowledge *k = o.k;
    int hb = fe__term_find(k, "hemoglobin");
    assert_true(hb >= 0);
    assert_int_equal(k->terms[hb].kind, TERM_LAB);
    assert_float_equal(k->terms[hb].hard_high, 25, 0);
    assert_int_equal(fe__term_find(k, "hematocrit"), -1);
    assert_int_equal(fe__term_find(k, NULL), -1);
    int medication = fe__term_find_kind(k, "esa", TERM_MEDICATION), event = fe__term_find_kind(k, "esa", TERM_EVENT);
    assert_true(medication >= 0 && event > medication);
    assert_int_equal(fe__term_find(k, "esa"), medication);
    assert_int_equal(fe__term_find_kind(k, "esa", TERM_LAB), -1);
    int sex = fe__term_find(k, "sex");
    assert_int_equal(k->terms[sex].words_n, 2);
    assert_string_equal(k->terms[sex].words[1], "male");
    assert_true(isnan(k->terms[sex].hard_low));
    assert_float_equal(fe__unit_find(k, hb, "g/L")->factor, 0.1, 0);
    assert_null(fe__unit_find(k, hb, "mo"));
    assert_null(fe__unit_find(k, hb, "kg"));
    drop(&o);
}

static void rows_are_found_by_id(void **state) {
    (void)state;
    outcome o = small();
    const knowledge *k = o.k;
    assert_string_equal(k->guidance[1].id, "G-2");
    assert_string_equal(k->guidance[1].user_source, "a paper");
    const finding_row *f = fe__finding_find(k, "too-thin");
    assert_int_equal(f->level, LEVEL_CAUTION);
    assert_int_equal(f->questions_n, 2);
    assert_string_equal(f->rule_ids[1], "L-4");
    assert_null(fe__finding_find(k, "nothing"));
    assert_string_equal(fe__contradiction_find(k, "X-1")->side, "less");
    assert_null(fe__contradiction_find(k, "X-9"));
    assert_string_equal(fe__how_to_get(k, "hemoglobin"), "Take a blood count.");
    assert_null(fe__how_to_get(k, "ferritin"));
    assert_string_equal(fe__basis_find(k, "ideal-devine")->option, "lean");
    assert_float_equal(fe__basis_find(k, "ideal-devine")->devine_women_kg, 45.5, 0);
    assert_null(fe__basis_find(k, "for-caps"));
    assert_null(fe__product_find(k, "fcm-eu"));
    assert_null(fe__need_find(k, "fixed-1000"));
    assert_float_equal(k->practice.course_window_days, 500, 0);
    assert_int_equal(k->practice.standard_bags_n, 3);
    assert_int_equal(k->practice.slower_n, 3);
    assert_float_equal(k->practice.tie_iron_mg, 500, 0);
    assert_float_equal(k->practice.dialysis_days[2], 4, 0);
    drop(&o);
}

/* Whatever can stand in `sources` has a text and a day. */
static void everything_with_a_source_can_be_cited(void **state) {
    (void)state;
    outcome o = small();
    static const struct {
        const char *id, *text;
        verified v;
    } cites[] = {
        {"G-1", "the label", VERIFIED_YES},
        {"G-2", "a paper", VERIFIED_MEMORY},
        {"X-1", "more / less", VERIFIED_YES},
        {"X-2", "long / short", VERIFIED_MEMORY}, /* one side stands on memory */
        {"LABEL", "the label of 2026", VERIFIED_YES},
        {"L-2", "the label of 2026", VERIFIED_YES},
        {"L-6", "the label of 2026: first", VERIFIED_YES},
        {"L-7", "the label of 2026: 30 min", VERIFIED_YES},
        {"L-8", "the label of 2026: Discard.", VERIFIED_YES},
        {"GA-1", "the label of 2026: No.", VERIFIED_YES},
        {"table-a", "the label of 2026: Table", VERIFIED_MEMORY},
        {"PAPER", "a paper on reactions", VERIFIED_YES},
        {"R-2", "a paper on reactions: Stop.", VERIFIED_YES},
        {"P-1", "our choice: t", VERIFIED_PROJECT},
    };
    for (size_t i = 0; i < sizeof cites / sizeof *cites; i++) {
        const cite *c = fe__cite_find(o.k, cites[i].id);
        if (!c) {
            fail_msg("no %s", cites[i].id);
            return;
        }
        assert_string_equal(c->text, cites[i].text);
        assert_int_equal(c->verified, cites[i].v);
    }
    assert_int_equal(fe__cite_find(o.k, "G-1")->as_of, 20455); /* its own day, 2026-01-02 */
    assert_int_equal(fe__cite_find(o.k, "L-2")->as_of, 20776); /* that of products.json in the manifest, 2026-11-19 */
    assert_null(fe__cite_find(o.k, "L-99"));
    assert_null(fe__cite_find(o.k, NULL));
    drop(&o);
}

static void a_method_is_found_by_id_by_method_and_by_name(void **state) {
    (void)state;
    outcome o = small();
    const product *p = fe__product_find(o.k, "fcm-us");
    assert_int_equal(p->methods_n, 3);
    assert_ptr_equal(fe__method_find(p, "fcm-us/third", 0), &p->methods[2]);
    assert_ptr_equal(fe__method_find(p, "third", 0), &p->methods[2]);
    assert_ptr_equal(fe__method_find(p, "ganzoni", 0), &p->methods[0]); /* its vocabulary method */
    assert_ptr_equal(fe__method_find(p, "ganzoni", 1), &p->methods[1]); /* its name */
    assert_ptr_equal(fe__method_find(p, "ganzoni", 2), &p->methods[2]);
    assert_null(fe__method_find(p, "ganzoni", 3));
    assert_null(fe__method_find(p, "fcm-us/fourth", 0));
    assert_null(p->methods[1].method);
    drop(&o);
}

static void a_product_is_read_whole(void **state) {
    (void)state;
    outcome o = small();
    const product *p = fe__product_find(o.k, "fcm-us");
    assert_string_equal(p->brand, "Injectafer");
    assert_float_equal(p->vials[0].mg, 100, 0); /* ascending */
    assert_float_equal(p->observe_minutes, 30, 0);
    assert_string_equal(p->recheck, "");
    assert_string_equal(p->common.list[0].values[0], "sodium-chloride-0.9");
    assert_true(isnan(p->common.list[0].value));
    assert_int_equal(p->gates[0].action, GATE_BLOCK);
    assert_int_equal(p->gates[0].condition->rule, fe__rule_find(o.k, "def-thin"));
    const method *m = &p->methods[0];
    assert_ptr_equal(m->test_dose, p->test_dose);
    assert_null(p->methods[1].test_dose);
    assert_float_equal(m->age_min, 18, 0);
    assert_true(isinf(m->age_max_excl) && isinf(m->weight_min) && m->weight_min < 0);
    assert_non_null(m->condition);
    assert_null(p->methods[1].condition);
    const limit *x = &m->limits.list[0];
    assert_int_equal(x->what, WHAT_max_single_mg);
    assert_float_equal(x->value, 750, 0);
    assert_float_equal(x->dose_max, 1000, 0);
    assert_true(isinf(x->dose_min_excl) && x->dose_min_excl < 0);
    assert_float_equal(x->weight_min, 50, 0);
    assert_true(isnan(x->minutes_max) && isinf(x->age_max_excl) && !x->route && !x->strict);
    const route_rules *r = &m->routes[0];
    assert_int_equal(r->limits.n, 2); /* minutes and concentrations of the route together */
    assert_true(r->limits.list[0].strict && r->limits.list[1].strict && r->bag_is_final && r->dilution_required);
    assert_float_equal(r->limits.list[0].minutes_max, 30, 0);
    assert_float_equal(r->first->mg, 25, 0);
    assert_true(isnan(r->first->wait_minutes));
    assert_int_equal(p->methods[2].limits.list[0].kind, LIMIT_NONE);
    drop(&o);
}

static void doses_and_needs_are_read_whole(void **state) {
    (void)state;
    outcome o = small();
    const product *p = fe__product_find(o.k, "fcm-us");
    const dose_spec *d = &p->methods[0].dose;
    assert_ptr_equal(d->need, fe__need_find(o.k, "ganzoni-15-500"));
    assert_ptr_equal(d->alternatives[0], fe__need_find(o.k, "table-a"));
    assert_int_equal(d->per_dose_n, 2);
    assert_float_equal(d->per_dose_mg[0], 100, 0);
    assert_true(isnan(d->mg) && isnan(d->doses));
    assert_float_equal(p->methods[1].dose.rows[1].mg_per_kg, 20, 0);
    assert_true(isnan(p->methods[1].dose.rows[1].total_mg));
    assert_float_equal(p->methods[2].dose.sequence_days[1], 14, 0);
    assert_null(p->methods[2].dose.sequence_minutes);
    assert_float_equal(d->need->below_35_stores_mg_per_kg, 15, 0);
    assert_true(isnan(d->need->stores_mg_per_kg));
    const need_method *t = fe__need_find(o.k, "table-a"), *c = fe__need_find(o.k, "cells");
    assert_null(t->method);
    assert_float_equal(t->rows[1].total_mg_min, 500, 0); /* of which extra */
    assert_true(isnan(t->rows[0].total_mg_min) && isinf(t->rows[0].hb_max_excl));
    assert_float_equal(c->table_mg[1 * c->table_hbs_n + 1], 1200, 0);
    drop(&o);
}

static void rules_are_read_whole(void **state) {
    (void)state;
    outcome o = small();
    const knowledge *k = o.k;
    assert_int_equal(k->rules_n, 3);
    assert_int_equal(fe__rule_find(k, "RL-1"), 2); /* definitions first */
    assert_int_equal(fe__rule_find(k, "RL-2"), -1);
    assert_null(k->rules[0].finding);
    const rule *r = &k->rules[2];
    assert_ptr_equal(r->finding, fe__finding_find(k, "too-thin"));
    assert_int_equal(r->questions, Q_ASSESS | Q_PLAN);
    assert_int_equal(r->effect, EFFECT_INDICATES);
    assert_string_equal(r->strength, "usual");
    assert_ptr_equal(r->differs, fe__contradiction_find(k, "X-1"));
    assert_string_equal(r->sources[1], "L-1");
    assert_string_equal(k->causes.list[0].test, "hemoglobin");
    assert_string_equal(k->calendar.list[0].after, "last");
    assert_float_equal(k->calendar.list[0].days, 28, 0);
    assert_true(isnan(k->sheet.list[0].days));
    assert_null(k->sheet.list[0].after);
    assert_string_equal(k->premedication.list[0].id, "esa");
    drop(&o);
}

/* ---- broken copies ----------------------------------------------------------------------------------------------- */

static void broken_tables_are_told(void **state) {
    (void)state;
    static const broken list[] = {
        {"vocabulary.csv", "label,unit", "label,units", "line 1", "units"},
        {"vocabulary.csv", "label,unit", "label,units", "line 1", "nothing"},
        {"vocabulary.csv", "sex,field,sex,", "sex,fields,sex,", "line 2, kind", "fields"},
        {"vocabulary.csv", "sex,field,sex,", ",field,sex,", "line 2, id", "empty"},
        {"vocabulary.csv", "syncope,sign", "esa,event", "line 11, id", "esa"},
        {"vocabulary.csv", "1,25,5,18", "6,25,5,18", "line 4, hard_low", "6"},
        {"vocabulary.csv", "1,25,5,18", "1,25,19,18", "line 4, hard_low", "1"},
        {"vocabulary.csv", "1,25,5,18", "1,25,,", "line 4, hard_low", "some"},
        {"vocabulary.csv", "1,25,5,18", "one,25,5,18", "line 4, hard_low", "one"},
        {"vocabulary.csv", "g/dL;g/L", "g/dL;mmol/L", "line 4, accepted_units", "mmol/L"},
        {"vocabulary.csv", "g/dL;g/L,1", "g/dL;g/L;;;,,1", "line 4", "12"},
        {"units.csv", "hemoglobin,g/dL,1,0", "hemoglobin,g/dL,2,0", "line 4, factor", "2"},
        {"units.csv", "hemoglobin,g/L,0.1,0", "hemoglobin,g/L,-0.1,0", "line 5, factor", "-0.1"},
        {"units.csv", "hemoglobin,g/L,0.1,0", "hemoglobin,g/dL,1,0", "line 5, unit", "g/dL"},
        {"units.csv", "hemoglobin,g/L", "hemoglobine,g/L", "line 5, id", "hemoglobine"},
        {"units.csv", "hemoglobin,g/L", "sex,g/L", "line 5, id", "sex"},
        {"units.csv", "g/L,0.1,0", "g/L,0.1,", "line 5, offset", ""},
        {"findings.csv", "too-thin,assess", "too-thin,asses", "line 2, question", "asses"},
        {"findings.csv", "caution", "loud", "line 2, level", "loud"},
        {"findings.csv", ",check", ",cheque", "line 3, kind", "cheque"},
        {"findings.csv", "look,infuse", "too-thin,infuse", "line 3, id", "too-thin"},
        {"findings.csv", "G-1;L-4", "G-1;L-40", "line 2, rule_ids", "L-40"},
        {"findings.csv", "G-2,check", "G-3,check", "line 3, seed", "G-3"},
        {"guidance.csv", "G-2,dose", "G-1,dose", "line 3, id", "G-1"},
        {"guidance.csv", "text,yes", "text,sure", "line 2, verified", "sure"},
        {"guidance.csv", "must", "shall", "line 2, rule_kind", "shall"},
        {"guidance.csv", "the label", "", "line 2, user_source", "empty"},
        {"guidance.csv", "2026-01-02", "2026-13-02", "line 2, as_of", "2026-13-02"},
        {"contradictions.csv", "G-1;LABEL", "G-1;LABLE", "line 2, rows", "LABLE"},
        {"contradictions.csv", "G-1;LABEL", "", "line 2, rows", "empty"},
        {"contradictions.csv", "X-2", "X-1", "line 3", "X-1"},
        {"contradictions.csv", "X-2", "G-1", "line 3", "G-1"},
        {"missing.csv", "count.,G-1", "count.,G-7", "line 2, sources", "G-7"},
        {"missing.csv", "Take a blood count.", "", "line 2, how_to_get", "empty"},
        {"codes.csv", "icd10,x,http://icd,D50", "loinc,x,http://loinc.org,718-7", "line 3, code", "718-7"},
        {"codes.csv", "input,yes", "input,no", "line 2, verified", "no"},
    };
    EACH_IS_TOLD(list);
}

static void broken_documents_are_told(void **state) {
    (void)state;
    static const broken list[] = {
        {"manifest.json", "'version'", "'versions'", "/versions", "7"},
        {"manifest.json", "'version'", "'versions'", "/version", "nothing"},
        {"manifest.json", "'codes.csv'", "'code.csv'", "/as_of/codes.csv", "nothing"},
        {"manifest.json", "2026-11-19", "19 Nov", "/as_of/products.json", "19 Nov"},
        {"practice.json", "'value':500", "'value':-500", "/rows/0/value", "-500"},
        {"practice.json", "'value':500", "'value':'500'", "/rows/0/value", "500"},
        {"practice.json", "[1,2,4]", "[1,4,2]", "/rows/11/value", "not above"},
        {"practice.json", "[1,2,4]", "[]", "/rows/11/value", "empty"},
        {"practice.json", "drug_ml_step", "drug_ml_steps", "/rows/6/name", "drug_ml_steps"},
        {"practice.json", "drug_ml_step", "need_round_mg", "/rows/6/name", "need_round_mg"},
        {"practice.json", "drug_ml_step", "need_round_mg", "/rows", "none"},
        {"practice.json", "'P-2'", "'P-1'", "/rows/1", "P-1"},
        {"practice.json", "'US'", "'UK'", "/rows/0/source", "UK"},
        {"practice.json", "'value':'sodium-chloride-0.9'", "'value':'salt-water'", "/rows/25/value", "salt-water"},
        {"practice.json", "'value':'sodium-chloride-0.9'", "'value':500", "/rows/25/value", "500"},
        {"reactions.json", "'sign':'syncope'", "'sign':'syncop'", "/signs/0/sign", "syncop"},
        {"reactions.json", "'id_finding':'look'", "'id_finding':'loook'", "/grades/0/actions/0/id_finding", "loook"},
        {"reactions.json", "'source':'PAPER'", "'source':'PAPERS'", "/signs/0/source", "PAPERS"},
        {"reactions.json", "'R-2'", "'R-1'", "/grades/0/actions/0", "R-1"},
        {"reactions.json", "'text':'Stop.','source':'PAPER','verified':'yes'", "'text':'Stop.','source':'PAPER'",
         "/grades/0/actions/0/verified", "nothing"},
    };
    EACH_IS_TOLD(list);
}

static void broken_rules_are_told(void **state) {
    (void)state;
    static const broken list[] = {
        {"rules.json", "ferrule-rules/1", "ferrule-rules/2", "/schema", "ferrule-rules/2"},
        {"rules.json", "'id':'def-thinner'", "'id':'def-thin'", "/definitions/1/id", "def-thin"},
        {"rules.json", "'rule':'def-thin'", "'rule':'def-thinner'", "/definitions/1/when/all/0/rule", "def-thinner"},
        {"rules.json", "'when':{'lab':'hemoglobin','lt':9},", "", "/definitions/0/when", "nothing"},
        {"rules.json", "'finding':'too-thin'", "'finding':'too-thick'", "/findings/0/finding", "too-thick"},
        {"rules.json", "['assess','plan']", "['assess','plans']", "/findings/0/in", "plans"},
        {"rules.json", "['assess','plan']", "[]", "/findings/0/in", "empty"},
        {"rules.json", "'sources':['G-1','L-1']", "'sources':['G-1','L-11']", "/findings/0/sources/1", "L-11"},
        {"rules.json", "'sources':['G-1','L-1']", "'sources':[]", "/findings/0/sources", "empty"},
        {"rules.json", "'effect':'indicates'", "'effect':'urges'", "/findings/0/effect", "urges"},
        {"rules.json", "'effect':'indicates'", "'effect':'oral'", "/findings/0/indication", "oral"},
        {"rules.json", "'indication':{'id':'heart-failure','strength':'usual'},", "", "/findings/0/indication", "nothing"},
        {"rules.json", "'strength':'usual'", "'strength':'weak'", "/findings/0/indication/strength", "weak"},
        {"rules.json", "'id':'heart-failure','strength'", "'id':'syncope','strength'", "/findings/0/indication/id", "syncope"},
        {"rules.json", "'routes':['iv']", "'routes':['im']", "/findings/0/routes", "im"},
        {"rules.json", "'differs':'X-1'", "'differs':'X-3'", "/findings/0/differs", "X-3"},
        {"rules.json", "'differs'", "'difers'", "/findings/0/difers", "X-1"},
        {"rules.json", "'about':{'has':'heart-failure'}", "'about':{'has':'hart-failure'}", "/findings/0/about/has",
         "hart-failure"},
        {"rules.json", "'test':'hemoglobin'", "'test':'hemo'", "/causes/0/test", "hemo"},
        {"rules.json", "'checklist':[{'id':'look'", "'checklist':[{'id':'lok'", "/checklist/0/id", "lok"},
        {"rules.json", "'sources':['PAPER']", "'sources':['PAPERS']", "/sheet/0/sources/0", "PAPERS"},
        {"rules.json", "'after':'last'", "'after':'next'", "/calendar/0/after", "next"},
        {"rules.json", "'days':28", "'days':-1", "/calendar/0/days", "-1"},
        {"rules.json", "'take':['hemoglobin']", "'take':['hemo']", "/calendar/0/take/0", "hemo"},
        {"rules.json", "'id':'esa'", "'id':'water'", "/premedication/0/id", "water"},
        {"rules.json", "'setup':[],", "", "/setup", "nothing"},
        {"rules.json", "'take':['hemoglobin']", "'take':[]", "/calendar/0/take", "empty"},
        {"rules.json", "'setup':[]", "'setup':{}", "/setup", "object"},
        {"rules.json", "'text':'Thin.'", "'verdict':'panic'", "/findings/0/verdict", "panic"},
        {"rules.json", "'text':'Thin.'", "'of':['hemoglobin']", "/findings/0/of", "other questions"},
        {"rules.json", "'of':['hemoglobin']", "'of':['hemo']", "/readings/0/of", "hemo"},
        {"rules.json", "'id':'low'", "'id':'lowish'", "/readings/0/id", "lowish"},
        {"rules.json", "'verdict':'act',", "", "/readings/0/verdict", "nothing"},
        {"rules.json", "'after':'iron'", "'after':'last'", "/retests/0/after", "last"},
        {"rules.json", "'best_days':42", "'best_days':7", "/retests/0/best_days", "an earlier one"},
        {"rules.json", "'tests':['hemoglobin']", "'tests':['hemo']", "/differential/0/tests/0", "hemo"},
        {"rules.json", "'against':{'rule':'def-thin'}", "'against':{'rule':'def-fat'}", "/differential/0/against/rule",
         "def-fat"},
        {"rules.json", "'tests':[{'id':'hemoglobin'", "'tests':[{'id':'hemo'", "/tests/0/id", "hemo"},
    };
    EACH_IS_TOLD(list);
}

static void broken_needs_are_told(void **state) {
    (void)state;
    static const broken list[] = {
        {"products.json", "'need_mg':1676", "'need_mg':1675", "/need_methods/0/example/need_mg", "1675"},
        {"products.json", "'need_mg':1000", "'need_mg':1500", "/need_methods/1/example/need_mg", "1500"},
        {"products.json", "'need_mg':1300", "'need_mg':1200", "/need_methods/2/example/need_mg", "1200"},
        {"products.json", "'factor':2.4", "'factor':24", "/need_methods/0/parameters/factor", "24"},
        {"products.json", "'factor':2.4,", "", "/need_methods/0/parameters/factor", "nothing"},
        {"products.json", "'stores_mg':500", "'stores_mg':-500", "/need_methods/0/parameters/stores_mg", "-500"},
        {"products.json", "'below_kg':35,", "", "/need_methods/0/parameters/below_kg", "nothing"},
        {"products.json", "'kind':'ganzoni'", "'kind':'ganzon'", "/need_methods/0/kind", "ganzon"},
        {"products.json", "'method':'ganzoni','kind'", "'method':'ganzony','kind'", "/need_methods/0/method", "ganzony"},
        {"products.json", "'weight_basis':'auto'", "'weight_basis':'autos'", "/need_methods/0/weight_basis", "autos"},
        {"products.json", "'id':'cells'", "'id':'table-a'", "/need_methods/2/id", "table-a"},
        {"products.json", "'hb_g_dl_min':10,'hb_g_dl_max_excl':null", "'hb_g_dl_min':9,'hb_g_dl_max_excl':null",
         "/need_methods/1/table/1", "row 0"},
        {"products.json", "'hb_g_dl_min':10,'hb_g_dl_max_excl':null", "'hb_g_dl_min':10,'hb_g_dl_max_excl':9",
         "/need_methods/1/table/0", "none"},
        {"products.json", "'total_mg':1000}", "'total_mg':1000,'mg_per_kg':20}", "/need_methods/1/table/0", "2"},
        {"products.json", "'of_which_extra_mg':500", "'of_which_extra_mg':1600", "/need_methods/1/table/1/of_which_extra_mg",
         "1600"},
        {"products.json", "[1300,1200]", "[1300]", "/need_methods/2/table_by_weight/rows/1/mg", "1"},
        {"products.json", "'weight_kg':50,'mg'", "'weight_kg':40,'mg'", "/need_methods/2/table_by_weight/rows/1/weight_kg",
         "not above"},
        {"products.json", "[6,7]", "[7,6]", "/need_methods/2/table_by_weight/hb_g_dl", "not above"},
        {"products.json", "'obese_bmi':30", "'obese_bmi':3", "/weight_bases/0/parameters/obese_bmi", "3"},
        {"products.json", "'id':'caps'", "'id':'capes'", "/weight_bases", "none"},
        {"products.json", "'id':'caps'", "'id':'auto'", "/weight_bases/6/id", "auto"},
        {"products.json", ",'inches':60", "", "/weight_bases", "numbers missing"},
        {"products.json", "'option':'lean'", "'option':'thin'", "/weight_bases/3/option", "thin"},
    };
    EACH_IS_TOLD(list);
}

static void broken_products_are_told(void **state) {
    (void)state;
    static const broken list[] = {
        {"products.json", "'id':'fcm-us','generic'", "'id':'fcm-uk','generic'", "/products/0/id", "fcm-uk"},
        {"products.json", "'region':'us'", "'region':'US'", "/products/0/region", "US"},
        {"products.json", "'molecule':'fcm'", "'molecule':'fdi'", "/products/0/molecule", "fdi"},
        {"products.json", "'mg':750,'ml':15", "'mg':750,'ml':10", "/products/0/vials/0/mg", "750"},
        {"products.json", "'label_revision'", "'label_revison'", "/products/0/label_revison", "2026"},
        {"products.json", "'L-2','what':'max_single_mg'", "'L-2','what':'max_singel_mg'", "/products/0/methods/0/limits/0/what",
         "max_singel_mg"},
        {"products.json", "'value':750,", "'value':-750,", "/products/0/methods/0/limits/0/value", "-750"},
        {"products.json", "'value':750,", "'value':null,", "/products/0/methods/0/limits/0/value", "null"},
        {"products.json", "'value':null,", "'value':1000,", "/products/0/methods/2/limits/0/value", "1000"},
        {"products.json", "'value':750,'unit':'mg'", "'value':750,'unit':'g'", "/products/0/methods/0/limits/0/unit", "g"},
        {"products.json", "'name':'max-single-dose'", "'name':'max-dose'", "/products/0/methods/0/limits/0/name", "max-dose"},
        {"products.json", "'value':750,'unit':'mg','kind':'label'", "'value':750,'unit':'mg','kind':'law'",
         "/products/0/methods/0/limits/0/kind", "law"},
        {"products.json", "'dose_mg_max':1000", "'dose_mg_min_excl':1000,'dose_mg_max':1000",
         "/products/0/methods/0/limits/0/dose_mg_min_excl", "nothing"},
        {"products.json", "'minutes_max':30", "'minutes_max':10", "/products/0/methods/0/routes/0/minutes/0/minutes_max",
         "smaller"},
        {"products.json", "'id':'L-3'", "'id':'L-2'", "/products/0/methods/0/routes/0/minutes/0", "L-2"},
        {"products.json", "'value':['sodium-chloride-0.9']", "'value':['water']", "/products/0/common_limits/0/value/0", "water"},
        {"products.json", "'diluents':['sodium-chloride-0.9']", "'diluents':[]",
         "/products/0/methods/0/routes/0/dilution/diluents", "none"},
        {"products.json", "'routes_allowed':['infusion']", "'routes_allowed':['injection']", "/products/0/methods/0/routes/0",
         "infusion"},
        {"products.json", "'bag_volume_means':'final'", "'bag_volume_means':'all'",
         "/products/0/methods/0/routes/0/dilution/bag_volume_means", "all"},
        {"products.json", "'finding':'too-thin'", "'finding':'too-thick'", "/products/0/gates/0/finding", "too-thick"},
        {"products.json", "'action':'block'", "'action':'stop'", "/products/0/gates/0/action", "stop"},
        {"products.json", "'rule':'def-thin'", "'rule':'def-thi'", "/products/0/gates/0/condition/rule", "def-thi"},
        {"products.json", "'text':'No.','source':'LABEL'", "'text':'No.','source':'LABELS'", "/products/0/gates/0/source",
         "LABELS"},
        {"products.json", "'text':'No.','source':'LABEL','verified':'yes'", "'text':'No.','source':'LABEL','verified':'maybe'",
         "/products/0/gates/0/verified", "maybe"},
        {"products.json", "'id':'fcm-us/third'", "'id':'fcm-eu/third'", "/products/0/methods/2/id", "fcm-eu/third"},
        {"products.json", "'id':'fcm-us/third','name':'third'", "'id':'fcm-us/first','name':'first'", "/products/0/methods/2",
         "fcm-us/first"},
        {"products.json", "'off_label':false", "'off_label':true", "/products/0/methods/0/default", "true"},
        {"products.json", "'test_dose':'L-6'", "'test_dose':'L-7'", "/products/0/methods/0/test_dose", "L-7"},
        {"products.json", "'need':'ganzoni-15-500'", "'need':'ganzoni-15'", "/products/0/methods/0/dose/need", "ganzoni-15"},
        {"products.json", "'need':'ganzoni-15-500',", "", "/products/0/methods/0/dose/need", "nothing"},
        {"products.json", "'alternatives':['table-a']", "'alternatives':['table-b']", "/products/0/methods/0/dose/alternatives",
         "table-b"},
        {"products.json", "'days':[0,14]", "'days':[14]", "/products/0/methods/2/dose/days", "another number"},
        {"products.json", "'days':[0,14]", "'days':[14,14]", "/products/0/methods/2/dose/days", "not after"},
        {"products.json", "'age_years_min':18", "'age_years_min':18,'age_years_max_excl':18",
         "/products/0/methods/0/applies/age_years_min", "nothing"},
        {"products.json", "'has':'heart-failure'", "'has':'hart-failure'", "/products/0/methods/0/applies/condition/has",
         "hart-failure"},
        {"products.json", "'hb_g_dl_min':10,'mg_per_kg':20", "'hb_g_dl_min':9,'mg_per_kg':20",
         "/products/0/methods/1/dose/rows/1", "row 0"},
        {"products.json", "'brand':['Injectafer','generic']", "'brand':[]", "/products/0/brand", "empty"},
        {"products.json", "'generic':'ferric carboxymaltose'", "'generic':''", "/products/0/generic", "\"\""},
        {"products.json", "'methods':[{", "'methods':[7,{", "/products/0/methods/0", "7"},
    };
    EACH_IS_TOLD(list);
}

static void all_faults_of_all_files_come_at_once(void **state) {
    (void)state;
    static const change changes[] = {{"guidance.csv", "must", "shall"},
                                     {"rules.json", "'strength':'usual'", "'strength':'weak'"},
                                     {"products.json", "'region':'us'", "'region':'US'"}};
    write_folder(changes, 3);
    outcome o = loaded(folder);
    assert_null(o.k);
    assert_int_equal(o.f.n, 3);
    assert_string_equal(o.f.file, "mine"); /* the caller's own name stays */
    drop(&o);
}

static void a_missing_or_misshapen_file_is_the_only_fault(void **state) {
    (void)state;
    write_folder(NULL, 0);
    remove(path_of("vocabulary.csv"));
    outcome o = loaded(folder);
    assert_null(o.k);
    assert_int_equal(o.f.n, 1);
    assert_non_null(strstr(o.f.list[0].file, "/vocabulary.csv"));
    drop(&o);
    change c = {"rules.json", "'findings'", "'definitions'"};
    write_folder(&c, 1);
    o = loaded(folder);
    assert_null(o.k);
    assert_int_equal(o.f.n, 1);
    assert_non_null(strstr(o.f.list[0].file, "/rules.json"));
    assert_string_equal(o.f.list[0].expected, "each key once");
    drop(&o);
    o = loaded("/nowhere/at/all");
    assert_null(o.k);
    assert_int_equal(o.f.n, FILES);
    drop(&o);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static size_t may_allocate;

static void *scarce_malloc(size_t n) {
    if (may_allocate == 0) return NULL;
    may_allocate--;
    return malloc(n);
}

static void lack_of_memory_is_a_fault(void **state) {
    (void)state;
    write_folder(NULL, 0);
    for (size_t n = 1; n < 4000; n = n + 1 + n / 8) {
        may_allocate = n;
        json_set_alloc_funcs(scarce_malloc, free);
        outcome o = loaded(folder);
        if (!o.k) {
            assert_int_equal(o.f.n, 1); /* of memory, or of a token that Jansson had no memory to read */
        }
        fe__knowledge_free(o.k);
        json_set_alloc_funcs(malloc, free);
        fe__arena_free(o.a);
    }
}

/* The caller's arena ends while faults are copied into it: its own escape is taken, and nothing of the load is left. */
static void lack_of_the_callers_memory_takes_the_callers_escape(void **state) {
    (void)state;
    change c = {"rules.json", "'days':28", "'days':-1"};
    write_folder(&c, 1);
    arena *a = fe__arena_new(128);
    assert_non_null(a);
    faults f;
    volatile bool has_escaped = false;
    if (setjmp(*fe__arena_escape(a)) == 0) {
        fe__faults_init(&f, a, "mine");
        fe__knowledge_load(folder, &f);
    } else {
        has_escaped = true;
    }
    assert_true(has_escaped);
    fe__arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_built_in_knowledge_is_sound),
        cmocka_unit_test(a_folder_gives_the_same_hash_whenever_it_is_the_same),
        cmocka_unit_test(words_and_units_are_found),
        cmocka_unit_test(rows_are_found_by_id),
        cmocka_unit_test(everything_with_a_source_can_be_cited),
        cmocka_unit_test(a_method_is_found_by_id_by_method_and_by_name),
        cmocka_unit_test(a_product_is_read_whole),
        cmocka_unit_test(doses_and_needs_are_read_whole),
        cmocka_unit_test(rules_are_read_whole),
        cmocka_unit_test(broken_tables_are_told),
        cmocka_unit_test(broken_documents_are_told),
        cmocka_unit_test(broken_rules_are_told),
        cmocka_unit_test(broken_needs_are_told),
        cmocka_unit_test(broken_products_are_told),
        cmocka_unit_test(all_faults_of_all_files_come_at_once),
        cmocka_unit_test(a_missing_or_misshapen_file_is_the_only_fault),
        cmocka_unit_test(lack_of_memory_is_a_fault),
        cmocka_unit_test(lack_of_the_callers_memory_takes_the_callers_escape),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
