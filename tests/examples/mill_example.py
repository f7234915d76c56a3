import subprocess


def grind(corn):
    subprocess.Popen(["sleep", "60"], start_new_session=True)
    return [grain.upper() for grain in corn]


def test_corn_becomes_flour(guard):
    mill = guard.process(grind, ["rye", 7])
    assert mill.result() == ["RYE", "7"]
