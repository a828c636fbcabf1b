// What Go's own linker wrote, against what the program says of itself by unsafe.Offsetof.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "binary/dwarf_types.h"

namespace goshawk::binary {
namespace {

const char* const kProgram = R"(package main

import (
	"fmt"
	"unsafe"
)

type Inner struct {
	A uint8
	B [3]uint64
	F func()
}

type Outer struct {
	Inner
	name  string
	list  []Inner
	m     map[string]*Outer
	c     chan int
	i     interface{}
	next  *Outer
	flags [5]bool
	none  struct{}
	last  int16
}

type token struct{ A [3]int }

type bag struct {
	kept [2]struct {
		inner []token
		any   interface{}
	}
	m map[string]*Outer
}

const Answer = -42

var Held bag

var Global Outer

func main() {
	var o *Outer = &Global
	fmt.Println("size", unsafe.Sizeof(*o))
	fmt.Println("Inner", unsafe.Offsetof(o.Inner), unsafe.Sizeof(o.Inner))
	fmt.Println("Inner.B", unsafe.Offsetof(o.Inner.B), unsafe.Sizeof(o.Inner.B))
	fmt.Println("Inner.F", unsafe.Offsetof(o.Inner.F), unsafe.Sizeof(o.Inner.F))
	fmt.Println("name", unsafe.Offsetof(o.name), unsafe.Sizeof(o.name))
	fmt.Println("list", unsafe.Offsetof(o.list), unsafe.Sizeof(o.list))
	fmt.Println("m", unsafe.Offsetof(o.m), unsafe.Sizeof(o.m))
	fmt.Println("c", unsafe.Offsetof(o.c), unsafe.Sizeof(o.c))
	fmt.Println("i", unsafe.Offsetof(o.i), unsafe.Sizeof(o.i))
	fmt.Println("next", unsafe.Offsetof(o.next), unsafe.Sizeof(o.next))
	fmt.Println("flags", unsafe.Offsetof(o.flags), unsafe.Sizeof(o.flags))
	fmt.Println("none", unsafe.Offsetof(o.none), unsafe.Sizeof(o.none))
	fmt.Println("last", unsafe.Offsetof(o.last), unsafe.Sizeof(o.last))
	Held.m = map[string]*Outer{fmt.Sprint(len(Held.m)): o}
	Held.kept[1].inner = make([]token, len(Held.m))
	fmt.Println("address", uintptr(unsafe.Pointer(o)), 0)
	fmt.Println("answer", Answer, 0)
}
)";

class GoProgram : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + fmt::format("goshawk_dwarf_{}", ::getpid());
    std::filesystem::create_directories(directory_);
    std::ofstream(directory_ + "/go.mod") << "module example.com/dwarf\n\ngo 1.19\n";
    std::ofstream(directory_ + "/main.go") << kProgram;
    ASSERT_EQ(std::system(fmt::format("cd {} && go build {} -o program . && ./program > said",
                                      directory_, GetParam())
                              .c_str()),
              0)
        << "a Go toolchain is needed";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string directory_;
};

TEST_P(GoProgram, IsReadAsItSeesItself) {
  std::string path = directory_ + "/program";
  auto elf = ElfFile::open(::open(path.c_str(), O_RDONLY), path);
  ASSERT_TRUE(elf) << describe(elf.error());
  auto runtime = DwarfTypes::open(*elf);
  ASSERT_TRUE(runtime) << describe(runtime.error());
  auto main = DwarfTypes::open(*elf, "main");
  ASSERT_TRUE(main) << describe(main.error());

  std::ifstream said(directory_ + "/said");
  int lines = 0;
  for (std::string line; std::getline(said, line); ++lines) {
    std::istringstream words(line);
    std::string name;
    std::int64_t first = 0, second = 0;
    words >> name >> first >> second;
    if (name == "size") {
      EXPECT_EQ(runtime->find_size("main.Outer"), first);
    } else if (name == "address") {
      auto found = main->find_variable("main.Global");
      ASSERT_TRUE(found);
      if (!elf->is_position_independent()) {
        EXPECT_EQ(found->value(), static_cast<std::uint64_t>(first));
      }
      EXPECT_EQ(found->value() % 4096, static_cast<std::uint64_t>(first) % 4096);
      EXPECT_EQ(elf->find_symbol("main.Global")->address, *found);
    } else if (name == "answer") {
      EXPECT_EQ(main->find_constant("Answer"), first);
    } else {
      auto member = runtime->find_member("main.Outer", name);
      ASSERT_TRUE(member) << name;
      EXPECT_EQ(member->offset, static_cast<std::uint64_t>(first)) << name;
      EXPECT_EQ(member->size_bytes, static_cast<std::uint64_t>(second)) << name;
    }
  }
  EXPECT_EQ(lines, 15);
  for (const char* name : {"runtime.g", "runtime.m", "runtime.hchan", "runtime.sudog",
                           "runtime.mspan", "runtime.moduledata"})
    EXPECT_TRUE(runtime->find_struct(name)) << name;
  EXPECT_EQ(runtime->find_constant("_Gwaiting"), 4);
  EXPECT_EQ(runtime->find_variable("runtime.allgs"), elf->find_symbol("runtime.allgs")->address);
  EXPECT_FALSE(elf->go_build_id().empty());

  // A type that is nowhere allocated has no descriptor: what is in it may have one.
  using Leads = DwarfTypes::PlaceInVariable::Leads;
  auto whole = main->find_place_in_variable("main.Global", 3);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->path, "");
  EXPECT_EQ(whole->type.name, "main.Outer");
  EXPECT_EQ(whole->offset, 3u);
  auto map = main->find_place_in_variable("main.Held", 2 * (24 + 16));
  ASSERT_TRUE(map);
  EXPECT_EQ(map->path, ".m");
  EXPECT_EQ(map->type.name, "map[string]*main.Outer");
  auto slice = main->find_place_in_variable("main.Held", 24 + 16);
  ASSERT_TRUE(slice);
  EXPECT_EQ(slice->path, ".kept[1].inner");
  EXPECT_EQ(slice->leads, Leads::kSlice);
  EXPECT_EQ(slice->type.name, "main.token");
  EXPECT_FALSE(main->find_place_in_variable("main.Held", 4096));
  EXPECT_FALSE(main->find_place_in_variable("main.Nothing", 0));
}

INSTANTIATE_TEST_SUITE_P(Flavours, GoProgram,
                         testing::Values("", "-ldflags=-compressdwarf=false", "-buildmode=pie",
                                         "-ldflags=-linkmode=external"));

}  // namespace
}  // namespace goshawk::binary
