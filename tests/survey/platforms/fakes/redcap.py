"""REDCap's API as far as it is asked: the project, its dictionary and its records, as flat rows."""

from typing import Any, ClassVar
from urllib.parse import parse_qsl

import httpx
from tests.survey.platforms.fakes.fake import TOKEN, Fake
from tests.survey.saying import Said

from assent_survey.domain.submission import Notice
from assent_survey.platforms.redcap_rows import Place

CHOICES = "1, Yes | 2, No | 3, Fine | 4, If checked | 5, Don't know"
CODES = {"Yes": "1", "No": "2", "Fine": "3", "If checked": "4", "Don't know": "5"}
CHOSEN = ("agreed", "link_records", "lone_parent")


def line(name: str, kind: str, *, form: str = "views", **more: str) -> dict[str, str]:
    """A line of the dictionary."""
    return {
        "field_name": name,
        "form_name": form,
        "field_type": kind,
        "select_choices_or_calculations": "",
        "text_validation_type_or_show_slider_number": "",
        "identifier": "",
        "branching_logic": "",
        **more,
    }


class FakeRedcap(Fake):
    name = "redcap"
    entered: ClassVar = {"base_url": "https://redcap.test/api/", "instruments": ["views"], "time_zone": "Europe/London"}
    fields: ClassVar = {name: name for name in (*CHOSEN, "own_words", "design_weight", "respondent")}
    sizes: ClassVar = {"assent_survey.platforms.redcap_api.PAGE": 2}

    def response_id(self, response: str) -> str:
        return self.place(response).response_id

    def notice(self, response: str) -> Notice:
        return Notice(self.response_id(response), address=self.place(response).address)

    def place(self, response: str) -> Place:
        """Where a response is."""
        return Place(project="12", record=response, event="wave_1_arm_1", instrument="views", instance="")

    def is_allowed(self, request: httpx.Request) -> bool:
        return self._form(request).get("token") == TOKEN

    def answer(self, request: httpx.Request) -> httpx.Response:
        form = self._form(request)
        assert request.method == "POST"
        assert form["format"] == "json"
        match form["content"]:
            case "project":
                return httpx.Response(200, json={"project_id": 12, "project_title": "A survey"})
            case "metadata":
                return httpx.Response(200, json=self.dictionary())
            case "record":
                return httpx.Response(200, json=self._rows(form))
            case _:
                return httpx.Response(400, json={"error": 'The value of the parameter "content" is not valid'})

    def dictionary(self) -> list[dict[str, str]]:
        """What the project asks. The name is an identifier, the e-mail address is not marked as one."""
        return [
            line("record_id", "text"),
            line("full_name", "text", identifier="y"),
            line("contact", "text", text_validation_type_or_show_slider_number="email"),
            line("insured_as", "text", text_validation_type_or_show_slider_number="ssn"),
            *(line(name, "radio", select_choices_or_calculations=CHOICES) for name in CHOSEN),
            line("sources", "checkbox", select_choices_or_calculations="a, Letter | B-2, Radio | -1, None"),
            line("why_not", "text", branching_logic="[link_records] = '2'"),
            *(line(name, "text") for name in ("own_words", "respondent", "design_weight", "design_stratum")),
            line("photo", "file"),
            line("checked_by", "text", form="office"),
        ]

    def _rows(self, form: dict[str, str]) -> list[dict[str, Any]]:
        wanted = {value for name, value in form.items() if name.startswith("records[")}
        columns = {value for name, value in form.items() if name.startswith("fields[")}
        found = [said for said in self.readable() if not wanted or said.response in wanted]
        if since := form.get("dateRangeBegin"):
            found = [said for said in found if _local(said) > since]
        return [self._row(said, columns, form.get("decimalCharacter", ",")) for said in found]

    def _row(self, said: Said, columns: set[str], decimal: str) -> dict[str, Any]:
        chosen = {name: CODES[value] for name, value in said.answers.items() if name in CHOSEN}
        row = {
            "record_id": said.response,
            "redcap_event_name": "wave_1_arm_1",
            "redcap_repeat_instrument": "",
            "redcap_repeat_instance": "",
            "redcap_survey_identifier": "jane.roe@example.org",
            "full_name": "Jane Roe",
            "contact": "jane.roe@example.org",
            **dict.fromkeys(CHOSEN, ""),
            **chosen,
            "sources___a": "1",
            "sources___b_2": "1",
            "sources____1": "0",
            "why_not": "",
            "own_words": said.words,
            "respondent": said.respondent,
            "design_weight": f"1{decimal}25",  # kept with a comma, and given as it is asked for
            "design_stratum": "north",
            "checked_by": "",
            "views_complete": "2" if said.finished else "0",
            "views_timestamp": _local(said) if said.finished else "[not completed]",
        }
        given = ("redcap_", "views_timestamp")
        return {name: value for name, value in row.items() if name.split("___")[0] in columns or name.startswith(given)}

    def _form(self, request: httpx.Request) -> dict[str, str]:
        return dict(parse_qsl(request.content.decode(), keep_blank_values=True))


def _local(said: Said) -> str:
    """London's time in September."""
    return said.at[:11].replace("T", " ") + f"{int(said.at[11:13]) + 1:02}" + said.at[13:19]
