#include "tests/local_model/llama_testing.h"

#include <fmt/format.h>
#include <ggml.h>
#include <gguf.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "local_model/shipped_model.h"
#include "model/tags.h"

namespace local_model {

std::shared_ptr<const LlamaWeights> shipped_weights() {
  static const std::shared_ptr<const LlamaWeights> weights = [] {
    const auto file = open_shipped_model();
    EXPECT_TRUE(file);
    auto loaded = LlamaWeights::load(file->path, 0);
    EXPECT_TRUE(loaded) << loaded.error().message;
    return *loaded;
  }();
  return weights;
}

base::Path test_directory(const std::string& name) {
  const base::Path path = base::Path(::testing::TempDir()) / ("slotmill_llama_" + name);
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
  return path;
}

namespace {

model::PlannedUtterance planned(int n) {
  static const char* const devices[] = {"主屏", "会议音箱", "A301大屏", "C++ [测试]", "“小会”"};
  return {{{"set_volume", {{"level", fmt::format("百分之{}", n)}, {"device", devices[n % 5]}}}}};
}

}  // namespace

model::Request compact_request(int n) {
  model::Request request;
  request.wire = model::Wire::line;
  request.utterances = {planned(n)};
  request.prefix =
      std::make_shared<const std::string>("<|intent|>set_volume<|desc|>把设备的音量调到指定的数值");
  const auto& slots = request.utterances[0].frames[0].slots;
  request.tail = fmt::format(
      "<|example|>把[device:副屏]的声音调到[level:20]<|slots|>level<|is|>{}<|and|>device<|is|>{}"
      "<|style|>口语, 7-12<|out|>",
      slots[0].text, slots[1].text);
  request.key = base::hash128(request.tail);
  return request;
}

model::Request envelope_request(int n, int utterances) {
  model::Request request = compact_request(n);
  request.wire = model::Wire::envelope;
  request.utterances.clear();
  for (int i = 0; i < utterances; ++i) request.utterances.push_back(planned(n + i));
  return request;
}

void Collector::deliver(model::Ticket ticket, model::Outcome outcome) {
  const std::lock_guard lock(mutex_);
  EXPECT_TRUE(outcomes_.emplace(ticket, std::move(outcome)).second) << "two outcomes for " << ticket;
  changed_.notify_all();
}

void Collector::wait_for(std::size_t count) {
  std::unique_lock lock(mutex_);
  while (outcomes_.size() < count) {
    const std::size_t before = outcomes_.size();
    if (changed_.wait_for(lock, std::chrono::seconds(120), [&] { return outcomes_.size() > before; }))
      continue;
    // Not an assertion: what is still on its way refers to this object.
    fmt::print(stderr, "{} of {} outcomes came, and none for two minutes\n", before, count);
    std::abort();
  }
}

std::size_t Collector::count() {
  const std::lock_guard lock(mutex_);
  return outcomes_.size();
}

void write_adapter(const base::Path& path, int width, float size) {
  constexpr int kRank = 4;
  constexpr int kInner = 576;
  gguf_context* file = gguf_init_empty();
  gguf_set_val_str(file, "general.type", "adapter");
  gguf_set_val_str(file, "general.architecture", "llama");
  gguf_set_val_str(file, "adapter.type", "lora");
  gguf_set_val_f32(file, "adapter.lora.alpha", kRank);
  ggml_context* tensors = ggml_init({std::size_t{16} << 20, nullptr, false});
  std::mt19937 random(3);
  std::normal_distribution<float> values(0, size);
  const auto add = [&](const std::string& name, int columns, int rows) {
    ggml_tensor* tensor = ggml_new_tensor_2d(tensors, GGML_TYPE_F32, columns, rows);
    ggml_set_name(tensor, name.c_str());
    auto* data = static_cast<float*>(tensor->data);
    for (int i = 0; i < columns * rows; ++i) data[i] = values(random);
    gguf_add_tensor(file, tensor);
  };
  for (const char* matrix : {"ffn_gate", "ffn_up"}) {
    add(fmt::format("blk.0.{}.weight.lora_a", matrix), width, kRank);
    add(fmt::format("blk.0.{}.weight.lora_b", matrix), kRank, kInner);
  }
  EXPECT_TRUE(gguf_write_to_file(file, path.c_str(), false));
  ggml_free(tensors);
  gguf_free(file);
}

bool has_planned_tags(const model::Request& request, const std::string& line) {
  std::string rest = line;
  for (const auto& slot : request.utterances[0].frames[0].slots) {
    std::string tag;
    model::append_tag("", slot.name, slot.text, tag);
    const auto at = rest.find(tag);
    if (at == std::string::npos) return false;
    rest.erase(at, tag.size());
  }
  return rest.find_first_of("[]\\\n") == std::string::npos;
}

}  // namespace local_model
