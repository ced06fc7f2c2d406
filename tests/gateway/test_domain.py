"""The rules that hold whatever the technology: routes, keys, the breaker, addresses, owners, and merging documents."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from assent_contracts.practice import SLOTS
from assent_contracts.vocabulary import TermDefinition
from assent_gateway.domain import breaker as breakers
from assent_gateway.domain.addresses import client_address
from assent_gateway.domain.breaker import Breaker
from assent_gateway.domain.keys import code_of, compose, new_secret, read_key
from assent_gateway.domain.membership import leaves_no_owner
from assent_gateway.domain.openapi import PathOwnedTwice, merge
from assent_gateway.domain.routes import OWN, SERVICES, Access, ambiguous, destination
from assent_gateway.domain.terms import FIXED_SLOTS, TermRefused, check_new_term

# --- routes ----------------------------------------------------------------------------------------------------------------------

path_parts = st.lists(
    st.sampled_from(["v1", "studies", "stu_1", "responses", "hooks", "me", "documents", "x", "", "..", "close"]), max_size=7
)


@given(path_parts)
def test_every_path_leads_somewhere_and_only_a_members_path_to_a_service(parts: list[str]) -> None:
    path = "/" + "/".join(parts)
    found = destination(path)
    assert found.service in (*SERVICES, OWN)
    if found.service != OWN:
        assert found.access in (Access.MEMBER, Access.PLATFORM)
    if found.access is Access.MEMBER:
        assert path.startswith(f"/v1/studies/{found.study}")
        assert found.study


@pytest.mark.parametrize(
    ("path", "service", "access"),
    [
        ("/v1/studies", OWN, Access.KNOWN),
        ("/v1/me", OWN, Access.KNOWN),
        ("/v1/studies/stu_1", OWN, Access.MEMBER),
        ("/v1/studies/stu_1/", OWN, Access.MEMBER),
        ("/v1/studies/stu_1/nothing", OWN, Access.PUBLIC),
        ("/v1/studies/", OWN, Access.PUBLIC),
        ("/v1/studies/stu_1/jobs/job_ana_01K", "analytics", Access.MEMBER),
        ("/v1/studies/stu_1/jobs/job_ing_01K/events", "ingest", Access.MEMBER),
        ("/v1/studies/stu_1/jobs/job_xyz_01K", OWN, Access.PUBLIC),
        ("/v1/studies/stu_1/jobs/", OWN, Access.PUBLIC),
        ("/v1/studies/stu_1/jobs", OWN, Access.PUBLIC),
        ("/v1/hooks/con_1", "survey", Access.PLATFORM),
        ("/v1/hooks/con_1/a-secret/submission", "survey", Access.PLATFORM),
        ("/v1/hooks/con_1/a/b/c/d/e", OWN, Access.PUBLIC),
        ("/v1/hooks", OWN, Access.PUBLIC),
        ("/v1/p/a-token", "survey", Access.HOLDER),
        ("/v1/p/a-token/withdraw", "survey", Access.HOLDER),
        ("/v1/p/", OWN, Access.PUBLIC),
        ("/v1/p", OWN, Access.PUBLIC),
        ("/v2/studies/stu_1/responses", OWN, Access.PUBLIC),
        ("/health/live", OWN, Access.PUBLIC),
        ("/", OWN, Access.PUBLIC),
    ],
)
def test_where_paths_lead(path: str, service: str, access: Access) -> None:
    assert (destination(path).service, destination(path).access) == (service, access)


@given(st.text(string.ascii_letters + string.digits + "-_~|", min_size=1))
def test_plain_segments_are_not_ambiguous(segment: str) -> None:
    assert not ambiguous(f"/v1/studies/{segment}".encode())


@pytest.mark.parametrize("part", [b"..", b".", b"%2e", b"%2E%2e", b".%2e", b"a%2Fb", b"a%5cb", b"%00", b""])
def test_two_readings(part: bytes) -> None:
    assert ambiguous(b"/v1/studies/" + part + b"/responses")


def test_dots_inside_a_segment_are_plain() -> None:
    assert not ambiguous(b"/docs/swagger-ui.css")
    assert not ambiguous(b"/v1/studies/a..b/.well-known%20x")


# --- keys ------------------------------------------------------------------------------------------------------------------------


def test_a_key_is_read_back_and_its_code_depends_on_all_of_it() -> None:
    secret = new_secret()
    key = read_key(compose("key_01ARZ3NDEKTSV4RRFFQ69G5FAV", secret))
    assert key is not None
    assert (key.id, key.secret) == ("key_01ARZ3NDEKTSV4RRFFQ69G5FAV", secret)
    assert len({code_of(secret, "a"), code_of(secret, "b"), code_of(new_secret(), "a")}) == 3
    assert secret not in code_of(secret, "a")


@given(st.text())
def test_other_texts_are_no_keys(text: str) -> None:
    assert read_key(text) is None


# --- the breaker -----------------------------------------------------------------------------------------------------------------


class BreakerMachine(RuleBasedStateMachine):
    """Whatever happens: it refuses only while it rests or one request tries, and lets everything through after a success."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker(rest_seconds=5)
        self.now = 0.0

    @rule(seconds=st.integers(0, 7))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule(outcome=st.sampled_from(["succeeded", "failed", "abandoned"]))
    def one_request(self, outcome: str) -> None:
        if not self.breaker.allows(self.now):
            assert self.breaker.waits(self.now) > 0
            return
        if outcome == "failed":
            self.breaker.failed(self.now)
        else:
            getattr(self.breaker, outcome)()
        if outcome == "succeeded":
            assert self.breaker.allows(self.now)
            self.breaker.abandoned()

    @invariant()
    def it_never_rests_longer_than_it_says(self) -> None:
        assert self.breaker.waits(self.now) <= 5


