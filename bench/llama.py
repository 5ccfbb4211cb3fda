#!/usr/bin/env python3
"""Models in this process, beside what one would use instead; both sides in turn, in one run.

    bench/llama_server.sh && bench/random_model.py q8_0 build/random-q8_0.gguf
    bench/llama.py [peer] [grammar] [sharing] [tiny] [big]       # all by default; needs -DSLOTMILL_BENCH=ON

peer     256 completions of 64 tokens, 32 at once, behind a prefix of 512 tokens: the engine, and llama-server
         with 32 slots, fresh (each slot evaluates the prefix) and warm. Tokens per CPU second, all threads of it
grammar  the engine with the wire format's grammar and without
sharing  the engine, prefix evaluated once, and for each of 64 completions
tiny     `slotmill run` with the model that ships (an utterance a reply), 16 sequences and 1, and what the rest of
         the program costs beside the engine's thread
big      the same with the model of --model (ten utterances planned a reply, which is cut off after 64 tokens)

--repeat N (5), --completions N (256), --build DIR, --server PROGRAM, --model GGUF. Ratios are taken run by run."""
import argparse, http.client, json, os, random, statistics, subprocess, sys, tempfile, threading, time

TICK = os.sysconf("SC_CLK_TCK")
PREFIX, TAIL, ANSWER, SLOTS = 512, 16, 64, 32
WORDS = range(1000, 101_000)  # ordinary tokens of bench/random_model.py; 10 ends a prompt
PARTS = ["peer", "grammar", "sharing", "tiny", "big"]

def show(values, digits=2):
    return f"{statistics.median(values):.{digits}f} [{min(values):.{digits}f}-{max(values):.{digits}f}]"

def ratios(above, below):
    return show([a / b for a, b in zip(above, below)], 3)

