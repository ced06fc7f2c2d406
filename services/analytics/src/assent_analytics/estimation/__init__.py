"""The statistics: NumPy and SciPy only, no store and no HTTP. Numbers go in as arrays, estimates come out as plain data.

What everything rests on:

- `estimate`: estimates with their covariance, statistics of weights, and what every kind of design offers (`Plan`);
- `arrays`, `columns`: names for arrays; values, codes and domains as columns of one length;
- `of_totals`: statistics that follow from weighted totals, found for all replicates at once.

How people were selected and weighted:

- `designs`: strata, stages of clusters, finite populations, joint probabilities;
- `replicates`: jackknife, balanced half-samples, bootstraps, published replicate weights;
- `weighting`: raking, post-stratification, calibration, trimming.

What can be said of them:

- `descriptive`: means, totals, ratios, variances, weighted tables, by group, functions of estimates, design effects;
- `shares`: proportions with their intervals and one-sided tests;
- `quantiles`: R's rules, Woodruff's intervals;
- `consensus`: how far people agree on an ordered scale;
- `hypothesis_tests`: tables, goodness of fit, t-tests, rank tests, log-linear models;
- `comparisons`: a group and the rest, all pairs, the lowest groups, equivalence, change between collections;
- `models`: linear, logit, probit, Poisson and ordered regression, tests of terms, adjusted margins;
- `multilevel`: mixed models, and post-stratification of what they predict;
- `scales`: reliability, factors, item functioning, latent classes;
- `raters`: agreement of raters on the same units;
- `conjoint`: vignette studies; `path_model`: what goes with trust and acceptance;
- `microdata_risk`: how far people could be found in a file of single records;
- `summary`: all the figures of one item together.

Errors are `domain.errors.CannotEstimate`, whose docstring lists the codes. R's calls beside these: docs/estimation.md.
"""
