"""Who may import whom, and what the engine may say."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from autograder.kata import load, names

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "autograder"

# What each module of the engine may import of the package, lazily or not.
MAY_IMPORT = {
    "records": set(),
    "models": set(),
    "terms": set(),
    "recipes": {"models"},
    "syscalls": set(),
    "confine": {"syscalls"},
    "recent": set(),
    "scratch": set(),
    "launch": set(),
    "nursery": {"launch", "scratch"},
    "texts": set(),
    "seal": set(),
    "sources": set(),
    "lending": {"sources"},
    "kata": {"katas", "records", "terms"},
    "scorecards": {"autograder", "kata", "records"},
    "notebook": {"lending", "records", "sources"},
    "parcel": {"texts"},
    "wire": {"parcel", "records", "texts"},
    "language": {"records"},
    "report": {"language", "records", "texts"},
    "markup": {"language", "records", "report", "texts"},
    "attempts": {"records"},
    "probe": {"models", "parcel", "records"},
    "interpreter": {"probe", "records", "sources"},
    "rehearsal": {"interpreter", "models", "probe", "records", "wire"},
    "child": {
        "autograder", "confine", "interpreter", "models", "parcel", "probe", "records", "rehearsal",
        "seal", "texts", "wire",
    },
    "settings": {"terms"},
    "stopwatch": set(),
    "forks": {
        "autograder", "confine", "nursery", "parcel", "records", "scratch", "stopwatch", "wire",
    },
    "answers": {"parcel", "records", "texts", "wire"},
    "sandbox": {"answers", "confine", "forks", "nursery", "parcel", "recent", "records", "wire"},
    "expected": {"kata", "probe", "records"},
    "endings": {"records"},
    "beliefs": {"endings", "expected", "kata", "records"},
    "judge": {"beliefs", "expected", "kata", "records", "texts"},
    "digests": set(),
    "review": {
        "answers", "digests", "judge", "kata", "recent", "records", "scorecards", "settings",
        "terms", "texts", "variants",
    },
    "variants": set(),
    "recognition": {"kata", "katas", "notebook", "sources"},
    "grading": {
        "kata", "notebook", "nursery", "recent", "recognition", "records", "review", "sandbox",
        "settings", "sources", "variants",
    },
    "disclosure": {"judge", "records", "report", "texts"},
    "changes": set(),
    "similar": {"texts"},
    "crew": {"grading", "nursery", "recent"},
    "nurse": {"autograder", "child", "crew", "nursery"},
    "pool": {"confine", "nursery", "recognition", "records", "review", "settings"},
    "ahead": {"confine", "notebook", "pool", "records", "settings"},
    "outpost": {"confine", "grading", "pool", "records", "results", "sandbox", "settings"},
    "cluster": {
        "confine", "notebook", "outpost", "pool", "records", "results", "settings", "variants",
    },
    "archive": {"digests", "records", "texts"},
    "lines": {"records", "report"},
    "results": {"archive", "autograder", "digests", "lines", "records", "settings"},
    "learners": {"digests", "lines", "records", "texts"},
    "groups": {"learners"},
    "cohort": {"digests", "groups", "learners", "records"},
    "excerpts": set(),
    "briefing": {"cohort", "groups", "records", "report"},
    "bulletin": {"briefing", "cohort", "groups", "records", "texts"},
    "charts": set(),
    "overview": {
        "briefing", "charts", "cohort", "groups", "markup", "records", "report", "texts",
    },
    "roster": {"learners", "texts"},
    "practice": {
        "attempts", "judge", "kata", "language", "markup", "probe", "recognition", "records",
        "report", "scorecards", "slips", "terms",
    },
    "slips": {"kata", "language", "recognition", "sources"},
    "idle": {"practice", "recognition"},
    "tryout": {
        "answers", "attempts", "judge", "notebook", "practice", "records", "report", "sandbox",
        "scorecards", "terms", "texts",
    },
    "database": set(),
    "harmless": set(),
    "mending": {"database"},
    "course": set(),
    "course.rules": {
        "judge", "kata", "language", "probe", "records", "settings", "terms", "variants",
    },
    "course.programs": set(),
    "course.translation": {"course.programs", "kata", "language"},
    "course.layout": {
        "course.rules", "course.translation", "kata", "language", "settings", "terms",
    },
    "course.points": {"course.grades", "course.rules", "nbgrader_plugin", "settings"},
    "course.configuration": {"language"},
    "nbgrader_plugin": {
        "ahead", "course.rules", "database", "grading", "kata", "language", "markup", "marks",
        "records", "settings",
    },
    "marks": {"records"},
    "converter": {"nbgrader_plugin", "notebook"},
    "gradebook": {
        "converter", "course.grades", "course.rules", "database", "language", "marks", "nursery",
        "pool", "records", "settings",
    },
    "course.grades": set(),
    "course.exporting": {"converter", "course.collect", "course.grades", "course.ids", "texts"},
    "course.exports": {"course.exporting", "course.grades"},
    "course.late": set(),
    "course.unzip": {"texts"},
    "course.filenames": set(),
    "course.times": set(),
    "course.ids": {"course.times"},
    "course.handins": {"course.filenames", "course.ids"},
    "course.collect": {
        "course.filenames", "course.handins", "course.ids", "course.unzip",
    },
    "commands": set(),
    "commands.voice": {"language", "texts"},
    "commands.options": set(),
    "commands.rules": {"commands.voice", "course.rules", "kata"},
    "commands.progress": {"commands.voice", "records"},
    "commands.pages": {"language", "markup", "records"},
    "commands.desk": {
        "archive", "commands.pages", "notebook", "recognition", "records", "report", "results",
        "settings", "variants",
    },
    "commands.course": {
        "commands.voice", "course.layout", "course.rules", "kata", "language",
    },
    "commands.doctor": {"commands.voice", "confine"},
    "commands.grade": {
        "archive", "cluster", "commands.desk", "commands.options", "commands.pages",
        "commands.progress", "commands.rules", "commands.voice", "confine", "language", "notebook",
        "pool", "recognition", "records", "report", "results", "settings", "texts", "variants",
    },
    "commands.autograde": {
        "changes", "commands.options", "commands.progress", "commands.voice", "confine",
        "converter", "gradebook", "language", "marks", "nursery", "pool", "report", "settings",
    },
    "commands.explain": {
        "archive", "commands.evidence", "commands.rules", "commands.voice", "disclosure",
        "recognition", "records", "review", "settings",
    },
    "commands.evidence": {"archive", "excerpts", "learners"},
    "commands.similar": {
        "archive", "commands.evidence", "commands.options", "commands.voice", "similar",
    },
    "commands.regrade": {
        "archive", "changes", "commands.evidence", "commands.pages", "commands.progress",
        "commands.rules", "commands.voice", "kata", "language", "records", "report", "results",
        "review", "settings", "texts",
    },
    "commands.report": {
        "archive", "bulletin", "cohort", "commands.evidence", "commands.voice", "digests",
        "excerpts", "groups", "kata", "learners", "overview", "records", "roster",
    },
    "commands.watch": {
        "commands.options", "commands.rules", "commands.voice", "confine", "language",
        "notebook", "recognition", "records", "report", "settings", "texts", "tryout",
    },
    "__main__": {
        "commands.autograde", "commands.course", "commands.doctor", "commands.explain",
        "commands.grade", "commands.regrade", "commands.report", "commands.similar",
        "commands.voice", "commands.watch", "course.rules", "language", "settings",
    },
    "autograder": {"idle", "practice", "slips"},
}  # fmt: skip
KATAS_MAY_IMPORT = {"kata", "models", "recipes", "records"}
WITHOUT_TORCH = {
    "records", "kata", "language", "notebook", "report", "sandbox", "forks", "scratch", "grading",
    "confine",
    "syscalls", "texts", "seal", "sources", "nbgrader_plugin", "gradebook", "outpost", "cluster",
    "tryout", "commands.watch", "__main__", "autograder", "launch", "nursery", "pool", "ahead",
    "terms", "course.rules", "course.points", "course.configuration", "course.layout",
    "course.programs", "course.translation", "commands.rules",
    "lines", "learners", "groups", "cohort", "excerpts", "briefing", "bulletin", "overview",
    "roster", "commands.report", "commands.explain", "commands.evidence", "variants",
    "changes", "stopwatch",
    "commands.similar", "marks", "converter", "recognition",
}  # fmt: skip
IN_THE_CHILD = {
    "child", "confine", "interpreter", "models", "parcel", "probe", "records", "rehearsal", "seal",
    "sources", "syscalls", "texts", "wire",
}  # fmt: skip


def engine() -> dict[str, Path]:
    return {
        _module(path): path for path in sorted(PACKAGE.rglob("*.py")) if "katas" not in path.parts
    }


def _module(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "autograder"


def katas() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
        for path in sorted((PACKAGE / "katas").rglob("*.py"))
    }


@cache
def imports(path: Path) -> frozenset[str]:
    """Name every module that a file imports, in functions and under `TYPE_CHECKING` too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            module = str(node.module)
            below = {f"{module}.{alias.name}" for alias in node.names}
            modules = {name for name in below if _file(name) is not None}
            found |= modules or {module}
    return frozenset(found)


