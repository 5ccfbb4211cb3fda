#include "prompts/yaml_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <unordered_map>

namespace prompts {
namespace {

// yaml-cpp 0.7 takes a quote that is never closed as closed at the end of the file. A document end
// behind the text makes it notice, and changes nothing else.
constexpr std::string_view kDocumentEnd = "\n...\n";

// yaml-cpp counts bytes from 0. Events come nearly in order, so counting goes on where it stopped: a
// long line stays linear.
class Marker {
 public:
  explicit Marker(std::string_view text) : text_(text) {}

  Mark operator()(const YAML::Mark& mark) {
    if (mark.is_null() || mark.pos < 0) return {};
    const std::size_t to = std::min(static_cast<std::size_t>(mark.pos), text_.size());
    if (to < at_) at_ = 0, here_ = {1, 1};
    for (; at_ < to; ++at_) {
      if (text_[at_] == '\n')
        ++here_.line, here_.column = 1;
      else if ((static_cast<unsigned char>(text_[at_]) & 0xC0) != 0x80)
        ++here_.column;
    }
    return here_;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  Mark here_{1, 1};
};

// Only notices that a document starts.
class SecondDocument : public YAML::EventHandler {
 public:
  std::optional<YAML::Mark> start;
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (!start) start = mark;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
  }
  void OnMapEnd() override {}
};

// yaml-cpp's words, and what usually is the matter.
std::string explain(const std::string& message, std::string_view text, const Mark& mark) {
  std::size_t start = 0;
  for (int line = 1; line < mark.line && start < text.size(); ++line) start = text.find('\n', start) + 1;
  const std::string_view line = text.substr(start, text.find('\n', start) - start);
  const std::string_view indentation = line.substr(0, line.find_first_not_of(" \t"));
  if (indentation.find('\t') != std::string_view::npos)
    return "a tab as indentation; YAML allows spaces only";
  if (message.starts_with("illegal document indicator in scalar"))
    return "the quote that is opened behind this is never closed; close it";
  if (message == "illegal map value" || message.starts_with("illegal map"))
    return message + "; indent the keys of a map alike, and put text that contains ': ' in quotes";
  if (message.starts_with("end of sequence flow"))
    return "a [ without its ]; close it, and put text that contains [ ] or , in quotes";
  if (message.starts_with("end of map flow"))
    return "a { without its }; close it, and put text that contains { } or , in quotes";
  if (message == "illegal flow end")
    return "this bracket closes another kind than was opened; make them match";
  if (message == "end of map not found" || message == "end of sequence not found")
    return "this does not go on with what is above; indent alike, and look above for a quote that is not "
           "closed";
  if (message.starts_with("unknown escape character"))  // yaml-cpp goes on with the first byte of it
    return fmt::format(
        "unknown escape character{}; between double quotes \\ begins an escape: use single quotes",
        base::is_valid_utf8(message) ? message.substr(message.find(':')) : "");
  if (message == "unknown token") return "text can't begin with this character; put it in quotes";
  if (message == "the referenced anchor is not defined")
    return "an alias without an anchor; put text that begins with * in quotes";
  return "not YAML (" + message + "); look at this line and the one above";
}

}  // namespace

class YamlBuilder : public YAML::EventHandler {
 public:
  YamlBuilder(YamlTree& tree, Marker& marker, Problems& problems)
      : tree_(tree), marker_(marker), problems_(problems) {}

  bool stopped() const { return stopped_; }
  const Mark& last() const { return last_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode* node = add(YamlNode::Kind::nothing, mark);
    if (!node) return;
    // yaml-cpp places an absent value at whatever comes next.
    if (!open_.empty() && open_.back().key) node->mark = open_.back().key->mark;
    finish(node, anchor, 1);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode* node = add(YamlNode::Kind::scalar, mark);
    if (!node) return;
    check_tag(tag, "str", node->mark);
    node->text = value;
    node->quoted = tag != "?";  // yaml-cpp's mark of a plain one; a tag !!str counts as quotes
    finish(node, anchor, 1);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (stopped_) return;
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      stop(marker_(mark), "an alias inside its own anchor stands for an endless text; write it out");
      return;
    }
    const auto [target, weight] = found->second;
    YamlNode* node = add(target->kind, mark, weight);
    if (!node) return;
    const Mark here = node->mark;
    *node = *target;  // one level; bounded by the weight
    node->mark = here;
    finish(node, 0, weight);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::list, mark, tag, "seq", anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::map, mark, tag, "map", anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode* node = nullptr;
    YAML::anchor_t anchor = 0;
    std::size_t weight_before = 0;
    const YamlNode* key = nullptr;  // waits for its value
    std::unordered_map<std::string_view, Mark> keys;
  };