def engine(options, *arguments, completions=None):
    command = [f"{options.build}/bench/llama_bench", options.model, *arguments,
               "completions", str(completions or options.completions)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0: sys.exit(done.stderr)
    figures = json.loads(done.stdout)
    return figures["tokens"] / figures["cpu"]

class Server:
    """llama-server, set up as favourably as it can be: split cache, nothing copied out of its slots."""
    def __init__(self, options):
        self.port = random.randrange(20000, 30000)
        context = SLOTS * ((PREFIX + TAIL + ANSWER + 255) // 256 * 256)
        self.process = subprocess.Popen(
            [options.server, "--model", options.model, "--port", str(self.port), "--threads", "1",
             "--threads-batch", "1", "--parallel", str(SLOTS), "--ctx-size", str(context), "--no-kv-unified",
             "--cache-ram", "0", "--no-webui"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not self.healthy():
            if self.process.poll() is not None: sys.exit(f"{options.server} ended at once")
            time.sleep(0.2)

    def healthy(self):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def cpu(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def complete(self, count):
        """Tokens per CPU second of `count` completions, SLOTS at once."""
        words = random.Random(7)
        prefix = words.choices(WORDS, k=PREFIX)
        prompts = [prefix + words.choices(WORDS, k=TAIL - 1) + [10] for _ in range(count)]
        tokens = []
        def work():
            connection = http.client.HTTPConnection("127.0.0.1", self.port)
            while True:
                try: prompt = prompts.pop()
                except IndexError: return
                connection.request("POST", "/completion", json.dumps(
                    {"prompt": prompt, "n_predict": ANSWER, "ignore_eos": True, "cache_prompt": True,
                     "samplers": ["top_k", "temperature"], "top_k": 64, "temperature": 0.9, "seed": len(prompts)}))
                tokens.append(json.load(connection.getresponse())["tokens_predicted"])
        before = self.cpu()
        threads = [threading.Thread(target=work) for _ in range(SLOTS)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        if len(tokens) != count: sys.exit("llama-server left requests unanswered")
        return sum(tokens) / (self.cpu() - before)

    def stop(self):
        self.process.kill()
        self.process.wait()

def job(directory, model, rows):
    intents = "".join(f"""
  intent_{name}: {{description: 调节音量, slots: {{level: required, device: optional}}}}""" for name in "abcd")
    path = os.path.join(directory, "job.yaml")
    with open(path, "w", encoding="utf8") as sink:
        sink.write(f"""slotmill: 1
name: bench
language: zh-Hans
seed: 7
intents:{intents}
slot_types:
  level: {{number: [0, 1000], written: [arabic, cjk]}}
  device: {{values: [主屏, 副屏, 麦克风, 音箱, 投影, 电视, 平板, 白板, 手机, 电脑]}}
rows: {{per_intent: {rows}}}
models: [{{id: local, {model}}}]
duplicates: {{per_template: off}}
budget: {{candidates_per_row: 1.5}}
output: {{dir: out}}
""")
    return path

def cpu_of_threads(pid):
    """Nanoseconds by thread; those that end meanwhile are left out."""
    threads = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        try: threads[thread] = int(open(f"/proc/{pid}/task/{thread}/schedstat").read().split()[0])
        except (OSError, IndexError): pass
    return threads

def run_job(options, model, rows):
    """Replies per CPU second of the engine's thread, replies a second, the share of the CPU that the other
    threads take and milliseconds of it per reply; both without the loading of the model."""
    with tempfile.TemporaryDirectory(prefix="slotmill-bench-") as directory:
        path = job(directory, model, rows)
        process = subprocess.Popen([os.path.abspath(f"{options.build}/cli/slotmill"), "run", "--quiet", path],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        threads, loading = {}, None
        while True:
            try: threads.update(cpu_of_threads(process.pid))
            except OSError: pass
            if loading is None and len(threads) > 1 and max(threads.values()) > 1e9:
                loading = sum(threads.values()) - max(threads.values())
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid: break
            time.sleep(0.02)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 3): sys.exit(f"slotmill run {path} failed")
        report = json.load(open(os.path.join(directory, "out/bench/run.json"), encoding="utf8"))
        engine_cpu = max(threads.values()) / 1e9
        rest = usage.ru_utime + usage.ru_stime - engine_cpu - loading / 1e9
        replies = report["models"][0]["replies"]
        return replies / engine_cpu, replies / report["sending_seconds"], rest / (rest + engine_cpu), rest / replies * 1e3

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--completions", type=int, default=256)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--server", default="build/llama-server/bin/llama-server")
    parser.add_argument("--model", default="build/random-q8_0.gguf")
    options = parser.parse_args()
    parts = options.parts or PARTS
    if unknown := set(parts) - set(PARTS): parser.error(f"what is {', '.join(unknown)}? There are {', '.join(PARTS)}")
    figures = {}
    def note(name, value):
        figures.setdefault(name, []).append(value)
        print(name, value, file=sys.stderr, flush=True)
    for _ in range(options.repeat):
        if {"peer", "grammar"} & set(parts): note("engine", engine(options))
        if "peer" in parts:
            server = Server(options)
            try:
                note("fresh", server.complete(options.completions))
                note("warm", server.complete(options.completions))
            finally:
                server.stop()
        if "grammar" in parts: note("grammar", engine(options, "grammar"))
        if "sharing" in parts:
            note("shared", engine(options, completions=64))
            note("alone", engine(options, "alone", completions=64))
        if "tiny" in parts:
            note("many", run_job(options, "file: shipped, threads: 1, sequences: 16", 1000))
            note("one", run_job(options, "file: shipped, threads: 1, sequences: 1", 250))
        if "big" in parts:
            note("big", run_job(options, f"file: {os.path.abspath(options.model)}, threads: 1, sampling: {{max_tokens: 64}}", 80))
    print(f"median [min-max] of {options.repeat}; tokens per CPU second, one thread")
    if "engine" in figures: print(f"  engine                 {show(figures['engine'])}")
    if "peer" in parts:
        for name in ("fresh", "warm"):
            print(f"  llama-server, {name:8} {show(figures[name])}  engine / it {ratios(figures['engine'], figures[name])}")
    if "grammar" in parts:
        print(f"  engine with grammar    {show(figures['grammar'])}  it / without {ratios(figures['grammar'], figures['engine'])}")
    if "sharing" in parts:
        print(f"  64, prefix shared      {show(figures['shared'])}")
        print(f"  64, not shared         {show(figures['alone'])}  shared / it {ratios(figures['shared'], figures['alone'])}")
    for name, what in (("many", "tiny, 16 sequences"), ("one", "tiny, 1 sequence"), ("big", "0.5 B")):
        if name not in figures: continue
        cpu, wall, share, rest = zip(*figures[name])
        print(f"  {what:22} replies a CPU second of the engine {show(cpu, 1)}, a second {show(wall, 1)}; CPU outside the "
              f"engine {show([100 * s for s in share])} %, {show(rest)} ms a reply")
    if "tiny" in parts:
        for number, what in enumerate(("a CPU second", "a second")):
            print(f"  16 sequences / 1, {what}: "
                  + ratios([run[number] for run in figures["many"]], [run[number] for run in figures["one"]]))

main()