def _file(module: str) -> Path | None:
    place = ROOT.joinpath(*module.split("."))
    if place.with_suffix(".py").exists():
        return place.with_suffix(".py")
    return place / "__init__.py" if (place / "__init__.py").exists() else None


def own(path: Path) -> set[str]:
    """Name what a file imports of this package, without the package's own name in front."""
    return {
        name.removeprefix("autograder.")
        for name in imports(path)
        if name.split(".")[0] == "autograder"
    }


def test_every_module_has_its_place_in_the_table() -> None:
    assert engine().keys() == MAY_IMPORT.keys()


@pytest.mark.parametrize("module", MAY_IMPORT)
def test_a_module_imports_only_what_lies_below_it(module: str) -> None:
    assert own(engine()[module]) <= MAY_IMPORT[module]


def test_the_table_has_no_cycle() -> None:
    order = list(TopologicalSorter({**MAY_IMPORT, "autograder": set()}).static_order())
    assert order.index("records") < order.index("grading")


@pytest.mark.parametrize("module", katas())
def test_a_kata_imports_only_the_nouns_its_own_files_and_those_of_others(module: str) -> None:
    allowed = {name for name in own(katas()[module]) if not name.startswith("katas.")}
    assert allowed <= KATAS_MAY_IMPORT


def test_no_two_katas_import_each_other() -> None:
    graph: dict[str, set[str]] = {}
    for module, path in katas().items():
        others = {_kata_in(name) for name in own(path) if name.startswith("katas.")}
        graph.setdefault(_kata_in(module), set()).update(others - {_kata_in(module)})
    assert set(TopologicalSorter(graph).static_order()) >= set(names())


