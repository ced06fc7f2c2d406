"""How far raters agree on the same units: kappas, Krippendorff's alpha, intraclass correlations, concordance of ranks.

Units are no sample here, but in `survey_kappa`: two codes of the same people, under their survey's design.
"""
