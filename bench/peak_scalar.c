#define FE_LANES   1
#define PEAK(name) name##_scalar
#include "peak.h"
