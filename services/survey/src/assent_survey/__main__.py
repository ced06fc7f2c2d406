"""`python -m assent_survey serve | consume | migrate | replay | redrive`."""

from assent_kit.cli import main
from assent_survey.app import SERVICE

if __name__ == "__main__":
    main(SERVICE)
