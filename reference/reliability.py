"""Draw the reliability of the confidence on facilities on which it was not fitted.

python reference/reliability.py TRUTH.csv REGISTER…
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import vl_convert

from detainer_ledger.places import Placer, evaluate, is_fitted, read_register, read_truth

TARGET = Path(__file__).parents[1] / "docs" / "images" / "reliability.svg"


def main() -> None:
    """Write the diagram."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth", type=Path)
    parser.add_argument("registers", type=Path, nargs="*")
    given = parser.parse_args()
    placer = Placer(registers=tuple(read_register(path) for path in given.registers))
    truths = [each for each in read_truth(given.truth) if not is_fitted(each)]
    rows: list[dict[str, Any]] = []
    for without_city, what in ((False, "with city"), (True, "without city")):
        for each in evaluate(placer, truths, without_city=without_city).reliability:
            low, high = each.right.interval or (0.0, 1.0)
            rows.append(
                {
                    "what": what,
                    "confidence": each.confidence,
                    "right": each.right.value,
                    "low": low,
                    "high": high,
                    "answers": each.right.whole,
                }
            )
    scale = {"domain": [0.6, 1.0]}
    x = {"field": "confidence", "type": "quantitative", "scale": scale, "title": "confidence given"}
    y = {"type": "quantitative", "scale": scale, "title": "share of answers that are right"}
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": 420,
        "height": 420,
        "data": {"values": rows},
        "layer": [
            {
                "data": {"values": [{"a": 0.6}, {"a": 1.0}]},
                "mark": {"type": "line", "color": "#999999", "strokeDash": [4, 4]},
                "encoding": {
                    "x": {"field": "a", "type": "quantitative", "scale": scale},
                    "y": {"field": "a", "type": "quantitative", "scale": scale},
                },
            },
            {"mark": "rule", "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
            {
                "mark": {"type": "point", "filled": True, "opacity": 1},
                "encoding": {
                    "x": x,
                    "y": {**y, "field": "right"},
                    "size": {"field": "answers", "type": "quantitative", "title": "answers"},
                    "shape": {"field": "what", "type": "nominal", "title": None},
                    "color": {
                        "field": "what",
                        "type": "nominal",
                        "title": None,
                        "scale": {"range": ["#1f4e79", "#c2451a"]},
                    },
                },
            },
        ],
    }
    TARGET.write_text(vl_convert.vegalite_to_svg(spec, vl_version="6.4", allowed_base_urls=[]))


if __name__ == "__main__":
    main()
