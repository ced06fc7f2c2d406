"""Small forms of our own making in four formats: about linking school records, with every kind of question that the format has."""

import io
from typing import Any

from openpyxl import Workbook


def numbered(*labels: str) -> dict[str, dict[str, str]]:
    """Choices as Qualtrics has them: an object by their ids."""
    return {str(number): {"Display": label} for number, label in enumerate(labels, start=1)}


def asked(id: str, text: str, kind: str, selector: str = "", **payload: Any) -> dict[str, Any]:
    """A question of a Qualtrics survey."""
    said = {"QuestionID": id, "DataExportTag": f"Q{id[3:]}", "QuestionText": text, "QuestionType": kind, "Selector": selector}
    return {"Element": "SQ", "PrimaryAttribute": id, "Payload": said | payload}


AGREE, ROWS = ("Agree", "Disagree"), ("Schools", "Police")
SHOWN = {"0": {"0": {"Description": '<span class="ConjDesc">If</span><span>Agree</span> Is <b>Selected</b>'}, "Type": "If"}}
COLUMN = {"QuestionType": "Matrix", "Selector": "Likert"}
QSF: dict[str, Any] = {
    "SurveyEntry": {"SurveyID": "SV_1", "SurveyName": "Linking records", "SurveyLanguage": "EN"},
    "SurveyElements": [
        {
            "Element": "BL",
            "Payload": [
                {
                    "Type": "Default",
                    "ID": "BL_1",
                    "Description": "Records",
                    "BlockElements": [
                        *({"Type": "Question", "QuestionID": f"QID{number}"} for number in (2, 1)),
                        {"Type": "Page Break"},
                        *({"Type": "Question", "QuestionID": f"QID{number}"} for number in range(3, 15)),
                    ],
                },
                {"Type": "Standard", "ID": "BL_2", "Options": {"Looping": "Question"}, "BlockElements": [{"QuestionID": "QID15"}]},
                {"Type": "Trash", "ID": "BL_T", "BlockElements": [{"Type": "Question", "QuestionID": "QID16"}]},
            ],
        },
        {
            "Element": "FL",
            "Payload": {
                "Type": "Root",
                "Flow": [
                    {"Type": "EmbeddedData", "FlowID": "FL_2", "EmbeddedData": [{"Field": "panel"}]},
                    {"Type": "Branch", "BranchLogic": SHOWN, "Flow": [{"Type": "Block", "ID": "BL_1"}]},
                    {"Type": "BlockRandomizer", "FlowID": "FL_4", "Flow": [{"Type": "Standard", "ID": "BL_2"}]},
                    {"Type": "EndSurvey", "FlowID": "FL_5"},
                ],
            },
        },
        asked(
            "QID1",
            "<div>May schools <b>link</b> records?&nbsp;</div>",
            "MC",
            "SAVR",
            Choices={**numbered("Agree", "Disagree", "Don't know", "Not sure"), "5": {"Display": "Other", "TextEntry": "true"}},
            ChoiceOrder=["2", "1", 3, 4, 5],
            RecodeValues={"1": "10", "2": "20", "3": "-99"},
            AnalyzeChoices={"4": "No"},
            Validation={"Settings": {"ForceResponse": "ON", "Type": "None"}},
            Language={"CY": {"QuestionText": "A gaiff ysgolion gysylltu cofnodion?", "Choices": numbered("Cytuno", "Anghytuno")}},
            DisplayLogic=SHOWN,
        ),
        asked("QID2", "Which records?", "MC", "MAVR", Choices=[{"Display": "Health"}, {"Display": "School"}]),
        asked(
            "QID3",
            "Trust in",
            "Matrix",
            "Likert",
            SubSelector="SingleAnswer",
            Choices=numbered(*ROWS),
            Answers=numbered(*AGREE),
            AnswerOrder=[2, 1],
            RecodeValues={"1": "1", "2": "5"},
            ChoiceDataExportTags={"1": "trust_schools", "2": "trust_police"},
        ),
        asked("QID4", "Say more", "Matrix", "TE", SubSelector="Short", Choices=numbered(*ROWS), Answers=numbered("Good", "Bad")),
        asked("QID5", "Tell us", "TE", "ML"),
        asked(
            "QID6",
            "How many children?",
            "TE",
            "SL",
            Validation={"Settings": {"Type": "ContentType", "ContentType": "ValidNumber", "ValidNumber": {"Min": "0", "Max": "20"}}},
        ),
        asked("QID7", "Contact", "TE", "FORM", Choices=numbered("Town", "Region")),
        asked("QID8", "How sure?", "Slider", "HSLIDER", Choices=numbered("Sure"), Configuration={"CSSliderMin": 0, "CSSliderMax": 100}),
        asked("QID9", "Rank", "RO", "DND", Choices=numbered(*ROWS)),
        asked("QID10", "Share out 100", "CS", "HR", Choices=numbered(*ROWS)),
        asked(
            "QID11",
            "Both",
            "SBS",
            "SBSMatrix",
            Choices=numbered(*ROWS),
            AdditionalQuestions={
                "1": {**COLUMN, "QuestionText": "Fair?", "SubSelector": "MultipleAnswer", "Answers": numbered(*AGREE)},
                "2": {**COLUMN, "QuestionText": "Why?", "Selector": "TE", "Answers": numbered("Reason")},
            },
        ),
        asked("QID12", "Read this.", "DB", "TB"),
        asked("QID13", "Of these?", "MC", "SAVR", Choices=[], DynamicChoices={"Locator": "q://QID2/ChoiceGroup/SelectedChoices"}),
        asked("QID14", "Odd", "Hologram"),
        asked("QID15", "In a loop", "TE", "SL"),
        asked("QID16", "Thrown away", "TE", "SL"),
        asked("QID17", "Forgotten", "TE", "SL"),
        {"Element": "QO", "Payload": {"Name": "fathers"}},
    ],
}  # fmt: skip

