"""The survey platforms that can deliver to us, one file each, all with the face described in `face`."""

from typing import cast

from assent_survey.platforms import formbricks, kobo, standard_webhooks, typeform
from assent_survey.platforms.face import Platform
from assent_survey.platforms.source import Source

PLATFORMS: dict[str, Platform] = {
    platform.name: platform
    for platform in (
        standard_webhooks.StandardWebhooks(),
        formbricks.Formbricks(),
        typeform.Typeform(),
        kobo.Kobo(),
    )
}

SOURCES: dict[str, Source] = {
    name: cast(Source, platform) for name, platform in PLATFORMS.items() if hasattr(platform, "read_record")
}
"""Those of them that can be asked for their responses."""
