"""The keys that use cases need: blind indexes for people, a seal for connections' secrets."""

from dataclasses import dataclass

from assent_survey.domain.blind import BlindIndex
from assent_survey.domain.sealing import Seal
from assent_survey.settings import SurveySettings


@dataclass(frozen=True, slots=True)
class Keys:
    """Both from the one key of the settings."""

    blind: BlindIndex
    seal: Seal

    @classmethod
    def of(cls, settings: SurveySettings) -> "Keys":
        """The keys of this installation."""
        return cls(blind=BlindIndex(settings.key_bytes), seal=Seal(settings.key_bytes))
