"""A `requests` session that goes through our own HTTP client, for libraries that can only speak `requests`.

So they keep our timeouts, go only where our client goes and follow no redirects; a refusal of the platform comes out as the same
exceptions as everywhere else.
"""

from typing import Any

import httpx
import requests
from requests.adapters import BaseAdapter

from assent_survey.platforms.source import ask


class ThroughClient(BaseAdapter):
    """Sends what `requests` has prepared by an `httpx.Client`. Raises NotThere, SlowDown, AccessRefused, PlatformAway."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__()
        self._client = client

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """The answer, if it is one. Timeouts, certificates and proxies are the client's."""
        answer = ask(self._client, str(request.method), str(request.url), content=request.body, headers=dict(request.headers))
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers.update(answer.headers)
        response.encoding = answer.encoding
        response.url = str(answer.url)
        response.request = request
        response._content = answer.content
        return response

    def close(self) -> None:
        """Nothing: the client is its maker's."""


def session_through(client: httpx.Client) -> requests.Session:
    """A session that takes nothing from the environment, neither proxies nor passwords."""
    session = requests.Session()
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, ThroughClient(client))
    return session
