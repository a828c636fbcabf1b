// A holder below another one is told by what its path has more: ".sessions[...]" below "main.shop".
#include "report/holders_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <set>
#include <string>
#include <vector>

#include "report/creation_text.h"
#include "report/foreign_text.h"
#include "report/measures.h"
#include "report/path_below.h"

namespace goshawk::report {

using findings::HeapHolder;
using findings::HeapHolders;
using findings::HeapSuspect;

namespace {

constexpr std::size_t kOtherHolders = 5;
constexpr std::size_t kTreeIndent = 20;
constexpr std::size_t kMostInShort = 3;
constexpr std::size_t kMostLines = 3;          // of code that allocated it
constexpr std::uint64_t kLeastLineShare = 20;  // the largest, and those above a twentieth

// "main.Session", "1 KB of unknown type"; "" for what is no object.
std::string type_text(const HeapHolder& holder) {
  if (!holder.is_object) return "";
  if (!holder.type.empty()) return escape_controls(holder.type);
  return holder.slot_bytes == 0 ? "unknown type"
                                : human_bytes(holder.slot_bytes) + " of unknown type";
}

// "40,000 × main.Session", "1 object of unknown type".
std::string count_text(const HeapHolder& holder) {
  if (holder.type.empty())
    return fmt::format("{} of {}", plural(holder.count, "object"), type_text(holder));
  return fmt::format("{} × {}", human_count(holder.count), type_text(holder));
}

std::string path_text(const HeapHolder& holder) {
  if (!holder.path.empty()) return escape_controls(holder.path);
  return holder.address == 0 ? "" : fmt::format("object at {:#x}", holder.address);
}

// "main.session", "40,000 × main.session", "main.link and 11 more below it"; for what is an object.
std::string object_text(const HeapHolder& holder) {
  if (holder.count > 1 && !holder.is_chain) return count_text(holder);
  std::string type = type_text(holder);
  if (holder.is_chain && !holder.type.ends_with(" entries"))
    type += fmt::format(" and {} more below it", human_count(holder.count - 1));
  return type;
}

// "main.session", "an object of 1 KB of unknown type".
std::string named_text(const HeapHolder& holder) {
  bool one = holder.count == 1 || holder.is_chain;
  return (one && holder.type.empty() ? "an object of " : "") + object_text(holder);
}

// "main.owner, which several hold, such as main.cache and main.index".
std::string shared_text(const HeapHolder& holder) {
  std::string text = named_text(holder) + ", which several hold";
  for (std::size_t i = 0; i < holder.held_by.size(); ++i)
    text += (i == 0 ? ", such as " : " and ") + escape_controls(holder.held_by[i]);
  return text;
}

// "main.shop.sessions (map[string]*main.session)", "[...]: 40,000 × main.session".
std::string holder_text(const HeapHolder& holder, const std::string& path) {
  if (holder.is_shared) return shared_text(holder);
  if (!holder.is_object) return path.empty() ? plural(holder.count, "smaller holder") : path;
  if (path.empty()) return named_text(holder);
  if (holder.count > 1 && !holder.is_chain) return fmt::format("{}: {}", path, object_text(holder));
  return holder.type.empty() ? path : fmt::format("{} ({})", path, object_text(holder));
}

// Where it is, the holder being told in the lines above: "main.store.tree.root" of "the stack of
// goroutine 1, in main.main -> main.store.tree.root", but all of "main.shop.sessions".
std::string place_within(const HeapHolder& inner, const HeapHolder& holder) {
  constexpr std::string_view kStep = " -> ";
  if (inner.path == holder.path) return "";
  std::string below = path_below(path_text(inner), path_text(holder));
  return below.starts_with(kStep) ? below.substr(kStep.size()) : path_text(inner);
}

class HoldersText {
 public:
  HoldersText(Output& out, const HeapHolders& holders, const TextStyle& style)
      : out_(out), holders_(holders), style_(style) {}

  void render_suspects() {
    for (const HeapSuspect& suspect : holders_.suspects) render_suspect(suspect);
    if (holders_.suspects.empty())
      out_.write("Nobody holds a tenth of the live heap and 10 MB of it.\n");
    else
      render_rule(holders_.suspects.front().finding);
    render_others();
    out_.write("\n");
  }

