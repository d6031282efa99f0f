"""Pages of several processes by the Python client: `client.py <workers> <series> <scrapes>` prints figures as JSON."""
import json
import os
import random
import subprocess
import sys
import tempfile
import time

ROLE = sys.argv[1]


def counters(series):
    from prometheus_client import Counter

    counter = Counter('requests', 'Requests', ['method', 'route', 'status'])
    children = [counter.labels('GET', '/api/v1/resource-%d' % i, '200') for i in range(series)]
    for i, child in enumerate(children):
        child.inc(i + 1)
    return children


if ROLE == 'worker':
    children = counters(int(sys.argv[2]))
    print('ready', flush=True)
    for line in sys.stdin:
        count = int(line)
        for child in children if count == len(children) else random.sample(children, count):
            child.inc(random.randint(1, 9))
        print('changed', flush=True)
    sys.exit()

WORKERS, SERIES, SCRAPES = (int(argument) for argument in sys.argv[1:4])
with tempfile.TemporaryDirectory(dir='/dev/shm') as folder:
    os.environ['PROMETHEUS_MULTIPROC_DIR'] = folder
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    workers = [
        subprocess.Popen(
            [sys.executable, __file__, 'worker', str(SERIES)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(WORKERS)
    ]
    for worker in workers:
        worker.stdout.readline()

    registry = CollectorRegistry()
    MultiProcessCollector(registry)

    def scrape():
        start = time.perf_counter()
        page = generate_latest(registry)
        assert page.count(b'\n') > SERIES
        return (time.perf_counter() - start) * 1000

    def changed(count):
        times = []
        for _ in range(SCRAPES):
            for worker in workers:
                worker.stdin.write('%d\n' % count)
                worker.stdin.flush()
            for worker in workers:
                worker.stdout.readline()
            times.append(scrape())
        return sorted(times)[len(times) // 2]

    first = scrape()
    print(json.dumps({'first': first, 'all': changed(SERIES), 'few': changed(SERIES // 100)}))
    for worker in workers:
        worker.kill()
