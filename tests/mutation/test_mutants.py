"""The mutants themselves: what our own operators do."""

from __future__ import annotations

import tomllib

import pytest
from cosmic_ray.mutating import mutate_code

from tests.mutation.__main__ import LISTED
from tests.mutation.mutants import (
    TARGETS,
    DropMethod,
    DropStatement,
    Site,
    mutant_at,
    path_of,
    sites_of,
)


@pytest.mark.parametrize("operator", [DropStatement, DropMethod])
def test_an_operator_does_what_its_examples_say(operator: type) -> None:
    for example in operator.examples():
        seen = mutate_code(example.pre_mutation_code, operator(), example.occurrence)
        assert seen == example.post_mutation_code


@pytest.mark.parametrize("source", ["x = 1\n", "import x\n", "def f(): ...\n"])
def test_what_only_names_something_is_not_dropped(source: str) -> None:
    assert mutate_code(source, DropStatement(), 0) is None


def test_every_module_has_mutants_that_are_other_code() -> None:
    for module in TARGETS:
        mutant = mutant_at(sites_of(module)[0])
        assert mutant is not None
        assert mutant.source != path_of(module).read_text(encoding="utf-8")
        assert mutant.before != mutant.after


def test_neither_annotations_nor_tables_are_changed() -> None:
    module = "autograder.katas.lottery_ticket.cases"
    sites = [site for site in sites_of(module) if site.operator == "NumberReplacer"]
    found = [mutant for site in sites[::20] if (mutant := mutant_at(site))]
    assert found
    assert not any("Situation(" in mutant.before for mutant in found)
    unions = [site for site in sites_of("autograder.beliefs") if "BitOr" in site.operator]
    assert not unions
    unions = [site for site in sites_of("autograder.wire") if "BitOr" in site.operator]
    assert unions


def test_a_mutant_knows_where_it_lies() -> None:
    mutant = mutant_at(Site("autograder.judge", "AddNot", 0))
    assert mutant is not None
    assert mutant.after == mutant.before.replace("if ", "if not ", 1)
    assert mutant.function.startswith("Judge.")


def test_each_entry_of_the_list_has_a_reason() -> None:
    for entry in tomllib.loads(LISTED.read_text(encoding="utf-8"))["equivalent"]:
        assert entry.keys() in ({"changes", "reason"}, {"module", "function", "changes", "reason"})
        assert entry["reason"]
        assert all(before != after for before, after in entry["changes"])
