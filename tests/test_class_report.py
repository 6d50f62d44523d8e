"""The report on a class, as an instructor asks for it: real results as text, page and table."""

from __future__ import annotations

import csv
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.__main__ import main
from autograder.archive import Archive
from autograder.commands import evidence
from autograder.commands.voice import DONE, FAILED, INTERRUPTED
from tests.engine.examples import SAMPLES
from tests.engine.results import belief, line
from tests.preloaded import run

WHOSE = "quintessa.oglethorpe"
SUBMITTED = {
    WHOSE: "wrong_per_layer_l1", "ben": "wrong_per_layer_l1", "carla": "wrong_per_layer_l1",
    "david": "right_textbook", "eva": "right_topk_custom_mask", "felix": "stub",
    "greta": "syntax_error", "hugo <b>&": "wrong_assigns_tensor",
}  # fmt: skip
PER_LAYER = "Each layer loses its own fraction of weights"
MANY = 10_000


@dataclass
class Reported:
    """What the command left."""

    status: int
    out: str
    err: str
    html: str
    table: list[dict[str, str]]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade a small class; each file says in several ways whose it is."""
    folder = tmp_path_factory.mktemp("class")
    for name, sample in SUBMITTED.items():
        path = folder / "submitted" / name / "solution.py"
        path.parent.mkdir(parents=True)
        source = (SAMPLES / sample / "solution.py").read_text(encoding="utf-8")
        source += f'# {name}, {name}@uni.example, /home/{name}\nmail = "{name}@uni.example"\n'
        path.write_text(source + f'print("by {name} of Example Town")\n', encoding="utf-8")
    done = run(
        "autograder", "grade", "submitted", "--output", "results.jsonl", "--quiet", "--jobs", 2,
        "--seed", "the seed of this test", cwd=folder, env=os.environ,
    )  # fmt: skip
    assert done.returncode == DONE, done.stderr
    return folder / "results.jsonl"


def ask(results: Path, folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> Reported:
    html, table = folder / "class.html", folder / "class.csv"
    status = main(["report", str(results), "--html", str(html), "--csv", str(table), *options])
    said = capsys.readouterr()
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return Reported(status, said.out, said.err, html.read_text(encoding="utf-8"), rows)


# A real class


def test_the_short_form_is_printed(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(results)]) == DONE
    text = capsys.readouterr().out
    assert "Class report: 8 submissions (7 graded, 1 not attempted)" in text
    assert f"     3  {PER_LAYER}" in text
    assert "     3  did the same: 4 of 10 points; mask not yet, sparsity not yet" in text
    assert "with SyntaxError as the first exception" in text
    assert (
        f"3 (43 %) of the graded submissions do what one does who believes: {PER_LAYER[:9]}" in text
    )
    assert "The weights of all layers are ranked together" in " ".join(text.split())


def test_page_and_table_are_written_and_nothing_is_said(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = ask(results, tmp_path, capsys)
    assert (seen.status, seen.out, seen.err) == (DONE, "", "")
    assert "prune.l1_unstructured(" in seen.html
    assert "3 submissions do the same" in seen.html
    assert len(seen.table) == len(SUBMITTED)
    assert sum(row["points"] == "10" for row in seen.table) == 2
    assert sum(row["beliefs"] == "per_layer_pruning" for row in seen.table) == 3


def test_no_name_is_told_unless_it_is_asked_for(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = ask(results, tmp_path, capsys)
    told = seen.html + (tmp_path / "class.csv").read_text(encoding="utf-8")
    for word in ("quintessa", "oglethorpe", "carla", "hugo", "uni.example", "Town", "submitted"):
        assert word not in told.lower(), word
    named = ask(results, tmp_path, capsys, "--names")
    assert f"submitted/{WHOSE}/solution.py" in named.html
    assert {row["submission"] for row in named.table} == {
        f"submitted/{name}/solution.py" for name in SUBMITTED
    }
    assert "<b>" not in named.html
    assert [row["points"] for row in named.table] == [row["points"] for row in seen.table]


def test_it_says_the_same_twice_and_leaves_the_results_alone(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {path.name: path.read_bytes() for path in results.parent.glob("results*")}
    assert files.keys() == {"results.jsonl", "results.jsonl.evidence"}
    assert ask(results, tmp_path, capsys) == ask(results, tmp_path, capsys)
    assert {path.name: path.read_bytes() for path in results.parent.glob("results*")} == files


def test_evidence_is_read_while_it_is_being_written(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in results.parent.glob("results*"):
        shutil.copy(path, tmp_path)
    evidence = tmp_path / "results.jsonl.evidence"
    archive = Archive(evidence)
    try:
        archive.keep("another.py", "key", b"a line", None)
        assert evidence.with_name(evidence.name + "-wal").exists()
        seen = ask(tmp_path / results.name, tmp_path, capsys)
    finally:
        archive.close()
    assert seen.err == ""
    assert "3 submissions do the same" in seen.html


def test_without_the_evidence_there_is_no_code_and_groups_have_equal_verdicts(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(results, tmp_path)
    seen = ask(tmp_path / results.name, tmp_path, capsys)
    assert seen.status == DONE
    assert "<pre" not in seen.html
    assert "The evidence is not beside the results" in seen.html
    assert "3 submissions got equal verdicts" in seen.html
    assert not (tmp_path / "results.jsonl.evidence").exists()


def test_evidence_of_another_result_is_not_shown(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(results.with_name("results.jsonl.evidence"), tmp_path)
    text = results.read_text(encoding="utf-8").replace('"wall_seconds"', ' "wall_seconds"')
    (tmp_path / results.name).write_text(text, encoding="utf-8")
    assert "<pre" not in ask(tmp_path / results.name, tmp_path, capsys).html


@pytest.mark.parametrize("broken", [b"no database", b""])
def test_broken_evidence_is_said_and_done_without(
    results: Path, tmp_path: Path, broken: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(results, tmp_path)
    (tmp_path / "results.jsonl.evidence").write_bytes(broken)
    seen = ask(tmp_path / results.name, tmp_path, capsys)
    assert seen.status == DONE
    assert len(seen.err.splitlines()) == 1
    assert "the report does without it" in seen.err
    assert "3 submissions got equal verdicts" in seen.html


def test_results_in_a_folder_that_cannot_be_written_are_read(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "sealed"
    folder.mkdir()
    for path in results.parent.glob("results*"):
        shutil.copy(path, folder)
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        seen = ask(folder / results.name, tmp_path, capsys)
    finally:
        folder.chmod(stat.S_IRWXU)
    assert seen.err == ""
    assert "3 submissions do the same" in seen.html


# What can go wrong


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        (b"", "holds no result yet"),
        (b"\n\n", "holds no result yet"),
        (b"a,b\n1,2\n", "is no file of results; name a file that `grade --output` wrote"),
        (b"\x00\xff" * 1000, "is no file of results"),
        (b'{"format": 1}\n', "is no file of results"),
    ],
)
def test_what_is_no_file_of_results_is_said_in_a_line(
    content: bytes | None, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "results.jsonl"
    if content is not None:
        path.write_bytes(content)
    html = tmp_path / "class.html"
    assert main(["report", str(path), "--html", str(html)]) == FAILED
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert words in said.err
    assert not html.exists()
    if content is not None:  # the same refusal, and nothing is left beside it
        assert main(["regrade", str(path)]) == FAILED
        assert capsys.readouterr() == ("", said.err)
        assert path.read_bytes() == content
        assert [one.name for one in tmp_path.iterdir()] == ["results.jsonl"]


def test_a_folder_is_no_file_of_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path)]) == FAILED
    assert "it is no file" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--html", "--csv"])
def test_what_cannot_be_written_is_said_in_a_line(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(line())
    for place in (tmp_path / "nowhere" / "class", tmp_path):
        assert main(["report", str(path), option, str(place)]) == FAILED
        said = capsys.readouterr().err
        assert len(said.splitlines()) == 1
        assert f"{place} cannot be written" in said


@pytest.mark.parametrize("name", ["results.jsonl", "results.jsonl.evidence", "link"])
def test_the_results_are_never_written_over(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(line())
    (tmp_path / "link").symlink_to(path)
    assert main(["report", str(path), "--csv", str(tmp_path / name)]) == FAILED
    assert "it is needed otherwise here" in capsys.readouterr().err
    assert path.read_bytes() == line()


def test_ctrl_c_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "results.jsonl"
    path.write_bytes(line())
    monkeypatch.setattr(evidence, "read_class", interrupted)
    assert main(["report", str(path)]) == INTERRUPTED
    assert capsys.readouterr().err == "autograder: stopped\n"


# A large one


def test_ten_thousand_lines_make_a_small_page_and_a_whole_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "results.jsonl"
    with path.open("wb") as file:
        for n in range(MANY):
            beliefs = [belief(f"belief_{n % 70}", f"Belief {n % 70}")] if n % 2 else []
            file.write(line(f"submitted/{n}", "mask" if n % 2 else "", misconceptions=beliefs))
    seen = ask(path, tmp_path, capsys)
    assert seen.status == DONE
    assert len(seen.html.encode()) < 1_000_000
    assert len(seen.table) == MANY
    assert "more beliefs." in seen.html
    assert "submitted" not in seen.html
