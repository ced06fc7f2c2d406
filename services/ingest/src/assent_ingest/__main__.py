"""`python -m assent_ingest serve | consume | migrate | replay | redrive`."""

from assent_ingest.app import SERVICE
from assent_kit.cli import main

if __name__ == "__main__":
    main(SERVICE)
