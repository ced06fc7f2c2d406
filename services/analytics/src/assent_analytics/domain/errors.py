"""The one way in which an estimate or a rule says that its input cannot be used."""


class CannotEstimate(ValueError):
    """The input does not allow the figure; `code` is stable, `detail` says what was found.

    Codes: `no_rows`, `bad_shape`, `no_weights`, `negative_weight`, `bad_value`, `one_psu`, `lonely_psu`, `all_missing`,
    `bad_setting`. Of designs also `not_nested`, `bad_population`, `not_linearised`; of replicate weights `bad_replicates`,
    `bad_scale`, `strata` (too many or none), `census` (nothing varies), `calibrated` (make replicates before the fit),
    `replicate_failed`. Of descriptions also `zero_denominator`, `no_spread`, `not_expanded` (weights that tell no population),
    `no_crossing` (score intervals of quantiles). Of fitting weights also `bad_margin`, `missing_margin`, `unknown_level`,
    `contradictory_margins`, `empty_cell`, `no_target`, `not_converged`, `bad_bounds`, `bad_variance`. Of tests also `one_category`,
    `one_group`, `not_two_groups`, `empty_cells`, `too_many_cells`, `empty_group` (under some replicate weights), `no_variation`,
    `singular_covariance`, `no_degrees_of_freedom`, `nothing_shared` and `not_comparable` (trends). Of models also
    `constant_outcome`, `singular` (columns that are combinations of others), `separation`, `leverage`, `no_convergence`. Of
    scales also `constant_column`, `no_common_variance`, `singular_correlations`, `perfect_association` (polychoric),
    `too_many_factors`, `too_many_classes`; of mixed models `one_level`, `too_many_levels`; of single records `too_few_rows`,
    `too_many_keys`.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
