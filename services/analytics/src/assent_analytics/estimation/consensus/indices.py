"""The indices by name, with what is needed to ask for one and to read it: its range, the fewest options, and which way it points.

Not here: parameters. An index of other powers or distances is an `Index` of one's own around the function.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.consensus.between_pairs import esteban_ray, reynal_querol, unalikeability
from assent_analytics.estimation.consensus.from_cumulative import (
    apouey,
    berry_mielke,
    blair_lacy_l,
    blair_lacy_l_squared,
    kvalseth,
    leik,
    reardon,
)
from assent_analytics.estimation.consensus.logarithmic import tastle_wierman
from assent_analytics.estimation.consensus.two_sides import net_agreement, pci1, pci2_d1, pci2_d2
from assent_analytics.estimation.consensus.van_der_eijk import polarisation, van_der_eijk

Points = Literal["agreement", "division", "support"]


@dataclass(frozen=True, slots=True)
class Index:
    """An index of distributions (..., K) -> (...).

    Its high values mean agreement, division, or support (the upper side of the scale); it lies between `low` and `high` and takes
    at least `least` options. It has `kinks` where it is not smooth: at some shares its linearised error is only roughly right.
    """

    name: str
    of: Callable[[Floats], Floats]
    points: Points
    low: float = 0.0
    high: float = 1.0
    least: int = 2
    kinks: bool = False


VAN_DER_EIJK = Index("van_der_eijk", van_der_eijk, "agreement", low=-1.0, least=3, kinks=True)
NET_AGREEMENT = Index("net_agreement", net_agreement, "support", low=-1.0)
PCI2_D1 = Index("pci2_d1", pci2_d1, "division", least=3)

INDICES = {
    index.name: index
    for index in (
        VAN_DER_EIJK,
        NET_AGREEMENT,
        PCI2_D1,
        Index("pci2_d2", pci2_d2, "division"),
        Index("pci1", pci1, "division", kinks=True),
        Index("polarisation", polarisation, "division", least=3, kinks=True),
        Index("leik", leik, "division", kinks=True),
        Index("apouey_half", lambda shares: apouey(shares, 0.5), "division", kinks=True),
        Index("berry_mielke", berry_mielke, "division"),
        Index("kvalseth", kvalseth, "division", kinks=True),
        Index("blair_lacy_l", blair_lacy_l, "agreement", kinks=True),
        Index("blair_lacy_l_squared", blair_lacy_l_squared, "agreement"),
        Index("reardon", reardon, "division"),
        Index("tastle_wierman", tastle_wierman, "agreement"),
        Index("esteban_ray", esteban_ray, "division"),
        Index("reynal_querol", reynal_querol, "division"),
        Index("unalikeability", unalikeability, "division"),
    )
}

DISPLAYED = (VAN_DER_EIJK, NET_AGREEMENT, PCI2_D1)
"""What stands side by side unless something else is asked for: they disagree by design, and none says it all."""


def displayed(options: int) -> tuple[Index, ...]:
    """Those of the displayed indices that say anything on so many options: of two, only net agreement."""
    return tuple(index for index in DISPLAYED if options >= index.least)
