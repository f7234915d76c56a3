"""What a learner sees: `pytest katas`, with everything that may stand beside it."""

import pytest
from kata_library import Library, make_runnable

pytestmark = pytest.mark.slow  # a run of pytester each

SOLVED = "def boil(litres):\n    return ['hot'] * litres"
WORKED = "reference/tea/boil_water"
MISTAKES = f"{WORKED}/mistakes.toml"
HALF = "def boil(litres):\n    if litres != 1:\n        raise NotImplementedError\n    return ['hot']"
NOT_STARTED = "boil_water: task 1 not started — open katas/tea/boil_water/boil_water.py:2 (Boil one)"


@pytest.mark.usefixtures("runnable")
@pytest.mark.parametrize(
    "options",
    [
        ("katas",),
        ("katas/tea",),
        ("katas/tea/boil_water",),
        ("katas/tea/boil_water/test_boil_water.py::test_hot",),
        ("katas", "--import-mode=importlib"),
        ("katas", "-k", "hot"),
        ("katas", "-x"),
        (".",),
    ],
    ids=" ".join,
)
def test_not_started(pytester: pytest.Pytester, options: tuple[str, ...]) -> None:
    result = pytester.runpytest_inprocess(*options)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["=* 1 kata not started =*", NOT_STARTED, "*not started in *"])
    for word in ("Traceback", "NotImplementedError", "FAILURES", "FAILED"):
        result.stdout.no_fnmatch_line(f"*{word}*")


@pytest.mark.usefixtures("runnable")
def test_not_started_seen_from_a_folder(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pytester.path / "katas/tea")
    result = pytester.runpytest_inprocess("boil_water")
    result.stdout.fnmatch_lines(["boil_water: task 1 not started — open boil_water/boil_water.py:2 (Boil one)"])


