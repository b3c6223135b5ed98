/* Threads that do one piece of work together and are gone. */
#ifndef FE_BASE_CREW_H
#define FE_BASE_CREW_H

enum { CREW_MAX = 64 };

/* Calls work(context, who) in `threads` threads at once, 1 to CREW_MAX of them, who = 0 in the calling one; returns when all have ended. A
 * thread that cannot be made is left out: whoever works takes the next task from a common queue, and puts its result in a place of its own. */
void fe__crew(int threads, void (*work)(void *context, int who), void *context);

#endif
