#!/usr/bin/env python3
"""Whole pipeline against a loopback provider, and beside it, in turn and in one run: a bare loop around
libcurl that drops what it reads (curl_loop), what a user would write by hand (30 lines of aiohttp that check
nothing), and the OpenAI client for Python (AsyncOpenAI, as curator and distabel use it).

    bench/remote.py [--requests 20000] [--in-flight 1024] [--latency fixed:200] [--per-request 8] [--tls] [--http 2]
                    [--repeat 3] [--peer-python python3] [--openai-requests 2000] [--build build/release]
    bench/remote.py --memory                      # of a request in flight
    bench/remote.py --limits [--repeat 5]

Needs -DSLOTMILL_BENCH=ON, and a Python that has aiohttp and, for its row, openai. Prints for each: share of the
limit (requests / in-flight x mean latency) while sending, CPU ms per 1,000 requests (user + system of the
client process), start-up, wall, peak memory. slotmill's first request goes out alone, to try address, key and
model before a thousand others do: its time counts as start-up, and the share with it stands beside. The OpenAI
client gets fewer requests, its share is of those.

--memory: peaks of the same job at 64 and at 1,024 in flight; what is between them, per request.

--limits measures the transport alone (remote_bench) against providers that refuse: 2,000 requests, 64 in flight, 200 ms,
429 within 5 ms, Retry-After 1; once on a random tenth of the requests, once beyond 160 a second (a bucket of 16)."""
import argparse, json, os, shutil, statistics, subprocess, sys, tempfile, time, urllib.request

AIOHTTP = r"""
import asyncio, json, ssl, sys, time, aiohttp
base, requests, in_flight, bodies, out, ca = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5], sys.argv[6]
bodies = open(bodies, encoding="utf8").read().splitlines()
async def main():
    queue = asyncio.Queue()
    for i in range(requests): queue.put_nowait(i)
    tls = ssl.create_default_context(cafile=ca) if ca else None
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, ssl=tls)) as session:
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
            print(json.dumps({"sending_seconds": time.monotonic() - began}))
asyncio.run(main())
"""
OPENAI = r"""
import asyncio, json, ssl, sys, time, openai
try: import httpx2 as httpx
except ImportError: import httpx
base, requests, in_flight, bodies, out, ca = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5], sys.argv[6]
bodies = open(bodies, encoding="utf8").read().splitlines()
async def main():
    queue = asyncio.Queue()
    for i in range(requests): queue.put_nowait(i)
    http = openai.DefaultAsyncHttpxClient(verify=ssl.create_default_context(cafile=ca) if ca else True,
                                          limits=httpx.Limits(max_connections=in_flight, max_keepalive_connections=in_flight))
    async with openai.AsyncOpenAI(base_url=base, api_key="none", http_client=http) as client:
        with open(out, "w", encoding="utf8") as sink:
            async def work():
                while not queue.empty():
                    body = json.loads(bodies[queue.get_nowait() % len(bodies)])
                    reply = await client.chat.completions.create(**body)
                    content = json.loads(reply.choices[0].message.content)
                    for text in content["utterances"]: sink.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
            began = time.monotonic()
            await asyncio.gather(*(work() for _ in range(in_flight)))
            print(json.dumps({"sending_seconds": time.monotonic() - began}))
asyncio.run(main())
"""
DEVICES = "主屏 副屏 麦克风 音箱 投影 电视 平板 白板 手机 电脑".split()


def write_job(base_url, options, in_flight, ca, directory):
    rows = int(options.requests * options.per_request * 0.985 / 4)
    intents = "".join(f"""
  intent_{name}:
    description: 调节设备 {name}
    slots: {{level: required, device: optional}}""" for name in "abcd")
    certificate = f', ca: "{ca}", http: {options.http}' if ca else ""
    text = f"""slotmill: 1
name: bench
language: zh-Hans
seed: 7
per_request: {options.per_request}
intents:{intents}
slot_types:
  level: {{number: [0, {rows}], written: [arabic, cjk]}}
  device: {{values: [{", ".join(DEVICES)}]}}
rows: {{per_intent: {rows}}}
models: [{{id: loop, provider: openai, model: bench, base_url: "{base_url}"{certificate}, limits: {{in_flight: {in_flight}}}}}]
duplicates: {{per_template: off}}
output: {{dir: out}}
"""
    path = os.path.join(directory, "job.yaml")
    open(path, "w", encoding="utf8").write(text)
    return path


