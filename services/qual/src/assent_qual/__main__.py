"""`python -m assent_qual serve | consume | migrate | replay | redrive`."""

from assent_kit.cli import main
from assent_qual.app import SERVICE

if __name__ == "__main__":
    main(SERVICE)
