"""The training loop: AdamW, bf16 products, a cosine by steps, checkpoints that a killed training goes on from."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from torch import Tensor

from tiny_model.batches import Batch, lay_out, stack, stream
from tiny_model.network import Network, Shape
from tiny_model.samples import Teacher
from tiny_model.vocabulary import Vocabulary

CHECKPOINT_STEPS = 500
REPORT_STEPS = 100


@dataclass(frozen=True)
class Plan:
    steps: int = 20_000
    # Cosines one after the other, as shares of the steps and of the highest rate; each begins with a warm-up.
    cycles: tuple[tuple[float, float], ...] = ((0.375, 1.0), (0.375, 0.65), (0.25, 0.45))
    warm_up: int = 150
    peak: float = 1.8e-3
    floor: float = 0.02         # of the peak, at the end of a cycle
    budget: int = 4096          # tokens a batch
    branches: int = 4           # samples that share a prompt's beginning
    seed: int = 1

    def rate(self, step: float) -> float:
        begin = 0.0
        for share, height in self.cycles:
            length = share * self.steps
            if step < begin + length:
                break
            begin += length
        step, peak = step - begin, self.peak * height
        if step < self.warm_up:
            return peak * (step + 1) / self.warm_up
        done = (step - self.warm_up) / max(1, length - self.warm_up)
        return peak * (self.floor + (1 - self.floor) * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))


def tensors(batch: Batch) -> tuple[Tensor, ...]:
    return tuple(torch.from_numpy(array) for array in
                 (batch.ids, batch.positions, batch.segments, batch.picks, batch.targets))


def held_out_batches(teacher: Teacher, vocabulary: Vocabulary, seed: int) -> list[Batch]:
    """Two batches of held-out values and slot sets, asked for as slotmill does."""
    random = Random(f"held-out/{seed}")
    rows = []
    for i in range(48):
        language = teacher.languages[i % len(teacher.languages)]
        kept = i % 4 == 3 and any(intent.held_out for _, intent in teacher.intents.get((language, False), []))
        group = teacher.in_scope(random, language, "known", 1, source="kept", held_out=kept, natural=True)
        row = lay_out(vocabulary, group)
        if row is not None:
            rows.append(row)
    return [stack(rows[:24]), stack(rows[24:])]


def save(path: Path, stored: dict) -> None:
    """A checkpoint is there whole or not at all."""
    aside = path.with_suffix(".tmp")
    torch.save(stored, aside)
    aside.replace(path)


def train(teacher: Teacher, vocabulary: Vocabulary, shape: Shape, plan: Plan, directory: Path, resume: bool,
          say: Callable[[str], None] = print) -> Network:
    torch.set_num_threads(1)
    torch.manual_seed(plan.seed)
    network = Network(shape)
    decayed = [weight for weight in network.parameters() if weight.dim() == 2]
    others = [weight for weight in network.parameters() if weight.dim() != 2]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.05}, {"params": others, "weight_decay": 0.0}],
                                  lr=plan.peak, betas=(0.9, 0.98), fused=True)
    checkpoint = directory / "checkpoint.pt"
    step, place, spent = 0, (0, 0), 0.0
    if resume and checkpoint.exists():
        stored = torch.load(checkpoint, weights_only=False)
        if stored["shape"] != shape.to_dict() or stored["tokens"] != vocabulary.tokens:
            raise SystemExit(f"{checkpoint} is of another network or vocabulary; train without --resume")
        network.load_state_dict(stored["network"])
        optimizer.load_state_dict(stored["optimizer"])
        step, place, spent = stored["step"], stored["place"], stored["seconds"]
        say(f"going on at step {step}")

    compiled = torch.compile(network, dynamic=True)
    watched = held_out_batches(teacher, vocabulary, plan.seed)
    batches = stream(teacher, vocabulary, plan.seed, plan.budget, plan.branches, place)
    losses: list[Tensor] = []
    tokens = samples = 0
    making = 0.0
    started = last = time.monotonic()
    first_step = step
    say(f"{network.parameter_count():,} parameters, {plan.steps} steps")
    while step < plan.steps:
        before = time.monotonic()
        batch, place = next(batches)
        making += time.monotonic() - before
        for group in optimizer.param_groups:
            group["lr"] = plan.rate(step)
        with torch.autocast("cpu", torch.bfloat16):
            loss = compiled(*tensors(batch))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.detach())
        tokens += batch.tokens
        samples += batch.samples
        step += 1
        if step % REPORT_STEPS == 0 or step == plan.steps:
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                apart = sum(float(network(*tensors(part))) for part in watched) / len(watched)
            now = time.monotonic()
            left = (now - started) / (step - first_step) * (plan.steps - step)
            say(f"step {step:5d}  loss {float(torch.stack(losses).mean()):.4f}  held-out {apart:.4f}  "
                f"{tokens / (now - last):,.0f} tokens/s  {samples / (now - last):.0f} samples/s  "
                f"data {100 * making / (now - last):.0f} %  {left / 60:.1f} min left")
            losses, tokens, samples, making, last = [], 0, 0, 0.0, now
        if step % CHECKPOINT_STEPS == 0 or step == plan.steps:
            save(checkpoint, {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "step": step,
                              "place": place, "shape": shape.to_dict(), "tokens": vocabulary.tokens,
                              "seconds": spent + time.monotonic() - started})
    say(f"trained in {(spent + time.monotonic() - started) / 60:.1f} min")
    return network
