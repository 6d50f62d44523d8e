"""Scorecards as text, JSON and HTML."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import torch
from torch import nn

from autograder.disclosure import disclosed
from autograder.grading import Grader
from autograder.judge import Judge
from autograder.kata import Program, load
from autograder.markup import as_html, as_index, as_page
from autograder.probe import observe
from autograder.records import (
    Belief,
    Case,
    Entry,
    Execution,
    Fault,
    Finding,
    Grading,
    Grid,
    Outcome,
    Scorecard,
    Status,
    Submission,
    Topic,
    Verdict,
)  # fmt: skip
from autograder.report import ALL_HINTS, as_json, as_text, check_text, message_of, rungs, summary_of
from autograder.settings import Settings
from tests.engine.examples import toy_cases
from tests.katas import toy
from tests.preloaded import grading_is_forked

EVIL = "<script>alert('1')</script><img src=x onerror=alert(2)>\"'&"
TOPIC = Topic("The rules", "the second line", "The example.")
BELIEF = Belief("belief", "The title", "The explanation.", "Is this the hint?", TOPIC)
ENTRIES = (Entry(0.5, kept=True, rank=2), Entry(-0.25, kept=False, rank=1, differs=True))
GRID = Grid("0.weight, yours", "How to read it", (ENTRIES,))
FINDING = Finding("entries", "3 of 6", "2 of 6", "0.weight[0, 1] = 0.5", (GRID,))


def card(**changes: object) -> Scorecard:
    verdicts = (
        Verdict("mask", "The mask is right.", Outcome.PASSED, 3, 3),
        Verdict("rewind", "It is θ₀.", Outcome.FAILED, 0, 3, FINDING, "", "case", (BELIEF,)),
        Verdict(
            "rounds", "It holds.", Outcome.SKIPPED, 0, 1, None, "the check 'rewind' comes first"
        ),
    )
    made = Scorecard(
        submission="alice/solution.ipynb",
        kata="toy",
        status=Grading.GRADED,
        verdicts=verdicts,
        points=3.0,
        max_points=7.0,
        execution=Execution(Status.RETURNED, wall_seconds=0.123456, confinement=("process",)),
        notes=("a note",),
        versions={"torch": "2"},
    )
    return replace(made, **changes)


def evil_card() -> Scorecard:
    belief = Belief(EVIL, EVIL, EVIL, EVIL, Topic(EVIL, EVIL, EVIL))
    grid = Grid(EVIL, EVIL, ((Entry(1.0, kept=True),),))
    finding = Finding(EVIL, EVIL, EVIL + "2", EVIL, (grid,))
    verdicts = (
        Verdict(EVIL, EVIL, Outcome.FAILED, 0, 1, finding, EVIL, EVIL, (belief,)),
        Verdict(EVIL, EVIL, Outcome.SKIPPED, 0, 1, None, EVIL, EVIL, (belief,)),
        Verdict(EVIL, EVIL, Outcome.ERRORED, 0, 1, None, EVIL, EVIL),
    )
    fault = Fault(EVIL, EVIL, EVIL, 1, 1)
    return card(
        submission=EVIL, message=EVIL, notes=(EVIL,), verdicts=verdicts,
        execution=Execution(Status.RAISED, (), fault, (fault,)),
    )  # fmt: skip


class Tags(HTMLParser):
    """Collect the tags and attributes of a page; fail on a tag that is closed out of order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in {"meta", "img", "br", "wbr", "p"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "p":
            assert self._open.pop() == tag


# Text


def test_the_text_says_points_outcomes_findings_beliefs_and_notes() -> None:
    text = as_text(card())
    assert text.startswith("3 / 7 points")
    assert "✓ mask (3/3, passed): The mask is right." in text
    assert "✗ rewind (0/3, not yet): It is θ₀." in text
    assert "entries: 3 of 6, but should be 2 of 6 [0.weight[0, 1] = 0.5]" in text
    assert "– rounds (0/1, not reached): It holds." in text
    assert "not reached: the check 'rewind' comes first" in text
    for words in ("The title", "The explanation.", "Is this the hint?", "The rules", "a note"):
        assert words in text
    assert "(-0.250) #1" in text


@pytest.mark.parametrize("count", range(1, ALL_HINTS + 1))
def test_as_many_hints_are_shown_as_are_open(count: int) -> None:
    texts = [text for _, text in rungs(BELIEF)]
    assert len(texts) == ALL_HINTS
    shown = as_text(card(), opened={"belief": count})
    assert [text in shown for text in texts] == [n < count for n in range(ALL_HINTS)]
    assert ("opens with the next try" in shown) == (count < ALL_HINTS)
    html = as_html(card(), opened={"belief": count})
    assert html.count("<details open>") == count
    assert html.count("<details") == ALL_HINTS
    assert all(text in html for text in texts)


def test_matrices_stand_beside_each_other_where_they_fit() -> None:
    def lines(grid: Grid) -> list[str]:
        finding = replace(FINDING, grids=(grid, replace(grid, title="expected")))
        verdict = replace(card().verdicts[1], finding=finding)
        return as_text(card(verdicts=(verdict,))).splitlines()

    assert any("yours" in line and "expected" in line for line in lines(GRID))
    wide = replace(GRID, rows=(ENTRIES * 5,))
    assert not any("yours" in line and "expected" in line for line in lines(wide))


def test_an_entry_tells_without_colour_whether_it_is_kept_and_right() -> None:
    html = as_html(card())
    assert "<td>0.500<small>#2</small><span class='aloud'> kept</span></td>" in html
    assert ">✗ (-0.250)<small>#1</small><span class='aloud'> taken out, differs</span></td>" in html


def test_a_belief_of_two_checks_is_told_in_full_once() -> None:
    verdict = card().verdicts[1]
    text = as_text(card(verdicts=(verdict, replace(verdict, check="other"))))
    assert text.count("Is this the hint?") == 1
    assert text.count("The title") == 2
    assert text.count("How to read it") == 1


@pytest.mark.parametrize(
    ("status", "points", "words"),
    [
        (Grading.NOT_ATTEMPTED, 0.0, "0 / 7 points (not attempted)"),
        (Grading.UNREADABLE, None, "could not be graded"),
        (Grading.ERROR, None, "could not be graded"),
    ],
)
def test_the_headline_tells_the_status(status: Grading, points: float | None, words: str) -> None:
    text = as_text(card(status=status, points=points, message="the reason"))
    assert text.splitlines()[0] == f"{words}: the reason"


LONG = "TimeoutError: it was still running after 5 seconds in `while True: pass`"


def unreached(*reasons: str, **changes: object) -> Scorecard:
    skipped = card().verdicts[2]
    verdicts = [replace(skipped, check=f"c{n}", reason=one) for n, one in enumerate(reasons)]
    return card(verdicts=tuple(verdicts), **changes)


def test_a_reason_that_the_message_gives_is_said_once() -> None:
    shown = unreached(LONG, LONG, LONG, message=LONG)
    assert as_text(shown).count("it was still running") == 1
    assert as_page(shown).count("it was still running") == 1
    assert [check["message"] for check in as_json(shown)["checks"]] == [f"not reached: {LONG}"] * 3


def test_a_reason_is_given_at_the_first_check_that_it_holds_for() -> None:
    shown = unreached("another", LONG, LONG, message="some calls raised TimeoutError")
    lines = as_text(shown).splitlines()
    assert [line.strip() for line in lines if line.startswith("    ")] == [
        "not reached: another", f"not reached: {LONG}", "not reached: for the same reason",
    ]  # fmt: skip
    html = as_html(shown)
    assert (html.count("it was still running"), html.count("(for the same reason)")) == (1, 1)


def test_a_belief_behind_one_reason_is_named_once_and_further_ones_still() -> None:
    other = replace(BELIEF, id="other", title="Another title")
    first, second = unreached(LONG, LONG).verdicts
    first = replace(first, explained_by=(BELIEF,))
    second = replace(second, explained_by=(BELIEF, other))
    for form in (as_text, as_html):
        shown = form(card(verdicts=(first, second)))
        assert (shown.count("The title"), shown.count("Another title")) == (1, 1)


def test_alternatives_are_told_apart_from_beliefs_that_all_hold() -> None:
    beliefs = (BELIEF, replace(BELIEF, id="other", title="Another title"))
    verdict = replace(card().verdicts[1], explained_by=beliefs)
    for form in (as_text, as_html):
        both = form(card(verdicts=(verdict,)))
        assert both.count("It looks like this belief:") == 2
        one = form(card(verdicts=(replace(verdict, either=True),)))
        assert "It looks like this belief:" not in one
        assert 0 < one.index("It looks like one of these beliefs:") < one.index("The title")
        assert one.index("The title") < one.index("Or it is this one:") < one.index("Another")


def test_one_check_by_itself_says_its_reason_once() -> None:
    shown = unreached(LONG, LONG, message=LONG)
    for verdict in shown.verdicts:
        assert as_html(shown, only=verdict.check).count("it was still running") == 1
        assert check_text(verdict).count("it was still running") == 1
    other = as_html(replace(shown, message="the message"), only="c1")
    assert ("the message" in other, other.count("it was still running")) == (True, 1)


def test_not_attempted_is_said_once() -> None:
    status = Grading.NOT_ATTEMPTED
    shown = unreached("not attempted", "not attempted", status=status, message="is a stub")
    assert as_text(shown).count("not attempted") == as_html(shown).count("not attempted") == 1
    assert as_html(shown, only="c1").count("not attempted") == 1


def test_what_stands_in_backticks_is_code_on_a_page() -> None:
    page = as_page(unreached(LONG, notes=("cell 2 failed in `1 / 0`",)))
    assert "<code>while True: pass</code>" in page
    assert "<code>1 / 0</code>" in page
    assert "`" not in page


def test_the_text_of_one_check_is_part_of_the_whole() -> None:
    for verdict in card().verdicts:
        assert check_text(verdict) in as_text(card())


def test_an_errored_check_says_its_reason() -> None:
    verdict = Verdict("mask", "It holds.", Outcome.ERRORED, 0, 3, None, "the check itself failed")
    assert message_of(verdict) == "the check itself failed"
    assert "could not be judged" in check_text(verdict)


# JSON

FIELDS = {
    "format", "submission", "kata", "status", "points", "max_points", "message", "notes", "checks",
    "misconceptions", "execution", "confinement", "versions",
}  # fmt: skip


def test_the_json_object_has_exactly_the_documented_fields() -> None:
    seen = as_json(card())
    assert seen.keys() == FIELDS
    assert all(
        check.keys()
        == {"id", "title", "outcome", "points", "max_points", "message", "misconceptions"}
        for check in seen["checks"]
    )
    assert all(belief.keys() == {"id", "title", "hint"} for belief in seen["misconceptions"])
    assert seen["execution"].keys() == {"status", "error", "wall_seconds"}


def test_the_json_object_holds_the_scorecard_and_survives_a_round_trip() -> None:
    seen = json.loads(json.dumps(as_json(card())))
    assert seen == as_json(card())
    assert (seen["format"], seen["submission"], seen["kata"]) == (1, "alice/solution.ipynb", "toy")
    assert (seen["status"], seen["points"], seen["max_points"]) == ("graded", 3.0, 7.0)
    assert [check["outcome"] for check in seen["checks"]] == ["passed", "failed", "skipped"]
    assert seen["checks"][1]["misconceptions"] == ["belief"]
    assert seen["misconceptions"] == [
        {"id": "belief", "title": "The title", "hint": "Is this the hint?"}
    ]
    assert seen["execution"] == {"status": "returned", "error": None, "wall_seconds": 0.1235}
    assert seen["confinement"] == ["process"]
    assert seen["versions"] == {"torch": "2"}


def test_an_error_has_the_learners_own_line() -> None:
    fault = Fault("ValueError", "the reason", "x = f(y)", 7, 3)
    seen = as_json(card(execution=Execution(Status.RAISED, fault=fault)))["execution"]
    assert seen["status"] == "raised"
    for words in ("ValueError", "the reason", "x = f(y)", "line 7", "cell 3"):
        assert words in seen["error"]


def test_an_error_that_says_nothing_leaves_no_gap() -> None:
    fault = Fault("KeyError", "", "raise KeyError", 7)
    seen = as_json(card(execution=Execution(Status.RAISED, fault=fault)))["execution"]
    assert seen["error"] == "KeyError (line 7: raise KeyError)"


def test_a_submission_without_points_has_null() -> None:
    assert as_json(card(status=Grading.ERROR, points=None))["points"] is None


@pytest.mark.parametrize("grading", list(Grading))
@pytest.mark.parametrize("status", list(Status))
def test_every_status_is_written_by_its_documented_word(grading: Grading, status: Status) -> None:
    seen = as_json(card(status=grading, execution=Execution(status)))
    assert seen["status"] in {"graded", "not_attempted", "unreadable", "error"}
    assert seen["execution"]["status"] in {
        "returned", "raised", "timed_out", "out_of_memory", "crashed", "malformed",
    }  # fmt: skip


def test_at_most_three_beliefs_are_listed_each_once() -> None:
    many = tuple(replace(BELIEF, id=f"belief_{n}") for n in range(5))
    verdict = card().verdicts[1]
    verdicts = tuple(replace(verdict, explained_by=many[n : n + 2]) for n in range(4))
    ids = [belief["id"] for belief in as_json(card(verdicts=verdicts))["misconceptions"]]
    assert ids == ["belief_0", "belief_1", "belief_2"]


# HTML


def test_html_is_well_formed_and_says_what_the_text_says() -> None:
    page = as_page(card())
    tags = Tags(page).seen
    assert tags[0] == ("html", {"lang": "en"})
    for words in ("alice/solution.ipynb", "3 / 7", "The title", "3 of 6", "2 of 6"):
        assert words in page
    Tags(as_html(card()))


def test_what_a_learner_says_takes_one_line_and_cannot_look_like_another_card() -> None:
    forged = "it raised ValueError:\n \nada/solution.py\r\n10 / 10 points\u2028✓ mask"
    verdict = Verdict("mask", "It is right.", Outcome.FAILED, 0, 3)
    verdicts = (
        replace(verdict, reason=f"the call raised {forged}"),
        replace(verdict, finding=Finding("entries", forged, "all")),
        replace(verdict, finding=Finding("entries", "2", "1", where=forged)),
    )
    text = as_text(card(message=forged, notes=(forged,), verdicts=verdicts))
    told = [line for line in text.splitlines() if "ada/solution.py" in line]
    assert len(told) == 5
    assert all("it raised" in line and "✓ mask" in line for line in told)
    assert len(text.splitlines()) == 1 + 2 * len(verdicts) + 1


def test_everything_from_a_learner_is_escaped() -> None:
    for text in (
        as_html(evil_card()),
        as_html(evil_card(), only=EVIL),
        as_page(evil_card()),
        as_index([(summary_of(evil_card()), EVIL)], title=EVIL),
    ):
        tags = Tags(text).seen
        assert not {"script", "img", "iframe", "object", "svg"} & {tag for tag, _ in tags}
        assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]
        assert "<script" not in text
        assert "&lt;script&gt;" in text


