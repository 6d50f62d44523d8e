"""Which language is chosen, how a text is found in it, and that people read it everywhere."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import nbformat
import pytest
import torch
from nbclient import NotebookClient

from autograder import check
from autograder.__main__ import main
from autograder.commands.voice import INTERRUPTED
from autograder.judge import Judge
from autograder.kata import load
from autograder.language import (
    LANGUAGE_VARIABLE,
    Catalogue,
    UnknownLanguageError,
    catalogue,
    hearing,
    language_in_force,
)
from autograder.markup import as_html, as_page
from autograder.probe import observe
from autograder.records import Execution, Grading, Scorecard, Status
from autograder.report import as_json, as_text
from autograder.scorecards import scorecard
from tests.course import Course, code_of, filled
from tests.katas import samples
from tests.preloaded import grading_is_forked
from tests.test_watch import Watch

WRONG = samples.SAMPLES / "wrong_per_layer_l1"


@pytest.fixture(autouse=True)
def no_language_from_outside(monkeypatch) -> None:
    monkeypatch.delenv(LANGUAGE_VARIABLE, raising=False)


def card_of(name: str, *, kata_name: str = "lottery_ticket") -> Scorecard:
    kata = load(kata_name)
    judge = Judge(kata, kata.draw_cases("public", hidden=False))
    model = next(m.model for m in kata.misconceptions if m.belief.id == name)
    verdicts = judge.verdicts([observe(model, case) for case in judge.cases])
    torch.set_grad_enabled(True)
    return scorecard(
        kata, "a.ipynb", Grading.GRADED, verdicts, Execution(Status.RETURNED), message="",
        notes=("cell 2 failed with ValueError: no; the rest was run as far as possible",),
    )  # fmt: skip


# How a catalogue finds a text

WORDS = Catalogue(
    {
        "{n} of {m} remaining": "{n} von {m} verbleibenden",
        "all {n}": "alle {n}",
        "all of them": "alle davon",
        "no mask on {name}": "keine Maske auf {name}",
        "some calls raised {text}": "einige lösten aus: {text}",
        "it was late": "es war spät",
        "{name} is {name}": "{name} ist {name}",
    }
)


@pytest.mark.parametrize(
    ("english", "other"),
    [
        ("3 of 10 remaining", "3 von 10 verbleibenden"),
        ("all 12", "alle 12"),
        ("all of them", "alle davon"),
        ("all of the rest", "all of the rest"),
        ("no mask on 0.w; no mask on 2.w", "keine Maske auf 0.w; keine Maske auf 2.w"),
        ("no mask on 0.w; nor here", "no mask on 0.w; nor here"),
        ("some calls raised it was late", "einige lösten aus: es war spät"),
        ("some calls raised 2 of 3 remaining", "einige lösten aus: 2 von 3 verbleibenden"),
        ("some calls raised {n} of {m}", "einige lösten aus: {n} of {m}"),
        ("some calls raised a\nb", "einige lösten aus: a\nb"),
        ("a is a", "a ist a"),
        ("a is b", "a is b"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_text_is_found_whole_or_with_values(english: str, other: str) -> None:
    assert WORDS(english) == other


def test_a_value_is_taken_over_as_it_is() -> None:
    assert WORDS("all {n}", n="{m} \\1 {n}") == "alle {m} \\1 {n}"


def test_what_is_longer_than_any_text_of_ours_is_not_looked_up() -> None:
    long = "some calls raised " + "x" * 10_000
    with hearing() as heard:
        assert WORDS(long) == long
    assert heard.missing == {long}


def test_english_needs_no_catalogue() -> None:
    assert catalogue("en", "lottery_ticket")("Should be") == "Should be"


def test_a_kata_without_a_catalogue_has_the_words_of_the_engine_and_of_other_katas() -> None:
    words = catalogue("de", "no_such_kata")
    assert words("not yet") == "noch nicht"
    assert words("Each layer loses its own fraction of weights").startswith("Jede Schicht")
    assert words("What it alone says") == "What it alone says"


# Which language


def test_the_option_comes_before_the_course_and_that_before_the_environment(monkeypatch) -> None:
    assert language_in_force() == "en"
    monkeypatch.setenv(LANGUAGE_VARIABLE, "de")
    assert language_in_force() == "de"
    assert language_in_force(None, course="en") == "en"
    assert language_in_force("de", course="en") == "de"


def test_an_unknown_language_is_told_with_those_that_there_are(monkeypatch) -> None:
    with pytest.raises(UnknownLanguageError, match=r"no language 'xx'; there are: de, en"):
        language_in_force("xx")
    monkeypatch.setenv(LANGUAGE_VARIABLE, "../de")
    with pytest.raises(UnknownLanguageError, match="there are: de, en"):
        language_in_force()


# Cards and pages


class Words(HTMLParser):
    """What a page says, without its style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said, self.language, self._style = "", "", False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = tag == "style"
        if tag == "html":
            self.language = str(dict(attrs)["lang"])

    def handle_endtag(self, tag: str) -> None:
        self._style = self._style and tag != "style"

    def handle_data(self, data: str) -> None:
        self.said += "" if self._style else data


