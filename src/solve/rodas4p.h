/* The numbers of Rodas4P (Steinebach 1995; in the transformed form of Hairer and Wanner, Solving Ordinary Differential Equations II, IV.7):
 * six stages, order 4 with an error estimate of order 3, L-stable; dense output of order 3. Included by batch_kernel.h. */
enum { STAGES = 6, PLAIN = 5 };
static const double gamma_inverse = 4;

/* a[s][p]: argument of stage s < PLAIN; a later one's is that of the stage before it plus its k. c[s][p]: right side of stage s, over h. */
static const double a[PLAIN][PLAIN - 1] = {{0},
                                           {3.0},
                                           {1.831036793486759, 0.4955183967433795},
                                           {2.304376582692669, -0.05249275245743001, -1.176798761832782},
                                           {-7.170454962423024, -4.741636671481785, -16.31002631330971, -1.062004044111401}};
static const double c[STAGES][STAGES - 1] = {
    {0},
    {-12.0},
    {-8.791795173947035, -2.207865586973518},
    {10.81793056857153, 6.780270611428266, 19.5348594464241},
    {34.19095006749676, 15.49671153725963, 54.7476087596413, 14.16005392148534},
    {34.62605830930532, 15.30084976114473, 56.99955578662667, 18.40807009793095, -5.714285714285717}};

/* y(s) = y0 (1-s) + s (y1 + (1-s) (c3 + s c4)), c3 and c4 sums over k. */
enum { DENSE = 2 };
static const double dense[DENSE][STAGES] = {
    {25.09876703708589, 11.62013104361867, 28.49148307714626, -5.664021568594133, 0},
    {1.638054557396973, -0.7373619806678748, 8.47791821923899, 15.9925314877952, -1.882352941176471}};
