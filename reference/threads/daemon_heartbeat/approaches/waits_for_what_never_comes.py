"""An Event that nobody sets makes the pauses, and `daemon` is an attribute set before the start."""

import threading


def start_heartbeat(beat, every):
    never = threading.Event()

    def pulse():
        beat()
        while not never.wait(every):
            beat()

    return begun(threading.Thread(target=pulse), daemon=True)


def start_job(job):
    return begun(threading.Thread(target=job), daemon=False)


def begun(thread, daemon):
    thread.daemon = daemon
    thread.start()
    return thread
