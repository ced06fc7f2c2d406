"""Tables and charts of analyses: what they say, how they mark what is hidden, and that nothing in them can do harm."""

import csv
import io
import json
from html.parser import HTMLParser
from typing import Any

import pytest
from docx import Document
from tests.analytics.analyses.asking import ITEM, OTHER, analyse, shown
from tests.analytics.analyses.survey import ACCEPT, AGE, NOW, whole_survey
from tests.analytics.conftest import Analytics
from tests.analytics.parents import GROUPS, INSTRUMENT

from assent_analytics.domain.table import EMPTY, HIDDEN, Cell, Column, Row, Table, decimal, p_value
from assent_analytics.exports.charts.style import CONFIG, LABEL_LINE, in_lines, row_height, wrapped
from assent_analytics.exports.csv import harmless, table_csv
from assent_analytics.exports.html import table_page
from assent_analytics.exports.word import table_document
from assent_contracts import registry

NASTY = '=HYPERLINK("http://x")<script>alert(1)</script>'

TABLE = Table(
    caption=f"A table of {NASTY}",
    stub="Group",
    columns=(Column("All"), Column("Share", span="Place"), Column("p", span="Place")),
    rows=(
        Row("Acceptable?"),
        Row(NASTY, 1, (Cell("12.0%", numbers=(("share", 0.12),)), HIDDEN, EMPTY)),
        Row("Total", 0, (Cell("-0.50", numbers=(("difference", -0.5),)), Cell("0", numbers=(("share", 0.0),)), EMPTY)),
    ),
    footnotes=(f"Note {NASTY}",),
)


class Seen(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_is_escaped_and_can_be_walked() -> None:
    seen = Seen(table_page(TABLE))
    tags = [tag for tag, _ in seen.elements]
    assert "script" not in tags
    assert tags.count("caption") == 1
    scopes = [attributes.get("scope") for tag, attributes in seen.elements if tag == "th"]
    assert None not in scopes
    assert {"col", "colgroup", "row", "rowgroup"} <= set(scopes)
    (span,) = [attributes for _, attributes in seen.elements if attributes.get("scope") == "colgroup"]
    assert span["colspan"] == "2"
    assert NASTY in seen.text
    assert "neither nought nor missing" in seen.text


def test_csv_runs_in_no_spreadsheet_and_keeps_negative_numbers() -> None:
    rows = list(csv.reader(io.StringIO(table_csv(TABLE).removeprefix("\ufeff"))))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "\t", "\r"))]
    assert rows[1][0].startswith("Acceptable?: =HYPERLINK")
    assert rows[2][1:4] == ["-0.50", "", "-0.5"]
    assert rows[1][rows[0].index("Place: Share")] == "[c]"
    assert harmless("-1+2") == "'-1+2"


def test_word_holds_a_real_table_with_repeating_headings() -> None:
    document = Document(io.BytesIO(table_document(TABLE)))
    (table,) = document.tables
    assert [cell.text for cell in table.rows[1].cells] == ["Group", "All", "Share", "p"]
    assert table.rows[0].cells[2].text == table.rows[0].cells[3].text == "Place"
    assert all("tblHeader" in row._tr.xml for row in table.rows[:2])
    assert table.rows[3].cells[2].text == "[c]"
    assert NASTY in document.paragraphs[0].text
    assert table_document(TABLE) == table_document(TABLE)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (decimal(0), "0"),
        (decimal(-0.051), "-0.051"),
        (decimal(1234.5), "1,234"),
        (p_value(0.0004), "<0.001"),
        (p_value(0.049), "0.049"),
    ],
)
def test_numbers_are_written_so_that_they_can_be_read(written: str, text: str) -> None:
    assert written == text


