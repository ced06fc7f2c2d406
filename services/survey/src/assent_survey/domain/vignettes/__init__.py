"""Factorial vignettes: short descriptions of a practice whose features vary by design, and what is shown to whom.

`plan` is what a researcher says; `rules` what such a plan keeps to; `design` makes the decks out of it. Sources: Auspurg and Hinz,
Factorial Survey Experiments (2015); Dülmer, Experimental plans in factorial surveys, Sociological Methods & Research 35 (2007);
Atkinson, Donev and Tobias, Optimum Experimental Designs, with SAS (2007).
"""
