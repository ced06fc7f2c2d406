"""Drawing a Vega-Lite specification: SVG and PNG without a browser and without the network."""

import json
from typing import Any

import vl_convert

VERSION = "5.21"
NO_FETCHING: list[str] = []
SCALE = 2.0


def as_svg(spec: dict[str, Any]) -> str:
    """The chart as SVG, its description as the title that screen readers read."""
    drawn: str = vl_convert.vegalite_to_svg(json.dumps(spec), vl_version=VERSION, allowed_base_urls=NO_FETCHING)
    return drawn


def as_png(spec: dict[str, Any]) -> bytes:
    """The chart as PNG, at twice the size of a screen's pixels."""
    drawn: bytes = vl_convert.vegalite_to_png(json.dumps(spec), vl_version=VERSION, scale=SCALE, allowed_base_urls=NO_FETCHING)
    return drawn
