// Pictures drawn by hand: objects by letter, arrows between them, goroutines that wait.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

class DrawnPicture {
 public:
  static constexpr std::uint32_t kObjects = 32;  // 'A' is number 0, 'B' 1 ...

  DrawnPicture& points(char from, char to) { return arrows_[from].insert(to), *this; }
  DrawnPicture& weak(char from, char to) {
    picture_.references.extra.push_back({id(from), id(to)});
    return *this;
  }
  DrawnPicture& root(char object) {
    picture_.roots.push_back({id(object), snapshot::RootKind::kGlobal, Address(0x500000)});
    return *this;
  }

  // A goroutine parked on these objects, which keeps those alive once it lives itself.
  snapshot::Goroutine& waits(std::uint64_t goid, const std::string& on, const std::string& holds,
                             snapshot::WaitKind kind = snapshot::WaitKind::kChanReceive) {
    snapshot::Goroutine goroutine;
    goroutine.goid = goid;
    goroutine.status = snapshot::Status::kWaiting;
    goroutine.wait_kind = kind;
    goroutine.parked = goroutine.stack_complete = goroutine.waits_complete = true;
    goroutine.stack_bytes = 2048;
    goroutine.first_wait = static_cast<std::uint32_t>(picture_.waits.size());
    goroutine.wait_count = static_cast<std::uint32_t>(on.size());
    for (char object : on)
      picture_.waits.push_back({.address = Address(0x1000 + 16 * id(object)),
                                .object = id(object),
                                .place = snapshot::Place::kHeap,
                                .linked = true});
    return add(goroutine, holds);
  }
  snapshot::Goroutine& runs(std::uint64_t goid, const std::string& holds) {
    snapshot::Goroutine goroutine;
    goroutine.goid = goid;
    goroutine.status = snapshot::Status::kRunning;
    return add(goroutine, holds);
  }

  snapshot::Snapshot& picture() { return picture_; }

  // Once, at the end.
  snapshot::Snapshot& draw() {
    picture_.picture.has_references = true;
    picture_.objects =
        snapshot::Objects({{.base = Address(0x1000), .element_size_bytes = 16, .slots = kObjects}});
    picture_.objects.allocated[0] = (std::uint64_t{1} << kObjects) - 1;
    picture_.references.rows = ReservedArray<std::uint32_t>(kObjects + 2);
    picture_.references.edges = ReservedArray<snapshot::ObjectId>(1024);
    std::uint32_t edges = 0;
    for (std::uint32_t object = 0; object <= kObjects; ++object) {
      picture_.references.rows[object] = edges;
      for (char to : arrows_[static_cast<char>('A' + object)])
        picture_.references.edges[edges++] = id(to);
    }
    picture_.references.rows[kObjects + 1] = edges;
    picture_.references.edge_count = edges;
    picture_.goroutine_root_rows = {0};
    for (const std::string& holds : holds_) {
      for (char object : holds) picture_.goroutine_roots.push_back(id(object));
      picture_.goroutine_root_rows.push_back(
          static_cast<std::uint32_t>(picture_.goroutine_roots.size()));
    }
    return picture_;
  }

 private:
  static snapshot::ObjectId id(char object) {
    return static_cast<snapshot::ObjectId>(object - 'A');
  }
  snapshot::Goroutine& add(const snapshot::Goroutine& goroutine, const std::string& holds) {
    holds_.push_back(holds);
    picture_.goroutines.reserve(64);  // references given out stay valid
    return picture_.goroutines.emplace_back(goroutine);
  }

  snapshot::Snapshot picture_;
  std::map<char, std::set<char>> arrows_;
  std::vector<std::string> holds_;
};

}  // namespace goshawk::analyses::goroutines
