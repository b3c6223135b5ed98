#define FE_LANES   2
#define PEAK(name) name##_neon
#include "peak.h"
