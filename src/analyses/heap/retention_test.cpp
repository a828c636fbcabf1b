// The same kind of pictures as for holders: objects by letter, a megabyte each.
#include "analyses/heap/retention.h"

#include <gmock/gmock.h>

#include "analyses/heap/letters_for_tests.h"

namespace goshawk::analyses::heap {
namespace {

using findings::Asked;
using findings::OfGoroutine;
using findings::OfType;
using findings::Retention;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class RetentionTest : public LetterPicture {
 protected:
  std::optional<Retention> find(const Asked& asked) {
    draw();
    LastObject describer;
    return find_retention(picture, asked, &describer);
  }
  Address at(char letter) const { return Address((std::uint64_t{1} << 30) + id(letter) * kEach); }
};

TEST_F(RetentionTest, WithoutAnObjectGoesWhatItAloneReaches) {
  global('A', 0x500000);
  global('D', 0x500008);
  chain('A', 'C');
  points('D', 'C');
  points('C', 'E');
  auto found = find(at('B'));
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->live);
  EXPECT_EQ(found->retained_bytes, kEach);  // C has another holder
  EXPECT_EQ(found->live_bytes, 5 * kEach);
  EXPECT_EQ(find(at('C'))->retained_objects, 2u);
  EXPECT_THAT(find(at('B'))->paths, ElementsAre(Field(&findings::RetentionPath::path, "to B")));
}

TEST_F(RetentionTest, AnAddressInsideIsTheObject) {
  global('A', 0x500000);
  auto found = find(at('A') + 24);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->address, at('A').value());
  EXPECT_FALSE(find(Address(0x1000)));
}

// Of an object with a finalizer, what it refers to goes with it; the finalizer's function does not.
TEST_F(RetentionTest, AFinalizersFunctionIsHeld) {
  global('A', 0x500000);
  chain('A', 'C');
  points('F', 'G');
  for (char root : {'C', 'F'})
    picture.roots.push_back({id(root), snapshot::RootKind::kFinalizer, at('B')});
  EXPECT_EQ(find(at('B'))->retained_bytes, 2 * kEach);
  auto function = find(at('F'));
  EXPECT_TRUE(function->live);
  EXPECT_EQ(function->retained_bytes, 2 * kEach);
  EXPECT_EQ(function->paths.size(), 1u);
}

TEST_F(RetentionTest, GarbageIsNotLive) {
  global('A', 0x500000);
  points('B', 'C');
  auto found = find(at('B'));
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->live);
  EXPECT_EQ(found->retained_bytes, 0u);
  EXPECT_TRUE(found->paths.empty() && found->referents.empty());
}

TEST_F(RetentionTest, AllOfATypeTogetherRetainWhatTheyShare) {
  global('A', 0x500000);
  for (char one : {'B', 'C'}) {
    points('A', one);
    points(one, 'D');
    type(one, "main.session");
  }
  type('D', "main.shared");
  auto found = find(OfType{"main.session"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->objects, 2u);
  EXPECT_EQ(found->shallow_bytes, 2 * kEach);
  EXPECT_EQ(found->retained_bytes, 3 * kEach);
  ASSERT_EQ(found->paths.size(), 1u);  // one way, through the same types
  EXPECT_EQ(found->paths[0].objects, 2u);
  ASSERT_EQ(found->referents.size(), 1u);
  EXPECT_EQ(found->referents[0].type, "main.shared");
  EXPECT_FALSE(find(OfType{"main.sess"}));
  EXPECT_THAT(find_similar_types(picture, "Sess"), ElementsAre("main.session"));
}

TEST_F(RetentionTest, AMistypedTypeIsNearOthers) {
  global('A', 0x500000);
  char object = 'A';
  for (const char* name : {"main.session", "main.sessions", "shop.Basket", "other.Basket",
                           "map[string]*main.session", "[]uint8"})
    type(object++, name);
  draw();
  EXPECT_THAT(find_similar_types(picture, "main.sesion"),
              ElementsAre("main.session", "main.sessions"));
  EXPECT_THAT(find_similar_types(picture, "Sesion"), ElementsAre("main.session", "main.sessions"));
  EXPECT_THAT(find_similar_types(picture, "main.Baskte"),
              UnorderedElementsAre("shop.Basket", "other.Basket"));
  EXPECT_THAT(find_similar_types(picture, "map[string]*main.sesion"),
              ElementsAre("map[string]*main.session"));
  EXPECT_THAT(find_similar_types(picture, "main.order"), IsEmpty());
}

TEST_F(RetentionTest, AListIsOneWay) {
  global('A', 0x500000);
  chain('A', 'K');
  for (char one = 'A'; one <= 'K'; ++one) type(one, "main.link");
  auto found = find(OfType{"main.link"});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->paths.size(), 1u);
  EXPECT_EQ(found->paths[0].objects, 11u);
  EXPECT_EQ(found->retained_objects, 11u);
}

TEST_F(RetentionTest, OnlyGarbageIsOfTheType) {
  global('A', 0x500000);
  type('B', "main.session");
  auto found = find(OfType{"main.session"});
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->live);
}

TEST_F(RetentionTest, OneGoroutineOfManyWithTheSameStack) {
  goroutine(7, 'A');
  goroutine(8, 'K');
  chain('A', 'G');
  chain('K', 'M');
  points('G', 'M');
  auto found = find(OfGoroutine{8});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->is_goroutine);
  EXPECT_EQ(found->retained_objects, 2u);  // M is 7's too
  EXPECT_FALSE(find(OfGoroutine{9}));
}

}  // namespace
}  // namespace goshawk::analyses::heap
