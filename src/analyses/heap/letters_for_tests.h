// Pictures of a heap drawn by hand: objects by letter, a megabyte each, so that a few of them are
// suspicious.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "snapshot/holding_path.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// Of a path, its last object: "to C".
class LastObject : public snapshot::PathDescriber {
 public:
  std::string describe(const snapshot::HoldingPath& path) override {
    return std::string("to ") + static_cast<char>('A' + path.objects.back());
  }
};

class LetterPicture : public ::testing::Test {
 public:
  static constexpr std::uint64_t kEach = 1 << 20;
  static constexpr std::uint32_t kObjects = 50;

  LetterPicture() {
    picture.types.names = {""};
    picture.types.of_objects = ReservedArray<std::uint32_t>(kObjects + 1);
  }

  static snapshot::ObjectId id(char letter) {
    return static_cast<snapshot::ObjectId>(letter - 'A');
  }
  void points(char from, char to) { arrows_[id(from)].push_back(id(to)); }
  void chain(char from, char to) {
    for (char at = from; at < to; ++at) points(at, static_cast<char>(at + 1));
  }
  void global(char object, std::uint64_t word) {
    picture.roots.push_back({id(object), snapshot::RootKind::kGlobal, Address(word)});
  }
  void type(char object, const std::string& name) {
    std::vector<std::string>& names = picture.types.names;
    auto known = std::ranges::find(names, name);
    picture.types.of_objects[id(object)] = static_cast<std::uint32_t>(known - names.begin());
    if (known == names.end()) names.push_back(name);
  }
  // In main.work, in the order of their ids.
  void goroutine(std::uint64_t goid, char holds) {
    if (picture.goroutines.empty()) {
      snapshot::Frame frame;
      frame.function = picture.strings.intern("main.work");
      stack_ = picture.stacks.intern(std::vector{picture.stacks.add_frame(frame)});
    }
    snapshot::Goroutine goroutine;
    goroutine.goid = goid;
    goroutine.stack = stack_;
    picture.goroutines.push_back(goroutine);
    picture.goroutine_roots.push_back(id(holds));
    if (picture.goroutine_root_rows.empty()) picture.goroutine_root_rows = {0};
    picture.goroutine_root_rows.push_back(
        static_cast<std::uint32_t>(picture.goroutine_roots.size()));
  }

  void draw() {
    picture.picture.has_references = true;
    picture.objects = snapshot::Objects(
        {{.base = Address(1 << 30), .element_size_bytes = kEach, .slots = kObjects}});
    picture.objects.allocated[0] = (std::uint64_t{1} << kObjects) - 1;
    picture.references.rows = ReservedArray<std::uint32_t>(kObjects + 2);
    picture.references.edges = ReservedArray<snapshot::ObjectId>(256);
    std::uint32_t edges = 0;
    for (std::uint32_t object = 0; object <= kObjects; ++object) {
      picture.references.rows[object] = edges;
      for (snapshot::ObjectId to : arrows_[object]) picture.references.edges[edges++] = to;
    }
    picture.references.rows[kObjects + 1] = edges;
    if (picture.goroutine_root_rows.empty()) picture.goroutine_root_rows = {0};
  }

  snapshot::Snapshot picture;

 private:
  snapshot::StackId stack_ = snapshot::kNone;
  std::vector<std::vector<snapshot::ObjectId>> arrows_{kObjects + 1};
};

}  // namespace goshawk::analyses::heap
