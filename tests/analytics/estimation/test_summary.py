"""The figures of one item put together: who is in the denominator, and what a group of nobody gives."""

import numpy as np
import pytest

from assent_analytics.domain.distribution import Answers, Scale
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.summary import ItemSummary, summarise

SCALE = Scale(
    ("always", "with_consent", "never"), supports=("always",), conditional=("with_consent",), opposes=("never",), dont_know="dk"
)
OUTCOMES = ["always"] * 30 + ["with_consent"] * 30 + ["never"] * 20 + ["dont_know"] * 15 + ["break_off"] * 5 + [None] * 20


def test_the_denominator_is_everyone_asked() -> None:
    group = np.arange(120) % 2 == 0
    found = summarise(Design.equal(120), Answers.of(SCALE, OUTCOMES), {"even": group, "none": np.zeros(120, bool)})
    assert found.base == 100
    assert sum(share.share for share in found.distribution.values()) == pytest.approx(1.0)
    assert found.distribution["dont_know"].share == pytest.approx(0.15)
    assert found.distribution["refused"].share == 0.0
    assert (found.support.share, found.unconditional.share, found.opposition.share) == pytest.approx((0.6, 0.3, 0.2))
    assert found.support_bounds == pytest.approx((0.6, 0.75))
    assert found.groups["even"].base == 50
    assert found.groups["even"].gap is not None
    assert found.groups["none"].base == 0
    assert found.groups["none"].support is None
    assert found.groups["none"].gap is None


def test_agreement_is_among_those_who_chose_and_runs_from_opposition_to_support() -> None:
    figures: ItemSummary[str] = summarise(Design.equal(120), Answers.of(SCALE, OUTCOMES), {})
    found = figures.consensus
    assert found is not None
    assert found.options == 3
    assert found.at == ("with_consent", "always")
    assert found.net_agreement == pytest.approx((30 - 20) / 80)


def test_groups_have_their_own_agreement() -> None:
    group = np.arange(120) < 60  # all of whom find it acceptable, half of them with consent
    found = summarise(Design.equal(120), Answers.of(SCALE, OUTCOMES), {"first": group, "none": np.zeros(120, bool)})
    first = found.groups["first"].consensus
    assert first is not None
    assert (first.at, first.options, first.net_agreement) == (("with_consent", "always"), 3, pytest.approx(0.5))
    assert first.net_interval is not None
    assert first.net_interval[0] < 0.5 < first.net_interval[1]
    assert first.method == "jackknife (JK1)"
    assert found.groups["none"].consensus is None


def test_agreement_can_be_left_out() -> None:
    found = summarise(Design.equal(120), Answers.of(SCALE, OUTCOMES), {"all": np.ones(120, bool)}, agreement=False)
    assert found.consensus is None
    assert found.groups["all"].consensus is None


def test_weights_move_shares_but_not_bases() -> None:
    weights = np.where(np.arange(120) < 60, 1.0, 3.0)
    found: ItemSummary[str] = summarise(Design(weights), Answers.of(SCALE, OUTCOMES), {})
    assert found.base == 100
    assert found.support.share == pytest.approx(60 / 180)


def test_nobody_asked_and_rows_that_do_not_fit() -> None:
    with pytest.raises(CannotEstimate, match="nobody was asked"):
        summarise(Design.equal(3), Answers.of(SCALE, [None, None, None]), {})
    with pytest.raises(CannotEstimate, match="bad_shape"):
        summarise(Design.equal(4), Answers.of(SCALE, [None, None, None]), {})


def test_nobody_choosing_an_option_leaves_no_agreement() -> None:
    assert summarise(Design.equal(3), Answers.of(SCALE, ["dont_know", "refused", "dont_know"]), {}).consensus is None
