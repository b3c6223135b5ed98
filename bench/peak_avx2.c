#define FE_LANES   4
#define PEAK(name) name##_avx2
#include "peak.h"
