"""Writes the trained network as a GGUF file for llama.cpp: matrices in q8_0, norms in f32.

Without add_space_prefix, token types and scores, llama.cpp loads the file and cuts text wrongly without a word;
without context_length or layer_norm_rms_epsilon it doesn't load it.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import torch

from tiny_model.function_words import FUNCTION_CHARACTERS, FUNCTION_WORDS
from tiny_model.network import Network
from tiny_model.vocabulary import BEGIN, END, UNKNOWN, Vocabulary

# llama.cpp's attention takes 64 numbers of a head in one SIMD step and fewer one by one: heads of 32, padded with zeros
# to 64, cost the same file a fifth more bytes and halve the time of an utterance.
PADDED_HEAD = 64

DESCRIPTION = ("Writes one utterance with tagged slot values for an intent, in Chinese or English, as slotmill asks "
               "for it (prompt profile compact). Trained on slotmill's own patterns only.")
LICENSE = "that of slotmill"


def pad_rotated(weight: torch.Tensor, head: int, scale: float = 1.0) -> torch.Tensor:
    """Q and K, [heads x head, width] -> [heads x PADDED_HEAD, width]: pair i of a head becomes pair i x PADDED_HEAD / head,
    whose rotation is as fast; the pairs between are zero. `scale` makes up for the softmax's other divisor."""
    pairs = weight.detach().float().reshape(-1, head // 2, 2, weight.shape[1])
    padded = pairs.new_zeros(pairs.shape[0], PADDED_HEAD // 2, 2, weight.shape[1])
    padded[:, ::PADDED_HEAD // head] = pairs * scale
    return padded.reshape(-1, weight.shape[1])


def pad_rows(weight: torch.Tensor, head: int) -> torch.Tensor:
    """V, [heads x head, width] -> [heads x PADDED_HEAD, width]: zeros behind each head."""
    rows = weight.detach().float().reshape(-1, head, weight.shape[1])
    return torch.nn.functional.pad(rows, (0, 0, 0, PADDED_HEAD - head)).reshape(-1, weight.shape[1])


def write_gguf(path: Path, network: Network, vocabulary: Vocabulary, intents: list[str]) -> None:
    """intents: the names of those that the network was trained on."""
    shape = network.shape
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".gguf.tmp")
    writer = gguf.GGUFWriter(aside, "llama")
    writer.add_name("slotmill-tiny")
    writer.add_description(DESCRIPTION)
    writer.add_license(LICENSE)
    writer.add_string("slotmill.prompt_profile", "compact")
    writer.add_string("slotmill.intents", "\n".join(intents))
    writer.add_string("slotmill.function_characters", FUNCTION_CHARACTERS)
    writer.add_string("slotmill.function_words", FUNCTION_WORDS)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)

    writer.add_vocab_size(len(vocabulary))
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_key_length(PADDED_HEAD)
    writer.add_value_length(PADDED_HEAD)
    writer.add_rope_dimension_count(PADDED_HEAD)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.epsilon)

    writer.add_tokenizer_model("llama")
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_scores(vocabulary.scores)
    writer.add_token_types(vocabulary.kinds)
    writer.add_unk_token_id(UNKNOWN)
    writer.add_bos_token_id(BEGIN)
    writer.add_eos_token_id(END)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)

    def matrix(name: str, weight: torch.Tensor) -> None:
        data = weight.detach().float().contiguous().numpy()
        kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(name, gguf.quantize(data, kind), raw_dtype=kind)

    def norm(name: str, weight: torch.Tensor) -> None:
        writer.add_tensor(name, weight.detach().float().numpy().astype(np.float32))

    matrix("token_embd.weight", network.embedding.weight)
    for i, layer in enumerate(network.layers):
        block = f"blk.{i}."
        norm(block + "attn_norm.weight", layer.attention_norm.weight)
        q, k, v = layer.qkv.weight.chunk(3)
        matrix(block + "attn_q.weight", pad_rotated(q, shape.head, (PADDED_HEAD / shape.head) ** 0.5))
        matrix(block + "attn_k.weight", pad_rotated(k, shape.head))
        matrix(block + "attn_v.weight", pad_rows(v, shape.head))
        # Its columns are V's rows.
        matrix(block + "attn_output.weight", pad_rows(layer.output.weight.T, shape.head).T)
        norm(block + "ffn_norm.weight", layer.inner_norm.weight)
        gate, up = layer.gate_up.weight.chunk(2)
        matrix(block + "ffn_gate.weight", gate)
        matrix(block + "ffn_up.weight", up)
        matrix(block + "ffn_down.weight", layer.down.weight)
    norm("output_norm.weight", network.norm.weight)

    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    aside.replace(path)