async def test_a_summary_table_has_groups_difference_and_p(analytics: Analytics) -> None:
    analytics.hear(*whole_survey())
    made = await analyse(analytics, "table", collection=NOW, items=[ACCEPT, AGE], by="family_form", difference=True)
    table = (await shown(analytics, made["id"], "table")).json()
    assert [column["span"] for column in table["columns"]] == ["", "Family form", "Family form", "", ""]
    assert table["columns"][0]["label"].endswith("n = 500")
    assert table["columns"][-1]["label"] == "p"
    labels = [row["label"] for row in table["rows"]]
    assert labels == [
        "The question on accept", "Unacceptable", "Acceptable if", "Acceptable", "Don't know", "How many: age", "mean (SD)", "median (IQR)",
    ]  # fmt: skip
    unacceptable = table["rows"][1]["cells"]
    assert unacceptable[0]["share"] == pytest.approx(
        sum(one["weighted"] for one in unacceptable[1:3]) / sum(one["weighted"] / one["share"] for one in unacceptable[1:3])
    )
    assert unacceptable[3]["difference"] == pytest.approx(unacceptable[1]["share"] - unacceptable[2]["share"])
    assert any("Rao-Scott" in note for note in table["footnotes"])
    refused = await analytics.ask(
        "POST", "/analyses", json={"method": "table", "collection": NOW, "items": [AGE], "by": "place", "difference": True}
    )
    assert refused.json()["code"] == "not_suited"


async def test_a_regression_table_names_the_reference(analytics: Analytics) -> None:
    analytics.hear(*whole_survey())
    made = await analyse(
        analytics, "regression", collection=NOW, model="logit", outcome=ACCEPT, options=["acceptable"], groups=["family_form"]
    )
    table = (await shown(analytics, made["id"], "table")).json()
    assert [column["label"] for column in table["columns"]] == ["Odds ratio", "95% interval", "p"]
    assert [row["label"] for row in table["rows"]] == ["Family form", "Lone parent", "Couple"]
    assert table["rows"][1]["cells"][0]["text"] == "reference"


async def spec_of(analytics: Analytics, method: str, **request: Any) -> Any:
    """The Vega-Lite specification of an analysis."""
    made = await analyse(analytics, method, **request)
    return json.loads((await shown(analytics, made["id"], "vega")).text)


async def test_a_distribution_is_drawn_from_both_sides_of_nought(analytics: Analytics) -> None:
    spec = await spec_of(analytics, "distribution", items=[ITEM], by=["family_form", "place"])
    bars = spec["data"]["values"]
    everyone = [bar for bar in bars if bar["row"].startswith("All") and bar["panel"] == "sides"]
    against = [bar for bar in everyone if bar["answer"] == "unacceptable"]
    assert against[0]["to"] == pytest.approx(0.0)
    assert min(bar["from"] for bar in everyone if bar["answer"] != "unacceptable") == pytest.approx(0.0)
    assert {bar["answer"] for bar in bars if bar["panel"] == "beside"} >= {"Don't know"}
    hidden = [bar for bar in bars if bar["row"].startswith("Place: Island")]
    assert hidden
    assert all("share" not in bar for bar in hidden)
    assert "Place: Island: suppressed [c]" in spec["description"]
    assert "Base: 600" in " ".join(spec["title"]["subtitle"])


async def test_no_base_tells_the_size_of_a_hidden_group(analytics: Analytics) -> None:
    spec = await spec_of(analytics, "distribution", items=[ITEM], by=["place"])
    bases = {bar["row"]: bar["base"] for bar in spec["data"]["values"] if bar["row"].startswith("Place")}
    assert sum(base is not None for base in bases.values()) <= 1


async def test_groups_are_drawn_with_intervals_and_hidden_ones_keep_their_place(analytics: Analytics) -> None:
    spec = await spec_of(analytics, "support", items=[ITEM], by=["family_form", "place"])
    rows = {row["label"]: row for row in spec["data"]["values"]}
    assert rows["Lone parent"]["low"] < rows["Lone parent"]["value"] < rows["Lone parent"]["high"]
    assert "value" not in rows["Island"]
    assert rows["Island"]["note"].startswith("suppressed [c]")
    assert rows["Village"]["note"].endswith("above half")


