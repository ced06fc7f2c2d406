"""The methods that an analysis can name, each in a file of its own with the same face, and the request that is any of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from assent_analytics.domain.numbers import Numbers
from assent_analytics.service.analyses import (
    association,
    consensus,
    difference,
    distribution,
    factors,
    latent_classes,
    mean,
    modelled,
    pairwise,
    path_model,
    proportion,
    quantile,
    rank_test,
    ratio,
    regression,
    reliability,
    scale,
    summary_table,
    support,
    total,
    trend,
    vignettes,
)
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
    total.TotalRequest: Method(total.run, total.in_r),
    ratio.RatioRequest: Method(ratio.run, ratio.in_r),
    quantile.QuantileRequest: Method(quantile.run, quantile.in_r),
    proportion.ProportionRequest: Method(proportion.run, proportion.in_r),
    difference.DifferenceRequest: Method(difference.run, difference.in_r),
    association.AssociationRequest: Method(association.run, association.in_r),
    rank_test.RankTestRequest: Method(rank_test.run, rank_test.in_r),
    pairwise.PairwiseRequest: Method(pairwise.run, pairwise.in_r),
    regression.RegressionRequest: Method(regression.run, regression.in_r),
    consensus.ConsensusRequest: Method(consensus.run, consensus.in_r),
    reliability.ReliabilityRequest: Method(reliability.run, reliability.in_r),
    scale.ScaleRequest: Method(scale.run),
    factors.FactorsRequest: Method(factors.run),
    latent_classes.LatentClassesRequest: Method(latent_classes.run, heavy=True),
    vignettes.VignettesRequest: Method(vignettes.run, vignettes.in_r),
    modelled.ModelledRequest: Method(modelled.run, heavy=True),
    path_model.PathModelRequest: Method(path_model.run, path_model.in_r),
    trend.TrendRequest: Method(trend.run),
    summary_table.TableRequest: Method(summary_table.run, summary_table.in_r),
}

AnyAnalysis = Annotated[
    distribution.DistributionRequest
    | support.SupportRequest
    | mean.MeanRequest
    | total.TotalRequest
    | ratio.RatioRequest
    | quantile.QuantileRequest
    | proportion.ProportionRequest
    | difference.DifferenceRequest
    | association.AssociationRequest
    | rank_test.RankTestRequest
    | pairwise.PairwiseRequest
    | regression.RegressionRequest
    | consensus.ConsensusRequest
    | reliability.ReliabilityRequest
    | scale.ScaleRequest
    | factors.FactorsRequest
    | latent_classes.LatentClassesRequest
    | vignettes.VignettesRequest
    | modelled.ModelledRequest
    | path_model.PathModelRequest
    | trend.TrendRequest
    | summary_table.TableRequest,
    Field(discriminator="method"),
]

ANY_ANALYSIS: TypeAdapter[AnyAnalysis] = TypeAdapter(AnyAnalysis)


def method_of(request: AnalysisRequest) -> Method:
    """The method that a request names."""
    return METHODS[type(request)]
