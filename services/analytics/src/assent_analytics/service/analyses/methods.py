"""The methods that an analysis can name, each in a file of its own with the same face, and the request that is any of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from assent_analytics.domain.numbers import Numbers
from assent_analytics.service.analyses import distribution, mean, support
from assent_analytics.service.analyses.frame import Frame
from assent_analytics.service.analyses.in_r import Script
from assent_analytics.service.analyses.request import AnalysisRequest


@dataclass(frozen=True, slots=True)
class Method:
    """What a method does with a frame and a request of its own kind; `heavy` says whether it always runs as a job."""

    run: Callable[[Frame, Any], Numbers]
    in_r: Callable[[Frame, Any, Script], None] | None = None
    heavy: bool = False


METHODS: dict[type[AnalysisRequest], Method] = {
    distribution.DistributionRequest: Method(distribution.run, distribution.in_r),
    support.SupportRequest: Method(support.run, support.in_r),
    mean.MeanRequest: Method(mean.run, mean.in_r),
}

AnyAnalysis = Annotated[
    distribution.DistributionRequest | support.SupportRequest | mean.MeanRequest,
    Field(discriminator="method"),
]

ANY_ANALYSIS: TypeAdapter[AnyAnalysis] = TypeAdapter(AnyAnalysis)


def method_of(request: AnalysisRequest) -> Method:
    """The method that a request names."""
    return METHODS[type(request)]
