"""`python -m assent_analytics serve | consume | migrate | replay | redrive`."""

from assent_analytics.app import SERVICE
from assent_kit.cli import main

main(SERVICE)
