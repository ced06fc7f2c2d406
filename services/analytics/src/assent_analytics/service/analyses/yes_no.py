"""An item as yes or no: whether one of some answers was given, among everyone asked."""

from collections.abc import Sequence

import numpy as np

from assent_analytics.problems import NotSuited
from assent_analytics.service.analyses.frame import Frame
from assent_analytics.service.sample import Mask


def yes_or_no(frame: Frame, id: str, options: Sequence[str]) -> tuple[Mask, Mask]:
    """Who gave one of these answers (n,), and who was asked (n,). Raises ItemNotAsked, NotSuited."""
    answers = frame.answers(frame.scaled_item(id))
    if unknown := [option for option in options if option not in answers.scale.outcomes]:
        raise NotSuited(f"{id!r} has no answer {unknown[0]!r}; it has {', '.join(answers.scale.outcomes)}")
    hit = np.logical_or.reduce([answers.chose(option) for option in options])
    return hit, answers.asked & frame.within
