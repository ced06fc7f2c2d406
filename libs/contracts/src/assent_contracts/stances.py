"""The closed lists that label material: who speaks, in what kind of text, and which way it leans."""

from typing import Literal

Stakeholder = Literal[
    "national_government",
    "local_government",
    "data_analytics_company",
    "charity_or_advocacy",
    "parenting_site",
    "news_media",
    "other",
]
DocumentKind = Literal["report", "debate", "web_page", "article", "forum_thread"]
Author = Literal["institution", "private_person"]

PassageStance = Literal["for", "against", "mixed"]
TalkStance = Literal["accept", "reject", "conditional", "ambivalent"]

SessionKind = Literal["focus_group", "interview"]
ContactBasis = Literal["voluntary", "statutory"]
CodeRole = Literal["theme", "benefit", "harm", "condition", "trust_basis", "held_data", "rationale_response"]
ConsentUse = Literal["take_part", "record", "quote", "publish_online", "archive", "reuse", "recontact", "machine_assist"]

Sampling = Literal["probability", "quota", "opt_in"]
MissingAnswer = Literal["dont_know", "refused", "not_asked", "break_off"]
