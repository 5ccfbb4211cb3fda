#!/usr/bin/env python3
"""Trains the tiny language model that ships with slotmill, on one CPU core, in about two hours.

    python3 tools/train_tiny_model.py              # everything: the rows, the training, the file
    python3 tools/train_tiny_model.py --resume     # goes on where a killed training was
    python3 tools/train_tiny_model.py --evaluate   # measures the file, with llama.cpp

Reads local_model/tiny/data/LANGUAGE/DOMAIN/job.yaml, mills the rows of each with slotmill into build/tiny, and writes
local_model/tiny/slotmill-tiny.gguf. Python packages that are missing go into build/tiny/venv.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
ROOT = TOOLS.parent
WORK = ROOT / "build" / "tiny"
DATA = ROOT / "local_model" / "tiny" / "data"
# One thread (several wait for each other on a shared machine), and memory that is kept instead of given back.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": "4294967296", "MALLOC_TRIM_THRESHOLD_": "4294967296",
               "MALLOC_TOP_PAD_": "268435456",
               "CUDA_VISIBLE_DEVICES": "", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}

INSTALLED = "SLOTMILL_TINY_INSTALLED"      # set in the Python that the packages were installed for


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--slotmill", default=str(ROOT / "build/release/cli/slotmill"), help="the slotmill that mills the rows")
    add("--data", type=Path, default=DATA, help="the folder of LANGUAGE/DOMAIN/job.yaml")
    add("--work", type=Path, default=WORK, help="where checkpoints lie")
    add("--output", type=Path, default=ROOT / "local_model/tiny/slotmill-tiny.gguf")
    add("--resume", action="store_true", help="go on from the last checkpoint")
    add("--evaluate", action="store_true", help="measure the file instead of training")
    add("--samples", type=int, default=300, help="of each measurement")
    add("--show", type=int, default=0, help="with --evaluate, print so many of each; without, print training samples")
    add("--width", type=int, default=224)
    add("--layers", type=int, default=5)
    add("--inner", type=int, default=576, help="width inside the feed-forward blocks")
    add("--merges", type=int, default=1500, help="pieces of English words in the vocabulary")
    add("--steps", type=int, default=20_000)
    add("--rate", type=float, default=1.8e-3, help="the highest learning rate")
    add("--seed", type=int, default=1)
    return parser.parse_args()


def enter_environment(needed: dict[str, str], requirements: Path) -> None:
    """Goes on in a Python that has the packages (module -> package), with the environment that training wants."""
    missing = [package for module, package in needed.items() if importlib.util.find_spec(module) is None]
    python = sys.executable
    if missing:
        python = str(WORK / "venv/bin/python")
        if INSTALLED in os.environ:
            raise SystemExit(f"{', '.join(missing)}: installed into {WORK / 'venv'} but not found there")
        print(f"installing {', '.join(missing)} into {WORK / 'venv'}", flush=True)
        if not Path(python).exists():
            subprocess.run([sys.executable, "-m", "venv", WORK / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
        os.environ[INSTALLED] = "1"
    if missing or any(os.environ.get(name) != value for name, value in ENVIRONMENT.items()):
        os.execve(python, [python, __file__, *sys.argv[1:]], {**os.environ, **ENVIRONMENT})


def main() -> None:
    wanted = options()
    needed = {"yaml": "pyyaml", "numpy": "numpy"}
    if wanted.evaluate:
        enter_environment({**needed, "llama_cpp": "llama-cpp-python"}, TOOLS / "tiny_model/requirements_evaluate.txt")
    else:
        enter_environment({**needed, "torch": "torch", "gguf": "gguf"}, TOOLS / "tiny_model/requirements.txt")

    from tiny_model.forms import hold_out_sets, load_domains
    from tiny_model.samples import Teacher

    jobs = sorted(wanted.data.glob("*/*/job.yaml"))
    if not jobs:
        raise SystemExit(f"no jobs in {wanted.data}")
    domains = load_domains(wanted.slotmill, jobs)
    hold_out_sets(domains)
    intents = [intent for domain in domains for intent in domain.intents.values()]
    forms = sum(len(found) for intent in intents for found in intent.sets.values())
    print(f"{len(domains)} domains, {len(intents)} intents, {forms:,} forms", flush=True)
    teacher = Teacher(domains)

    if wanted.evaluate:
        from tiny_model.evaluate import evaluate

        apart = wanted.data.parent / "evaluation"
        evaluate(teacher, wanted.output, apart, wanted.samples, wanted.show)
        return
    if wanted.show:
        from random import Random

        for i in range(wanted.show):
            group = teacher.group(Random(f"{wanted.seed}/{i}"), 2)
            for branch in group.branches:
                print(group.prefix + branch.head + "\n    " + branch.answer)
        return

    from tiny_model.gguf_file import write_gguf
    from tiny_model.network import Shape
    from tiny_model.texts import vocabulary_of
    from tiny_model.training import Plan, train

    wanted.work.mkdir(parents=True, exist_ok=True)
    vocabulary = vocabulary_of(domains, wanted.merges)
    print(f"{len(vocabulary)} tokens in the vocabulary", flush=True)
    shape = Shape(len(vocabulary), width=wanted.width, layers=wanted.layers, inner=wanted.inner)
    plan = Plan(steps=wanted.steps, peak=wanted.rate, seed=wanted.seed)
    network = train(teacher, vocabulary, shape, plan, wanted.work, wanted.resume, lambda text: print(text, flush=True))
    known = {name for domain in domains if not domain.generic for name in domain.intents}
    write_gguf(wanted.output, network, vocabulary, sorted(known))
    print(f"{wanted.output}: {wanted.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
