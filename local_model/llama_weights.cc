#include "local_model/llama_weights.h"

#include <fmt/format.h>
#include <llama.h>

#include <array>
#include <fstream>
#include <mutex>

#include "base/text.h"

namespace local_model {
namespace {

constexpr std::size_t kHashChunk = std::size_t{1} << 20;

/// llama.cpp's log, of which the last error is kept and the rest dropped.
class Log {
 public:
  static void receive(ggml_log_level level, const char* text, void* self) {
    static_cast<Log*>(self)->add(level, text);
  }

  std::string take() {
    const std::lock_guard lock(mutex_);
    finish_line();
    return std::exchange(last_, {});
  }

 private:
  void add(ggml_log_level level, const char* text) {
    const std::lock_guard lock(mutex_);
    if (level == GGML_LOG_LEVEL_CONT) {
      if (in_error_) line_ += text;
    } else {
      finish_line();
      in_error_ = level == GGML_LOG_LEVEL_ERROR;
      if (in_error_) line_ = text;
    }
    if (line_.ends_with('\n')) finish_line();
  }

  // `llama_model_load: error loading model: X` says X; later lines only repeat that it failed.
  void finish_line() {
    std::string line = base::one_line(std::exchange(line_, {}));
    if (const auto colon = line.find(": "); colon != std::string::npos && line.find(' ') > colon)
      line.erase(0, colon + 2);
    constexpr std::string_view kLoading = "error loading model: ";
    if (line.starts_with(kLoading)) line.erase(0, kLoading.size());
    if (!line.empty() && (last_.empty() || !line.starts_with("failed to load"))) last_ = std::move(line);
  }

