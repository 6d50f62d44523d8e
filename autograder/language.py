"""The language in which people read: results are English, and are translated as they are shown.

A catalogue is a gettext file, `translations/<language>.po`: one for the engine's words, and one in
the folder of each kata that is translated. The English text is the key, so English is complete by
itself, and a text whose English has changed is shown in English until it is translated again.

A placeholder such as `{n}` in an entry stands for one word, which is taken over as it is. One that
is named `line`, `message`, `names` or `text` may hold spaces; a `{text}` is translated in its turn.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from autograder.records import Belief, Finding, Grid, Scorecard, Topic, Verdict

ENGLISH = "en"
LANGUAGE_VARIABLE = "AUTOGRADER_LANGUAGE"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PACKAGE = Path(__file__).parent
_WITH_SPACES = ("line", "message", "names", "text")
_ANY, _WORD = r".+", r"[^\s;]+"
_MAX_CHARS = 4000  # no text of ours is longer; a learner's may be, and patterns take their time
_REMEMBERED = 4096  # texts
_SEPARATOR = "; "


class UnknownLanguageError(ValueError):
    """There is no such language; the message names those that there are."""


@dataclass
class Heard:
    """What was asked of catalogues: entries that were used, and texts that had none."""

    used: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)


_hearing: ContextVar[Heard | None] = ContextVar("_hearing", default=None)


@contextmanager
def hearing() -> Iterator[Heard]:
    """Note what is asked of catalogues in a `with` block: so a translation is tested."""
    heard = Heard()
    token = _hearing.set(heard)
    try:
        yield heard
    finally:
        _hearing.reset(token)


class _Found(NamedTuple):
    """What is said for a text, by which entries, and what of it has none."""

    said: str
    used: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()


def _untranslated(text: str) -> _Found:
    return _Found(text, missing=frozenset({text} - {""}))


class Catalogue:
    """Turns English texts into one language.

    Args:
        entries: Translations by their English texts.
    """

    def __init__(self, entries: Mapping[str, str]) -> None:
        """Sort the entries that hold placeholders: the one that says most is tried first."""
        self.entries = entries
        patterns = [text for text in entries if PLACEHOLDER.search(text)]
        patterns.sort(key=lambda text: len(PLACEHOLDER.sub("", text)), reverse=True)
        self._patterns = [(re.compile(_pattern(text), re.DOTALL), text) for text in patterns]
        self._find = lru_cache(_REMEMBERED)(self._found)

    def __call__(self, text: str, /, **values: object) -> str:
        """Translate a text; one that has no entry stays as it is.

        Args:
            text: English.
            values: What to put in the place of its placeholders.
        """
        find = self._find if len(text) <= _MAX_CHARS else _untranslated
        found = find(text)
        if (heard := _hearing.get()) is not None:
            heard.used |= found.used
            heard.missing |= found.missing
        return _filled(found.said, {name: str(value) for name, value in values.items()})

    def card(self, card: Scorecard) -> Scorecard:
        """Translate all that people read of a scorecard."""
        return replace(
            card,
            verdicts=tuple(map(self.verdict, card.verdicts)),
            message=self(card.message),
            notes=tuple(map(self, card.notes)),
        )

    def verdict(self, verdict: Verdict) -> Verdict:
        """Translate all that people read of a verdict."""
        return replace(
            verdict,
            title=self(verdict.title),
            finding=verdict.finding and self._finding(verdict.finding),
            reason=self(verdict.reason),
            explained_by=tuple(map(self.belief, verdict.explained_by)),
        )

    def belief(self, belief: Belief) -> Belief:
        """Translate a belief with its hints."""
        topic = belief.see
        return replace(
            belief,
            title=self(belief.title),
            explanation=self(belief.explanation),
            hint=self(belief.hint),
            see=Topic(self(topic.section), self(topic.place), self(topic.example)),
        )

    def _finding(self, finding: Finding) -> Finding:
        return replace(
            finding,
            what=self(finding.what),
            got=self(finding.got),
            expected=self(finding.expected),
            where=self(finding.where),
            grids=tuple(
                Grid(self(grid.title), self(grid.legend), grid.rows) for grid in finding.grids
            ),
        )

    def _found(self, text: str) -> _Found:
        """Find the translation of a text, if there is one, and the entries that make it."""
        if text in self.entries:
            return _Found(self.entries[text], frozenset({text}))
        for pattern, template in self._patterns:
            if matched := pattern.fullmatch(text):
                values = matched.groupdict()
                within = self._found(values.get("text", ""))
                said = _filled(self.entries[template], values | {"text": within.said})
                return _Found(said, within.used | {template}, within.missing)
        parts = [self._found(part) for part in text.split(_SEPARATOR) if part != text]
        if parts and not any(part.missing for part in parts):  # a list of texts
            said = _SEPARATOR.join(part.said for part in parts)
            return _Found(said, frozenset().union(*(part.used for part in parts)))
        return _untranslated(text)


def languages() -> list[str]:
    """Name the languages that there are."""
    return sorted({ENGLISH, *(path.stem for path in (_PACKAGE / "translations").glob("*.po"))})


def language_in_force(option: str | None = None, *, course: str | None = None) -> str:
    """Choose the language: the option, the course's, the environment's, or English.

    Raises:
        UnknownLanguageError: The first of these that is set names none.
    """
    chosen = option or course or os.environ.get(LANGUAGE_VARIABLE) or ENGLISH
    if chosen not in languages():
        known = ", ".join(languages())
        raise UnknownLanguageError(f"there is no language {chosen!r}; there are: {known}")
    return chosen


@cache
def catalogue(language: str, kata: str = "") -> Catalogue:
    """Load the words of the engine, and of a kata, in a language.

    One kata may use another's checks and beliefs, so the words of the others count where it has
    none of its own.

    Args:
        language: One of `languages()`.
        kata: Name of the kata. What it says is English where there is no translation.
    """
    if language == ENGLISH:
        return Catalogue({})
    katas = sorted((_PACKAGE / "katas").glob(f"*/translations/{language}.po"))
    engine = _PACKAGE / "translations" / f"{language}.po"
    files = [engine, *katas, catalogue_of(kata, language)]
    return Catalogue({k: v for file in files for k, v in entries_in(file).items()})


def catalogue_of(kata: str, language: str) -> Path:
    """Tell where a kata's catalogue lies, if it has one."""
    return _PACKAGE / "katas" / kata / "translations" / f"{language}.po"


def entries_in(path: Path) -> dict[str, str]:
    """Read a catalogue; none if it is not there. What is not finished is left out.

    Source: https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html
    """
    if not path.is_file():
        return {}
    from babel.messages.pofile import read_po  # noqa: PLC0415 - few need it

    with path.open("rb") as file:
        messages = list(read_po(file, abort_invalid=True))
    return {
        message.id: message.string
        for message in messages
        if isinstance(message.id, str) and isinstance(message.string, str)
        if message.id and message.string and not message.fuzzy
    }


def _pattern(template: str) -> str:
    """Write an entry with placeholders as a regular expression."""
    parts = PLACEHOLDER.split(template)
    literals, names = parts[::2], parts[1::2]
    groups = [
        f"(?P<{name}>{_ANY if name in _WITH_SPACES else _WORD})"
        if name not in names[:place]
        else f"(?P={name})"
        for place, name in enumerate(names)
    ]
    texts = map(re.escape, literals)
    return "".join(part for pair in zip(texts, [*groups, ""], strict=True) for part in pair)


def _filled(template: str, values: Mapping[str, str]) -> str:
    """Put values in the place of placeholders, and nothing in the place of those within values."""
    if not values:
        return template
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), template)
