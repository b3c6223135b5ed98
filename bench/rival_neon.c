#define FE_LANES    2
#define RIVAL(name) name##_neon
#include "rival.h"
