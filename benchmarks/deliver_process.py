"""One client that delivers, in a process of its own: reads paths from standard input, prints its figures as JSON."""

import json
import sys
import time
from pathlib import Path
from threading import Thread

from benchmarks.clients import Share, client


def main() -> None:
    """Arguments: the MODULE of the client, its settings as JSON, and over how many connections at once."""
    deliver, connections = client(sys.argv[1], json.loads(sys.argv[2])), int(sys.argv[3])
    files = [Path(line) for line in sys.stdin.read().splitlines()]
    delivered: list[int] = []

    def work(share: Share) -> None:
        deliver(share)
        delivered.append(len(share))

    threads = [Thread(target=work, args=(files[number::connections],)) for number in range(connections)]
    began, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    if sum(delivered) != len(files):
        sys.exit("not everything was delivered")
    print(json.dumps({"seconds": seconds, "cpu_s": cpu_s}))


if __name__ == "__main__":
    main()
