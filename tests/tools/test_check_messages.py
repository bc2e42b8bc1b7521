from __future__ import annotations

from pathlib import Path

import pytest

from tools.check_messages import LANGUAGES, check_tree

PLURALS = {
    "en": "nplurals=2; plural=(n != 1);",
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 ? 1 : 2);",
    "zh": "nplurals=1; plural=0;",
}
CODE = 'raise InputError("base.bad", name=name)\n'


class Tree:
    """A small project: one package `base`, three catalogues."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "src/accord/base").mkdir(parents=True)
        self.code(CODE)
        for language in LANGUAGES:
            self.catalogue(language, 'msgid "base.bad"\nmsgstr "{name}!"\n')

    def code(self, text: str) -> None:
        (self.root / "src/accord/base/__init__.py").write_text(text)

    def catalogue(self, language: str, entries: str) -> None:
        header = (
            'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
            f'"Plural-Forms: {PLURALS[language]}\\n"\n\n'
        )
        path = self.root / f"src/accord/locale/{language}/base.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(header + entries)

    def problems(self) -> list[str]:
        return [breach.problem for breach in check_tree(self.root)]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_a_complete_tree_has_no_problem(tree: Tree) -> None:
    assert tree.problems() == []


def test_a_key_that_no_catalogue_holds_is_found(tree: Tree) -> None:
    tree.code(CODE + 'table = {"base.missing": 1}\n')
    assert tree.problems() == ["no catalogue holds base.missing"]


def test_a_key_that_nothing_says_is_found(tree: Tree) -> None:
    tree.code("")
    assert tree.problems() == ["nothing says base.bad"]


def test_file_names_and_columns_are_not_keys(tree: Tree) -> None:
    tree.code(CODE + 'path = "base.toml"\ncolumn = ForeignKey("base.id")\n')
    assert tree.problems() == []


def test_an_f_string_says_every_key_with_its_beginning(tree: Tree) -> None:
    tree.code('say(f"base.b{rest}", name=name)\n')
    assert tree.problems() == []
    tree.code(CODE + 'say(f"base.role-{role}")\n')
    assert tree.problems() == ["no key begins with base.role-"]


def test_a_call_that_lacks_an_argument_is_found(tree: Tree) -> None:
    tree.code('say("base.bad", other=1)\n')
    assert tree.problems() == ["base.bad needs name"]
    tree.code('say("base.bad", **arguments)\n')
    assert tree.problems() == []


def test_a_subclass_of_an_error_needs_the_same_arguments(tree: Tree) -> None:
    tree.code(
        "class Cut(Torn): pass\nclass Torn(PeerFault): pass\n"
        "class Own(PeerFault):\n  def __init__(self, key): pass\n"
        'Own("base.bad")\nCut("base.bad")\n'
    )
    assert tree.problems() == ["base.bad needs name"]


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ("", "base.bad is missing"),
        ('msgid "base.bad"\nmsgstr ""\n', "base.bad is not translated"),
        ('#, fuzzy\nmsgid "base.bad"\nmsgstr "{name}"\n', "base.bad is marked fuzzy"),
        (
            'msgid "base.bad"\nmsgstr "{title}"\n',
            "base.bad has the placeholders ['title'], not ['name']",
        ),
        (
            'msgid "base.bad"\nmsgid_plural "base.bad"\nmsgstr[0] "{name}"\n',
            "base.bad is plural in one language only",
        ),
    ],
)
def test_a_faulty_translation_is_found(tree: Tree, entries: str, problem: str) -> None:
    tree.catalogue("ru", entries)
    assert problem in tree.problems()


def test_russian_needs_three_plural_forms(tree: Tree) -> None:
    plural = 'msgid "base.bad"\nmsgid_plural "base.bad"\n'
    one, two, three = (f'msgstr[{form}] "{{count}} {{name}}"\n' for form in range(3))
    tree.code('say("base.bad", name=name, count=2)\n')
    tree.catalogue("en", plural + 'msgstr[0] "one {name}"\n' + two)
    tree.catalogue("zh", plural + one)
    tree.catalogue("ru", plural + one + two + three)
    assert tree.problems() == []
    tree.catalogue("ru", plural + one + two)
    assert "base.bad is not translated" in tree.problems()


def test_a_key_given_twice_is_refused(tree: Tree) -> None:
    tree.catalogue("en", 'msgid "base.bad"\nmsgstr "{name}"\n\n' * 2)
    with pytest.raises(ValueError, match=r"given twice: base\.bad"):
        tree.problems()
