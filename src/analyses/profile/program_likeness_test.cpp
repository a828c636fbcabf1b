#include "analyses/profile/program_likeness.h"

#include <gtest/gtest.h>

namespace goshawk::analyses::profile {
namespace {

findings::ProfileInventory profile_of(std::string program, char first, int functions) {
  findings::ProfileInventory profile;
  profile.program = std::move(program);
  for (int i = 0; i < functions; ++i)
    profile.own_functions.push_back("main." + std::string(1, static_cast<char>(first + i)));
  return profile;
}

TEST(ProgramLikeness, IsOfFunctionsAndNames) {
  auto shop = profile_of("/bin/shop", 'a', 12);
  EXPECT_EQ(compare_programs(shop, profile_of("/bin/mail", 'm', 10)).kind, Likeness::kOtherProgram);
  EXPECT_EQ(compare_programs(shop, profile_of("/srv/shop", 'm', 10)).kind, Likeness::kNothingAlike);
  EXPECT_EQ(compare_programs(shop, profile_of("", 'm', 10)).kind, Likeness::kNothingAlike);
  EXPECT_EQ(compare_programs(shop, profile_of("/bin/shop-v2", 'c', 12)).kind, Likeness::kAlike);
}

TEST(ProgramLikeness, IsOfModules) {
  auto with_paths = [](const std::string& module) {
    findings::ProfileInventory profile = profile_of("/app", 'a', 0);
    profile.build_id = module;
    for (const char* function : {"db.a", "db.b", "db.c", "web.a", "web.b"})
      profile.own_functions.push_back(module + function);
    return profile;
  };
  EXPECT_EQ(compare_programs(with_paths("a.org/shop/"), with_paths("b.org/mail/")).kind,
            Likeness::kOtherProgram);
}

TEST(ProgramLikeness, IsNotToldByFewFunctionsNorOfOneBuild) {
  auto shop = profile_of("/bin/shop", 'a', 12);
  EXPECT_EQ(compare_programs(shop, profile_of("/bin/shop", 'm', 4)).kind, Likeness::kAlike);
  EXPECT_EQ(compare_programs(shop, profile_of("/bin/mail", 'm', 4)).kind, Likeness::kNothingAlike);
  EXPECT_EQ(compare_programs(shop, profile_of("/bin/mail", 'm', 0)).kind, Likeness::kAlike);
  auto renamed = profile_of("/bin/mail", 'm', 12);
  shop.build_id = renamed.build_id = "4f";
  EXPECT_EQ(compare_programs(shop, renamed).kind, Likeness::kAlike);
}

}  // namespace
}  // namespace goshawk::analyses::profile