def _kata_in(module: str) -> str:
    return module.removeprefix("katas.").partition(".")[0]


@pytest.mark.parametrize("module", sorted(WITHOUT_TORCH))
def test_the_grading_process_names_no_torch_of_its_own(module: str) -> None:
    path = engine()[module]
    lazy = {
        name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for child in ast.walk(node)
        if isinstance(child, ast.ImportFrom)
        for name in [str(child.module)]
    }
    assert not {name for name in imports(path) - lazy if name.split(".")[0] == "torch"}


@pytest.mark.parametrize("module", engine())
def test_no_module_of_the_engine_speaks_of_a_kata(module: str) -> None:
    text = engine()[module].read_text(encoding="utf-8")
    if module == "interpreter":
        text = text.replace('"prun"', "")  # IPython's profiler, `%prun`
    words = ["prun", "lottery", "winning", *names(), *(load(name).entry_point for name in names())]
    if module == "autograder":
        words.remove("lottery")  # the package is named after it
    lines = [
        f"{number}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), start=1)
        if any(word in line.lower() for word in words)
    ]
    assert lines == []


def test_the_childs_modules_import_no_judge_and_no_kata() -> None:
    reached, todo = set(), ["child"]
    while todo:
        module = todo.pop()
        if module in reached or module == "autograder":  # its one import is inside `check`
            continue
        reached.add(module)
        todo += own(engine()[module])
    assert reached == IN_THE_CHILD


def test_a_process_that_has_loaded_the_child_has_loaded_no_judge_and_no_kata() -> None:
    code = "import json, sys, autograder.child; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name for name in json.loads(done.stdout) if name.startswith("autograder")}
    assert loaded == {"autograder"} | {f"autograder.{name}" for name in IN_THE_CHILD}


def test_the_package_is_imported_without_torch() -> None:
    code = "import sys, autograder; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_nothing_in_the_package_unpickles() -> None:
    for path in [*engine().values(), *katas().values()]:
        assert not imports(path) & {"pickle", "shelve", "marshal", "dill", "joblib"}, path
        assert "torch.load(" not in path.read_text(encoding="utf-8"), path