def write_bodies(slotmill, job, path):
    """What slotmill sends, with another last line in each, so that the provider's text differs."""
    prompt = subprocess.run([slotmill, "preview", job], capture_output=True, text=True, check=True).stdout
    system, user = prompt.split("--- system\n")[1].split("\n--- key")[0].split("\n--- user\n")
    with open(path, "w", encoding="utf8") as sink:
        for i in range(2000):
            sink.write(json.dumps({"model": "bench", "max_tokens": 1200, "messages": [
                {"role": "system", "content": system}, {"role": "user", "content": user + "\n" + str(i)}]},
                ensure_ascii=False) + "\n")


def timed(command):
    """stdout, wall seconds, CPU seconds and peak MiB of the process."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=out, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        out.seek(0), errors.seek(0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0: sys.exit(f"{command[0]}: {errors.read().decode()}")
        return out.read().decode(), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def start_provider(build, arguments):
    """The process and what it listens at, without the scheme."""
    provider = subprocess.Popen([f"{build}/tests/provider/slotmill-provider", *arguments], stdout=subprocess.PIPE, text=True)
    return provider, f"127.0.0.1:{provider.stdout.readline().split()[-1]}"


def make_certificate(directory):
    path = os.path.join(directory, "server")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path + ".key", "-out", path + ".pem"],
                   check=True, capture_output=True)
    return path + ".pem", path + ".key"


def limits(build, repeat):
    cases = {"429 on 10 %": ["--status-rate", "429:0.1"], "160 a second": ["--max-rate", "160", "--burst", "16"]}
    for name, arguments in cases.items():
        walls, refusals = [], []
        for seed in range(1, repeat + 1):
            provider, address = start_provider(build, ["--delay-ms", "200", "--refusal-ms", "5", "--retry-after", "1",
                                                       "--seed", str(seed), *arguments])
            try:
                out, *_ = timed([f"{build}/bench/remote_bench", f"http://{address}/v1", "2000", "64", "200"])
                if "2000 x reply" not in out: sys.exit(out)
                walls.append(float(out.split()[1]))
                refusals.append(json.load(urllib.request.urlopen(f"http://{address}/stats"))["statuses"]["429"])
            finally:
                provider.kill()
        print(f"  {name:13} wall s {statistics.median(walls):.2f} [{min(walls):.2f}-{max(walls):.2f}]  "
              f"refused {statistics.median(refusals):.0f} [{min(refusals)}-{max(refusals)}]")


def memory(options):
    slotmill = os.path.abspath(f"{options.build}/cli/slotmill")
    provider, address = start_provider(options.build, ["--latency", options.latency])
    rises = []
    try:
        for _ in range(options.repeat):
            peaks = []
            for in_flight in (64, 1024):
                with tempfile.TemporaryDirectory(prefix="slotmill-bench-") as directory:
                    *_, peak = timed([slotmill, "run", "--quiet", write_job(f"http://{address}/v1", options, in_flight, "", directory)])
                    peaks.append(peak)
            rises.append((peaks[1] - peaks[0]) * 1024 / (1024 - 64))
            print(f"  peak MiB at 64 in flight {peaks[0]:.1f}, at 1,024 {peaks[1]:.1f}: {rises[-1]:.1f} KiB a request")
    finally:
        provider.kill()
    print(f"  median {statistics.median(rises):.1f} KiB [{min(rises):.1f}-{max(rises):.1f}]")


def mean_seconds(latency):
    kind, *numbers = latency.split(":")
    if kind not in ("fixed", "uniform"): sys.exit("--latency fixed:MS or uniform:FROM:TO")
    return statistics.mean(map(float, numbers)) / 1000


def throughput(options):
    build = options.build
    delay = mean_seconds(options.latency)
    slotmill = os.path.abspath(f"{build}/cli/slotmill")
    keep = tempfile.TemporaryDirectory(prefix="slotmill-bench-")
    ca, key = make_certificate(keep.name) if options.tls or options.http == 2 else ("", "")
    provider, address = start_provider(build, ["--latency", options.latency, *(["--certificate", ca, "--key", key] if ca else [])])
    root = ("https://" if ca else "http://") + address
    figures, reply_bytes = {}, []

    def stats(reset=False):
        command = ["curl", "-s", root + ("/reset" if reset else "/stats"), *(["--cacert", ca] if ca else []), *(["-X", "POST"] if reset else [])]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout or "{}")

    def has(module):
        return subprocess.run([options.peer_python, "-c", f"import {module}"], capture_output=True).returncode == 0

    try:
        for _ in range(options.repeat):
            directory = tempfile.mkdtemp(prefix="slotmill-bench-")
            job = write_job(root + "/v1", options, options.in_flight, ca, directory)
            stats(reset=True)
            _, wall, cpu, peak = timed([slotmill, "run", "--quiet", job])
            report = json.load(open(os.path.join(directory, "out/bench/run.json"), encoding="utf8"))
            sent = stats()["requests"]
            limit = sent / options.in_flight * delay
            sending = report["sending_seconds"]
            figures.setdefault("slotmill", []).append(
                (limit / (sending - delay), cpu * 1e6 / sent, wall - sending + delay, wall, peak, sent, limit / sending))
            bodies = os.path.join(directory, "bodies")
            write_bodies(slotmill, job, bodies)

            def peer(name, requests, command):
                out, wall, cpu, peak = timed(command)
                said = json.loads(out)
                seconds = said["sending_seconds"]
                if said.get("failed"): sys.exit(f"{name}: {out}")
                reply_bytes.append(said.get("reply_bytes", 0))
                share = requests / options.in_flight * delay / seconds
                figures.setdefault(name, []).append((share, cpu * 1e6 / requests, wall - seconds, wall, peak, requests, share))

            peer("curl loop", sent, [f"{build}/bench/curl_loop", root + "/v1", str(sent), str(options.in_flight), bodies, ca, str(options.http)])
            scratch = os.path.join(directory, "peer.jsonl")
            if options.http == 1 and has("aiohttp"):
                peer("aiohttp", sent, [options.peer_python, "-c", AIOHTTP, root + "/v1", str(sent), str(options.in_flight), bodies, scratch, ca])
            if options.http == 1 and options.openai_requests and has("openai"):
                peer("openai", options.openai_requests, [options.peer_python, "-c", OPENAI, root + "/v1", str(options.openai_requests),
                                                         str(options.in_flight), bodies, scratch, ca])
            shutil.rmtree(directory)
    finally:
        provider.kill()
    print(f"{options.in_flight} in flight, {options.latency} ms, {'TLS, ' if ca else ''}HTTP/{options.http}, replies of {options.per_request} utterances "
          f"({max(reply_bytes):,} bytes), {options.repeat} runs: median [min-max]")
    for name, runs in figures.items():
        def show(i, digits):
            values = [run[i] for run in runs]
            return f"{statistics.median(values):.{digits}f} [{min(values):.{digits}f}-{max(values):.{digits}f}]"
        first = f" (with the lone first request {show(6, 3)})" if name == "slotmill" else ""
        print(f"  {name:9} share while sending {show(0, 3)}{first}  CPU ms per 1,000 {show(1, 0)}  "
              f"start-up s {show(2, 2)}  wall s {show(3, 2)}  peak MiB {show(4, 0)}  requests {runs[0][5]}")
    ratios = [mine[0] / bare[0] for mine, bare in zip(figures["slotmill"], figures["curl loop"])]
    print(f"  slotmill's share / the curl loop's {statistics.median(ratios):.3f} [{min(ratios):.3f}-{max(ratios):.3f}]")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20000)
    parser.add_argument("--in-flight", type=int, default=1024)
    parser.add_argument("--latency", default="fixed:200")
    parser.add_argument("--per-request", type=int, default=8)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--http", type=int, choices=(1, 2), default=1)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--peer-python", default=sys.executable)
    parser.add_argument("--openai-requests", type=int, default=2000)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--limits", action="store_true")
    parser.add_argument("--memory", action="store_true")
    options = parser.parse_args()
    if options.limits: limits(options.build, options.repeat)
    elif options.memory: memory(options)
    else: throughput(options)


main()
