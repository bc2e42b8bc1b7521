from __future__ import annotations

from pathlib import Path

import pytest

from tools.check_budgets import check_tree

PYPROJECT = """
[tool.budgets]
file_lines = 12
function_lines = 5
outermost_loops = ["accord.loop:Loop.run"]
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "src" / "accord").mkdir(parents=True)
    (tmp_path / "tests").mkdir()
    return tmp_path


def problems(tree: Path, name: str, text: str) -> list[str]:
    (tree / name).write_text(text)
    return [str(breach) for breach in check_tree(tree)]


def test_a_long_file_is_refused(tree: Path) -> None:
    assert problems(tree, "src/accord/a.py", "x = 1\n" * 11) == []
    found = problems(tree, "src/accord/a.py", "x = 1\n" * 12)
    assert found == ["src/accord/a.py:12: 12 lines; a file has fewer than 12"]


def test_a_long_function_is_refused_except_in_tests(tree: Path) -> None:
    text = "async def f():\n" + "    await g()\n" * 4
    found = problems(tree, "src/accord/a.py", text)
    assert found == ["src/accord/a.py:1: f has 5 lines; a function has fewer than 5"]
    (tree / "src/accord/a.py").unlink()
    assert problems(tree, "tests/test_a.py", text) == []


def test_a_module_that_says_nothing_is_refused(tree: Path) -> None:
    assert "utils says nothing" in problems(tree, "src/accord/utils.py", "")[0]


@pytest.mark.parametrize(
    "caught", ["", " Exception", " BaseException as e", " (OSError, Exception)"]
)
def test_a_handler_for_everything_is_refused(tree: Path, caught: str) -> None:
    found = problems(tree, "src/accord/a.py", f"try:\n    f()\nexcept{caught}:\n    pass\n")
    assert found == ["src/accord/a.py:3: the module catches everything; name what may be raised"]


def test_a_handler_that_cleans_up_and_raises_again_is_accepted(tree: Path) -> None:
    text = "try:\n    f()\nexcept BaseException:\n    g()\n    raise\n"
    assert problems(tree, "src/accord/a.py", text) == []


def test_a_named_outermost_loop_may_catch_everything(tree: Path) -> None:
    text = "class Loop:\n  def {}(self):\n    try: f()\n    except Exception as error: log(error)\n"
    assert problems(tree, "src/accord/loop.py", text.format("run")) == []
    assert len(problems(tree, "src/accord/loop.py", text.format("other"))) == 1
