"""What says who somebody is, by the words of a question where the format declares nothing: never kept, and never without saying so."""

import pytest
from tests.survey.instruments.reading import lost, read
from tests.survey.instruments.written import codebook, definition

from assent_survey.instruments.identifiers import identifier_asked_for


@pytest.mark.parametrize(
    ("wording", "what"),
    [
        ("First name", "a name"),
        ("What is your full name, please?", "a name"),
        ("Please give your contact details\nLast Name (as in your passport)", "a name"),
        ("2.1 Name of respondent", "a name"),
        ("Child\u2019s name:", "a name"),
        ("Prénom", "a name"),
        ("Please enter your e-mail address:", "an e-mail address"),
        ("E-Mail-Adresse", "an e-mail address"),
        ("Q3: Phone number (optional)", "a telephone number"),
        ("Mobile", "a telephone number"),
        ("What is your home address?", "an address"),
        ("NHS number", "a personal number"),
        ("Name of the school", ""),
        ("How did you hear of the name?", ""),
        ("Village name", ""),
        ("Which name comes first?", ""),
        ("name " * 50, ""),
    ],
)
def test_only_lines_that_are_no_more_than_the_name_of_an_identifier(wording: str, what: str) -> None:
    assert identifier_asked_for(wording) == what


def test_a_number_is_an_identifier_only_where_its_words_ask_for_a_number() -> None:
    assert identifier_asked_for("Mobile number", number=True) == "a telephone number"
    assert identifier_asked_for("Handynummer", number=True) == "a telephone number"
    assert identifier_asked_for("How many do you own?\nMobile phone", number=True) == ""


QUESTION = {"QuestionID": "QID1", "DataExportTag": "you", "QuestionType": "TE", "Selector": "FORM", "QuestionText": "About you"}
FORM_FIELDS = {"Choices": {"1": {"Display": "First name"}, "2": {"Display": "Email"}, "3": {"Display": "Job"}}}
DICTIONARY = """\
Variable / Field Name,Form Name,Section Header,Field Type,Field Label
record_id,f,,text,ID
mail,f,,text,Email address
why,f,,notes,Why?
"""


@pytest.mark.parametrize(
    ("name", "content", "ignored"),
    [
        ("qsf", {"SurveyElements": [{"Element": "SQ", "Payload": QUESTION | FORM_FIELDS}]}, ("QID1_1", "QID1_2")),
        ("surveyjs", {"elements": [{"type": "comment", "name": "Name"}, {"type": "text", "name": "why"}]}, ("Name",)),
        ("xlsform", "| survey |\n| | type | name | label |\n| | text | n | Your name |\n| | text | w | Why? |", ("n",)),
        (
            "typeform",
            {
                "fields": [
                    {"type": "short_text", "ref": "n", "title": "*Surname*"},
                    {"type": "long_text", "ref": "w", "title": "Why?"},
                ]
            },
            ("n",),
        ),
        ("redcap", DICTIONARY, ("record_id", "mail", "f_complete")),
        ("ddi", codebook('<var name="N"><labl>Full name</labl></var><var name="W"><labl>Why</labl></var>'), ("N",)),
        (
            "triple_s",
            definition(
                '<variable type="character"><name>N</name><label>Surname</label></variable>'
                '<variable type="character"><name>W</name><label>Why?</label></variable>'
            ),
            ("N",),
        ),
    ],
)
def test_in_every_format_its_answers_are_known_and_not_wanted(name: str, content: str, ignored: tuple[str, ...]) -> None:
    draft = read(name, content)
    assert draft.mapping is not None
    assert (len(draft.items), draft.mapping.ignore) == (1, ignored)
    told = [each.what for each in draft.losses if each.what.startswith("a direct identifier (")]
    assert told
    assert all(each.endswith("which is not kept: its words say so") for each in told)


@pytest.mark.parametrize(
    ("element", "told"),
    [
        ({"validators": [{"type": "email"}]}, "an e-mail address"),
        ({"autocomplete": "tel"}, "a telephone number"),
        ({"autocomplete": "family-name"}, "a name"),
        ({"autoComplete": "street-address"}, "an address"),
    ],
)
def test_what_a_surveyjs_text_must_be_or_is_filled_in_as(element: dict[str, object], told: str) -> None:
    draft = read(
        "surveyjs", {"elements": [{"type": "text", "name": "a", "title": "Who?", **element}, {"type": "text", "name": "b"}]}
    )
    assert lost(draft, "a") == [f"a direct identifier ({told}), which is not kept"]