THREE = {"value": "three", "text": {"default": "Three", "cy": "Tri"}}
SURVEYJS: dict[str, Any] = {
    "title": {"default": "Linking records", "cy": "Cysylltu cofnodion"},
    "pages": [
        {
            "name": "first",
            "title": "Records",
            "elements": [
                {
                    "type": "radiogroup",
                    "name": "link",
                    "title": {"default": "May schools <b>link</b> records?", "cy": "A gaiff ysgolion gysylltu cofnodion?"},
                    "choices": [1, "two|Two", THREE, {"value": -99, "text": "Don't know"}],
                    "showOtherItem": True,
                    "isRequired": True,
                },
                {
                    "type": "matrix",
                    "name": "trust",
                    "title": {"default": "Trust in", "cy": "Ymddiriedaeth"},
                    "columns": ["low", {"value": "high", "text": {"default": "High", "cy": "Uchel"}}],
                    "rows": ["schools", {"value": "police", "text": {"default": "The police", "cy": "Yr heddlu"}}],
                    "visibleIf": "{link} = 1",
                },
                {
                    "type": "panel",
                    "name": "family",
                    "title": "Family",
                    "visibleIf": "{link} = 'two'",
                    "elements": [
                        {"type": "rating", "name": "sure", "rateMax": 3, "minRateDescription": "Not at all", "visibleIf": "{n} > 1"},
                        {"type": "boolean", "name": "agree", "labelTrue": "Aye"},
                        {"type": "text", "name": "children", "inputType": "number", "min": 0, "max": 20},
                        {"type": "text", "name": "born", "inputType": "date"},
                        {"type": "slider", "name": "warm", "min": -5, "max": 5},
                    ],
                },
                {"type": "checkbox", "name": "records", "choices": ["health", "school"], "showNoneItem": True, "showRefuseItem": True},
                {"type": "checkbox", "name": "of_these", "choicesFromQuestion": "records", "valueName": "chosen"},
                {"type": "dropdown", "name": "town", "choicesByUrl": {"url": "https://example.org/towns"}},
                {"type": "imagepicker", "name": "pictures", "multiSelect": True, "choices": [{"value": "a"}, {"value": "b"}]},
                {"type": "multipletext", "name": "words", "items": [{"name": "one"}, {"name": "two", "title": "Second word"}]},
                {
                    "type": "matrixdropdown",
                    "name": "table",
                    "choices": [1, 2],
                    "columns": [{"name": "now", "title": "Now"}, {"name": "why", "cellType": "comment"}],
                    "rows": ["schools"],
                },
                {"type": "comment", "name": "more", "showCommentArea": True},
                {"type": "paneldynamic", "name": "again", "templateElements": [{"type": "text", "name": "inner"}]},
                {"type": "ranking", "name": "ranked", "choices": [1, 2]},
                {"type": "html", "name": "words_only", "html": "<p>Read this.</p>"},
                {"type": "hologram", "name": "odd"},
                {"type": "text"},
            ],
        }
    ],
    "triggers": [{"type": "complete"}],
}  # fmt: skip

