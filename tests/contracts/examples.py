"""One state per topic, as a writer of the first version wrote it. Synthetic."""

from typing import Any

PRACTICE = {"data_types": ["school_attendance"], "operation": "flag", "purpose": "early_help"}

EXAMPLES: dict[str, dict[str, Any]] = {
    "assent.gateway.studies": {"study": "stu_1", "title": "A study", "state": "open"},
    "assent.gateway.groups": {
        "study": "stu_1",
        "variables": [{"variable": "family_form", "label": "Family form", "categories": [{"group": "lone", "label": "Lone parent"}]}],
    },
    "assent.gateway.vocabularies": {
        "study": "stu_1",
        "terms": [{"slot": "data_types", "term": "nursery_register", "label": "Nursery register", "definition": "Who attends a nursery"}],
    },
    "assent.ingest.documents": {
        "study": "stu_1", "document": "doc_1", "title": "A report", "stakeholder": "local_government", "kind": "report",
        "author": "institution", "publisher": "A council", "published_on": "2026-01-31", "status": "ready",
    },
    "assent.ingest.passages": {
        "study": "stu_1", "passage": "psg_1", "document": "doc_1", "code": "timeliness", "stance": "for", "practice": PRACTICE,
        "start": 0, "end": 12, "page": 1, "paragraph": 2,
    },
    "assent.ingest.rationales": {
        "study": "stu_1", "rationales": [{"code": "timeliness", "label": "Timeliness", "definition": "Earlier is better", "stance": "for"}],
    },
    "assent.survey.instruments": {
        "study": "stu_1", "instrument": "ins_1", "number": 1, "title": "Parents",
        "items": [
            {
                "name": "flagging", "wording": "Is it acceptable?", "kind": "single", "role": "attitude", "practice": PRACTICE,
                "scale": [{"option": "yes", "label": "Yes"}, {"option": "no", "label": "No"}], "dont_know": "dk", "refused": "ref",
                "supports": ["yes"], "opposes": ["no"],
            }
        ],
    },
    "assent.survey.collections": {
        "study": "stu_1", "collection": "col_1", "instrument": "ins_1", "number": 1, "state": "open", "wave": "2026",
        "population": "parents", "sampling": "probability", "mode": "online",
    },
    "assent.survey.responses": {
        "study": "stu_1", "response": "rsp_1", "respondent": "rsd_1", "collection": "col_1", "instrument": "ins_1", "number": 1,
        "answers": {"flagging": "yes"}, "missing": {"trust": "dont_know"}, "groups": {"family_form": "lone"}, "weight": 1.25,
        "stratum": "north", "cluster": "17", "consented": True, "complete": True,
    },
    "assent.qual.cohorts": {"study": "stu_1", "cohort": "coh_1", "composition": [{"variable": "family_form", "group": "lone"}]},
    "assent.qual.participants": {
        "study": "stu_1", "participant": "par_1", "groups": {"family_form": "lone"}, "uses": ["take_part", "quote"], "form_version": "2",
    },
    "assent.qual.sessions": {
        "study": "stu_1", "session": "ses_1", "kind": "interview", "contact": [{"service": "early_help", "basis": "voluntary"}],
        "participants": ["par_1"], "turns": 12,
    },
    "assent.qual.excerpts": {
        "study": "stu_1", "excerpt": "exc_1", "session": "ses_1", "code": "cod_1", "stance": "reject", "practice": PRACTICE,
        "participant": "par_1", "speakers": ["par_1"], "start_turn": 3, "end_turn": 3,
    },
    "assent.qual.codebooks": {
        "study": "stu_1", "codes": [{"code": "cod_1", "name": "Being watched", "role": "harm", "definition": "Feeling watched"}],
    },
}  # fmt: skip
