/* Included before every source of the library: what the public header declares is exported, and nothing else is. */
#pragma GCC visibility push(default)
#include "ferrule.h"
#pragma GCC visibility pop