XLSFORM = """
| survey | | | | | | | | |
| | type | name | label::English (en) | label::Cymraeg (cy) | relevant | constraint | parameters | hint |
| | start | start | | | | | | |
| | begin group | records | Records | Cofnodion | ${age} > 17 | | | |
| | select_one agree or_other | link | May schools link records? | A gaiff ysgolion gysylltu? | ${a} = 1 | | | Think of your child. |
| | select_multiple kinds | which | Which records? | Pa gofnodion? | | | | |
| | begin group | inner | | | | | | |
| | integer | age | Age | Oed | | . > 17 and . <= 120 | | |
| | end group | | | | | | | |
| | end group | | | | | | | |
| | decimal | share | Share | Rhan | | .>0 | | |
| | range | sure | How sure? | Pa mor sicr? | | | start=1 end=7 step=1 | |
| | text | more | Say more | Dywedwch fwy | | regex(., '^a') | | |
| | date | born | Born | Ganwyd | | | | |
| | acknowledge | read | I have read this | | | | | |
| | begin repeat | child | Child | | | | | |
| | text | name | Name | | | | | |
| | end repeat | | | | | | | |
| | select_one_from_file towns.csv | town | Town | | | | | |
| | rank kinds | ranked | Rank | | | | | |
| | note | told | Thank you | | | | | |
| | calculate | sum | | | | | | |
| | geopoint | place | Where? | | | | | |
| | hologram | odd | Odd | | | | | |
| choices | | | | | | | | |
| | list_name | name | label::English (en) | label::Cymraeg (cy) | | | | |
| | agree | yes | Yes | Ydw | | | | |
| | agree | no | No | Nac ydw | | | | |
| | agree | -99 | Don't know | Ddim yn gwybod | | | | |
| | kinds | health | Health | Iechyd | | | | |
| | kinds | school | School | Ysgol | | | | |
| settings | | | | | | | | |
| | form_title | version | default_language | | | | | |
| | Linking records | 3 | English (en) | | | | | |
"""


def sheets(markdown: str) -> dict[str, list[list[str]]]:
    """The sheets of a form in Markdown: rows of cells."""
    found: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for line in markdown.strip().splitlines():
        name, *cells = (cell.strip() for cell in line.strip().strip("|").split("|"))
        if name:
            rows = found.setdefault(name, [])
        else:
            rows.append(cells)
    return found


