"""Documents as they came, their text with places in it, the rationales found there, and who said them.

Not here: what parents think of a practice (survey, qual) and how the strands are put side by side (analytics).
"""
