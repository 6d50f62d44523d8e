"""Times of hand-in as Moodle, Canvas and people write them, in English or German.

Only what can be read in one way is: the month is a word, or stands where the year's place or the
dots of `day.month.year` tell it. A time without its day or its hour is none.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo

HOW = "write it as 2026-01-31 23:59, or with its offset from UTC as 2026-01-31 23:59 +01:00"

_WORD = r"[^\W\d_]+\.?"
_DATES = (
    r"(?P<year>\d{4})(?P<mark>[-/])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)",
    r"(?P<day>\d\d?)\. ?(?P<month>\d\d?)\. ?(?P<year>\d{4})",
    r"(?P<one>\d\d?)(?P<mark>[-/])(?P<other>\d\d?)(?P=mark)(?P<year>\d{4})",
    rf"(?P<day>\d\d?)\.? (?P<name>{_WORD}) (?P<year>\d{{4}})",
    rf"(?P<name>{_WORD}) (?P<day>\d\d?),? (?P<year>\d{{4}})",
)
_CLOCK = (
    r"(?:T|,? (?:at |um )?)(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?(?: Uhr)?(?: ?(?P<zone>\S+))?"
)
_FORMS = tuple(re.compile(rf"(?:{_WORD},? )?{date}{_CLOCK}") for date in _DATES)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?")
_MONTHS = (
    "january januar jänner jan jän",
    "february februar feber feb",
    "march märz mar mär mrz",
    "april apr",
    "may mai",
    "june juni jun",
    "july juli jul",
    "august aug",
    "september sept sep",
    "october oktober oct okt",
    "november nov",
    "december dezember dec dez",
)
_NUMBERS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_NOON = 12


class UnsureError(ValueError):
    """Why a time cannot be taken, in words that follow it."""


def in_utc(text: str, zone: tzinfo) -> datetime:
    """Read a time.

    Args:
        text: The day and the time of day.
        zone: Where it was, if the text names no zone.

    Raises:
        UnsureError: It cannot be read, or in more than one way, or the clocks skipped it.
    """
    plain = unicodedata.normalize("NFC", " ".join(text.split()))
    found = next(filter(None, (form.fullmatch(plain) for form in _FORMS)), None)
    if found is None:
        raise UnsureError("which cannot be read")
    parts = {name: part or "" for name, part in found.groupdict().items()}
    where = _zone(parts["zone"]) or zone
    month, day = _month_and_day(parts)
    try:
        moment = datetime(
            int(parts["year"]),
            month,
            day,
            _hour(int(parts["hour"]), parts["half"].lower()),
            int(parts["minute"]),
            int(parts["second"] or 0),
            tzinfo=where,
        )
        utc = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnsureError("which cannot be read") from error
    if moment.utcoffset() != moment.replace(fold=1).utcoffset():
        raise UnsureError("which the clocks there show twice or never, so that its offset must be"
                          " given")  # fmt: skip
    return utc


def _month_and_day(parts: dict[str, str]) -> tuple[int, int]:
    """Tell the two apart; 0 for a month that is none."""
    if "one" in parts:
        one, other = int(parts["one"]), int(parts["other"])
        if one != other and max(one, other) <= len(_MONTHS):
            raise UnsureError("in which day and month may be the one or the other")
        return min(one, other), max(one, other)
    if "name" in parts:
        return _NUMBERS.get(parts["name"].rstrip(".").lower(), 0), int(parts["day"])
    return int(parts["month"]), int(parts["day"])


def _hour(hour: int, half: str) -> int:
    """Count the hours from midnight."""
    if not half:
        return hour
    if not 1 <= hour <= _NOON:
        raise ValueError
    return hour % _NOON + (_NOON if half == "p" else 0)


def _zone(name: str) -> tzinfo | None:
    """Find a zone; other names than these stand for several, one in each part of the world."""
    if not name:
        return None
    if name in ("Z", "UTC", "GMT"):
        return UTC
    offset = _OFFSET.fullmatch(name)
    try:
        hours, minutes = (int(offset[place] or 0) for place in (2, 3)) if offset else (24, 0)
        sign = -1 if name.startswith("-") else 1
        return timezone(sign * timedelta(hours=hours, minutes=minutes))
    except ValueError as error:
        raise UnsureError(f"whose zone {name!r} is not known") from error
