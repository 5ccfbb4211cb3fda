#!/usr/bin/env python3
"""Whole pipeline against a loopback provider that answers after 200 ms, and beside it what a user would
write by hand: 30 lines of aiohttp that check nothing. Both in one run, in turn.

    bench/remote.py [--requests 20000] [--in-flight 1024] [--repeat 3] [--build build/release]
    bench/remote.py --limits [--repeat 5]         # needs -DSLOTMILL_BENCH=ON

Prints for each: share of the limit (requests / in-flight x 0.2 s) while sending, CPU ms per 1,000
requests (user + system of the client process), start-up, wall. slotmill's first request goes out alone, to
try address, key and model before a thousand others do: its 0.2 s count as start-up, and the share with
them stands beside.

--limits measures the transport alone (remote_bench) against providers that refuse: 2,000 requests, 64 in flight, 200 ms,
429 within 5 ms, Retry-After 1; once on a random tenth of the requests, once beyond 160 a second (a bucket of 16)."""
import argparse, json, os, resource, shutil, statistics, subprocess, sys, tempfile, time, urllib.request

DELAY = 0.2
PEER = r"""
import asyncio, json, sys, time, aiohttp
base, requests, in_flight, bodies, out = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
bodies = open(bodies, encoding="utf8").read().splitlines()
async def main():
    queue = asyncio.Queue()
    for i in range(requests): queue.put_nowait(i)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        with open(out, "w", encoding="utf8") as sink:
            async def work():
                while not queue.empty():
                    body = json.loads(bodies[queue.get_nowait() % len(bodies)])
                    async with session.post(base + "/chat/completions", json=body) as response:
                        reply = await response.json()
                    content = json.loads(reply["choices"][0]["message"]["content"])
                    for text in content["utterances"]: sink.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
            began = time.monotonic()
            await asyncio.gather(*(work() for _ in range(in_flight)))
            print(json.dumps({"began": began, "ended": time.monotonic()}))
asyncio.run(main())
"""

def job(base_url, requests, in_flight, directory):
    rows = int(requests * 8 * 0.985 / 4)
    intents = "".join(f"""
  intent_{name}:
    description: 调节设备 {name}
    slots: {{level: required, device: optional}}""" for name in "abcd")
    text = f"""slotmill: 1
name: bench
language: zh-Hans
seed: 7
per_request: 8
intents:{intents}
slot_types:
  level: {{number: [0, 100000], written: [arabic, cjk]}}
  device: {{values: [主屏, 副屏, 麦克风, 音箱, 投影, 电视, 平板, 白板, 手机, 电脑]}}
rows: {{per_intent: {rows}}}
models: [{{id: loop, provider: openai, model: bench, base_url: "{base_url}", limits: {{in_flight: {in_flight}}}}}]
duplicates: {{per_template: off}}
output: {{dir: out}}
"""
    path = os.path.join(directory, "job.yaml")
    open(path, "w", encoding="utf8").write(text)
    return path

def timed(command, **kwargs):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, **kwargs)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0: sys.exit(done.stderr)
    return done, start, wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

def limits(build, repeat):
    cases = {"429 on 10 %": ["--status-rate", "429:0.1"], "160 a second": ["--max-rate", "160", "--burst", "16"]}
    for name, arguments in cases.items():
        walls, refusals = [], []
        for seed in range(1, repeat + 1):
            provider = subprocess.Popen([f"{build}/tests/provider/slotmill-provider", "--delay-ms", "200", "--refusal-ms", "5",
                                         "--retry-after", "1", "--seed", str(seed), *arguments],
                                        stdout=subprocess.PIPE, text=True)
            try:
                base = f"http://127.0.0.1:{provider.stdout.readline().split()[-1]}"
                done, _, _, _ = timed([f"{build}/bench/remote_bench", base + "/v1", "2000", "64", "200"])
                if "2000 x reply" not in done.stdout: sys.exit(done.stdout)
                walls.append(float(done.stdout.split()[1]))
                refusals.append(json.load(urllib.request.urlopen(base + "/stats"))["statuses"]["429"])
            finally:
                provider.kill()
        print(f"  {name:13} wall s {statistics.median(walls):.2f} [{min(walls):.2f}-{max(walls):.2f}]  "
              f"refused {statistics.median(refusals):.0f} [{min(refusals)}-{max(refusals)}]")

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=20000)
    parser.add_argument("--in-flight", type=int, default=1024)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--limits", action="store_true")
    options = parser.parse_args()
    if options.limits: return limits(options.build, options.repeat)
    slotmill = os.path.abspath(f"{options.build}/cli/slotmill")
    provider = subprocess.Popen([f"{options.build}/tests/provider/slotmill-provider", "--delay-ms", "200"],
                                stdout=subprocess.PIPE, text=True)
    base = f"http://127.0.0.1:{provider.stdout.readline().split()[-1]}"
    figures = {}
    try:
        for _ in range(options.repeat):
            directory = tempfile.mkdtemp(prefix="slotmill-bench-")
            path = job(base + "/v1", options.requests, options.in_flight, directory)
            urllib.request.urlopen(urllib.request.Request(base + "/reset", method="POST"))
            _, _, wall, cpu = timed([slotmill, "run", "--quiet", path])
            report = json.load(open(os.path.join(directory, "out/bench/run.json"), encoding="utf8"))
            sent = json.load(urllib.request.urlopen(base + "/stats"))["requests"]
            limit = sent / options.in_flight * DELAY
            figures.setdefault("slotmill", []).append(
                (limit / (report["sending_seconds"] - DELAY), cpu * 1e6 / sent,
                 wall - report["sending_seconds"] + DELAY, wall, sent, limit / report["sending_seconds"]))
            bodies = os.path.join(directory, "bodies")
            prompt = subprocess.run([slotmill, "preview", path], capture_output=True, text=True).stdout
            system, user = prompt.split("--- system\n")[1].split("\n--- key")[0].split("\n--- user\n")
            with open(bodies, "w", encoding="utf8") as sink:
                for i in range(2000):
                    sink.write(json.dumps({"model": "bench", "max_tokens": 1200, "messages": [
                        {"role": "system", "content": system}, {"role": "user", "content": user + "\n" + str(i)}]},
                        ensure_ascii=False) + "\n")
            done, start, wall, cpu = timed([sys.executable, "-c", PEER, base + "/v1", str(sent), str(options.in_flight),
                                            bodies, os.path.join(directory, "peer.jsonl")])
            peer = json.loads(done.stdout)
            figures.setdefault("aiohttp", []).append(
                (limit / (peer["ended"] - peer["began"]), cpu * 1e6 / sent, peer["began"] - start, wall, sent,
                 limit / (peer["ended"] - peer["began"])))
            shutil.rmtree(directory)
    finally:
        provider.kill()
    print(f"{options.requests} requests wanted, {options.in_flight} in flight, 200 ms, {options.repeat} runs: median [min-max]")
    for name, runs in figures.items():
        def show(i, digits): 
            values = [run[i] for run in runs]
            return f"{statistics.median(values):.{digits}f} [{min(values):.{digits}f}-{max(values):.{digits}f}]"
        print(f"  {name:9} share while sending {show(0, 3)} (with the lone first request {show(5, 3)})  CPU ms per 1,000 {show(1, 0)}  "
              f"start-up s {show(2, 2)}  wall s {show(3, 2)}  requests {runs[0][4]}")

main()