  void render_in_short(const std::string& target, const std::set<std::uint64_t>& proven_goids) {
    if (holders_.suspects.empty()) return;
    out_.write("\n" + style_.palette.bold("Who holds much of the heap") + "\n");
    bool all_leaked = render_briefly(proven_goids, 0);
    std::string next =
        fmt::format("{}what is in it, and where the rest of the memory is: goshawk heap {}",
                    all_leaked ? "" : "suspected, by its size alone (heap/retained); ",
                    escape_controls(target));
    out_.write(style_.palette.faint(wrap_text(next, 0, style_.columns)) + "\n");
  }

  void render_of_run(const std::string& name, const std::set<std::uint64_t>& proven_goids) {
    if (holders_.suspects.empty()) return;
    out_.write(fmt::format("goshawk: {}: {} of heap in use; who holds much of it:\n",
                           escape_controls(name), human_bytes(holders_.live_bytes)));
    if (render_briefly(proven_goids, 2)) return;
    std::string next =
        "suspected, by its size alone (heap/retained); what is in it tells goshawk heap PID, of a "
        "process that is not run by goshawk";
    write_indented(next);
  }

  void render_tree() {
    std::vector<std::string> above;
    for (const HeapHolder& holder : holders_.tree) {
      above.resize(std::min<std::size_t>(above.size(), holder.depth));
      std::string path = path_text(holder);
      render_line(holder, path_below(path, above.empty() ? "" : above.back()));
      above.push_back(path);
    }
  }

 private:
  // True: all of them are proven to be leaked.
  bool render_briefly(const std::set<std::uint64_t>& proven_goids, std::size_t indent) {
    std::size_t shown = std::min(holders_.suspects.size(), kMostInShort);
    bool all_leaked = true;
    for (std::size_t i = 0; i < shown; ++i) {
      const HeapSuspect& suspect = holders_.suspects[i];
      std::string text =
          holding_text(suspect.holder, holder_text(suspect.holder, path_text(suspect.holder)));
      const std::string& inner = suspect.accumulation.path;
      if (inner != suspect.holder.path && !inner.empty()) text += ", at " + escape_controls(inner);
      bool leaked = is_leaked(suspect, proven_goids);
      if (leaked) text += "; proven to be leaked, see above";
      all_leaked = all_leaked && leaked;
      findings::Confidence confidence =
          leaked ? findings::Confidence::kProven : suspect.finding.confidence;
      out_.write(std::string(indent, ' ') +
                 style_.palette.confidence(confidence, wrap_text(text, indent, style_.columns)) +
                 "\n");
    }
    return all_leaked;
  }

  static bool is_leaked(const HeapSuspect& suspect, const std::set<std::uint64_t>& proven_goids) {
    const std::vector<std::uint64_t>& goids = suspect.finding.goids;
    return !goids.empty() && std::ranges::all_of(goids, [&](std::uint64_t goid) {
      return proven_goids.contains(goid);
    });
  }

  std::string share(std::uint64_t bytes) const { return share_text(bytes, holders_.live_bytes); }

  // "main.sessions holds 812 MB in 1,200,000 objects (62 % of the live heap)"
  std::string holding_text(const HeapHolder& holder, const std::string& name) const {
    return fmt::format("{}{} {} in {} ({} of the live heap)", name,
                       holder.is_shared   ? ":"
                       : holder.is_plural ? " hold"
                                          : " holds",
                       human_bytes(holder.retained_bytes),
                       plural(holder.retained_objects, "object"), share(holder.retained_bytes));
  }

  void render_suspect(const HeapSuspect& suspect) {
    const HeapHolder& holder = suspect.holder;
    std::string name = holder.is_shared ? named_text(holder) + ", which several hold"
                                        : holder_text(holder, path_text(holder));
    out_.write(style_.palette.confidence(suspect.finding.confidence,
                                         wrap_text(holding_text(holder, name), 0, style_.columns)) +
               "\n");
    for (std::size_t i = 0; i < holder.held_by.size(); ++i)
      write_indented((i == 0 ? "held by " : "and by ") + escape_controls(holder.held_by[i]));
    const HeapHolder& inner = suspect.accumulation;
    if (inner.address != suspect.holder.address) {
      std::string path = place_within(inner, holder);
      std::string entries =
          suspect.entries ? plural(*suspect.entries, "entry", "entries") + ", " : "";
      write_indented(fmt::format("spreads out at {}: {}{} in {}", holder_text(inner, path), entries,
                                 human_bytes(inner.retained_bytes),
                                 plural(inner.retained_objects, "object")));
    }
    render_contents(suspect);
    render_allocating_lines(suspect);
  }

