// A session with a channel that somebody waits on: what else it could be decides.
#include "goruntime/typing/path_types.h"

#include <gtest/gtest.h>

#include "goruntime/typing/heap_drawing_for_tests.h"

namespace goshawk::goruntime {
namespace {

using snapshot::ObjectId;
using testing::DrawnHeap;
using testing::Edge;

constexpr std::uint32_t kElementType = 32;  // in the hchan here

class PathHeap : public DrawnHeap {
 public:
  PathHeap() {
    add_struct("runtime.hchan", 96, {{"elemtype", word, kElementType}});
    channel_type = with_pointers(add_type("chan uintptr", 18, 8, 16), 8);
    memory.write_pointer(channel_type + 48, word);
    add_like_session("main.session", channel_type);
    session = add(32);
    channel = add(96);
    points(session, {Edge{8, channel}});
  }

  void add_like_session(const std::string& name, Address events) {
    with_pointers(
        add_struct(name, 32,
                   {{"id", word, 0}, {"events", events, 8}, {"a", word, 16}, {"b", word, 24}}),
        16);
  }

  // Of the first on the path from the session to the channel that somebody waits on; "": untold.
  std::string find(const std::vector<std::uint64_t>& words) {
    spread();  // numbers the objects
    const snapshot::Objects& objects = picture().objects;
    for (ObjectId object : {session, channel}) memory.map(objects.address(object), 4096);
    for (std::size_t i = 0; i < words.size(); ++i)
      memory.write(objects.address(session) + i * 8, words[i]);
    memory.write_pointer(objects.address(channel) + kElementType, word);
    picture().waits.push_back({.address = objects.address(channel),
                               .object = channel,
                               .operation = snapshot::WaitOperation::kReceive});
    PageCache cache(memory);
    TypeReader types(cache, AddressRange{kTypes, kTypes + kBytes});
    std::vector<std::uint8_t> no_headers;
    PathTypes path_types(memory,
                         {.is_function_entry = [](Address at) { return at == kText; },
                          .mappings = {},
                          .element_type = kElementType},
                         picture(), no_headers, types);
    auto found = path_types.find(std::vector<ObjectId>{session, channel});
    return found ? types.name(found->type) : "";
  }
  std::uint64_t to_channel() { return 0xc000000000 + 8192; }

  Address channel_type;
  ObjectId session = 0, channel = 0;
};

TEST(PathTypes, TheOnlyOneThatFitsIsTold) {
  PathHeap heap;
  EXPECT_EQ(heap.find({7, heap.to_channel(), 3, 0}), "main.session");
}

TEST(PathTypes, OfTwoThatFitNoneIsTold) {
  PathHeap heap;
  heap.add_like_session("main.other", heap.channel_type);
  EXPECT_EQ(heap.find({7, heap.to_channel(), 3, 0}), "");
}

TEST(PathTypes, AChannelOfAnotherTypeDoesNotFit) {
  PathHeap heap;
  Address other = heap.with_pointers(heap.add_type("chan string", 18, 8, 16), 8);
  heap.memory.write_pointer(other + 48, heap.text);
  heap.add_like_session("main.other", other);
  EXPECT_EQ(heap.find({7, heap.to_channel(), 3, 0}), "main.session");
}

TEST(PathTypes, WhatMayBeAnArrayOfPointersIsNotTold) {
  PathHeap heap;
  EXPECT_EQ(heap.find({0, heap.to_channel(), 0, 0}), "");
}

TEST(PathTypes, AClosureIsToldByItsCode) {
  PathHeap heap;
  EXPECT_EQ(heap.find({PathHeap::kText.value(), heap.to_channel(), 3, 0}), "");
}

}  // namespace
}  // namespace goshawk::goruntime