  YamlNode* add(YamlNode::Kind kind, const YAML::Mark& mark, std::size_t weight = 1) {
    if (stopped_) return nullptr;
    const Mark here = marker_(mark);
    weight_ += weight;
    if (weight_ > YamlTree::kMaxNodes) {
      stop(here, fmt::format("more than {} values with all aliases written out; put long lists into a file:",
                             YamlTree::kMaxNodes));
      return nullptr;
    }
    YamlNode& node = tree_.nodes_.emplace_back();
    node.kind = kind;
    node.mark = last_ = here;
    return &node;
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, std::string_view own_tag,
            YAML::anchor_t anchor) {
    const std::size_t before = weight_;
    YamlNode* node = add(kind, mark);
    if (!node) return;
    if (open_.size() == YamlTree::kMaxDepth) {
      stop(node->mark, fmt::format("nested deeper than {} levels", YamlTree::kMaxDepth));
      return;
    }
    check_tag(tag, own_tag, node->mark);
    open_.push_back({node, anchor, before, nullptr, {}});
  }

  void close() {
    if (stopped_) return;
    const Open closed = std::move(open_.back());
    open_.pop_back();
    finish(closed.node, closed.anchor, weight_ - closed.weight_before);
  }

  // Puts a whole node where it belongs.
  void finish(const YamlNode* node, YAML::anchor_t anchor, std::size_t weight) {
    if (anchor != 0) anchors_[anchor] = {node, weight};
    if (open_.empty()) {
      tree_.root_ = node;
      return;
    }
    Open& parent = open_.back();
    if (parent.node->kind == YamlNode::Kind::list) {
      parent.node->items.push_back(node);
    } else if (!parent.key) {
      parent.key = node;
    } else {
      if (is_good_key(*parent.key, parent)) parent.node->members.emplace_back(parent.key, node);
      parent.key = nullptr;
    }
  }

  bool is_good_key(const YamlNode& key, Open& map) {
    if (key.kind != YamlNode::Kind::scalar) {
      problems_.error(key.mark, "a key must be text; put null and ~ in quotes");
      return false;
    }
    if (key.text == "<<") {
      problems_.error(key.mark, "merge keys are not supported; write the keys out");
      return false;
    }
    const auto [first, is_new] = map.keys.emplace(key.text, key.mark);
    if (!is_new)
      problems_.error(key.mark, fmt::format("{}: a second time, first at {}:{}; keep one of them", key.text,
                                            first->second.line, first->second.column));
    return is_new;
  }

  void check_tag(const std::string& tag, std::string_view own, const Mark& mark) {
    if (tag.empty() || tag == "?" || tag == "!" || tag == fmt::format("tag:yaml.org,2002:{}", own)) return;
    problems_.error(mark,
                    fmt::format("the tag {} is not supported; remove it, or put text that begins with ! in "
                                "quotes",
                                in_quotes(tag)));
  }

  void stop(const Mark& mark, std::string message) {
    problems_.error(mark, std::move(message));
    stopped_ = true;
  }

  YamlTree& tree_;
  Marker& marker_;
  Problems& problems_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, std::pair<const YamlNode*, std::size_t>> anchors_;
  Mark last_{1, 1};         // of the node that came last
  std::size_t weight_ = 0;  // nodes so far, aliases written out
  bool stopped_ = false;
};

std::optional<YamlTree> YamlTree::parse(std::string_view text, Problems& problems) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!check_encoding(text, {}, problems)) return std::nullopt;
  YamlTree tree;
  Marker marker(text);
  YamlBuilder builder(tree, marker, problems);
  SecondDocument second;
  try {
    std::istringstream in(std::string(text).append(kDocumentEnd));
    YAML::Parser parser(in);
    parser.HandleNextDocument(builder);
    if (!builder.stopped()) parser.HandleNextDocument(second);
  } catch (const YAML::Exception& e) {
    // Past 64 levels yaml-cpp's own guard at 500 may be reached; that is told already.
    if (builder.stopped()) return std::nullopt;
    if (!second.start) {
      const bool open_quote = e.msg.starts_with("illegal document indicator in scalar");
      const Mark mark = open_quote ? builder.last() : marker(e.mark);
      problems.error(mark, explain(e.msg, text, mark));
      return std::nullopt;
    }
  } catch (const std::exception& e) {
    problems.error({}, fmt::format("not YAML ({})", e.what()));
    return std::nullopt;
  }
  if (builder.stopped()) return std::nullopt;
  if (second.start) {
    problems.error(marker(*second.start),
                   "what is above ends here and a second document begins; a job is one map: "
                   "remove ---, and indent its keys alike");
    return std::nullopt;
  }
  if (!tree.root_ || tree.root_->kind == YamlNode::Kind::nothing) {
    problems.error({1, 1}, "the file is empty; docs/job.md shows what a job looks like");
    return std::nullopt;
  }
  if (tree.root_->kind != YamlNode::Kind::map) {
    problems.error(tree.root_->mark,
                   "expected a map of keys such as name: and intents:, found something else");
    return std::nullopt;
  }
  return tree;
}

}  // namespace prompts