  // "allocated in main.load (load.go:12), 97 %"
  void render_allocating_lines(const HeapSuspect& suspect) {
    std::uint64_t all = 0, samples = 0;
    for (const findings::AllocatedIn& line : suspect.allocated_in) {
      all += line.bytes;
      samples += line.samples;
    }
    std::string text;
    for (const findings::AllocatedIn& line : suspect.allocated_in | std::views::take(kMostLines)) {
      if (!text.empty() && line.bytes < all / kLeastLineShare) break;
      text += text.empty() ? "allocated in " : "; ";
      text += fmt::format("{} {}", code_place_text(line.place), share_text(line.bytes, all));
      if (!line.on_behalf_of.function.empty()) text += " for " + code_place_text(line.on_behalf_of);
    }
    if (!text.empty()) write_indented(fmt::format("{} (by {})", text, plural(samples, "sample")));
  }

  void render_contents(const HeapSuspect& suspect) {
    const HeapHolder& inner = suspect.accumulation;
    if (suspect.contents.empty()) return;
    std::string contents;
    for (const HeapHolder& one : suspect.contents) {
      contents += contents.empty() ? "there: " : "; ";
      bool single = one.count == 1 || one.is_chain;
      contents += (single ? holder_text(one, path_below(path_text(one), path_text(inner)))
                          : count_text(one)) +
                  ", " + human_bytes(one.retained_bytes) + (single ? "" : " together");
    }
    write_indented(contents);
  }

  void render_rule(const findings::Finding& finding) {
    std::string text =
        fmt::format("suspected, by its size alone ({}): {}; goshawk explain retained", finding.rule,
                    finding.advice);
    out_.write(style_.palette.faint(wrap_text(text, 0, style_.columns)) + "\n");
  }

  void render_others() {
    std::vector<const HeapHolder*> others;
    for (const HeapHolder& holder : holders_.tree)
      if (holder.depth == 0 && !is_suspect(holder)) others.push_back(&holder);
    if (others.empty()) return;
    out_.write(style_.palette.bold(holders_.suspects.empty() ? "\nThe largest holders\n"
                                                             : "\nOther large holders\n"));
    for (std::size_t i = 0; i < std::min(others.size(), kOtherHolders); ++i)
      render_line(*others[i], path_text(*others[i]));
  }

  bool is_suspect(const HeapHolder& holder) const {
    return std::ranges::any_of(holders_.suspects, [&](const HeapSuspect& suspect) {
      return suspect.holder.path == holder.path && suspect.holder.address == holder.address;
    });
  }

  void render_line(const HeapHolder& holder, const std::string& path) {
    std::size_t indent = kTreeIndent + std::size_t{holder.depth} * 2;
    std::string text = holder_text(holder, path);
    if (holder.retained_objects > holder.count)
      text += fmt::format(", in all {}", plural(holder.retained_objects, "object"));
    out_.write(fmt::format("{:>10}  {:>6}  {}{}\n", human_bytes(holder.retained_bytes),
                           share(holder.retained_bytes), std::string(indent - kTreeIndent, ' '),
                           wrap_text(text, indent, style_.columns)));
  }

  void write_indented(const std::string& text) {
    out_.write("  " + wrap_text(text, 2, style_.columns) + "\n");
  }

  Output& out_;
  const HeapHolders& holders_;
  const TextStyle& style_;
};

}  // namespace

void render_suspects(Output& out, const HeapHolders& holders, const TextStyle& style) {
  HoldersText(out, holders, style).render_suspects();
}

void render_suspects_in_short(Output& out, const std::string& target, const HeapHolders& holders,
                              const std::set<std::uint64_t>& proven_goids, const TextStyle& style) {
  HoldersText(out, holders, style).render_in_short(target, proven_goids);
}

void render_suspects_of_run(Output& out, const std::string& name, const HeapHolders& holders,
                            const std::set<std::uint64_t>& proven_goids, const TextStyle& style) {
  HoldersText(out, holders, style).render_of_run(name, proven_goids);
}

std::string holder_tree_title(const HeapHolders& holders) {
  bool some_shared = std::ranges::any_of(holders.tree, &HeapHolder::is_shared);
  return fmt::format("What would be freed if its holder{} let go, of {} in use",
                     some_shared ? " (where several hold it, all of them)" : "",
                     human_bytes(holders.live_bytes));
}

void render_holder_tree(Output& out, const HeapHolders& holders, const TextStyle& style) {
  HoldersText(out, holders, style).render_tree();
}

}  // namespace goshawk::report
