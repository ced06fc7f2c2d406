"""`python -m assent_gateway serve | consume | migrate | …`."""

from assent_gateway.app import SERVICE
from assent_kit.cli import main

main(SERVICE)
