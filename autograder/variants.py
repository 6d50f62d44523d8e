"""Hidden cases of a learner's own: a seed for each, from the secret one and the learner's id.

Whoever passes on what hidden cases ask for passes on cases that nobody else has.
"""

from __future__ import annotations

import hmac
import re
from pathlib import Path

NBGRADER_LAYOUT = "{learner}/*/*"
_LEARNER = "{learner}"


def learner_in(path: Path, pattern: str) -> str:
    """Read a learner's id from the end of a path; empty if it does not match.

    Without a pattern nobody has cases of their own, and there is no id.

    Args:
        path: Of a submission.
        pattern: Names of folders and file, `/` between them; `{learner}` stands for the id, `*` for
            any part of a name. `{learner}/*/*` is nbgrader's layout, `{learner}.*` a flat folder.
    """
    if not pattern:
        return ""
    matched = re.fullmatch(_regular(pattern), f"/{(Path.cwd() / path).as_posix()}", re.DOTALL)
    return matched["learner"] if matched else ""


def is_pattern(text: str) -> bool:
    """Tell whether a text names the learner exactly once."""
    return text.count(_LEARNER) == 1


def seed_of(learner: str, seed: str) -> str:
    """Make a learner's own seed; nobody can tell the class's secret, or another's, from it."""
    return hmac.new(seed.encode(), learner.encode("utf-8", "surrogateescape"), "sha256").hexdigest()


def _regular(pattern: str) -> str:
    before, _, after = pattern.partition(_LEARNER)
    any_name = re.escape("*")
    ends = [re.escape(part).replace(any_name, "[^/]*") for part in (before, after)]
    return f".*/{ends[0]}(?P<learner>[^/]+?){ends[1]}"
