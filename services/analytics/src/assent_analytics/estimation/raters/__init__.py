"""How far raters agree on the same units: kappas, Krippendorff's alpha, intraclass correlations, concordance of ranks."""
