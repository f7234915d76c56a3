"""The music box: the tests. A patch cannot be undone: each test plays in a fresh process, and never in this one."""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys

import pytest

FILE = importlib.util.find_spec("monkey_patch").origin  # and no import: it might patch this process
LIMIT = 40  # seconds, against what hangs
CHILD = """
import faulthandler, importlib.util, json, sys, traceback
faulthandler.dump_traceback_later({limit}, exit=True)
sys.path.insert(0, {folder!r})

def load():
    spec = importlib.util.spec_from_file_location("monkey_patch", {file!r})
    module = sys.modules["monkey_patch"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

def patched():
    monkey = sys.modules.get("gevent.monkey")
    return sorted(monkey.saved) if monkey else []

def tried(function, *args):
    try:
        return function(*args)
    except NotImplementedError:
        raise
    except Exception as error:
        return f"{{type(error).__name__}}: {{error}}"

def main():
{body}

try:
    found = {{"found": main()}}
except BaseException as error:
    end = traceback.extract_tb(error.__traceback__)[-1]
    found = {{"kind": type(error).__name__, "line": end.lineno, "text": traceback.format_exc()}}
print("\\n" + json.dumps(found), flush=True)
"""


def in_a_box(body):
    """Run the body of a function in a fresh process, and return what it returns."""
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    folder = str(pathlib.Path(__file__).parent)
    script = CHILD.format(limit=LIMIT, folder=folder, file=FILE, body=lines)
    done = subprocess.run(
        [sys.executable, "-c", script],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=2 * LIMIT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    said = done.stdout.strip().rpartition("\n")[2]
    assert said.startswith("{"), f"the box has come to no end: exit code {done.returncode}\n{done.stderr[-3000:]}"
    told = json.loads(said)
    if told.get("kind") == "NotImplementedError":  # raise it here, where the box was left
        exec(compile("\n" * (told["line"] - 1) + "raise NotImplementedError", FILE, "exec"))
    assert told.get("kind") != "LoopExit", f"a dancer waits for one who is not there: all dance at once\n{told['text']}"
    assert "kind" not in told, f"in the box: {told['text']}"
    return told["found"]


@pytest.mark.task(1)
def test_the_import_patches_nothing():
    found = in_a_box("box = load()\nseen = patched(), 'dancers' in sys.modules\nbox.wind_up()\nreturn seen")
    assert not found[0], f"monkey_patch was only imported, and {found[0]} are patched: who wants to test it is patched"
    assert not found[1], "monkey_patch was only imported, and the dancers are mounted: it is too late for a patch"


@pytest.mark.task(1)
def test_everything_is_patched():
    found = in_a_box("""
dancers, seen = load().wind_up(), patched()
import gevent.monkey
gevent.monkey.patch_all()
return dancers.__name__, seen, patched()
""")
    assert found[0] == "dancers", f"wind_up returned the module {found[0]}"
    missing = sorted({*found[2]} - {*found[1]})
    assert not missing, f"wind_up has not patched everything: {missing} are as they were"


@pytest.mark.task(1)
def test_the_dancers_have_the_new_names():
    found = in_a_box("""
box = load()
dancers = box.wind_up()
import time
return dancers.sleep is time.sleep, repr(dancers.sleep), str(tried(box.wind_up)), tried(box.wind_up) is dancers
""")
    assert found[0], f"the dancers have {found[1]}: they were imported before the patch, and keep the old names"
    assert found[3], f"wind_up was called again, and gave {found[2]} instead of the same module"


@pytest.mark.task(1)
def test_too_late():
    found = in_a_box("""
box = load()
import dancers
wound, seen = str(tried(box.wind_up)), patched()
return wound, seen, str(tried(box.play, [("Ann", "rest", (0,))])), dancers.LOG
""")
    assert found[0].startswith("TooLate"), (
        f"the dancers had been imported before, and wind_up gave {found[0]}: too late"
    )
    assert not found[1], f"it was too late, and yet {found[1]} are patched: look first"
    assert found[2].startswith("TooLate"), f"the dancers had been imported before, and play gave {found[2]}: too late"
    assert not found[3], f"it was too late, and yet they have danced: {found[3]}"


@pytest.mark.task(1)
@pytest.mark.parametrize("mounted", ["", "import dancers\n"], ids=["not mounted", "mounted"])
def test_somebody_else_has_patched(mounted):
    found = in_a_box(f"import gevent.monkey\ngevent.monkey.patch_all()\n{mounted}return str(tried(load().wind_up))")
    assert found.startswith("<module 'dancers'"), f"somebody else had patched before, and wind_up gave {found}"


@pytest.mark.task(2)
def test_they_rest_at_the_same_time():
    found = in_a_box("""
parts = [(name, "rest", (0.2,)) for name in ("Ann", "Bob", "Cleo")]
found = load().play(iter(parts))
return found, sys.modules["dancers"].LOG
""")
    first = [entry.split()[1] for entry in found[1]].index("dances")
    assert first == 3, f"while one rested, the whole box stood still: {found[1]}; patch before you import the dancers"
    assert found[0] == ["Ann", "Bob", "Cleo"], f"each has noted its name, and these were noted: {found[0]}"


@pytest.mark.task(2)
def test_they_wait_for_each_other():
    found = in_a_box("""
parts = [("a", "wait", ("1",)), ("b", "wait", ("2",)), ("c", "open_door", ("2",)), ("b", "wait", ("1",))]
many = [("f", "wait", ("3",))] * 120
return load().play([*parts, ("d", "ask", ([None], 0)), ("d", "open_door", ["1"]), *many, ("g", "open_door", ("3",))])
""")
    right = ["a", "b", None, "b", [[None], 0], None, *["f"] * 120, None]
    assert found == right, f"127 parts, some with the same name: play gave {found} instead of {right}"


@pytest.mark.task(2)
def test_the_order_of_the_parts():
    found = in_a_box("""
import threading
play = load().play
found = play([("a", "rest", (0.02,)), ("b", "rest", (0,)), ("c", "ask", ())])
return found, play([]), play([("x", "rest", [0])]), threading.current_thread().name
""")
    assert found[0] == ["a", "b", []], f"a rests longest, and play gave {found[0]}: in the order of the parts"
    assert found[1:3] == [[], ["x"]], f"played again with no part and with one, play gave {found[1:3]}"
    assert found[3] == "MainThread", f"play is over, and its caller is called {found[3]}: only who dances has the name"
