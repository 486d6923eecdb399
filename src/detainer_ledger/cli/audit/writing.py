"""What the statistical commands of an audit share: the folder's option, JSON, and how bounds are told."""

from __future__ import annotations

import json
from math import floor, log10
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from detainer_ledger.audit.values import Estimate

EXIT_NO = 1
"""Exit code where the answer is no."""

audit_option = click.option(
    "--audit", "folder", required=True, type=click.Path(path_type=Path), metavar="DIR", help="The audit's folder."
)


def print_json(value: Any) -> None:
    """Print a value as indented JSON on standard output."""
    click.echo(json.dumps(value, indent=1, ensure_ascii=False, default=str))


def level(estimate: Estimate) -> str:
    """Return in words how sure the bounds of an estimate are."""
    share = f"{estimate.confidence * 100:g} %"
    return (
        f"both together with {share} confidence" if estimate.sides == 2 else f"each by itself with {share} confidence"
    )


def percent(rate: float | None) -> str:
    """Return a share in percent with one decimal, with more where it would look like none or all; a dash for None."""
    if rate is None:
        return "-"
    gap = min(rate, 1 - rate) * 100
    decimals = 1 if gap <= 0 or gap >= 0.05 else 1 - floor(log10(gap))
    return f"{rate * 100:.{decimals}f} %"
