#define FE_LANES    8
#define RIVAL(name) name##_avx512
#include "rival.h"
