"""Files that strangers made: opened as what they are, bounded, and without reaching for anything else."""

import pytest

from assent_survey.domain.draft import UnreadableInstrument
from assent_survey.instruments import opening
from assent_survey.instruments.opening import open_json, open_text, open_xml


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_in_the_encodings_that_programs_use(encoding: str) -> None:
    assert open_text("Größe – “x”".encode(encoding)) == "Größe – “x”"


def test_xml_that_programs_write_a_little_wrong() -> None:
    assert open_xml(b"<a>caf\xe9 &nbsp;&eacute; &amp;</a>").text == "café \xa0é &"
    assert open_xml(b'\n<?xml version="1.0"?><a>caf\xe9</a>').text == "café"
    assert open_xml('<?xml version="1.0" encoding="utf-16"?><a>é</a>'.encode("utf-16")).text == "é"
    assert open_xml(b'<!DOCTYPE a PUBLIC "x" "http://127.0.0.1:9/never.dtd"><a>b</a>').text == "b"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"<a>", "not XML"),
        (b"<a>&unknown;</a>", "not XML"),
        (b"\x00\x01", "not XML"),
        (b'<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a>&z;</a>', "entities"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', "entities"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "encoding"),
        (b"<a>" * 101 + b"</a>" * 101, "nested deeper"),
    ],
)
def test_xml_that_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(UnreadableInstrument, match=told):
        open_xml(content)


@pytest.mark.parametrize(
    ("content", "told"), [(b"[1]", "no JSON object"), (b"{", "not JSON"), (b'{"a":' + b"[" * 5000, "not JSON"), (b" ", "empty")]
)
def test_json_that_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(UnreadableInstrument, match=told):
        open_json(content)


def test_size_and_number_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LARGEST", 1024 * 1024)
    with pytest.raises(UnreadableInstrument, match="larger than 1 MiB"):
        open_text(b"x" * (1024 * 1024 + 1))
    monkeypatch.setattr(opening, "MOST_ELEMENTS", 10)
    with pytest.raises(UnreadableInstrument, match="more than 10 elements"):
        open_xml(b"<a>" + b"<b/>" * 10 + b"</a>")
