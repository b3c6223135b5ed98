/* The clock, the core that is measured on, the memory held: Linux. */
#ifndef FE_BENCH_MACHINE_H
#define FE_BENCH_MACHINE_H

double machine_seconds(void);
int machine_cores(void);         /* that this process may use */
int machine_pin(void);           /* to one core: its number, -1 when that failed */
void machine_unpin(void);        /* back to the cores of before */
long machine_peak_kib(void);     /* most memory resident so far; -1 unknown */
const char *machine_model(void); /* the processor's name */

#endif
