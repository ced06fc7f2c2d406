"""Writing a design of vignettes, changing it while it is a draft, and fixing it.

The decks are made between two use cases, in a thread, because the lane must not wait for them.
"""

from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from assent_kit.etags import check_match, etag_of
from assent_kit.identifiers import new_id
from assent_kit.merge_patch import merge
from assent_kit.tables import now
from assent_survey.domain.faults import Fault
from assent_survey.domain.vignettes.design import CannotDesign, Design, make_design
from assent_survey.domain.vignettes.plan import VignettePlan
from assent_survey.domain.vignettes.power import EffectPower, Supposition, simulate_power, supposition_faults
from assent_survey.problems import VignettesFixed, invalid
from assent_survey.store.queries import find
from assent_survey.store.vignette_tables import VignetteDesign


def design_of(plan: VignettePlan) -> Design:
    """The decks of a plan, which take up to a few seconds. Raises InvalidRequest."""
    try:
        return make_design(plan)
    except CannotDesign as cannot:
        raise invalid(cannot.faults) from cannot


def keep_design(session: Session, study: str, *, plan: VignettePlan, design: Design) -> str:
    """Keep a draft with its decks."""
    row = VignetteDesign(id=new_id("vgd"), study=study, **_stored(plan, design))
    session.add(row)
    return row.id


def changed_plan(session: Session, study: str, id: str, if_match: str, change: dict[str, Any]) -> tuple[VignettePlan, str]:
    """The plan with a merge patch applied, and the ETag of what it was applied to. Raises NotFound, StaleVersion, VignettesFixed,
    InvalidRequest.
    """
    row = _draft(session, study, id, if_match)
    try:
        return VignettePlan.model_validate(merge(row.plan, change)), etag_of(row.version)
    except ValidationError as error:
        faults = [Fault("".join(f"/{part}" for part in each["loc"]), each["msg"]) for each in error.errors()]
        raise invalid(faults) from error


def change_design(session: Session, study: str, id: str, if_match: str, *, plan: VignettePlan, design: Design) -> None:
    """Put another plan and its decks in place of a draft's. Raises NotFound, StaleVersion, VignettesFixed."""
    row = _draft(session, study, id, if_match, lock=True)
    row.sqlmodel_update(_stored(plan, design))
    row.version += 1


def remove_design(session: Session, study: str, id: str, if_match: str) -> None:
    """Delete a draft. Raises NotFound, StaleVersion, VignettesFixed."""
    session.delete(_draft(session, study, id, if_match, lock=True))


def fix_design(session: Session, study: str, id: str) -> None:
    """Let people be assigned from now on; it never changes again. Fixing twice changes nothing. Raises NotFound."""
    row = find(session, VignetteDesign, study, id, lock=True)
    if row.fixed_at is None:
        row.fixed_at = now()
        row.version += 1


def power_of(row: VignetteDesign, supposed: Supposition) -> list[EffectPower]:
    """The power of each effect, by simulations that take up to a few seconds. Raises InvalidRequest."""
    plan = VignettePlan.model_validate(row.plan)
    if faults := supposition_faults(plan, supposed, row.decks):
        raise invalid(faults)
    return simulate_power(plan, supposed, row.decks)


def _draft(session: Session, study: str, id: str, if_match: str, *, lock: bool = False) -> VignetteDesign:
    """A design that may still be changed; with `lock`, nobody else changes or fixes it meanwhile."""
    row = find(session, VignetteDesign, study, id, lock=lock)
    check_match(if_match, row.version)
    if row.fixed_at is not None:
        raise VignettesFixed
    return row


def _stored(plan: VignettePlan, design: Design) -> dict[str, Any]:
    return {"plan": plan.model_dump(mode="json"), "decks": design.decks, "quality": design.quality.model_dump(mode="json")}
