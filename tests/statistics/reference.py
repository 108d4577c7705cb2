"""Estimates the effects of pilots by statsmodels: a least squares regression of the weekly shares of the pilot, and of its controls,
on whether a week lies after the start, weighted by planned hours.

Reads one JSON object a line, {"before": [[pilot share, pilot hours, control share or null, control hours], …], "after": […]},
and prints a line of estimates for each. With --simulate N RHO SEED it prints N such pilots instead, whose daily stops have the
day-to-day correlation RHO, and whose field "effect" is the true effect.
"""

import json
import sys

import numpy
import scipy.stats
import statsmodels.api as sm
from statsmodels.tsa.stattools import acf


def weighted_change(before, after, share, hours):
    rows = before + after
    y = numpy.array([row[share] for row in rows])
    x = sm.add_constant(numpy.array([0.0] * len(before) + [1.0] * len(after)))
    return sm.WLS(y, x, weights=[row[hours] for row in rows]).fit().params[1]


def reference(case):
    before, after = case["before"], case["after"]
    controlled = before[0][2] is not None
    effect = weighted_change(before, after, 0, 1)
    if controlled:
        effect -= weighted_change(before, after, 2, 3)
    answer = {"effect": effect, "t": scipy.stats.t.ppf(0.975, len(before) + len(after) - 2)}
    differences = [[row[0] - (row[2] if controlled else 0.0) for row in side] for side in (before, after)]
    x = sm.add_constant(numpy.array([0.0] * len(before) + [1.0] * len(after)))
    # If all weeks have equal hours, the jackknife of PI-4 equals the HC2 error of a regression, which lets variances differ by phase.
    answer["plainError"] = sm.OLS(numpy.concatenate(differences), x).fit(cov_type="HC2").bse[1]
    squares = [numpy.sum((numpy.array(side) - numpy.mean(side)) ** 2) for side in differences]
    lag1 = [acf(side, nlags=1, fft=False)[1] if s > 0 else 0.0 for side, s in zip(differences, squares)]
    answer["autocorrelation"] = sum(r * s for r, s in zip(lag1, squares)) / sum(squares) if sum(squares) > 0 else 0.0
    if controlled:
        trend = scipy.stats.linregress(range(len(before)), differences[0])
        answer["slope"], answer["slopeT"] = trend.slope, trend.slope / trend.stderr
    return answer


def correlated(random, days, rho):
    """A random value for each day, of variance 1 and with the correlation rho between a day and the next."""
    values = numpy.empty(days)
    values[0] = random.standard_normal()
    for day in range(1, days):
        values[day] = rho * values[day - 1] + numpy.sqrt(1 - rho * rho) * random.standard_normal()
    return values


def simulated(random, rho, weeks=12):
    effect = random.choice([0.0, -0.03])

    def side(change):
        share = 0.2 + 0.05 * correlated(random, 14 * weeks, rho)
        share[7 * weeks :] += change
        hours = numpy.full(14 * weeks, 20.0)
        stopped = numpy.clip(share, 0.0, 1.0) * hours
        return [(stopped[d : d + 7].sum() / hours[d : d + 7].sum(), hours[d : d + 7].sum()) for d in range(0, 14 * weeks, 7)]

    rows = [[*pilot, *control] for pilot, control in zip(side(effect), side(0.0))]
    return {"before": rows[:weeks], "after": rows[weeks:], "effect": effect}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--simulate"]:
        generator = numpy.random.default_rng(int(sys.argv[4]))
        for _ in range(int(sys.argv[2])):
            print(json.dumps(simulated(generator, float(sys.argv[3]))))
    else:
        for line in sys.stdin:
            print(json.dumps({name: float(value) for name, value in reference(json.loads(line)).items()}))
