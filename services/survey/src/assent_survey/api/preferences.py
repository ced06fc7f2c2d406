"""What a client likes best: reading Accept and Accept-Language (RFC 9110, 12.4.2 and 12.5)."""


def preferred(header: str) -> list[str]:
    """The values of a header in order of their weights, in small letters; of the same weight in the order given; none of weight 0."""
    weighed = [_weighed(part) for part in header.split(",")]
    return [value for value, weight in sorted(weighed, key=lambda pair: -pair[1]) if value and weight > 0]


def prefers_html(accept: str) -> bool:
    """Whether a page is liked better than JSON; JSON where neither is named."""
    named = [media for media in preferred(accept) if media in ("text/html", "application/json")]
    return named[:1] == ["text/html"]


def _weighed(part: str) -> tuple[str, float]:
    value, *parameters = (word.strip().lower() for word in part.split(";"))
    weights = [parameter.removeprefix("q=") for parameter in parameters if parameter.startswith("q=")]
    try:
        return value, float(weights[0]) if weights else 1.0
    except ValueError:
        return value, 0.0
