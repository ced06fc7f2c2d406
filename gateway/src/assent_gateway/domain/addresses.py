"""Whose address a request comes from when it passed through proxies that we run."""

UNKNOWN = "unknown"


def client_address(peer: str | None, forwarded_for: list[str], *, trusted_proxies: int) -> str:
    """The address that the outermost proxy of ours saw.

    Each proxy appends the address that it was called from, so with *n* of ours in front the *n*-th from the right is to be believed and
    everything left of it is the caller's own claim. Without proxies the header is ignored.
    """
    if trusted_proxies:
        claimed = [address.strip() for line in forwarded_for for address in line.split(",") if address.strip()]
        if len(claimed) >= trusted_proxies:
            return claimed[-trusted_proxies]
    return peer or UNKNOWN
