#define FE_LANES    4
#define RIVAL(name) name##_avx2
#include "rival.h"
