"""What our own exports say of an instrument, read again by our readers: what was asked, what it means, and what is missing."""

from pathlib import Path
from typing import Any

import pytest
from tests.survey.exports.made_up import batches_of, survey_of, write
from tests.survey.instruments.reading import coded, item, labels, read

from assent_survey.exports.ddi import DOCUMENT, Ddi
from assent_survey.exports.face import Exporter
from assent_survey.exports.triple_s import DEFINITION, TripleS

ITEMS: list[dict[str, Any]] = [
    {
        "name": "link_records",
        "wording": "May schools link records?",
        "kind": "single",
        "scale": [{"option": code, "label": code.title()} for code in ("never", "sometimes", "always")],
        "missing": {"dont_know": "dk"},
        "translations": {"cy": {"wording": "A gaiff ysgolion gysylltu cofnodion?"}},
    },
    {"name": "children", "wording": "How many children?", "kind": "number", "range": {"low": 0, "high": 20}},
    {
        "name": "which",
        "wording": "Which records?",
        "kind": "multiple",
        "scale": [{"option": code, "label": code.title()} for code in ("school", "health")],
    },
    {"name": "design_weight", "wording": "Weight", "kind": "number", "role": "weight"},
]


@pytest.mark.parametrize(("exporter", "name", "document"), [(Ddi(), "ddi", DOCUMENT), (TripleS(), "triple_s", DEFINITION)])
def test_an_export_is_an_instrument_again(exporter: Exporter, name: str, document: str, tmp_path: Path) -> None:
    survey = survey_of(ITEMS, [], title="Parents", weight="design_weight")
    batches, _ = batches_of(survey)
    draft = read(name, (write(exporter, survey, batches, tmp_path) / document).read_bytes())
    assert draft.title == "Parents"
    linking = item(draft, "link_records")
    assert (linking.kind, list(labels(linking).values())) == ("single", ["Never", "Sometimes", "Always"])
    assert set(linking.missing.named) == {"dont_know", "refused", "not_asked"}
    for code, why in (("-9", "refused"), ("-8", "dont_know"), ("-7", "not_asked"), ("-6", "not_asked")):
        assert coded(draft, {"link_records": code, "children": code}).missing["link_records"] == why
        assert coded(draft, {"link_records": code, "children": code}).missing["children"] == why
    children = item(draft, "children")
    assert children.range is not None
    assert (children.kind, children.range.low, children.range.high) == ("number", 0, 20)
    assert coded(draft, {"children": "3"}).answers == {"children": 3.0}
    assert item(draft, "design_weight").role == "weight"
    assert list(labels(item(draft, "which_school")).values()) == ["Not chosen", "Chosen"]


def test_a_codebook_keeps_the_other_languages(tmp_path: Path) -> None:
    survey = survey_of(ITEMS, [], title="Parents", weight="design_weight")
    batches, _ = batches_of(survey)
    draft = read("ddi", (write(Ddi(), survey, batches, tmp_path) / DOCUMENT).read_bytes())
    linking = item(draft, "link_records")
    assert linking.wording == "May schools link records?"
    assert linking.translations["cy"].wording == "A gaiff ysgolion gysylltu cofnodion?"
