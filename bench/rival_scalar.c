#define FE_LANES    1
#define RIVAL(name) name##_scalar
#include "rival.h"
