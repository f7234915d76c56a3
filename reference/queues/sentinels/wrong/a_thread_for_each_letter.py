"""A thread for each letter; a semaphore lets as many sort at the same time as there are sorters."""

import threading


def sort_letters(letters, sorters, sort):
    free = threading.Semaphore(sorters)
    threads = []

    def work(letter):
        sort(letter)
        free.release()

    for letter in letters:
        free.acquire()
        threads.append(threading.Thread(target=work, args=(letter,)))
        threads[-1].start()
    for thread in threads:
        thread.join()
