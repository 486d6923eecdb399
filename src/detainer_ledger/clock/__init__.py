"""The hold clock: instants, local days, holidays, and the limits of a hold. Pure: no file, no network, no current time.

Instants are aware datetimes, and arithmetic on them is done in UTC; days are local calendar days of the facility's
zone, midnight to midnight. Imports the standard library, msgspec and ``terms`` only.
"""

from detainer_ledger.clock.algorithms import HOLD_HOURS, Algorithm, add_hold, skipped_days
from detainer_ledger.clock.hold import hold_limits
from detainer_ledger.clock.holidays import Holiday, holiday_table, is_excluded_day, legal_holidays
from detainer_ledger.clock.instants import day_begins, read_instant, read_start, to_the_second, zone_named
from detainer_ledger.clock.limits import HoldLimits, HoldStatus, Limit, hold_json, is_within
from detainer_ledger.clock.rules import ClockRule, NoticeMark, StartsFrom, Trust, clock_rules, notice_mark

__all__ = [
    "HOLD_HOURS",
    "Algorithm",
    "ClockRule",
    "HoldLimits",
    "HoldStatus",
    "Holiday",
    "Limit",
    "NoticeMark",
    "StartsFrom",
    "Trust",
    "add_hold",
    "clock_rules",
    "day_begins",
    "hold_json",
    "hold_limits",
    "holiday_table",
    "is_excluded_day",
    "is_within",
    "legal_holidays",
    "notice_mark",
    "read_instant",
    "read_start",
    "skipped_days",
    "to_the_second",
    "zone_named",
]
