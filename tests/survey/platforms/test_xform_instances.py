"""XForms instances: paths, repeats, ids, and XML that nobody should read."""

import json

import pytest

from assent_survey.domain.submission import Notice, Submission, Unreadable
from assent_survey.platforms import PLATFORMS
from assent_survey.platforms.xform_instance import read_instance

INSTANCE = """<?xml version="1.0" encoding="UTF-8"?>
<data id="views" version="2026090101" xmlns:orx="http://openrosa.org/xforms" xmlns:jr="http://openrosa.org/javarosa">
  <start>2026-09-01T12:00:00.000+01:00</start>
  <who><panel_id>p1</panel_id><empty/></who>
  <child><age>3</age></child>
  <child><age>5</age></child>
  <fruits>apples pears</fruits>
  <deep><deeper><deepest>Łódź</deepest></deeper></deep>
  <orx:meta><orx:instanceID>uuid:second</orx:instanceID><orx:deprecatedID>uuid:first</orx:deprecatedID></orx:meta>
</data>"""


def test_an_instance_by_its_paths() -> None:
    instance = read_instance(INSTANCE.encode())
    assert instance.fields == {
        "start": "2026-09-01T12:00:00.000+01:00",
        "who/panel_id": "p1",
        "who/empty": "",
        "fruits": "apples pears",
        "deep/deeper/deepest": "Łódź",
        "meta/instanceID": "uuid:second",
        "meta/deprecatedID": "uuid:first",
    }
    assert instance.nested == ("child",)
    assert (instance.form_id, instance.form_version) == ("views", "2026090101")
    assert (instance.instance_id, instance.deprecated_id) == ("second", "first")


BOMB = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><d><meta><instanceID>&b;</instanceID></meta></d>'


@pytest.mark.parametrize(
    ("xml", "why"),
    [
        (BOMB, "DTD"),
        ('<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>', "DTD"),
        ("<d><meta/></d>", "instanceID"),
        ("<d>", "XML"),
        ('<?xml version="1.0" encoding="no-such"?><d/>', "XML"),
        ('<d encrypted="yes"><meta><instanceID>i</instanceID></meta></d>', "encrypted"),
        ("<d>" + "<a>" * 40 + "</a>" * 40 + "</d>", "deep"),
    ],
)
def test_an_instance_that_cannot_be_read(xml: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read_instance(xml.encode())


def test_kobo_reads_xml_as_it_reads_json() -> None:
    xml = "<aXy id='aXy'><views><agreed>yes</agreed></views><__version__>v7</__version__><meta><instanceID>uuid:i</instanceID></meta></aXy>"
    body = {"views/agreed": "yes", "__version__": "v7", "meta/instanceID": "uuid:i", "_submission_time": None}
    kobo = PLATFORMS["kobo"]
    found = kobo.parse(xml.encode(), {"content-type": "application/xml"})
    assert isinstance(found, Submission)
    assert found == kobo.parse(json.dumps(body).encode(), {})
    assert (found.response_id, found.form_version) == ("i", "v7")


def odk(**event: object) -> Submission | Notice | None:
    return PLATFORMS["odk_central"].parse(json.dumps(event).encode(), {})


def test_odk_central_new_submissions() -> None:
    submission = odk(type="submission.create", id="uuid:second", data={"xml": INSTANCE})
    assert isinstance(submission, Submission)
    assert (submission.response_id, submission.separator, submission.form_version) == ("second", " ", "2026090101")
    assert submission.fields.keys() == {"who/panel_id", "who/empty", "fruits", "deep/deeper/deepest"}
    assert (submission.nested, submission.facts["formId"]) == (("child",), "views")
    assert submission.facts["start"] == "2026-09-01T12:00:00.000+01:00"


@pytest.mark.parametrize(
    "declared", ["", "\ufeff<?xml version='1.0' encoding='ISO-8859-1'?>\n", "<?xml version='1.0' encoding='utf-16'?>"]
)
def test_odk_central_text_is_read_as_text_whatever_encoding_it_declares(declared: str) -> None:
    xml = f"{declared}<data><why>été</why><meta><instanceID>uuid:i</instanceID></meta></data>"
    submission = odk(type="submission.create", id="uuid:i", data={"xml": xml})
    assert isinstance(submission, Submission)
    assert submission.fields == {"why": "été"}


@pytest.mark.parametrize("state", ["hasIssues", "rejected", "approved"])
def test_odk_central_reviews_are_notices(state: str) -> None:
    assert odk(type="submission.update", id="uuid:i", data={"reviewState": state}) == Notice("i")


@pytest.mark.parametrize("event", [{"type": "entity.update.version", "id": "e"}, {"type": "submission.update", "id": "uuid:"}, {}])
def test_odk_central_events_of_no_submission(event: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        odk(**event)
