// A difference made by hand: a shop that grows.
#pragma once

#include <string>
#include <vector>

#include "findings/difference.h"
#include "report/testing/picture_builder.h"

namespace goshawk::report::testing {

inline constexpr std::uint64_t kMb = 1 << 20;

inline findings::HolderChange holder(std::uint32_t depth, std::string name, std::string path,
                                     findings::Amount before, findings::Amount after,
                                     std::uint64_t count_before = 1,
                                     std::uint64_t count_after = 1) {
  findings::HolderChange change;
  change.depth = depth;
  change.is_object = depth > 0;
  change.name = std::move(name);
  change.path = std::move(path);
  change.count_before = count_before;
  change.count_after = count_after;
  change.before = before;
  change.after = after;
  return change;
}

inline findings::GoroutineChange goroutines(std::string state, findings::CodePlace at,
                                            findings::CodePlace created_by) {
  findings::GoroutineChange change;
  change.what = {
      .state = std::move(state),
      .at = at,
      .created_by = std::move(created_by),
      .stack = {at, {"shop/api.(*Handler).ServeHTTP", "/src/shop/api/handler.go", 58, 0}}};
  return change;
}

inline findings::Difference shop_difference() {
  findings::Difference difference;
  difference.relation = findings::Relation::kSameProcess;
  difference.before = {.taken_unix_ns = 1,
                       .live = findings::Amount{1'000'000, 312 * kMb},
                       .rss_bytes = 540 * kMb,
                       .is_rss = true,
                       .goroutines = 240};
  difference.after = {.taken_unix_ns = 2,
                      .live = findings::Amount{1'100'000, 611 * kMb},
                      .rss_bytes = 901 * kMb,
                      .is_rss = true,
                      .goroutines = 1240};
  difference.elapsed_ns = 62LL * 60 * 1'000'000'000;
  difference.least_bytes = 3 * kMb;
  difference.least_goroutines = 6;

  difference.types.emplace();
  auto type = [&](const std::string& name, findings::Amount before, findings::Amount after) {
    difference.types->push_back({.type = name, .before = before, .after = after});
  };
  type("shop.session", {10'000, 10 * kMb}, {50'000, 290 * kMb});
  difference.types->push_back({.type = "",
                               .slot_bytes = 48,
                               .has_pointers = true,
                               .held_by = "shop.session",
                               .before = {0, 0},
                               .after = {40'000, 9 * kMb}});
  type("shop.small", {1, 16}, {10, 160});
  type("shop.page", {100'000, 60 * kMb}, {1000, 10 * kMb});

  difference.holders = {
      holder(0, "main.shop", "main.shop", {10'000, 20 * kMb}, {50'000, 319 * kMb}),
      holder(1, "shop.server", "main.shop", {9'999, 20 * kMb}, {49'999, 319 * kMb}),
      holder(2, "map[int]*shop.session", "main.shop.sessions", {9'998, 19 * kMb},
             {49'998, 318 * kMb}),
      holder(3, "shop.session", "main.shop.sessions[...]", {9'997, 10 * kMb}, {49'997, 290 * kMb},
             10'000, 50'000),
      holder(0, "main.pages", "main.pages", {100'000, 60 * kMb}, {1000, 10 * kMb}),
      holder(1, "[]*shop.page", "main.pages", {100'000, 60 * kMb}, {1000, 10 * kMb}),
      holder(2, "shop.page", "main.pages[...]", {99'999, 59 * kMb}, {999, 9 * kMb}, 99'999, 999)};

  findings::CodePlace serve{"net/http.(*Server).Serve", "/usr/local/go/src/net/http/server.go",
                            3454, 0};
  difference.goroutines.push_back(
      goroutines("chan send", {"shop/price.Fetch.func1", "/src/shop/price/price.go", 41, 0},
                 {"shop/price.Fetch", "/src/shop/price/price.go", 38, 0}));
  difference.goroutines.back().before = {.all = 40, .proven = 40};
  difference.goroutines.back().after = {.all = 1040, .proven = 1040};
  difference.goroutines.push_back(
      goroutines("IO wait", {"net.(*conn).Read", "/usr/local/go/src/net/net.go", 179, 0}, serve));
  difference.goroutines.back().before = {.all = 60};
  difference.goroutines.back().after = {.all = 30};

  difference.allocations.emplace();
  difference.allocations->push_back(
      {.stack = {{"shop.newSession", "/src/shop/session.go", 40, 0},
                 {"shop.login", "/src/shop/login.go", 12, 0},
                 {"net/http.HandlerFunc.ServeHTTP", "/usr/local/go/src/net/http/server.go", 1, 0},
                 serve},
       .before = {10'000, 10 * kMb},
       .after = {50'000, 290 * kMb},
       .allocated_before = {20'000, 20 * kMb},
       .allocated_after = {90'000, 520 * kMb}});
  difference.balance = {
      {"heap_live_with_pointers", "live objects with pointers", 200 * kMb, 490 * kMb},
      {"code", "the program's code", 4 * kMb, 5 * kMb},
      {"heap_garbage", "garbage", 20 * kMb, 10 * kMb}};
  return difference;
}

}  // namespace goshawk::report::testing
