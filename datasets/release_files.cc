#include "datasets/release_files.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_pipeline.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/hash.h"

namespace datasets {
namespace {

constexpr std::size_t kBatchSize = std::size_t{1} << 20;  // bytes of rows.jsonl
constexpr std::size_t kBatches = 8;                       // at once
constexpr std::size_t kSplitCount = 3;

// Some whole lines of rows.jsonl on their way through the pipeline.
struct Batch {
  std::string lines;
  std::uint64_t first = 0;  // number of the first line, from 1
  struct Output {
    std::string text;
    std::uint64_t rows = 0;
  };
  std::vector<Output> outputs;  // by format, then by split
  DatasetCard card;
  base::Status status;
};

// Cuts the file into batches.
class Reader {
 public:
  static base::Result<Reader> open(const base::Path& path) {
    auto file = base::RandomAccessFile::open(path);
    if (!file) return base::pass(file);
    return Reader(std::move(*file));
  }

  /// Null at the end of the file.
  std::unique_ptr<Batch> next() {
    if (at_ >= file_.size() && rest_.empty()) return nullptr;
    auto batch = std::make_unique<Batch>();
    batch->first = line_;
    batch->lines = std::exchange(rest_, {});
    std::string chunk;
    std::size_t cut = std::string::npos;
    while (at_ < file_.size() && cut == std::string::npos) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kBatchSize, file_.size() - at_));
      batch->status = file_.read(at_, size, chunk);
      at_ = batch->status ? at_ + size : file_.size();
      batch->lines += chunk;
      cut = batch->lines.rfind('\n');
    }
    if (at_ < file_.size() || (cut != std::string::npos && cut + 1 < batch->lines.size())) {
      rest_ = batch->lines.substr(cut + 1);
      batch->lines.resize(cut + 1);
    }
    line_ += static_cast<std::uint64_t>(std::count(batch->lines.begin(), batch->lines.end(), '\n'));
    return batch;
  }

 private:
  explicit Reader(base::RandomAccessFile file) : file_(std::move(file)) {}
  base::RandomAccessFile file_;
  std::uint64_t at_ = 0;
  std::uint64_t line_ = 1;
  std::string rest_;
};

void format_batch(const base::Path& path, const ReleaseInfo& info, const std::vector<ReleaseFormat>& formats,
                  Batch& batch) {
  batch.outputs.resize(formats.size() * kSplitCount);
  std::string_view rest = batch.lines;
  for (std::uint64_t number = batch.first; batch.status && !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    auto row = parse_row(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!row) {
      batch.status = base::failed(fmt::format("{}:{}: {}; the file is rebuilt when the job is run again",
                                              path.string(), number, row.error().message));
      return;
    }
    if (info.shares) row->split = choose_split(info.seed, row->template_text, *info.shares);
    batch.card.count(*row);
    for (std::size_t i = 0; i < formats.size(); ++i) {
      Batch::Output& output = batch.outputs[i * kSplitCount + static_cast<std::size_t>(row->split)];
      formats[i].append(*row, output.text);
      output.text += '\n';
      ++output.rows;
    }
  }
}

// One data file. It comes into being with its first row.
class DataFile {
 public:
  DataFile(base::Path directory, FileSummary summary)
      : directory_(std::move(directory)), summary_(std::move(summary)) {}

  base::Status add(const Batch::Output& output) {
    if (output.rows == 0) return {};
    if (!file_) {
      auto created = base::BufferedFile::create(directory_ / summary_.name);
      if (!created) return base::pass(created);
      file_.emplace(std::move(*created));
    }
    hash_.update(output.text);
    summary_.bytes += output.text.size();
    summary_.rows += output.rows;
    return file_->write(output.text);
  }

  base::Status finish(std::vector<FileSummary>& written) {
    if (!file_) return {};
    summary_.hash = hash_.digest();
    written.push_back(summary_);
    return file_->finish(true);
  }

 private:
  base::Path directory_;
  FileSummary summary_;
  std::optional<base::BufferedFile> file_;
  base::Hash128Stream hash_;
};

std::vector<DataFile> make_outputs(const base::Path& directory, const std::vector<ReleaseFormat>& formats) {
  std::vector<DataFile> outputs;
  for (const ReleaseFormat& format : formats)
    for (const Split split : {Split::train, Split::dev, Split::test}) {
      FileSummary summary;
      summary.name = fmt::format("{}.{}.jsonl", split_name(split), format.name);
      summary.split = split;
      outputs.emplace_back(directory, std::move(summary));
    }
  return outputs;
}

}  // namespace

base::Status write_release_files(const base::Path& rows, const base::Path& directory, const ReleaseInfo& info,
                                 const std::vector<ReleaseFormat>& formats, DatasetCard& card,
                                 std::vector<FileSummary>& files) {
  auto reader = Reader::open(rows);
  if (!reader) return base::pass(reader);
  std::vector<DataFile> outputs = make_outputs(directory, formats);
  base::Status status;  // of the first batch that failed, in the order of the file
  using tbb::filter_mode;
  tbb::parallel_pipeline(
      kBatches,
      tbb::make_filter<void, Batch*>(filter_mode::serial_in_order, [&](tbb::flow_control& control) -> Batch* {
        auto batch = reader->next();
        if (!batch) control.stop();
        return batch.release();
      }) & tbb::make_filter<Batch*, Batch*>(filter_mode::parallel, [&](Batch* batch) {
        format_batch(rows, info, formats, *batch);
        return batch;
      }) & tbb::make_filter<Batch*, void>(filter_mode::serial_in_order, [&](Batch* raw) {
        const std::unique_ptr<Batch> batch(raw);
        if (status) status = batch->status;
        if (!status) return;
        card.merge(batch->card);
        for (std::size_t i = 0; i < outputs.size() && status; ++i) status = outputs[i].add(batch->outputs[i]);
      }));
  for (DataFile& output : outputs)
    if (status) status = output.finish(files);
  std::sort(files.begin(), files.end(),
            [](const FileSummary& a, const FileSummary& b) { return a.name < b.name; });
  return status;
}

}  // namespace datasets