def workbook(markdown: str) -> bytes:
    """The same form as a workbook."""
    book = Workbook(write_only=True)
    for name, rows in sheets(markdown).items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([cell or None for cell in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def table(name: str, *rows: dict[str, object]) -> str:
    """A table of a LimeSurvey export."""
    cells = ("".join(f"<{column}><![CDATA[{value}]]></{column}>" for column, value in row.items()) for row in rows)
    return f"<{name}><rows>{''.join(f'<row>{each}</row>' for each in cells)}</rows></{name}>"


# of each question its group, code, type and wording, and what is unusual in its row
QUESTIONS: dict[int, tuple[int, str, str, str, dict[str, object]]] = {
    1: (1, "LINK", "L", "<p>May schools <b>link</b> records?</p>", {"other": "Y", "mandatory": "Y", "relevance": "AGE.NAOK > 17"}),
    2: (1, "WHICH", "M", "Which records?", {"other": "Y"}),
    3: (1, "WHYP", "P", "Which, and why?", {}),
    4: (1, "TRUST", "F", "Trust in", {}),
    5: (1, "FIVE", "A", "Rate", {}),
    6: (1, "DUAL", "1", "Now and then", {}),
    7: (1, "GRID", ":", "How often?", {}),
    8: (1, "WORDS", ";", "Say", {}),
    9: (2, "AGE", "N", "Age", {}),
    10: (2, "BOTH", "K", "How many?", {}),
    11: (2, "MORE", "T", "Say more", {}),
    12: (2, "YESNO", "Y", "Agree?", {}),
    13: (2, "RANK", "R", "Rank", {}),
    14: (2, "BORN", "D", "Born", {}),
    15: (2, "TOLD", "X", "Thank you", {}),
    16: (2, "SUM", "*", "{AGE}", {}),
    17: (2, "FILE", "|", "A file", {}),
    18: (2, "LISTC", "O", "And why?", {}),
    19: (2, "ODD", "?", "Odd", {}),
}
# of each parent the code, the scale and the wording of its parts; of each question those of its answers
PARTS: dict[int, tuple[tuple[str, int, str], ...]] = {
    **dict.fromkeys((2, 3, 4, 5, 6, 10), (("SQ001", 0, "Schools"), ("SQ002", 0, "Police"))),
    **dict.fromkeys((7, 8), (("Y1", 0, "Schools"), ("X1", 1, "Now"), ("X2", 1, "Then"))),
}
ANSWERS = {
    1: [("A1", 0, "Agree"), ("A2", 0, "Disagree"), ("A9", 0, "Don't know")],
    4: [("1", 0, "Low"), ("2", 0, "High"), ("98", 0, "No answer")],
    6: [("1", 0, "Low"), ("2", 0, "High"), ("1", 1, "Rare"), ("2", 1, "Often")],
    13: [("A1", 0, "First"), ("A2", 0, "Second"), ("A3", 0, "Third")],
    18: [("A1", 0, "Agree"), ("A2", 0, "Disagree")],
}
WELSH = {1: "A gaiff ysgolion gysylltu cofnodion?", 4: "Ymddiriedaeth", "Schools": "Ysgolion", "Agree": "Cytuno"}
ATTRIBUTES = (
    (9, "min_num_value_n", "18", ""),
    (9, "max_num_value_n", "120", ""),
    (7, "multiflexible_max", "9", ""),
    (13, "max_subquestions", "2", ""),
    (1, "other_replace_text", "Something else", "en"),
    (11, "hidden", "1", ""),
    (4, "random_order", "1", ""),
)


def limesurvey(*, old: bool = False) -> str:
    """A LimeSurvey export: with texts in tables of their own, or, as before version 4, with a row for each language."""
    questions, subquestions, answers, words, answer_words = [], [], [], [], []
    for qid, (gid, code, kind, wording, more) in QUESTIONS.items():
        row = {
            "qid": qid,
            "parent_qid": 0,
            "gid": gid,
            "type": kind,
            "title": code,
            "question_order": qid,
            "scale_id": 0,
            "relevance": "1",
        }
        texts = {"en": wording, **({"cy": WELSH[qid]} if qid in WELSH else {})}
        questions += (
            [{**row, **more, "question": text, "language": tag} for tag, text in texts.items()] if old else [{**row, **more}]
        )
        words += [{"qid": qid, "question": text, "language": tag} for tag, text in texts.items()]
        for number, (part, scale, label) in enumerate(PARTS.get(qid, ())):
            id = qid * 100 + number
            row = {
                "qid": id,
                "parent_qid": qid,
                "gid": gid,
                "type": "T",
                "title": part,
                "question_order": number,
                "scale_id": scale,
            }
            texts = {"en": label, **({"cy": WELSH[label]} if label in WELSH else {})}
            subquestions += [{**row, "question": text, "language": tag} for tag, text in texts.items()] if old else [row]
            words += [{"qid": id, "question": text, "language": tag} for tag, text in texts.items()]
        for number, (answer, scale, label) in enumerate(ANSWERS.get(qid, ())):
            row = {"aid": qid * 100 + number, "qid": qid, "code": answer, "sortorder": number, "scale_id": scale}
            texts = {"en": label, **({"cy": WELSH[label]} if label in WELSH else {})}
            answers += [{**row, "answer": text, "language": tag} for tag, text in texts.items()] if old else [row]
            answer_words += [{"aid": row["aid"], "answer": text, "language": tag} for tag, text in texts.items()]
    groups: list[dict[str, object]] = [
        {"gid": 1, "group_order": 2, "grelevance": "1"},
        {"gid": 2, "group_order": 1, "grelevance": "LINK == 'A1'"},
    ]
    titles: list[dict[str, object]] = [
        {"gid": 1, "group_name": "Records", "language": "en"},
        {"gid": 2, "group_name": "You", "language": "en"},
    ]
    own = [table("question_l10ns", *words), table("answer_l10ns", *answer_words), table("group_l10ns", *titles)]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<document>'
        f"<LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>{148 if old else 638}</DBVersion>"
        "<languages><language>cy</language><language>en</language></languages>"
        + table("groups", *([{**group, **title} for group, title in zip(groups, titles, strict=True)] if old else groups))
        + table("questions", *questions)
        + table("subquestions", *subquestions)
        + table("answers", *answers)
        + ("" if old else "".join(own))
        + table(
            "question_attributes",
            *({"qid": qid, "attribute": name, "value": value, "language": tag} for qid, name, value, tag in ATTRIBUTES),
        )
        + table("quota", {"id": 1, "name": "fathers", "qlimit": 200})
        + table("surveys", {"sid": 1, "language": "en"})
        + table("surveys_languagesettings", {"surveyls_language": "en", "surveyls_title": "Linking records"})
        + "</document>"
    )


LSS = limesurvey()
