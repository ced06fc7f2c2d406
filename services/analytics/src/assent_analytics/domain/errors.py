"""The one way in which an estimate or a rule says that its input cannot be used."""


class CannotEstimate(ValueError):
    """The input does not allow the figure; `code` is stable, `detail` says what was found.

    What was given:

    - `bad_shape`: arrays that do not go together; `bad_value`: a number that is none, or out of range; `bad_setting`: a setting;
    - `no_rows`, `too_few_rows`: nobody, or too few, to begin with; `all_missing`: nobody left in a domain, group or column;
    - `no_weights`, `negative_weight`: weights that are missing, all nought, or negative.

    Designs:

    - `one_psu`, `lonely_psu`: a single sampling unit in all, or in a stratum; `census`: all were taken, so nothing varies;
    - `no_degrees_of_freedom`: as many strata, or parameters, as sampling units;
    - `not_nested`: a cluster in two strata, or a model that is no part of the other; `bad_population`: finite populations;
    - `not_linearised`: a statistic that only replicate weights give an error; `calibrated`: make replicates before the fit;
    - `bad_replicates`, `bad_scale`, `strata` (too many or none for the method), `replicate_failed`, `empty_group` (of replicates).

    Columns and tables:

    - `constant_column`, `constant_outcome`, `one_category`, `one_group`, `not_two_groups`, `one_level`: nothing to compare;
    - `no_variation`: the design shows no error to judge by; `zero_denominator`; `not_expanded`: weights that tell no population;
    - `empty_cell`: a cell or level without anybody; `too_many_cells`, `too_many_levels`, `too_many_keys`.

    Fits:

    - `singular`, `singular_covariance`, `singular_correlations`: one column, quantity or item follows from the others;
    - `no_convergence`: the steps do not settle; `no_crossing`: a test rejects every value, or none;
    - `separation`, `leverage`: an outcome foretold without error; a record that alone decides its fit;
    - `no_common_variance`, `perfect_association`, `too_many_factors`, `too_many_classes`: scales and types.

    Known totals: `bad_margin`, `missing_margin` (rows without a level), `unknown_level` and `no_target` (rows at a level that the
    totals lack), `contradictory_margins`, `bad_bounds`, `bad_variance`.

    Change between collections: `not_comparable`, `nothing_shared`.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
