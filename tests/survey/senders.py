"""Every platform that sends the answers themselves, with the test instrument and what is said to it."""

from tests.survey import senders_that_sign as signing
from tests.survey import senders_with_a_secret as sending
from tests.survey.saying import COLLECTION, INSTRUMENT, START, Said, Sender, mapping

__all__ = ["COLLECTION", "INSTRUMENT", "SENDERS", "START", "Said", "Sender", "mapping"]

SENDERS: dict[str, Sender] = {
    sender.name: sender
    for sender in (
        signing.StandardWebhooks(),
        signing.Formbricks(),
        signing.Typeform(),
        signing.Tally(),
        signing.GoogleForms(),
        sending.Kobo(),
        sending.OdkCentral(),
        sending.OpenRosa(),
        sending.LimeSurvey(),
        sending.Jotform(),
        sending.Alchemer(),
        sending.MicrosoftForms(),
        sending.SurveyJs(),
    )
}
