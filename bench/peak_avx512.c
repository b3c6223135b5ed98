#define FE_LANES   8
#define PEAK(name) name##_avx512
#include "peak.h"
