"""What REDCap can check a text for that says who somebody is: the reader of dictionaries codes no such answer, and none is asked for."""

IDENTIFYING = frozenset({"email", "phone", "phone_australia", "phone_uk", "ssn", "mrn_10d", "mrn_generic", "vmrn"})
"""REDCap's names of such validations."""
