// Marking with prefetched work. A node passes three places: the stack `work` (seen as a target,
// perhaps marked already), the queue `coming` (its mark word and row offset are on their way into
// the cache), the queue `ready` (newly marked; its row of edges is on its way). First in, first
// out, so that each waits long enough.
//
// One thread begins, for most calls are short. What is left after kNodesAlone goes to several: each
// has a stack of its own, and gives the older half of it, where the larger parts of the graph hang,
// when another one has nothing left. Whoever sets a mark first expands the node.
#include "graph/reachability.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/in_parallel.h"

namespace goshawk::graph {
namespace {

constexpr std::size_t kQueueLength = 32;
constexpr std::uint64_t kNodesAlone = 1 << 17;      // a millisecond or so
constexpr std::uint64_t kNodesBetweenLooks = 1024;  // at whether another thread has nothing to do

// A ring that yields what was put in kQueueLength puts ago.
class DelayQueue {
 public:
  bool full() const { return size_ == kQueueLength; }
  bool empty() const { return size_ == 0; }
  void put(Node node) { ring_[(first_ + size_++) % kQueueLength] = node; }
  Node take() {
    Node node = ring_[first_];
    first_ = (first_ + 1) % kQueueLength;
    --size_;
    return node;
  }

 private:
  std::array<Node, kQueueLength> ring_{};
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace

Reachability::Reachability(const Graph& graph, std::vector<Edge> extra)
    : graph_(graph), extra_(std::move(extra)), state_(graph.node_count / 64 + std::size_t{1}) {
  for (const Edge& edge : extra_)
    if (edge.from < graph_.node_count)
      state_[edge.from / 64].is_special |= std::uint64_t{1} << (edge.from % 64);
}

void Reachability::build_walls(std::span<const Node> nodes) {
  for (Node node : nodes)
    if (node < graph_.node_count) walls_.push_back(node);
  std::ranges::sort(walls_);
  for (Node node : walls_) state_[node / 64].is_special |= std::uint64_t{1} << (node % 64);
}

// Stacks that wait for a thread, and threads that wait for one.
class Reachability::SharedWork {
 public:
  explicit SharedWork(std::vector<Node> work) { waiting_.push_back(std::move(work)); }

  // Once what it took before is done. Empty: all is done, or nobody will do the rest.
  std::vector<Node> take(bool took_before) {
    std::unique_lock lock(mutex_);
    if (took_before) --busy_;
    if (is_over()) changed_.notify_all();
    ++hungry_;
    note_wanted();
    changed_.wait(lock, [&] { return !waiting_.empty() || is_over(); });
    --hungry_;
    std::vector<Node> work;
    if (!is_over()) {
      work = std::move(waiting_.back());
      waiting_.pop_back();
      ++busy_;
    }
    note_wanted();
    return work;
  }

  bool is_wanted() const { return wanted_.load(std::memory_order_relaxed); }
  void give(std::vector<Node> work) {
    std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
    note_wanted();
    changed_.notify_one();
  }
  // Nobody shall wait for a thread that failed.
  void give_up() {
    std::lock_guard lock(mutex_);
    given_up_ = true;
    changed_.notify_all();
  }

 private:
  bool is_over() const { return given_up_ || (waiting_.empty() && busy_ == 0); }
  void note_wanted() { wanted_.store(hungry_ > waiting_.size(), std::memory_order_relaxed); }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::vector<Node>> waiting_;
  std::size_t hungry_ = 0, busy_ = 0;  // threads
  bool given_up_ = false;
  std::atomic<bool> wanted_ = false;
};

// One thread's part; in cache lines of its own.
template <bool Alone>
class alignas(128) Reachability::Marker {
 public:
  explicit Marker(Reachability& marks, SharedWork* shared = nullptr)
      : marks_(marks), graph_(marks.graph_), shared_(shared) {}

  // Until nothing is left of `work`, or it has marked so many nodes.
  void run(std::vector<Node> work, std::uint64_t most_nodes = ~std::uint64_t{0}) {
    work_ = std::move(work);
    std::uint64_t next_look = marked_count + kNodesBetweenLooks;
    while ((!work_.empty() || !coming_.empty() || !ready_.empty()) && marked_count < most_nodes) {
      if (!work_.empty() && !coming_.full()) {
        Node node = work_.back();
        work_.pop_back();
        __builtin_prefetch(&marks_.state_[node / 64]);
        if (const std::uint32_t* row = graph_.row_of(node)) __builtin_prefetch(row);
        coming_.put(node);
        if (!coming_.full()) continue;
      }
      if (!coming_.empty() && !ready_.full()) {
        Node node = coming_.take();
        if (!set_mark(node)) continue;
        if (const std::uint32_t* row = graph_.row_of(node))
          __builtin_prefetch(graph_.edges_of(node) + *row);
        ready_.put(node);
        if (!ready_.full() && !work_.empty()) continue;
      }
      if (!ready_.empty()) push_edges(ready_.take());
      if constexpr (!Alone) {
        if (marked_count < next_look) continue;
        next_look = marked_count + kNodesBetweenLooks;
        if (shared_->is_wanted()) give_half();
      }
    }
  }

