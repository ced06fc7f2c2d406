"""A small study that a survey platform delivers to without pause, and what became of the deliveries: the material of the fault tests."""

import threading
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
from tests.support import eventually_blocking

from assent_survey.platforms.shared_secret import SECRET_HEADER

INSTRUMENT = {
    "title": "SYNTHETIC: two questions",
    "items": [
        {
            "name": "agreed",
            "wording": "Do you take part?",
            "kind": "single",
            "role": "consent",
            "scale": [{"option": "yes", "label": "Yes"}, {"option": "no", "label": "No"}],
            "supports": ["yes"],
            "opposes": ["no"],
        },
        {
            "name": "linking",
            "wording": "Is linking school and health records acceptable?",
            "kind": "single",
            "role": "attitude",
            "scale": [{"option": "yes", "label": "Yes"}, {"option": "no", "label": "No"}],
            "supports": ["yes"],
            "opposes": ["no"],
            "practice": {"data_types": ["school_records", "health_records"], "operation": "link", "purpose": "early_help"},
        },
    ],
}
COLLECTION = {
    "wave": "1",
    "population": "parents (SYNTHETIC)",
    "sampling": "opt_in",
    "mode": "web",
    "fieldwork": {"from": "2026-11-01"},
}
MAPPING = {
    "respondent": "person",
    "items": {name: {"field": name, "codes": {"1": "yes", "2": "no"}} for name in ("agreed", "linking")},
}


@dataclass
class Fieldwork:
    """A connection that is called again and again. `acknowledged` holds the ids of the submissions that were answered with 2xx."""

    http: httpx.Client
    study: str
    hook: str
    secret: str
    acknowledged: set[str] = field(default_factory=set)
    answers: list[int] = field(default_factory=list)

    def send(self) -> None:
        """One submission, sent again until it is acknowledged, as the platform would."""
        submission = str(uuid4())
        body = {"_uuid": submission, "meta/instanceID": f"uuid:{submission}", "person": submission, "agreed": "1", "linking": "2"}

        def sent() -> bool:
            try:
                answered = self.http.post(self.hook, json=body, headers={SECRET_HEADER: self.secret})
            except httpx.TransportError:
                return False
            self.answers.append(answered.status_code)
            return answered.is_success

        eventually_blocking(sent, within=60)
        self.acknowledged.add(submission)

    def responses(self) -> list[str]:
        """The ids of all responses that survey has, through the API."""
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            query = {"limit": 500, **({"cursor": cursor} if cursor else {})}
            page = self.http.get(f"/v1/studies/{self.study}/responses", params=query).raise_for_status().json()
            found += [item["id"] for item in page["items"]]
            cursor = page["next"]
        return found

    def counted(self) -> int:
        """How many respondents analytics counts, through the API; 0 while it answers nothing."""
        try:
            answered = self.http.get(f"/v1/studies/{self.study}/bases")
        except httpx.TransportError:
            return 0
        items = answered.json()["items"] if answered.is_success else []
        return int(items[0].get("respondents") or 0) if items else 0

    def settle(self) -> None:
        """Wait until what was acknowledged is applied and counted, once each; fails when anything is lost or doubled."""
        expected = len(self.acknowledged)
        eventually_blocking(lambda: len(self._present()), lambda found: found >= expected, within=90)
        eventually_blocking(self.counted, lambda found: found >= expected, within=90)
        assert len(self._present()) == self.counted() == expected

    def _present(self) -> list[str]:
        try:
            return self.responses()
        except httpx.HTTPError:
            return []


def begin(address: str, key: str) -> Fieldwork:
    """Open a study with an instrument, a collection and a connection."""
    http = httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=30, trust_env=False)
    study = _made(http, "/v1/studies", {"title": "SYNTHETIC: faults", "description": ""})["id"]
    home = f"/v1/studies/{study}"
    instrument = _made(http, f"{home}/instruments", INSTRUMENT)["id"]
    _made(http, f"{home}/instruments/{instrument}/publish", {})
    collection = _made(http, f"{home}/collections", {**COLLECTION, "instrument": instrument})["id"]
    connection = _made(http, f"{home}/connections", {"platform": "kobo", "collection": collection, "mapping": MAPPING})
    hook = connection["hook"].removeprefix(address)
    return Fieldwork(http, study, hook, connection["secret"])


def _made(http: httpx.Client, path: str, body: object) -> dict[str, str]:
    answered = http.post(path, json=body)
    assert answered.is_success, answered.text
    made: dict[str, str] = answered.json()
    return made


class Senders:
    """Threads that send without pause until the end of the block."""

    def __init__(self, work: Fieldwork, *, count: int = 4) -> None:
        self._work = work
        self._stop = threading.Event()
        self._failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._send) for _ in range(count)]

    def __enter__(self) -> "Senders":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        assert not self._failures, (self._failures, self._work.answers[-5:])

    def wait_for(self, more: int) -> None:
        """Until so many more submissions have been acknowledged."""
        wanted = len(self._work.acknowledged) + more
        eventually_blocking(lambda: len(self._work.acknowledged), lambda found: found >= wanted or bool(self._failures), within=90)
        assert not self._failures, (self._failures, self._work.answers[-5:])

    def _send(self) -> None:
        try:
            while not self._stop.is_set():
                self._work.send()
        except BaseException as failure:
            self._failures.append(failure)  # told by whoever waits, in the test's own thread
