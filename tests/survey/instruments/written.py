"""Small files of each format, as their programs write them: made for these tests, of nobody's survey."""

from typing import Any

UUID, OTHER_UUID = "36b6cc9a-f204-4b36-82f0-ff70895f4ef1", "76d7fd1c-222b-4d29-98c2-b3888c8b37aa"
NAMES = (((OTHER_UUID, "Yes, always", "c1"), "yes_always"), (("no", "No", "c2"), "no"), (("dk", "Don’t know", "c3"), "dk"))
LINKING = {
    "ref": "linking",
    "id": "aB3dE5fG7hJ9",
    "type": "multiple_choice",
    "title": "Should *school records* be linked?",
    "properties": {
        "description": "Think of your own child.",
        "choices": [
            {"id": "c1", "ref": OTHER_UUID, "label": "Yes, always"},
            {"id": "c2", "ref": "no", "label": "No"},
            {"id": "c3", "ref": "dk", "label": "Don’t know"},
        ],
        "allow_other_choice": True,
    },
}


def form(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"title": "Parents", "settings": {"language": "en"}, "fields": list(fields), **more}


CUID = "ars2tjk8hsi8oqk1uac00mo8"
TRUST = {
    "id": CUID,
    "type": "multipleChoiceSingle",
    "headline": {"default": "<p>Do you <b>trust</b> schools?</p>", "de": "Vertrauen Sie Schulen?"},
    "choices": [
        {"id": "mvedaklp0gxxycprpyhhwen7", "label": {"default": "Yes", "de": "Ja"}},
        {"id": "no", "label": {"default": "No", "de": "Nein"}},
        {"id": "unknown", "label": {"default": "Don't know", "de": "Weiß nicht"}},
        {"id": "other", "label": {"default": "Other", "de": "Andere"}},
    ],
}
LANGUAGES = [{"default": True, "language": {"code": "en"}}, {"language": {"code": "de"}}]


def survey(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "Parents", "languages": LANGUAGES, "blocks": [{"name": "One", "elements": list(elements)}], **more}


HEADING = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number,Text Validation Min,'
    "Text Validation Max,Identifier?,Branching Logic (Show field only if...),Required Field?,Custom Alignment,"
    "Question Number (surveys only),Matrix Group Name,Matrix Ranking?,Field Annotation"
)
RECORD = "record_id,parents,,text,Record ID,,,,,,,,,,,,,"


def dictionary(*rows: str) -> str:
    return "\ufeff" + "\r\n".join([HEADING, RECORD, *rows, "," * 17, ""])


YES_NO = "<catgry><catValu>1</catValu><labl>Yes</labl></catgry><catgry><catValu>2</catValu><labl>No</labl></catgry>"
NUMERIC = '<varFormat type="numeric"/>'


def codebook(variables: str, attributes: str = 'xmlns="ddi:codebook:2_5" xml:lang="en"') -> str:
    citation = "<titlStmt><titl>Parents &amp; records</titl></titlStmt><verStmt><version>2</version></verStmt>"
    study = f"<stdyDscr><citation>{citation}</citation></stdyDscr>"
    return f'<?xml version="1.0" encoding="UTF-8"?><codeBook {attributes}>{study}<dataDscr>{variables}</dataDscr></codeBook>'


DOCTYPE = '<!DOCTYPE sss PUBLIC "-//triple-s//DTD Survey Interchange v2.0//EN" "http://www.triple-s.org/dtd/sss_v20.dtd">'
CODES = '<values><value code="1">Yes</value><value code="2">No</value></values>'


def definition(variables: str, attributes: str = 'version="2.0"') -> str:
    survey = f"<survey><name>S1</name><title>Parents<br/>First wave</title><record ident='A'>{variables}</record></survey>"
    return f'<?xml version="1.0"?>{DOCTYPE}<sss {attributes}><date>1 September 2026</date>{survey}</sss>'
