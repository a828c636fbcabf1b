// net/http/transport.go: persistConn{t *Transport, br *bufio.Reader, ...}, whose reader reads from
// the connection itself (br.rd is the persistConn), and Transport{reqCanceler map, ...}. A
// goroutine in readLoop has its persistConn on its stack: that of its objects which a reader that
// it refers to names as what it reads from. So it is in writeLoop. Its connection (conn, a
// net.Conn) leads to the descriptor: net.TCPConn{conn{fd *netFD{pfd poll.FD{pd
// pollDesc{runtimeCtx}}}}}, perhaps in a tls.Conn{conn net.Conn} or in what embeds a net.Conn.
// Fields are found by their names in the type descriptors, which a stripped program has too; where
// one is missing, or is of another kind, no transport is found.
#include "goruntime/goroutines/http_transports.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string_view>

namespace goshawk::goruntime {

using snapshot::Context;
using snapshot::Goroutine;
using snapshot::ObjectId;

namespace {

constexpr std::string_view kReadLoop = "net/http.(*persistConn).readLoop";
constexpr std::string_view kWriteLoop = "net/http.(*persistConn).writeLoop";
// On the way from a connection to its descriptor, the innermost first.
constexpr std::array<std::string_view, 6> kToDescriptor = {"runtimeCtx", "pd",   "pfd",
                                                           "fd",         "conn", "Conn"};
constexpr int kMostStepsToDescriptor = 16;
constexpr std::uint64_t kMostReaderBytes = 256;  // bufio.Reader is of 88

class TransportFinder {
 public:
  TransportFinder(PageCache& cache, TypeReader& types, const Heap& heap,
                  snapshot::Snapshot& picture)
      : cache_(cache), types_(types), heap_(heap), picture_(picture) {}

  bool find_connection(std::span<const ObjectId> on_stack) {
    return std::ranges::any_of(on_stack, [&](ObjectId object) { return is_connection(object); });
  }

  // Of the connection that was found. It may be a variable of the program (http.DefaultTransport is
  // one), its table never is.
  void add_transport() {
    const TypeMember* transport = find_member(type_, "t", TypeKind::kPointer);
    if (transport == nullptr) return;
    Address at = cache_.pointer(at_ + transport->offset), type = types_.element(transport->type);
    const TypeMember* table = find_member(type, "reqCanceler", TypeKind::kMap);
    if (table == nullptr) return;
    auto requests = heap_.find(cache_.pointer(at + table->offset));
    if (requests && seen_.insert(*requests).second)
      picture_.contexts.push_back({.object = *requests,
                                   .children = *requests,
                                   .type = picture_.strings.intern(types_.name(type))});
  }

  // Null: it cannot be told.
  Address find_poll_desc() {
    Address at = at_, type = type_;
    const TypeMember* next = find_named(type, "conn");
    for (int step = 0; next != nullptr && step < kMostStepsToDescriptor; ++step) {
      at = at + next->offset;
      type = next->type;
      if (next->name == kToDescriptor.front()) return cache_.pointer(at);
      if (types_.kind(type) == TypeKind::kInterface) {
        type = types_.type_of_itab(cache_.pointer(at));
        at = at + 8;
      }
      if (types_.kind(type) == TypeKind::kPointer) {
        at = cache_.pointer(at);
        type = types_.element(type);
      }
      next = nullptr;
      for (std::string_view name : kToDescriptor)
        if (next == nullptr) next = find_named(type, name);
    }
    return {};
  }

 private:
  const TypeMember* find_named(Address type, std::string_view name) {
    const StructType* found = types_.find_struct(type);
    if (found == nullptr) return nullptr;
    auto member = std::ranges::find(found->members, name, &TypeMember::name);
    return member == found->members.end() ? nullptr : &*member;
  }

  // The first word of an interface, whose second one is `object`.
  bool is_connection(ObjectId object) {
    const snapshot::References& references = picture_.references;
    if (object >= heap_.objects().row_count()) return false;
    for (std::uint32_t at = references.rows[object]; at < references.rows[object + 1]; ++at)
      if (reads_from(references.edges[at], object)) return true;
    return false;
  }

  bool reads_from(ObjectId reader, ObjectId connection) {
    const snapshot::Objects& objects = heap_.objects();
    std::uint64_t size = objects.size_bytes(reader);
    if (size > kMostReaderBytes) return false;
    Address base = objects.address(reader);
    for (std::uint64_t at = 8; at + 8 <= size; at += 8) {
      Address data = cache_.pointer(base + at);
      if (data.is_null() || heap_.find(data) != connection) continue;
      Address type = types_.element(types_.type_of_itab(cache_.pointer(base + (at - 8))));
      if (types_.name(type) != "http.persistConn") continue;
      at_ = data;
      type_ = type;
      return true;
    }
    return false;
  }

  const TypeMember* find_member(Address type, std::string_view name, TypeKind kind) {
    const TypeMember* member = find_named(type, name);
    return member != nullptr && types_.kind(member->type) == kind ? member : nullptr;
  }

  PageCache& cache_;
  TypeReader& types_;
  const Heap& heap_;
  snapshot::Snapshot& picture_;
  Address at_, type_;  // of the connection that was found
  std::set<ObjectId> seen_;
};

bool is_in(std::string_view loop, const snapshot::Snapshot& picture, const Goroutine& goroutine) {
  return goroutine.wait_kind == snapshot::WaitKind::kSelect &&
         std::ranges::any_of(picture.stacks[goroutine.stack], [&](snapshot::FrameId frame) {
           return picture.strings[picture.stacks.frame(frame).function] == loop;
         });
}

}  // namespace

std::vector<snapshot::IoWait> find_http_transports(PageCache& cache, TypeReader& types,
                                                   const Heap& heap, snapshot::Snapshot& picture) {
  std::vector<snapshot::IoWait> connections;
  TransportFinder finder(cache, types, heap, picture);
  const std::vector<std::uint32_t>& rows = picture.goroutine_root_rows;
  for (std::size_t i = 0; i < picture.goroutines.size() && i + 1 < rows.size(); ++i) {
    const Goroutine& goroutine = picture.goroutines[i];
    bool reads = is_in(kReadLoop, picture, goroutine);
    if (!reads && !is_in(kWriteLoop, picture, goroutine)) continue;
    auto held = std::span(picture.goroutine_roots).subspan(rows[i], rows[i + 1] - rows[i]);
    if (!finder.find_connection(held)) continue;
    if (reads) finder.add_transport();
    if (Address poll_desc = finder.find_poll_desc(); !poll_desc.is_null())
      connections.push_back({.goid = goroutine.goid, .poll_desc = poll_desc, .writes = !reads});
  }
  std::ranges::sort(picture.contexts, {}, &Context::object);
  return connections;
}

}  // namespace goshawk::goruntime