TestBreaker = BreakerMachine.TestCase


def opened(now: float = 100.0) -> Breaker:
    breaker = Breaker(rest_seconds=5)
    for _ in range(breakers.LEAST_OUTCOMES):
        assert breaker.allows(now)
        breaker.failed(now)
    return breaker


def test_it_opens_rests_lets_one_try_and_closes() -> None:
    breaker = opened()
    assert not breaker.allows(104.9)
    assert breaker.waits(101) == 4
    assert breaker.allows(105)
    assert not breaker.allows(105)  # one is trying
    breaker.succeeded()
    assert breaker.allows(105)
    assert breaker.allows(105)


def test_a_failed_try_begins_another_rest_and_an_abandoned_one_does_not_count() -> None:
    breaker = opened()
    assert breaker.allows(106)
    breaker.abandoned()
    assert breaker.allows(106)
    breaker.failed(106)
    assert not breaker.allows(110)


def test_a_few_failures_among_many_answers_do_not_open_it() -> None:
    breaker = Breaker()
    for number in range(200):
        assert breaker.allows(number)
        if number % 3:
            breaker.succeeded()
        else:
            breaker.failed(number)


# --- addresses, owners, terms ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ([], 0, "10.0.0.9"),
        (["1.1.1.1"], 0, "10.0.0.9"),
        (["6.6.6.6, 1.1.1.1"], 1, "1.1.1.1"),
        (["6.6.6.6", "1.1.1.1, 10.0.0.2"], 2, "1.1.1.1"),
        ([], 1, "10.0.0.9"),
        (["1.1.1.1"], 2, "10.0.0.9"),
    ],
)
def test_a_client_cannot_choose_its_address(forwarded: list[str], proxies: int, address: str) -> None:
    assert client_address("10.0.0.9", forwarded, trusted_proxies=proxies) == address


def test_the_last_owner_stays() -> None:
    roles = {"jane": "owner", "joe": "steward"}
    assert leaves_no_owner(roles, "jane", becomes=None)
    assert leaves_no_owner(roles, "jane", becomes="steward")
    assert not leaves_no_owner(roles, "jane", becomes="owner")
    assert not leaves_no_owner(roles, "joe", becomes=None)
    assert not leaves_no_owner(roles | {"joe": "owner"}, "jane", becomes=None)


@pytest.mark.parametrize("slot", sorted(FIXED_SLOTS))
def test_fixed_slots_take_no_terms(slot: str) -> None:
    assert slot in SLOTS
    with pytest.raises(TermRefused):
        check_new_term(TermDefinition(slot=slot, term="new", label="New", definition="New"), [])  # type: ignore[arg-type]


# --- one OpenAPI document --------------------------------------------------------------------------------------------------------


def document(path: str, **schemas: object) -> dict[str, object]:
    operation = {"operationId": "list", "responses": {"200": {"schema": {"$ref": "#/components/schemas/Page"}}}}
    return {"paths": {path: {"get": operation}, "/health/live": {}}, "components": {"schemas": schemas}}


def test_what_parts_define_differently_is_told_apart_and_what_they_share_is_not() -> None:
    page = {"items": {"$ref": "#/components/schemas/Item"}}
    merged = merge(
        {
            "survey": document("/v1/a", Page=page, Item={"type": "string"}, Problem={"type": "object"}),
            "qual": document("/v1/b", Page=page, Item={"type": "number"}, Problem={"type": "object"}),
        },
        title="Assent",
        version="1",
    )
    # The pages look alike, but they are pages of different things.
    assert set(merged["components"]["schemas"]) == {"SurveyPage", "QualPage", "SurveyItem", "QualItem", "Problem"}
    assert merged["components"]["schemas"]["QualPage"]["items"]["$ref"].endswith("/QualItem")
    assert merged["paths"]["/v1/b"]["get"]["responses"]["200"]["schema"]["$ref"].endswith("/QualPage")
    assert merged["paths"]["/v1/a"]["get"]["operationId"] == "survey_list"
    assert set(merged["paths"]) == {"/v1/a", "/v1/b"}


@pytest.mark.parametrize("path", ["/v1/hooks/{connection}", "/v1/p/{token}"])
def test_only_hooks_and_parents_pages_are_documented_as_open(path: str) -> None:
    merged = merge({"survey": document(path), "qual": document("/v1/b")}, title="", version="")
    assert merged["security"] == [{"bearer": []}]
    assert merged["paths"][path]["get"]["security"] == []
    assert "security" not in merged["paths"]["/v1/b"]["get"]


def test_nobody_may_own_anothers_path() -> None:
    with pytest.raises(PathOwnedTwice, match="survey and qual"):
        merge({"survey": document("/v1/a"), "qual": document("/v1/a")}, title="", version="")


def test_jobs_are_everybodys() -> None:
    jobs = "/v1/studies/{study}/jobs/{job}"
    merged = merge({"survey": document(jobs), "qual": document(jobs)}, title="", version="")
    assert list(merged["paths"]) == [jobs]


def test_merging_changes_nothing_that_was_given() -> None:
    given = {"survey": document("/v1/a", Item={}), "qual": document("/v1/b", Item={"x": 1})}
    before = repr(given)
    merge(given, title="", version="")
    assert repr(given) == before