async def test_pictures_are_drawn_without_a_browser(analytics: Analytics) -> None:
    made = await analyse(analytics, "distribution", items=[ITEM, OTHER])
    picture = await shown(analytics, made["id"], "png")
    assert picture.content.startswith(b"\x89PNG")
    assert picture.headers["content-type"] == "image/png"
    drawing = await shown(analytics, made["id"], "svg")
    assert drawing.text.startswith("<svg")
    assert "aria-label" in drawing.text
    assert "script-src" not in drawing.headers["content-security-policy"]
    assert "default-src 'none'" in drawing.headers["content-security-policy"]


async def test_the_form_can_be_asked_for_by_accept(analytics: Analytics) -> None:
    made = await analyse(analytics, "mean", items=[ITEM])
    for accept, media in (
        ("text/html,*/*;q=0.8", "text/html"),
        ("text/csv", "text/csv"),
        ("*/*", "application/json"),
        ("image/png;q=0, text/csv", "text/csv"),
        ("text/csv;q=0.2, text/html;q=0.9", "text/html"),
        ("text/html;q=often, image/png;q=0", "application/json"),
        ("application/pdf", "application/json"),
    ):
        answer = await analytics.ask("GET", f"/analyses/{made['id']}", headers={"Accept": accept})
        assert answer.headers["content-type"].startswith(media)
        assert answer.headers["vary"] == "Accept"
    assert (await analytics.ask("GET", f"/analyses/{made['id']}?as=pdf")).status_code == 422


async def test_a_form_that_the_caller_has_is_not_made_again(analytics: Analytics) -> None:
    made = await analyse(analytics, "mean", items=[ITEM])
    first = await shown(analytics, made["id"], "csv")
    for form, status in (("csv", 304), ("html", 200), ("json", 200)):
        again = await analytics.ask("GET", f"/analyses/{made['id']}?as={form}", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.headers["etag"] == first.headers["etag"]) == (status, form == "csv")


async def test_words_of_the_study_do_no_harm_in_any_form(analytics: Analytics) -> None:
    named = GROUPS.variables[0]
    nasty = named.categories[0].model_copy(update={"label": NASTY})
    variable = named.model_copy(update={"categories": (nasty, *named.categories[1:])})
    analytics.hear((registry.GROUPS_SET, GROUPS.model_copy(update={"variables": (variable, *GROUPS.variables[1:])})), version=2)
    item = INSTRUMENT.items[0].model_copy(update={"wording": NASTY})
    analytics.hear(
        (registry.INSTRUMENT_PUBLISHED, INSTRUMENT.model_copy(update={"items": (item, *INSTRUMENT.items[1:])})), version=2
    )
    made = await analyse(analytics, "distribution", items=[ITEM], by=["family_form"])
    assert "<script>" not in (await shown(analytics, made["id"], "html")).text
    assert "<script>" not in (await shown(analytics, made["id"], "svg")).text
    assert "\n=HYPERLINK" not in (await shown(analytics, made["id"], "csv")).text
    code = (await shown(analytics, made["id"], "r")).text
    assert 'HYPERLINK("' not in code


def test_labels_are_drawn_in_lines_and_none_is_cut() -> None:
    label = "Social class: Routine and manual occupations, or never worked (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}282)"
    lines = in_lines(label).split("\n")
    assert max(map(len, lines)) <= LABEL_LINE
    assert " ".join(lines) == label
    assert lines[-1].endswith("(n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}282)")
    assert row_height([in_lines(label), "All"], 30) > row_height(["All"], 30) == 30
    assert CONFIG["axisY"]["labelLimit"] == 0
    assert wrapped("", 10) == [""]


async def test_options_and_groups_are_called_as_the_study_calls_them(analytics: Analytics) -> None:
    made = await analyse(analytics, "proportion", item=ITEM, options=["acceptable"], within={"family_form": ["lone_parent"]})
    footnotes = (await shown(analytics, made["id"], "table")).json()["footnotes"]
    assert "Only Family form: Lone parent." in footnotes
    assert any(note.startswith("Counted: ") and "_" not in note for note in footnotes)
