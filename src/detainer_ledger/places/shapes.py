"""Outlines of counties and states on a plane, for maps that need no network."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

MAP_WIDTH, MAP_HEIGHT = 975, 610
"""The plane on which the outlines lie: Albers's projection, Alaska and Hawaii moved and made smaller."""

Geometry = dict[str, Any]
"""A GeoJSON geometry of kind MultiPolygon, its coordinates on the plane, y downwards."""


@cache
def county_shapes() -> Mapping[str, Geometry]:
    """Return the outline of each county of the fifty states and the District, by its code of 2017."""
    return {code: _geometry(rings) for code, rings in _shapes()["counties"].items()}


@cache
def state_shapes() -> Mapping[str, Geometry]:
    """Return the outline of each state, by its two-digit code."""
    return {code: _geometry(rings) for code, rings in _shapes()["states"].items()}


def _geometry(rings: list[list[int]]) -> Geometry:
    # Each ring is a polygon of its own: there are holes in hardly any county, and an outline is the same either way.
    polygons = [[[[ring[at] / 10, ring[at + 1] / 10] for at in range(0, len(ring), 2)]] for ring in rings]
    return {"type": "MultiPolygon", "coordinates": polygons}


@cache
def _shapes() -> dict[str, dict[str, list[list[int]]]]:
    packed = files(__package__).joinpath("reference/shapes.json.gz").read_bytes()
    shapes: dict[str, dict[str, list[list[int]]]] = json.loads(gzip.decompress(packed))
    return shapes
