"""The evidence view as tables: what the view says is there, what it withholds is marked, and no id stands in a sentence."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from assent_analytics.domain.view import EvidenceView
from assent_standalone.demo import LABEL
from assent_standalone.demo.show import READINGS, show

SHARE = {"share": 0.45, "low": 0.42, "high": 0.48}
ITEM = {
    "item": "ins_01ABC.1.company_flags",
    "wording": "How acceptable is this to you?",
    "role": "attitude",
    "options": {"acceptable": "Acceptable", "unacceptable": "Not acceptable"},
    "collection": {
        "collection": "col_01XYZ",
        "wave": "2026 panel",
        "state": "closed",
        "sampling": "probability",
        "mode": "web",
        "fieldwork": {"from": "2026-09-07"},
        "population": "Parents",
    },
    "match": {
        "level": "exact",
        "same": [],
        "differs": {},
        "unstated": [],
        "direction": "same",
        "why": "",
        "confirmed_by": "steward",
    },
    "counts": True,
    "distribution": {
        "acceptable": SHARE,
        "unacceptable": {"share": 0.48, "low": 0.45, "high": 0.51},
        "refused": {"suppressed": True},
    },
    "support": SHARE,
    "refusal": {"share": 0.48, "low": 0.45, "high": 0.51},
    "base": 1074,
    "n_effective": 1027.4,
    "groups": [
        {
            "variable": "ethnicity",
            "group": "black",
            "label": "Ethnic group: Black",
            "support": {"share": 0.27, "low": 0.2, "high": 0.36},
            "base": 125,
            "gap": {"difference": -0.18, "low": -0.27, "high": -0.1, "p_holm": 0.009},
        },
        {"variable": "ethnicity", "group": "mixed", "label": "Ethnic group: Mixed", "suppressed": True, "direction": "below_half"},
        {"variable": "gender", "group": "man & yes", "label": "Gender: Men and Family form: lone parent", "suppressed": True},
    ],
}
VIEW: dict[str, Any] = {
    "proposal": "prp_01",
    "title": f"{LABEL}: Family Compass",
    "practice": {"purpose": "early_help"},
    "as_of": "2026-11-20T10:00:00Z",
    "released": False,
    "profile": {
        "reading": "withheld_by_named_groups",
        "because": ["Black: surely more than half refuse (ins_01ABC.1.company_flags in col_01XYZ)"],
        "groups": ["Ethnic group: Black"],
        "settings": {"majority": 0.5},
        "robustness": {"same": 11, "of": 12, "differs": {"alpha .10": "contested"}},
        "preregistered": True,
    },
    "targets": [
        {
            "who": [{"variable": "ethnicity", "group": "black"}],
            "label": "Ethnic group: Black",
            "basis": "past_over_representation",
            "passage": "psg_01",
            "post_hoc": True,
            "survey": "too_few",
            "heard_in": {"focus_groups": 1, "interviews": 0},
            "reading": "refuses",
        }
    ],
    "items": [ITEM],
    "held_data": [{"code": "cod_01", "label": "The file at school", "data_types": ["School records"], "sessions": 2}],
    "voices": {
        "selection": "nearest first",
        "searched": {"sessions": 5, "about_this": 4, "sentence": "Sessions searched: 5."},
        "available": False,
        "quotations": [],
        "counter_quotations": [],
        "not_quotable": {"reject": "under_10"},
    },
    "missing": [{"what": f"nothing from group {number}", "why_it_matters": "silence is not assent"} for number in range(12)],
}


def printed(view: dict[str, Any], width: int = 160) -> str:
    """The view on paper; it is a view that the service could have sent."""
    EvidenceView.model_validate(view)
    paper = StringIO()
    show(view, Console(file=paper, width=width))
    return paper.getvalue()


def test_the_label_and_the_reading_come_first() -> None:
    lines = [line for line in printed(VIEW).splitlines() if line.strip()]
    assert "Family Compass" in lines[0]
    assert LABEL in lines[1]
    assert "WITHHELD BY NAMED GROUPS" in lines[3]


@pytest.mark.parametrize("reading", READINGS)
def test_every_reading_has_words(reading: str) -> None:
    assert READINGS[reading][0] in printed({**VIEW, "profile": {**VIEW["profile"], "reading": reading}})


def test_figures_stand_with_their_intervals_and_bases() -> None:
    paper = printed(VIEW)
    for words in ("45 % (42–48)", "-18 (-27 to -10)", "0.009", "125", "1074 parents, effective 1027", "exact match (confirmed)"):
        assert words in paper


def test_what_is_withheld_is_marked_and_keeps_its_direction() -> None:
    marked = [line for line in printed(VIEW).splitlines() if "suppressed" in line]
    assert len(marked) == 3
    assert [line for line in marked if "Mixed" in line and "below half" in line]


def test_targets_say_when_they_were_declared_and_on_what_ground() -> None:
    paper = printed(VIEW)
    assert "(declared afterwards)" in paper
    assert "too few" in paper


def test_what_families_say_is_held_about_them() -> None:
    (line,) = [line for line in printed(VIEW).splitlines() if "The file at school" in line]
    assert "School records" in line
    assert "2 sessions" in line


def test_no_id_stands_in_a_sentence() -> None:
    paper = printed(VIEW)
    assert "“company_flags”" in paper
    assert "ins_" not in paper
    assert "col_" not in paper


def test_long_lists_are_cut_and_say_so() -> None:
    paper = printed(VIEW)
    assert "nothing from group 7" in paper
    assert "nothing from group 8" not in paper
    assert "… and 4 more" in paper


def test_a_service_that_is_away_is_said_to_be() -> None:
    assert "is away" in printed(VIEW)


def test_a_view_that_is_being_rebuilt_has_nothing_else_to_say() -> None:
    known = ("proposal", "title", "practice", "as_of", "released")
    paper = printed({name: VIEW[name] for name in known} | {"rebuilding": True, "missing": []})
    assert "being rebuilt" in paper
    assert "Profile" not in paper


def test_robustness_and_where_groups_stand_are_said_in_words() -> None:
    consensus = {
        "at": ["acceptable"], "options": 3, "base": 900, "agreement": 0.12, "net_agreement": -0.08, "polarization": 0.71,
        "across_groups": "contradicted",
    }  # fmt: skip
    group = ITEM["groups"][0]
    lowest = [{"variable": group["variable"], "group": group["group"]}]
    paper = printed({**VIEW, "items": [{**ITEM, "consensus": consensus, "lowest_set": lowest}]}, width=200)
    assert "The same in 11 of 12 recomputations. alpha .10: contested" in paper
    assert f"May be the lowest: {group['label']}" in paper
    assert "agreement (Van der Eijk) 0.12, net agreement -0.08, polarisation (PCI2) 0.71; not alike across groups" in paper
