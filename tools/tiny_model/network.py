"""The network: a Llama of a few million parameters, in plain torch.

Rotary embedding is the interleaved kind (pairs of neighbours), which is what llama.cpp expects of the
architecture `llama`: the weights go into the file as they are. Input and output share one embedding.

A training sequence is a tree: one shared beginning (segment 0) and several branches (segments 1, 2, …), each of
which sees the beginning and itself, as if it followed directly. One beginning so serves many samples.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Shape:
    """Everything that decides the size of the network."""

    vocabulary: int
    width: int = 224
    layers: int = 5
    head: int = 32
    inner: int = 576
    context: int = 512
    epsilon: float = 1e-5
    rope_base: float = 1e4

    @property
    def heads(self) -> int:
        return self.width // self.head

    def to_dict(self) -> dict:
        return asdict(self)


class Norm(nn.Module):
    """RMSNorm, in f32."""

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """x: [batch, heads, length, head]; cos, sin: [batch, 1, length, head / 2]."""
    even, odd = x.unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.attention_norm = Norm(shape.width, shape.epsilon)
        self.qkv = nn.Linear(shape.width, 3 * shape.width, bias=False)
        self.output = nn.Linear(shape.width, shape.width, bias=False)
        self.inner_norm = Norm(shape.width, shape.epsilon)
        self.gate_up = nn.Linear(shape.width, 2 * shape.inner, bias=False)
        self.down = nn.Linear(shape.inner, shape.width, bias=False)

    def attend(self, x: Tensor, cos: Tensor, sin: Tensor, bias: Tensor) -> Tensor:
        qkv = self.qkv(self.attention_norm(x)).unflatten(-1, (3, self.heads, -1)).float()
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        # Products in bf16, the softmax in f32: 1.2 times as fast here as torch's own attention in f32.
        scores = (q @ k.transpose(-1, -2)).float() * q.shape[-1] ** -0.5 + bias
        return (torch.softmax(scores, -1) @ v).transpose(1, 2).flatten(-2)

    def finish(self, x: Tensor, mixed: Tensor) -> Tensor:
        x = x + self.output(mixed)
        gate, up = self.gate_up(self.inner_norm(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class Network(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.width, shape.epsilon)
        rates = shape.rope_base ** (-torch.arange(0, shape.head, 2).float() / shape.head)
        angles = torch.arange(shape.context).float()[:, None] * rates
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                last = name.endswith(("output.weight", "down.weight"))
                nn.init.normal_(weight, std=0.02 / (2 * shape.layers) ** 0.5 if last else 0.02)

    def forward(self, ids: Tensor, positions: Tensor, segments: Tensor, picks: Tensor, targets: Tensor) -> Tensor:
        """The mean loss of the picked places.

        ids, positions, segments: [batch, length], segments -1 where nothing is; picks: places in the flattened
        batch whose successor counts; targets: that successor, -100 where nothing is.
        """
        length = ids.shape[1]
        place = torch.arange(length)
        earlier = place[:, None] >= place
        own = (segments[:, :, None] == segments[:, None, :]) | (segments[:, None, :] == 0)
        bias = torch.where(earlier & own, 0.0, -1e9)[:, None]
        cos, sin = self.cos[positions][:, None], self.sin[positions][:, None]

        x = self.embedding(ids)
        for layer in self.layers[:-1]:
            x = layer.finish(x, layer.attend(x, cos, sin, bias))
        last = self.layers[-1]
        mixed = last.attend(x, cos, sin, bias)
        # Only the places that count go on from here: prompts need neither the rest of the last layer nor logits.
        x = last.finish(x.flatten(0, 1)[picks], mixed.flatten(0, 1)[picks])
        logits = F.linear(self.norm(x), self.embedding.weight)
        return F.cross_entropy(logits.float(), targets, ignore_index=-100)

    def parameter_count(self) -> int:
        return sum(weight.numel() for weight in self.parameters())