  std::mutex mutex_;
  std::string line_;
  std::string last_;
  bool in_error_ = false;
};

Log& log() {
  static Log one;  // llama.cpp has one log per process, too
  return one;
}

void start_llama() {
  static const bool started = [] {
    llama_log_set(&Log::receive, &log());
    llama_backend_init();
    return true;
  }();
  (void)started;
}

base::Status check_header(const base::Path& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 4> magic{};
  if (!file) return base::errno_error("open", path);
  file.read(magic.data(), magic.size());
  if (file.gcount() == 4 && std::string_view(magic.data(), 4) == "GGUF") return {};
  return base::bad_input(
      fmt::format("{} is no GGUF file; convert the model with llama.cpp's "
                  "convert_hf_to_gguf.py, or use a server for it (start:)",
                  path.string()));
}

}  // namespace

void AdapterDeleter::operator()(llama_adapter_lora* adapter) const { llama_adapter_lora_free(adapter); }

std::string take_llama_error() { return log().take(); }

base::Result<base::Hash128> hash_file(const base::Path& path) {
  auto file = base::RandomAccessFile::open(path);
  if (!file) return base::pass(file);
  base::Hash128Stream stream;
  std::string chunk;
  for (std::uint64_t at = 0; at < file->size();) {
    const std::size_t size = std::min<std::uint64_t>(kHashChunk, file->size() - at);
    if (auto status = file->read(at, size, chunk); !status) return base::pass(status);
    stream.update(chunk);
    at += size;
  }
  return stream.digest();
}

base::Result<std::shared_ptr<const LlamaWeights>> LlamaWeights::load(const base::Path& path, int gpu_layers) {
  if (auto status = check_header(path); !status) return base::pass(status);
  start_llama();
  take_llama_error();
  llama_model_params params = llama_model_default_params();
  params.n_gpu_layers = gpu_layers;
  llama_model* model = llama_model_load_from_file(path.c_str(), params);
  if (model == nullptr) {
    const std::string why = take_llama_error();
    return base::bad_input(fmt::format("{} can't be loaded: {}", path.string(),
                                       why.empty() ? "llama.cpp doesn't say why" : why));
  }
  std::shared_ptr<LlamaWeights> weights(new LlamaWeights(path, model));
  if (llama_vocab_type(weights->vocab_) == LLAMA_VOCAB_TYPE_NONE || weights->vocabulary_size() == 0)
    return base::bad_input(fmt::format("{} has no vocabulary, so it can't read text", path.string()));
  return weights;
}

LlamaWeights::LlamaWeights(base::Path path, llama_model* model)
    : path_(std::move(path)), model_(model), vocab_(llama_model_get_vocab(model)) {}

LlamaWeights::~LlamaWeights() { llama_model_free(model_); }

base::Result<AdapterPointer> LlamaWeights::load_adapter(const base::Path& path) const {
  if (auto status = check_header(path); !status) return base::pass(status);
  take_llama_error();
  AdapterPointer adapter(llama_adapter_lora_init(model_, path.c_str()));
  if (adapter) return adapter;
  const std::string why = take_llama_error();
  return base::bad_input(fmt::format("the adapter {} doesn't fit {}: {}", path.string(), path_.string(),
                                     why.empty() ? "llama.cpp doesn't say why" : why));
}

int LlamaWeights::vocabulary_size() const { return llama_vocab_n_tokens(vocab_); }
int LlamaWeights::trained_context() const { return llama_model_n_ctx_train(model_); }
std::uint64_t LlamaWeights::bytes() const { return llama_model_size(model_); }
std::uint64_t LlamaWeights::parameters() const { return llama_model_n_params(model_); }

std::string LlamaWeights::description() const {
  return fmt::format("{} {}", meta("general.architecture"), llama_ftype_name(llama_model_ftype(model_)));
}

std::string LlamaWeights::chat_template() const {
  const char* text = llama_model_chat_template(model_, nullptr);
  return text != nullptr ? text : "";
}

std::string LlamaWeights::meta(const char* key) const {
  const std::int32_t size = llama_model_meta_val_str(model_, key, nullptr, 0);
  if (size <= 0) return "";
  std::string text(static_cast<std::size_t>(size) + 1, '\0');  // with the zero behind it
  llama_model_meta_val_str(model_, key, text.data(), text.size());
  text.pop_back();
  return text;
}

bool LlamaWeights::encodes_only() const { return !llama_model_has_decoder(model_); }

bool LlamaWeights::shares_parts() const {
  return !llama_model_is_recurrent(model_) && !llama_model_is_hybrid(model_);
}

std::vector<Token> LlamaWeights::tokenize(std::string_view text, bool marks) const {
  if (text.empty()) return {};
  std::vector<Token> tokens(text.size() + 8);
  const auto size = static_cast<std::int32_t>(text.size());
  std::int32_t count = llama_tokenize(vocab_, text.data(), size, tokens.data(),
                                      static_cast<std::int32_t>(tokens.size()), false, marks);
  if (count < 0) {  // minus what it needs
    tokens.resize(static_cast<std::size_t>(-count));
    count = llama_tokenize(vocab_, text.data(), size, tokens.data(), -count, false, marks);
  }
  tokens.resize(static_cast<std::size_t>(std::max(count, 0)));
  return tokens;
}

Token LlamaWeights::begin_token() const {
  return llama_vocab_get_add_bos(vocab_) ? llama_vocab_bos(vocab_) : -1;
}

bool LlamaWeights::ends_generation(Token token) const { return llama_vocab_is_eog(vocab_, token); }

void LlamaWeights::append_piece(Token token, std::string& out) const {
  std::array<char, 64> piece{};
  std::int32_t size = llama_token_to_piece(vocab_, token, piece.data(), piece.size(), 0, false);
  if (size >= 0) {
    out.append(piece.data(), static_cast<std::size_t>(size));
    return;
  }
  const std::size_t before = out.size();
  out.resize(before + static_cast<std::size_t>(-size));
  size = llama_token_to_piece(vocab_, token, out.data() + before, -size, 0, false);
  out.resize(before + static_cast<std::size_t>(std::max(size, 0)));
}

}  // namespace local_model