ENGLISH_WORDS = re.compile(r"\b(the|of|which|[Ss]hould|[Ss]een|not|weights|layers?|passed)\b")


@pytest.mark.parametrize(
    ("name", "kata"),
    [
        ("per_layer_pruning", "lottery_ticket"),
        ("biases_too", "lottery_ticket"),
        ("theta0_without_mask", "lottery_ticket"),
        ("rewinds_to_theta0", "late_rewinding"),
        ("edits_state", "late_rewinding"),
    ],
)
def test_a_card_in_german_says_no_word_of_english(name: str, kata: str) -> None:
    card = card_of(name, kata_name=kata)
    for said in (as_text(card, language="de"), Words(as_page(card, language="de")).said):
        assert [word[0] for word in ENGLISH_WORDS.finditer(re.sub("„[^“]*“", "", said))] == []
        assert "Punkte" in said
        assert "Zelle 2 scheiterte mit ValueError: no" in said


def test_a_page_and_a_fragment_tell_their_language() -> None:
    card = card_of("per_layer_pruning")
    assert Words(as_page(card, language="de")).language == "de"
    assert Words(as_page(card)).language == "en"
    assert "<div class='ag' lang='de'>" in as_html(card, language="de")
    assert "<div class='ag'>" in as_html(card)


def test_the_json_object_is_the_same_in_every_language(monkeypatch) -> None:
    card = card_of("per_layer_pruning")
    english = as_json(card)
    monkeypatch.setenv(LANGUAGE_VARIABLE, "de")
    as_text(card, language="de")
    assert as_json(card) == english
    assert english["misconceptions"][0]["title"].startswith("Each layer")


# The learner's own check


def test_check_answers_in_the_language_that_is_asked_for(capsys, monkeypatch) -> None:
    function = samples.function_of(WRONG.name)
    assert function is not None
    check(function, language="de")
    said = capsys.readouterr().out
    assert "Jede Schicht verliert ihren eigenen Anteil der Gewichte" in said
    with pytest.raises(AssertionError, match="noch nicht"):
        check(function, "mask", language="de")
    monkeypatch.setenv(LANGUAGE_VARIABLE, "de")
    check(function, hints=3)
    assert "Dieselbe Idee an anderer Stelle" in capsys.readouterr().out
    with pytest.raises(LookupError, match="keine Prüfung namens 'masks'"):
        check(function, "masks")
    with pytest.raises(ValueError, match="hints muss von 1 bis 3 sein"):
        check(function, hints=4)
    with pytest.raises(ValueError, match="no language 'fr'; there are: de, en"):
        check(function, language="fr")


