"""The survey platforms that can deliver to us, one file each, all with the face described in `face`."""

from typing import cast

from assent_survey.platforms import (
    alchemer,
    formbricks,
    google_forms,
    jotform,
    kobo,
    limesurvey,
    microsoft_forms,
    odk_central,
    openrosa,
    qualtrics,
    redcap,
    standard_webhooks,
    surveyjs,
    surveymonkey,
    tally,
    typeform,
)
from assent_survey.platforms.face import Platform
from assent_survey.platforms.source import Source

PLATFORMS: dict[str, Platform] = {
    platform.name: platform
    for platform in (
        standard_webhooks.StandardWebhooks(),
        formbricks.Formbricks(),
        typeform.Typeform(),
        tally.Tally(),
        surveymonkey.SurveyMonkey(),
        qualtrics.Qualtrics(),
        kobo.Kobo(),
        odk_central.OdkCentral(),
        openrosa.OpenRosa(),
        limesurvey.LimeSurvey(),
        redcap.Redcap(),
        jotform.Jotform(),
        alchemer.Alchemer(),
        google_forms.GoogleForms(),
        microsoft_forms.MicrosoftForms(),
        surveyjs.SurveyJs(),
    )
}

SOURCES: dict[str, Source] = {
    name: cast(Source, platform) for name, platform in PLATFORMS.items() if hasattr(platform, "read_record")
}
"""Those of them that can be asked for their responses."""