@pytest.mark.usefixtures("runnable")
def test_not_started_verbosely(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("katas", "-v")
    result.stdout.fnmatch_lines(["*::test_hot NOT STARTED*", "*::test_all_of_it[[]3] NOT STARTED*"])
    result.stdout.fnmatch_lines(["*3 not started in *"])


def test_each_kata_has_one_line_in_the_order_of_learning(pytester: pytest.Pytester, runnable: Library) -> None:
    add_kata(runnable, "a_cup_of_tea")
    result = pytester.runpytest_inprocess("katas")
    lines = [line for line in result.outlines if " not started — open " in line]
    assert [line.partition(":")[0] for line in lines] == ["boil_water", "a_cup_of_tea"]
    result.stdout.fnmatch_lines(["=* 2 katas not started =*"])


def test_what_is_not_started_stands_below_the_failures(pytester: pytest.Pytester, runnable: Library) -> None:
    add_kata(runnable, "a_cup_of_tea")
    runnable.write("katas/tea/boil_water/boil_water.py", SOLVED.replace("hot", "cold"))
    result = pytester.runpytest_inprocess("katas")
    wanted = [
        "=* short test summary info =*",
        "FAILED *test_hot*",
        "=* 1 kata not started =*",
        "a_cup_of_tea: *",
        "*1 failed*",
    ]
    result.stdout.fnmatch_lines(wanted)


def add_kata(library: Library, name: str) -> None:
    """Copy boil_water to a kata of another name."""
    for path in sorted((library.root / "katas/tea/boil_water").iterdir()):
        target = path.relative_to(library.root).as_posix().replace("boil_water", name)
        library.write(target, path.read_text(encoding="utf-8").replace("boil_water", name))
    solved = (library.root / "reference/tea/boil_water/boil_water.py").read_text(encoding="utf-8")
    library.write(f"reference/tea/{name}/{name}.py", solved)
    library.edit("katas/katas.toml", '["boil_water"]', str(["boil_water", name]))


def test_begun_but_not_finished(pytester: pytest.Pytester, runnable: Library) -> None:
    runnable.write("katas/tea/boil_water/boil_water.py", HALF)
    result = pytester.runpytest_inprocess("katas")
    result.stdout.fnmatch_lines(["boil_water: task 2 not started *boil_water.py:3 (Boil more)"])
    result.stdout.fnmatch_lines(["*1 passed, 2 not started in *"])


def test_a_real_failure_is_shown(pytester: pytest.Pytester, runnable: Library) -> None:
    runnable.write("katas/tea/boil_water/boil_water.py", SOLVED.replace("hot", "cold"))
    result = pytester.runpytest_inprocess("katas")
    result.stdout.fnmatch_lines(["*the water is [[]'cold'[]]: switch the kettle on*"])
    result.assert_outcomes(failed=1, passed=2)


def test_what_an_error_means_comes_first(pytester: pytest.Pytester, runnable: Library) -> None:
    mark = "@pytest.mark.means(KeyError='no kettle', ValueError='no water')\n@pytest.mark.task(1)"
    tests = "katas/tea/boil_water/test_boil_water.py"
    runnable.edit(tests, "@pytest.mark.task(1)", mark)
    broken = "def boil(litres):\n    raise ValueError('litres')"
    runnable.write("katas/tea/boil_water/boil_water.py", broken)
    result = pytester.runpytest_inprocess("katas", "-k", "hot")
    result.stdout.fnmatch_lines(["*__ test_hot __*", "no water", "", "*ValueError: litres*"])
    result.assert_outcomes(failed=1)


def test_solved(pytester: pytest.Pytester, runnable: Library) -> None:
    runnable.write("katas/tea/boil_water/boil_water.py", SOLVED)
    result = pytester.runpytest_inprocess("katas")
    result.assert_outcomes(passed=3)
    assert result.ret == pytest.ExitCode.OK


INVITATION = (
    "boil_water: all tasks done; 3 mistakes are known here: say which test will tell cold, "
    "then see with --solution cold (--solution '?' lists them)"
)


@pytest.mark.parametrize(
    ("arguments", "is_said"),
    [
        (("katas",), True),
        (("katas/tea/boil_water", "-v"), True),
        (("katas", "--import-mode=importlib"), True),
        (("katas", "--reference"), False),
        (("katas", "--solution", "katas/tea/boil_water/boil_water.py"), False),
        (("katas", "-k", "hot"), False),
        (("katas/tea/boil_water/test_boil_water.py::test_all_of_it",), False),
        (("katas", "--collect-only"), False),
    ],
    ids=str,
)
def test_what_to_do_when_all_tasks_are_done(
    pytester: pytest.Pytester,
    runnable: Library,
    arguments: tuple[str, ...],
    is_said: bool,  # noqa: FBT001 - a parameter
) -> None:
    runnable.write("katas/tea/boil_water/boil_water.py", SOLVED)
    result = pytester.runpytest_inprocess(*arguments)
    assert result.ret == pytest.ExitCode.OK
    assert result.outlines.count(INVITATION) == is_said


def test_only_a_kata_that_is_done_has_a_line(pytester: pytest.Pytester, runnable: Library) -> None:
    add_kata(runnable, "a_cup_of_tea")
    runnable.write("katas/tea/boil_water/boil_water.py", SOLVED)
    runnable.write("katas/tea/a_cup_of_tea/a_cup_of_tea.py", SOLVED.replace("* litres", ""))
    result = pytester.runpytest_inprocess("katas")
    assert [line for line in result.outlines if "all tasks done" in line] == [INVITATION]


def test_a_skipped_test_is_no_task_left(pytester: pytest.Pytester, runnable: Library) -> None:
    runnable.write("katas/tea/boil_water/boil_water.py", SOLVED)
    tests = "katas/tea/boil_water/test_boil_water.py"
    runnable.edit(tests, "@pytest.mark.task(1)", "@pytest.mark.skip\n@pytest.mark.task(1)")
    assert INVITATION in pytester.runpytest_inprocess("katas").outlines
    runnable.edit(tests, "@pytest.mark.task(2)", "@pytest.mark.skip\n@pytest.mark.task(2)")
    assert INVITATION not in pytester.runpytest_inprocess("katas").outlines


def test_done_where_the_mistakes_cannot_be_read(pytester: pytest.Pytester, runnable: Library) -> None:
    runnable.write("katas/tea/boil_water/boil_water.py", SOLVED)
    runnable.edit(MISTAKES, "[cold]", "[cold]\nbecause = 1")
    result = pytester.runpytest_inprocess("katas")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines([f"{MISTAKES}: cold.key must be one of does, *, got 'because'"])
    (runnable.root / MISTAKES).unlink()
    assert "all tasks done" not in pytester.runpytest_inprocess("katas").stdout.str()


def test_a_mistake_by_its_name(pytester: pytest.Pytester, runnable: Library) -> None:
    runnable.edit("reference/tea/boil_water/boil_water.py", '["hot"]', '[heat("hot")]')
    runnable.edit(MISTAKES, '["hot"] *', '[heat("hot")] *')
    result = pytester.runpytest_inprocess("katas/tea/boil_water", "--solution", "cold")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*the water is [[]'cold'[]]: switch the kettle on*"])
    runnable.edit(MISTAKES, '["cold"] *', "[cold] *")
    result = pytester.runpytest_inprocess("katas/tea/boil_water", "--solution", "cold")
    result.stdout.fnmatch_lines([">       return [[]cold[]] * litres", "*cold.py:3: NameError"])


def test_the_mistakes_are_listed(pytester: pytest.Pytester, runnable: Library) -> None:
    add_kata(runnable, "a_cup_of_tea")
    runnable.write("reference/tea/a_cup_of_tea/mistakes.toml", (runnable.root / MISTAKES).read_text(encoding="utf-8"))
    for name in ("approaches/loop.py", "wrong/one.py"):
        runnable.write(
            f"reference/tea/a_cup_of_tea/{name}", (runnable.root / WORKED / name).read_text(encoding="utf-8")
        )
    lines = [
        "boil_water: 3 mistakes, each for --solution",
        "  cold  Forgets to switch it on.",
        "  one   Boils what fits into the kettle.",
        "  dry   Boils no water at all.",
    ]
    result = pytester.runpytest_inprocess("katas/tea/boil_water", "--solution", "?")
    assert (result.ret, result.outlines) == (pytest.ExitCode.OK, lines)
    result = pytester.runpytest_inprocess("katas", "--solution", "?")
    assert result.outlines == [*lines, lines[0].replace("boil_water", "a_cup_of_tea"), *lines[1:]]


def test_no_mistakes_to_list(pytester: pytest.Pytester, runnable: Library) -> None:
    runnable.edit(MISTAKES, "[cold]", "[co-ld]")
    result = pytester.runpytest_inprocess("katas", "--solution", "?")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.errlines == [f"ERROR: {MISTAKES}: table must be named like a module, got 'co-ld'", ""]
    runnable.write("katas/katas.toml", "track = []")
    result = pytester.runpytest_inprocess("katas", "--solution", "?")
    assert result.errlines == ["ERROR: --solution '?' must be given with the folder of a kata or more, got none", ""]


@pytest.mark.usefixtures("runnable")
@pytest.mark.parametrize("mode", ["prepend", "importlib"])
def test_the_reference(pytester: pytest.Pytester, mode: str) -> None:
    result = pytester.runpytest_inprocess("katas", "--reference", f"--import-mode={mode}")
    result.assert_outcomes(passed=3)


def test_the_reference_of_two_katas(pytester: pytest.Pytester, runnable: Library) -> None:
    add_kata(runnable, "a_cup_of_tea")
    pytester.runpytest_inprocess("katas", "--reference").assert_outcomes(passed=6)


@pytest.mark.usefixtures("runnable")
def test_any_file(pytester: pytest.Pytester) -> None:
    file = "reference/tea/boil_water/wrong/one.py"
    result = pytester.runpytest_inprocess("katas/tea/boil_water", "--solution", file)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*asked for 3, got 1*"])


@pytest.mark.usefixtures("runnable")
def test_a_missing_file(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("katas", "--solution", "mine.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    message = "ERROR: --solution must be a file or a mistake of boil_water, which '?' lists, got 'mine.py'"
    assert result.errlines == [message, ""]


def test_a_bad_kata_toml(pytester: pytest.Pytester, runnable: Library) -> None:
    runnable.edit("katas/tea/boil_water/kata.toml", "minutes = 5", "minutes = -5")
    result = pytester.runpytest_inprocess("katas")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    source = "katas/tea/boil_water/kata.toml"
    message = f"ERROR: {source}: minutes must be a positive integer, got -5"
    assert result.errlines == [message, ""]


def test_a_package_that_is_not_installed(
    pytester: pytest.Pytester, runnable: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    runnable.edit("katas/tea/boil_water/kata.toml", "extras = []", 'extras = ["gevent"]')
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = pytester.runpytest_inprocess("katas", "-rs")
    result.assert_outcomes(skipped=1)
    advice = "pip install 'pytest-concurrency-katas[[]katas[]]'"
    result.stdout.fnmatch_lines([f"SKIPPED * needs gevent: {advice}"])


@pytest.mark.usefixtures("runnable")
def test_the_marker_is_registered(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("katas", "--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.task(n): the task in the kata's README *"])


def test_a_file_of_no_kata(pytester: pytest.Pytester, runnable: Library) -> None:
    runnable.write("katas/test_more.py", "def test_it():\n    raise NotImplementedError")
    result = pytester.runpytest_inprocess("katas", "--reference")
    result.assert_outcomes(passed=3, failed=1)


RACY = """
    def boil(litres, kettle):
        if litres not in kettle:
            kettle[litres] = []
        kettle[litres].append("hot")
"""
RACE = """
    import pytest
    from boil_water import boil

    @pytest.mark.task(1)
    def test_race(race):
        def scenario():
            kettle = {}
            race.run(lambda: boil(1, kettle), lambda: boil(1, kettle))
            assert kettle == {1: ["hot", "hot"]}, "one is lost"
        race.explore(scenario, schedules=100)
"""


@pytest.mark.soak
def test_a_file_outside_the_project_is_explored_too(pytester: pytest.Pytester) -> None:
    project = make_runnable(Library(pytester.path / "project"))
    project.write("katas/tea/boil_water/test_boil_water.py", RACE)
    project.write("../mine.py", RACY)
    pytester.chdir()
    arguments = ("project/katas/tea/boil_water", "--solution", "mine.py")
    result = pytester.runpytest_subprocess(*arguments, timeout=60)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*one is lost*"])


@pytest.mark.soak
@pytest.mark.usefixtures("runnable")
def test_append_mode(pytester: pytest.Pytester) -> None:
    arguments = ("katas", "--reference", "--import-mode=append")
    pytester.runpytest_subprocess(*arguments, timeout=60).assert_outcomes(passed=3)


@pytest.mark.soak
@pytest.mark.usefixtures("runnable")
@pytest.mark.parametrize("options", [(), ("--reference",)])
def test_two_workers(pytester: pytest.Pytester, options: tuple[str, ...]) -> None:
    pytest.importorskip("xdist")
    result = pytester.runpytest_subprocess("katas", "-n", "2", *options, timeout=60)
    if options:
        result.assert_outcomes(passed=3)
    else:
        heading = "=* 1 kata not started =*"
        result.stdout.fnmatch_lines([heading, NOT_STARTED], consecutive=True)
        result.stdout.fnmatch_lines(["*3 not started in *"])
        assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.soak
def test_two_workers_and_mistakes(pytester: pytest.Pytester, runnable: Library) -> None:
    pytest.importorskip("xdist")
    arguments = ("katas", "--solution", "dry", "-n", "2")
    pytester.runpytest_subprocess(*arguments, timeout=60).assert_outcomes(passed=1, failed=2)
    runnable.write("katas/tea/boil_water/boil_water.py", SOLVED)
    assert pytester.runpytest_subprocess("katas", "-n", "2", timeout=60).outlines.count(INVITATION) == 1


@pytest.mark.soak
def test_a_file_given_from_another_folder_to_two_workers(
    pytester: pytest.Pytester, runnable: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("xdist")
    runnable.write("katas/tea/boil_water/mine.py", SOLVED)
    monkeypatch.chdir(pytester.path / "katas/tea")
    arguments = ("boil_water", "--solution", "boil_water/mine.py", "-n", "2")
    pytester.runpytest_subprocess(*arguments, timeout=60).assert_outcomes(passed=3)


def test_last_failed(pytester: pytest.Pytester, runnable: Library) -> None:
    runnable.write("pytest.ini", "[pytest]\naddopts = -p no:asyncio")
    pytester.runpytest_inprocess("katas")
    runnable.write("katas/tea/boil_water/boil_water.py", HALF)
    pytester.runpytest_inprocess("katas")
    result = pytester.runpytest_inprocess("katas", "--lf")
    result.stdout.fnmatch_lines(["*=== 2 not started in *"])
