"""What families say is held about them: which data, and in how many sessions somebody said so."""

from assent_analytics.domain import view
from assent_analytics.service.evidence.material import Material


def say_what_is_held(material: Material) -> list[view.HeldData]:
    """The section, from codes whose role is `held_data`; it is about the families, whatever the proposal."""
    held = []
    for code in material.codes.values():
        spoken = {
            excerpt.session for excerpt in material.excerpts if excerpt.code == code.code and excerpt.session in material.sessions
        }
        if code.role == "held_data" and spoken:
            held.append(
                view.HeldData(
                    code=code.code,
                    label=code.name,
                    data_types=[material.vocabulary.label("data_types", term) for term in code.practice.data_types],
                    sessions=len(spoken),
                )
            )
    return sorted(held, key=lambda one: (-one.sessions, one.label))
