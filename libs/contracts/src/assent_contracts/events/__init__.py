"""The state that each event carries, one module per producing service.

A state is what a reader needs to know of an aggregate now. No speech and no free text of a participant or respondent, and no
person's name, is ever part of one; study material (wording, labels, definitions, titles of institutions' documents) may be.
"""
