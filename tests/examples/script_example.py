import threading

from pytest_concurrency import explore


def scenario():
    seen = []
    threads = [threading.Thread(target=seen.append, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return "".join(seen)


verdict = explore(scenario)
print(verdict)
print({outcome: verdict.outcomes[outcome].count for outcome in sorted(verdict.outcomes)})