def test_a_page_forbids_scripts_and_loads_nothing() -> None:
    tags = Tags(as_page(card())).seen
    policies = [a["content"] for tag, a in tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert "default-src 'none'" in str(policies[0])
    assert "script-src" not in str(policies[0])
    assert not [a for _, a in tags if {"src", "href", "srcset", "data"} & a.keys()]


def row(**changes: object) -> str:
    index = as_index([(summary_of(card(**changes)), "link")], title="Submissions")
    return index.split("<tbody>")[1]


def test_the_index_says_what_failed_where_no_belief_is_named() -> None:
    passed, failed, _ = card().verdicts
    assert "<td>The title</td></tr>" in row()
    unnamed = (passed, replace(failed, explained_by=()), replace(failed, title="Later."))
    assert "<td>not yet: It is θ₀.</td></tr>" in row(verdicts=unnamed[:2])
    assert "<td>raised</td></tr>" in row(verdicts=unnamed[:2], message="raised")
    assert "<td></td></tr>" in row(verdicts=(passed,))


def test_the_index_has_a_dash_where_there_is_no_grade() -> None:
    assert "<td>unreadable</td><td>–</td>" in row(status=Grading.UNREADABLE, points=None)


def test_a_long_path_may_break_where_a_reader_would_break_it() -> None:
    assert ">a_<wbr>b/<wbr>c.py</a>" in row(submission="a_b/c.py")


def test_html_of_one_check_shows_no_other() -> None:
    html = as_html(card(), only="rewind")
    assert "rewind" in html
    assert "The mask is right." not in html
    assert "rounds" not in html


# Hidden cases

KATA = load("lottery_ticket")
HIDDEN = KATA.draw_cases("a secret of this test", hidden=True)


def numbers(cases: tuple[Case, ...]) -> set[str]:
    """Every value of the cases that is long enough to be no accident (seconds have four digits)."""
    tensors = [
        value
        for case in cases
        for values in (*case.states.values(), *case.trained, {"example": case.example})
        for value in values.values()
        if value.is_floating_point()
    ]
    values = [abs(float(v)) for tensor in tensors for v in tensor.flatten()]
    return {text for v in values for text in (f"{v:.4g}", f"{v:.4f}", repr(v)) if len(text) >= 7}


def blabs(model: nn.Module, *_: object, **__: object) -> None:
    raise ValueError(str([p.flatten().tolist() for p in model.parameters()]))


def blabs_later(model: nn.Module, *args: object, **kwargs: object) -> object:
    if any("mask" in name for name, _ in model.named_buffers()):
        blabs(model)
    return KATA.reference(model, *args, **kwargs)


def blabs_in_forward(model: nn.Module, *args: object, **kwargs: object) -> object:
    KATA.reference(model, *args, **kwargs)
    values = str([p.flatten().tolist() for p in model.parameters()])

    def hook(*_: object) -> None:
        raise ValueError(values)

    model.register_forward_pre_hook(hook)
    return model


PROGRAMS: dict[str, Program] = {
    m.belief.id: m.model for m in KATA.misconceptions if m.model is not None
} | {"blabs": blabs, "blabs_later": blabs_later, "blabs_in_forward": blabs_in_forward}


@pytest.fixture(scope="module")
def hidden_judge() -> Judge:
    return Judge(replace(KATA, misconceptions=[]), HIDDEN)  # beliefs hold no values


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_hidden_case_shows_no_value_of_its_tensors(hidden_judge: Judge, program: Program) -> None:
    verdicts = hidden_judge.verdicts([observe(program, case) for case in hidden_judge.cases])
    shown = card(verdicts=verdicts)
    text = as_text(shown) + json.dumps(as_json(shown)) + as_page(shown)
    assert [number for number in numbers(HIDDEN) if number in text] == []


def test_the_scorecard_of_a_submission_that_blabs_shows_no_hidden_value() -> None:
    """The message of an exception is the learner's: it may hold the inputs of a hidden case."""
    cell = (
        "def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):\n"
        "    if first(model) not in KNOWN:\n"
        "        raise ValueError(repr(first(model)))\n"
        "    return model\n"
    )
    shown = KATA.draw_cases("public", hidden=False)
    first = "[p.flatten().tolist()[:3] for p in model.parameters()][:1]"
    known = [
        [case.trained[0][next(iter(case.trained[0]))].flatten().tolist()[:3]] for case in shown
    ]
    prelude = f"KNOWN = {known!r}\ndef first(model):\n    return {first}\n"
    with grading_is_forked():
        grader = Grader(Settings("lottery_ticket", seed="a secret of this test", timeout=30.0))
    try:
        scorecard = grader.grade(
            Submission("blabs", (prelude + cell,), KATA.entry_point, attempted=True)
        ).card
    finally:
        grader.close()
    text = as_text(scorecard) + json.dumps(as_json(scorecard))
    assert "ValueError" in text
    assert [number for number in numbers(HIDDEN) if number in text] == []


def test_the_numbers_of_a_case_are_found_where_they_are_shown() -> None:
    shown = toy.kata.draw_cases("a seed", hidden=False)
    judge = Judge(toy.kata, shown)

    def odd(model: nn.Module, *_: object, **__: object) -> nn.Module:
        with torch.no_grad():
            model[0].weight.zero_()
        return model

    verdicts = judge.verdicts([observe(odd, case) for case in judge.cases])
    assert [number for number in numbers(shown) if number in as_text(card(verdicts=verdicts))]


def test_what_later_rounds_were_asked_is_disclosed() -> None:
    cases = [replace(case, later={"factor": 0.75}) for case in toy_cases()[:1]]
    said = disclosed(card(), (), cases, [case.id for case in cases])
    assert "; in later ones factor=0.75\n" in said
