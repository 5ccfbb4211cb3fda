#!/usr/bin/env python3
"""Writes a job that patterns alone fill, for measuring patterns and replay:

    bench/patterns_job.py ROWS DIRECTORY
    time build/release/cli/slotmill run DIRECTORY/job.yaml     # patterns to rows, with all checks
    time build/release/cli/slotmill run DIRECTORY/job.yaml     # again: replay of ROWS/10 journaled replies

Ten intents, replies of ten candidates, two slots, no cap on templates, no output formats."""
import os, sys

rows, directory = int(sys.argv[1]), sys.argv[2]
os.makedirs(directory, exist_ok=True)
verbs = ["打开", "关闭", "检查", "登记", "查询", "移走", "标记", "归档", "校准", "复位"]
names = [f"intent_{letter}" for letter in "abcdefghij"]
with open(os.path.join(directory, "patterns.txt"), "w", encoding="utf8") as out:
    for name, verb in zip(names, verbs):
        out.write(f"""%[{name}]
    {{请|麻烦|帮我}}?{verb}编号@[serial]的设备{{吧|好吗|谢谢}}?
    编号@[serial]的设备{{现在|马上|尽快|先}}{verb}{{一下}}?
    {{请|麻烦|帮我}}?{verb}编号@[serial]的@[device]{{吧|好吗|谢谢}}?
    @[device]编号@[serial]的{{现在|马上|尽快|先}}{verb}{{一下}}?
""")
intents = "".join(f"""
  {name}:
    description: {verb}某个编号的设备
    slots: {{serial: required, device: optional}}""" for name, verb in zip(names, verbs))
with open(os.path.join(directory, "job.yaml"), "w", encoding="utf8") as out:
    out.write(f"""slotmill: 1
name: replay
language: zh-Hans
seed: 7
per_request: 10
intents:{intents}
slot_types:
  serial: {{number: [0, 9000000], written: [arabic, cjk]}}
  device: {{values: [主屏, 副屏, 麦克风, 音箱, 投影, 电视, 平板, 白板, 手机, 电脑]}}
rows: {{per_intent: {rows // 10}}}
models: [{{id: patterns, patterns: patterns.txt}}]
duplicates: {{per_template: off}}
output: {{dir: out, split: {{train: 1, dev: 0, test: 0}}, formats: []}}
""")
