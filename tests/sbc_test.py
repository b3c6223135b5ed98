"""The fit is calibrated: truths drawn from its own prior rank evenly among its draws, and its draws are those of a long Markov chain.

A small, fixed share of what `make sbc` runs (tests/sbc/ranks.py): chance alone fails none of it.
"""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "sbc"))
import ranks  # noqa: E402

PATIENTS = 110
ONES = [3, 10, 12]  # patients that are held against chains here; make sbc-chains takes 20


class Calibration(unittest.TestCase):
    def test_chi_square_is_that_of_the_tables(self):
        # Abramowitz and Stegun, table 26.8: chi-square of 19 degrees of freedom is above 30.1435 with p 0.05, above 36.1909 with 0.01.
        self.assertAlmostEqual(ranks.upper_gamma(9.5, 30.1435 / 2), 0.05, places=5)
        self.assertAlmostEqual(ranks.upper_gamma(9.5, 36.1909 / 2), 0.01, places=5)
        self.assertAlmostEqual(ranks.upper_gamma(9.5, 7.63273 / 2), 0.99, places=5)

    def test_truths_rank_evenly_and_intervals_hold_what_they_say(self):
        head, rows, without = ranks.run_all(PATIENTS, 2)
        self.assertLessEqual(len(without), PATIENTS // 20, without)
        judged = ranks.judge(head, rows)
        for j in judged:
            with self.subTest(j["name"]):
                self.assertGreater(j["p"], 0.01 / len(judged) / 5)
                self.assertGreater(j[90], 0.90 - 3.5 * (0.09 / len(rows)) ** 0.5)

    def test_a_fit_that_is_too_sure_is_seen(self):
        head, rows, _ = ranks.run(0, 4)
        sure = [[*r[:10], *(str(0.5 + 2.5 * (float(u) - 0.5)) for u in r[10:])] for r in rows]
        spread = [[*r[:10], *(str(((k + 0.5) / 100 - 0.5) * 3 + 0.5) for _ in r[10:])] for k, r in enumerate([sure[0]] * 100)]
        self.assertLess(max(j["p"] for j in ranks.judge(head, spread)), 1e-6)

    def test_draws_are_those_of_a_long_chain(self):
        for k in ONES:
            head, rows, _ = ranks.run(k, 1, options=["--chains"])
            for name, share in zip(head[10:], rows[0][10:]):
                with self.subTest(patient=k, quantile=name):
                    want = int(name.rsplit("-", 1)[1]) / 100
                    # 3.5 standard errors of a share of 1,000 independent draws, a share of each side
                    self.assertAlmostEqual(float(share), want, delta=5 * (want * (1 - want) / 1000) ** 0.5)


if __name__ == "__main__":
    unittest.main()
