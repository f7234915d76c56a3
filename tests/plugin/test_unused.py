"""Sessions that do not use the plugin: what it loads, and what it leaves as it was."""

import pytest


@pytest.mark.slow
def test_little_is_loaded_and_without_rewriting(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_modules():
            loaded = {name: module for name, module in sys.modules.items() if name.startswith("pytest_concurrency")}
            assert not {name for name in loaded if "._explore" in name or name.endswith((".marked", ".stage"))}
            rewritten = {name for name, module in loaded.items() if "rewrite" in type(module.__loader__).__module__}
            assert not rewritten - {"pytest_concurrency", "pytest_concurrency._core", "pytest_concurrency._core.errors",
                                    "pytest_concurrency._plugin", "pytest_concurrency._plugin.plugin"}

        def test_assertions_of_tests_are_rewritten():
            assert [1, 2] == [1, 3]
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines("E * At index 1 diff: 2 != 3")
    result.stdout.no_fnmatch_line("*Module already imported*")


@pytest.mark.slow
def test_a_session_in_the_same_process_gives_no_warning(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(timing): assert timing")
    for _ in range(2):
        result = pytester.runpytest_inprocess("-p", "no:asyncio", "-p", "no:cacheprovider", "-W", "error")
        result.assert_outcomes(passed=1)
