"""The survey platforms that can deliver to us, one file each, all with the face described in `face`."""

from assent_survey.platforms import formbricks, kobo, standard_webhooks, typeform
from assent_survey.platforms.face import Platform

PLATFORMS: dict[str, Platform] = {
    platform.name: platform
    for platform in (
        standard_webhooks.StandardWebhooks(),
        formbricks.Formbricks(),
        typeform.Typeform(),
        kobo.Kobo(),
    )
}