  // As if it had just marked them.
  void expand(std::span<const Node> nodes) {
    for (Node node : nodes) push_edges(node);
  }
  // What is left to do.
  std::vector<Node> rest() {
    while (!ready_.empty()) push_edges(ready_.take());
    while (!coming_.empty()) work_.push_back(coming_.take());
    return std::move(work_);
  }

  std::uint64_t marked_count = 0;
  std::vector<Node> reached_walls;

 private:
  bool set_mark(Node node) {
    std::uint64_t bit = std::uint64_t{1} << (node % 64);
    std::uint64_t& word = marks_.state_[node / 64].marked;
    if constexpr (Alone) {
      if ((word & bit) != 0) return false;
      word |= bit;
    } else {
      std::atomic_ref<std::uint64_t> shared(word);
      if ((shared.load(std::memory_order_relaxed) & bit) != 0) return false;
      if ((shared.fetch_or(bit, std::memory_order_relaxed) & bit) != 0) return false;
    }
    ++marked_count;
    return true;
  }

  void push_edges(Node node) {
    bool is_special = (marks_.state_[node / 64].is_special >> (node % 64) & 1) != 0;
    if (is_special && stop_at_wall(node)) return;
    push_row(node);
    if (is_special) push_extra(node);
  }

  bool stop_at_wall(Node node) {
    if (!std::ranges::binary_search(marks_.walls_, node)) return false;
    reached_walls.push_back(node);
    return true;
  }

  void push_row(Node node) {
    const std::uint32_t* row = graph_.row_of(node);
    if (row == nullptr) return;
    const Node* edges = graph_.edges_of(node);
    for (std::uint32_t at = row[0], end = row[1]; at < end; ++at)
      if (edges[at] < graph_.node_count) work_.push_back(edges[at]);
  }

  void push_extra(Node node) {
    const std::vector<Edge>& extra = marks_.extra_;
    auto first = std::ranges::lower_bound(extra, node, {}, &Edge::from);
    for (; first != extra.end() && first->from == node; ++first)
      if (first->to < graph_.node_count) work_.push_back(first->to);
  }

  void give_half() {
    auto middle = work_.begin() + static_cast<std::ptrdiff_t>(work_.size() / 2);
    if (middle == work_.begin()) return;
    shared_->give({work_.begin(), middle});
    work_.erase(work_.begin(), middle);
  }

  Reachability& marks_;
  const Graph& graph_;
  SharedWork* shared_;
  std::vector<Node> work_;
  DelayQueue coming_;
  DelayQueue ready_;
};

template <bool Alone>
void Reachability::take_in(const Marker<Alone>& marker) {
  marked_count_ += marker.marked_count;
  reached_walls_.insert(reached_walls_.end(), marker.reached_walls.begin(),
                        marker.reached_walls.end());
}

void Reachability::drain(std::vector<Node> work) {
  Marker<true> alone(*this);
  alone.run(std::move(work), kNodesAlone);
  std::vector<Node> rest = alone.rest();
  if (!rest.empty() && worker_count() == 1) alone.run(std::exchange(rest, {}));
  take_in(alone);
  if (!rest.empty()) drain_together(std::move(rest));
}

void Reachability::drain_together(std::vector<Node> work) {
  SharedWork shared(std::move(work));
  std::vector<Marker<false>> markers(worker_count(), Marker<false>(*this, &shared));
  in_parallel(markers.size(), [&](std::size_t i) {
    try {
      for (auto part = shared.take(false); !part.empty(); part = shared.take(true))
        markers[i].run(std::move(part));
    } catch (...) {
      shared.give_up();
      throw;
    }
  });
  for (const Marker<false>& marker : markers) take_in(marker);
}

void Reachability::open_walls() {
  walls_.clear();
  Marker<true> opener(*this);
  opener.expand(std::exchange(reached_walls_, {}));
  drain(opener.rest());
}

void Reachability::mark_from(std::span<const Node> roots) {
  std::vector<Node> work;
  for (Node root : roots)
    if (root < graph_.node_count) work.push_back(root);
  drain(std::move(work));
}

}  // namespace goshawk::graph
