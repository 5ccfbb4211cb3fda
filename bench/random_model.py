#!/usr/bin/env python3
"""Writes a GGUF model of random weights to measure with: the shape of Qwen2-0.5B (24 layers of 896, 151,936
tokens), with an output matrix of its own.

    bench/random_model.py q8_0 build/random-q8_0.gguf      # or q4_0; needs numpy and gguf

It says nothing, but it says it like a model that has learned the wire format: each token has one that
follows it in 99 draws of 100, and what follows the newline at the end of a prompt (token 10) spells the reply to
bench/llama_bench.cc's request, ten utterances with the tags [device:屏幕N] and [level:1N]. Otherwise a grammar
would refuse every token and its cost be that of a model that nobody would use. Tokens below 256 are the bytes."""
import sys
import gguf, numpy as np

LAYERS, WIDTH, HEADS, KV_HEADS, FORWARD, TOKENS = 24, 896, 14, 2, 4864, 151_936
SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
CHATML = ("{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
          "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
random = np.random.default_rng(7)

def byte_letters():
    """GPT-2's letters for the 256 bytes."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = (byte for byte in range(256) if byte not in plain)
    letters = {byte: chr(byte) for byte in plain}
    letters.update({byte: chr(256 + i) for i, byte in enumerate(others)})
    return [letters[byte] for byte in range(256)]

LETTERS = byte_letters()

def written(text):
    return "".join(LETTERS[byte] for byte in text.encode())

def reply_pieces():
    """The reply in pieces of three characters or more, no two equal."""
    words = "".join(chr(0x4e00 + 17 * i) for i in range(120))
    lines = []
    for i in range(10):
        w = words[12 * i:12 * i + 12]
        lines.append(f"{w[:5]}[device:屏幕{i}]{w[5:9]}[level:1{i}]{w[9:]}")
    text = '{"utterances": [' + ", ".join(f'"{line}"' for line in lines) + "]}"
    pieces = []
    while text:
        size = 3
        while text[:size] in pieces and size < len(text): size += 1
        pieces.append(text[:size])
        text = text[size:]
    return pieces

def character_merges():
    """Pairs to merge so that a Chinese character is one token: two of its three bytes first."""
    characters = [written(chr(c)) for c in [*range(0x3000, 0x3040), *range(0x4e00, 0x9fb0), *range(0xff00, 0xff60)]]
    pairs = sorted({(c[0], c[1]) for c in characters})
    return pairs + [(c[:2], c[2]) for c in characters]

def vocabulary(merges):
    pieces = reply_pieces()
    tokens = list(LETTERS) + [written(piece) for piece in pieces] + [first + second for first, second in merges]
    known = set(tokens)
    while len(tokens) < TOKENS - len(SPECIALS):  # a sixth of Chinese, the rest of Latin letters
        if random.random() < 1 / 6:
            piece = "".join(chr(c) for c in random.integers(0x4e00, 0x9000, random.integers(1, 4)))
        else:
            letters = random.integers(ord("a"), ord("z") + 1, random.integers(3, 9))
            piece = " " * int(random.integers(2)) + "".join(chr(c) for c in letters)
        token = written(piece)
        if token not in known:
            known.add(token)
            tokens.append(token)
    return tokens + SPECIALS, len(pieces)

def successors(pieces):
    follows = np.arange(TOKENS)
    ordinary = np.arange(256 + pieces, TOKENS - len(SPECIALS))
    follows[ordinary] = np.roll(ordinary, -1)
    others = np.concatenate([np.arange(256), np.arange(TOKENS - len(SPECIALS), TOKENS), [255 + pieces]])
    follows[others] = random.choice(ordinary, len(others))
    follows[10] = 256
    follows[256:255 + pieces] = np.arange(257, 256 + pieces)
    return follows

def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("q8_0", "q4_0"): sys.exit(__doc__)
    kind = getattr(gguf.GGMLQuantizationType, sys.argv[1].upper())
    merges = character_merges()
    tokens, pieces = vocabulary(merges)
    writer = gguf.GGUFWriter(sys.argv[2], "llama")
    writer.add_name("random")
    writer.add_context_length(32768)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1e6)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(TOKENS)
    writer.add_file_type(getattr(gguf.LlamaFileType, "MOSTLY_" + sys.argv[1].upper()))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    normal, control = gguf.TokenType.NORMAL, gguf.TokenType.CONTROL
    writer.add_token_types([normal] * (TOKENS - len(SPECIALS)) + [control] * len(SPECIALS))
    writer.add_token_merges([f"{first} {second}" for first, second in merges])
    writer.add_eos_token_id(TOKENS - 1)
    writer.add_pad_token_id(TOKENS - 3)
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHATML)

    def matrix(name, rows, columns, scale):
        quantized(name, random.standard_normal((rows, columns), dtype=np.float32) * np.float32(scale))
    def quantized(name, values):
        writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)
    def ones(name):
        writer.add_tensor(name, np.ones(WIDTH, np.float32))

    # What follows a token is found by its embedding, which must come through the layers: they add little.
    embedding = random.standard_normal((TOKENS, WIDTH), dtype=np.float32)
    output = random.standard_normal((TOKENS, WIDTH), dtype=np.float32) * np.float32(0.05)
    np.add.at(output, successors(pieces), embedding * np.float32(0.6 / np.sqrt(WIDTH)))
    quantized("token_embd.weight", embedding)
    quantized("output.weight", output)
    ones("output_norm.weight")
    keys = KV_HEADS * WIDTH // HEADS
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        ones(block + "attn_norm.weight")
        matrix(block + "attn_q.weight", WIDTH, WIDTH, 0.02)
        matrix(block + "attn_k.weight", keys, WIDTH, 0.02)
        matrix(block + "attn_v.weight", keys, WIDTH, 0.02)
        matrix(block + "attn_output.weight", WIDTH, WIDTH, 0.004)
        ones(block + "ffn_norm.weight")
        matrix(block + "ffn_gate.weight", FORWARD, WIDTH, 0.02)
        matrix(block + "ffn_up.weight", FORWARD, WIDTH, 0.02)
        matrix(block + "ffn_down.weight", WIDTH, FORWARD, 0.004)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

main()
