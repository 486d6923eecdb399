"""The schema of a protocol as JSON Schema, which editors check a document against while it is written."""

from __future__ import annotations

from typing import Any

from detainer_ledger.casework.screening.protocol import (
    KEYS,
    LONGEST_HOURS,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_STEPS,
    SCREENING_ROLES,
    STEP_KEYS,
    ScreeningResult,
    Trigger,
)
from detainer_ledger.clock import Algorithm

_LINE = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
_NAME = {"type": "string", "pattern": "^[a-z0-9/_-]*[a-z0-9][a-z0-9/_-]*$", "maxLength": LONGEST_NAME}
_WORD = {"type": "string", "pattern": r"^[^\s@]+$", "maxLength": LONGEST_NAME}
_FLAG = {"type": "boolean"}
_LINES = {"type": "array", "items": _LINE, "uniqueItems": True}

_KINDS: dict[str, dict[str, Any]] = {"id": _NAME, "version": _WORD, "title": _LINE, "source": _LINE}
_KINDS |= {"in_force_from": {"type": "string", "format": "date"}, "is_illustrative": _FLAG}

_STEP_KINDS: dict[str, dict[str, Any]] = {
    "id": _NAME,
    "title": _LINE,
    "trigger": {"enum": [each.value for each in Trigger]},
    "on_results": {"type": "array", "items": {"enum": [each.value for each in ScreeningResult]}, "uniqueItems": True},
    "every_days": {"type": "integer", "minimum": 1, "maximum": LONGEST_HOURS // 24},
    "hours": {"type": "integer", "minimum": 1, "maximum": LONGEST_HOURS},
    "clock": {"enum": [each.value for each in Algorithm]},
    "roles": {"type": "array", "items": {"enum": list(SCREENING_ROLES)}, "minItems": 1, "uniqueItems": True},
    "required": _FLAG,
    "evidence": _LINES,
    "depends_on": _LINES,
    "by_another": _FLAG,
    "source": _LINE,
}


def protocol_schema() -> dict[str, Any]:
    """Return the schema, in draft 2020-12. What it cannot say, such as that no steps go in a circle, is checked too."""
    step = {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "title", "trigger", "roles", "source"],
        "properties": {key: {**_STEP_KINDS[key], "description": says} for key, says in STEP_KEYS.items()},
    }
    kinds = {**_KINDS, "step": {"type": "array", "minItems": 1, "maxItems": MOST_STEPS, "items": step}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Screening protocol",
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "version", "title", "in_force_from", "source", "step"],
        "properties": {key: {**kinds[key], "description": says} for key, says in KEYS.items()},
    }