def test_a_notebook_answers_in_the_language_of_its_environment(monkeypatch) -> None:
    monkeypatch.setenv(LANGUAGE_VARIABLE, "de")
    ask = "check(find_winning_ticket_step)"
    cells = ["from autograder import check", ask, f"import torch\n{code_of(WRONG.name)}", ask]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, allow_errors=True).execute()
    _, early, _, asked = notebook.cells
    said = "".join(output.text for output in early.outputs if output.output_type == "stream")
    assert "find_winning_ticket_step ist noch nicht definiert: Führe die Zelle aus" in said
    (card,) = asked.outputs
    assert "<div class='ag' lang='de'>" in card.data["text/html"]
    assert "noch nicht" in card.data["text/plain"]


# The command line


def test_a_watch_speaks_german(tmp_path) -> None:
    path = tmp_path / "work" / "mine.py"
    path.parent.mkdir()
    path.write_text(code_of(WRONG.name), encoding="utf-8")
    watch = Watch(path, tmp_path / "scratch", "--language", "de")
    try:
        assert watch.process.stdout is not None
        watch.listen(watch.process.stdout.fileno())
        said = watch.hear("geprüft um")
        assert "Die erste Prüfung dauert einige Sekunden." in said
        assert "Jede Schicht verliert ihren eigenen Anteil der Gewichte" in said
        path.write_text("import torch\n", encoding="utf-8")
        assert "ist noch der leere Rumpf; fülle ihn aus" in watch.hear("geprüft um")
        code, said = watch.interrupt()
        assert (code, said) == (INTERRUPTED, "autograder: abgebrochen\n")
    finally:
        watch.process.kill()
        watch.process.communicate()


def grade(*options: object) -> int:
    with grading_is_forked():
        return main(["grade", str(samples.path_of(WRONG)), "--quiet", *map(str, options)])


def test_pages_are_german_and_results_english(tmp_path) -> None:
    results, pages = tmp_path / "results.jsonl", tmp_path / "pages"
    assert grade("--output", results, "--html", pages, "--language", "de") == 0
    (index,) = pages.glob("index.html")
    (page,) = set(pages.iterdir()) - {index}
    for path in (index, page):
        words = Words(path.read_text(encoding="utf-8"))
        assert words.language == "de"
        assert "Jede Schicht verliert ihren eigenen Anteil der Gewichte" in words.said
    assert "Abgabe" in index.read_text(encoding="utf-8")
    line = json.loads(results.read_text(encoding="utf-8"))
    assert line["misconceptions"][0]["title"] == "Each layer loses its own fraction of weights"

    assert main(["regrade", str(results), "--html", str(pages), "--quiet"]) == 0
    assert Words(page.read_text(encoding="utf-8")).language == "en"


def test_a_page_of_another_language_is_written_anew(tmp_path) -> None:
    results, pages = tmp_path / "results.jsonl", tmp_path / "pages"
    for code in ("en", "de"):
        assert grade("--output", results, "--html", pages, "--language", code) == 0
        assert {Words(page.read_text("utf-8")).language for page in pages.iterdir()} == {code}


@pytest.mark.parametrize("command", ["grade", "regrade", "watch", "autograde"])
def test_every_command_tells_an_unknown_language_at_once(command: str, capsys) -> None:
    assert main([command, "nothing", "--language", "fr"]) == 2
    assert capsys.readouterr().err == "autograder: there is no language 'fr'; there are: de, en\n"


# nbgrader


def test_the_feedback_of_nbgrader_is_in_the_language_that_its_configuration_says(tmp_path) -> None:
    course = Course(tmp_path / "course")
    course.environment[LANGUAGE_VARIABLE] = "en"
    with (course.folder / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write('c.Grade.language = "de"\n')
    starter = nbformat.read(course.generate(), as_version=4)
    course.hand_in("mia", filled(starter, code_of(WRONG.name)))
    course.autograde()
    assert course.points() == {"mia": samples.golden(WRONG)["points"]}
    course.nbgrader("generate_feedback", "lottery_ticket")
    assert "Jede Schicht verliert ihren eigenen Anteil der Gewichte" in course.feedback("mia")
