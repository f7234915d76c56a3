"""A thread of its own joins all the others without a limit; the caller waits for that one only."""

from threading import Thread


def send_out(stories, seconds):
    threads = {name: Thread(target=story, daemon=False) for name, story in stories.items()}
    for thread in threads.values():
        thread.start()
    editor = Thread(target=bring_home, args=(threads,), daemon=True)
    editor.start()
    editor.join(seconds)
    alive = {name: thread.is_alive() for name, thread in threads.items()}
    return (
        [name for name in alive if not alive[name]],
        {name: threads[name] for name in alive if alive[name]},
    )


def bring_home(out):
    for name in out:
        out[name].join()
