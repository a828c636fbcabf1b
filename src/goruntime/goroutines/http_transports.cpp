// net/http/transport.go: persistConn{t *Transport, br *bufio.Reader, ...}, whose reader reads from
// the connection itself (br.rd is the persistConn), and Transport{reqCanceler map, ...}. A
// goroutine in readLoop has its persistConn on its stack: that of its objects which a reader that
// it refers to names as what it reads from. Fields are found by their names in the type
// descriptors, which a stripped program has too; where one is missing, or is of another kind, no
// transport is found.
#include "goruntime/goroutines/http_transports.h"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>

namespace goshawk::goruntime {

using snapshot::Context;
using snapshot::Goroutine;
using snapshot::ObjectId;

namespace {

constexpr std::string_view kReadLoop = "net/http.(*persistConn).readLoop";
constexpr std::uint64_t kMostReaderBytes = 256;  // bufio.Reader is of 88

class TransportFinder {
 public:
  TransportFinder(PageCache& cache, TypeReader& types, const Heap& heap,
                  snapshot::Snapshot& picture)
      : cache_(cache), types_(types), heap_(heap), picture_(picture) {}

  void find_of(std::span<const ObjectId> on_stack) {
    for (ObjectId object : on_stack)
      if (is_connection(object)) return add_transport();
  }

 private:
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

  // It may be a variable of the program (http.DefaultTransport is one), its table never is.
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

  const TypeMember* find_member(Address type, std::string_view name, TypeKind kind) {
    const StructType* found = types_.find_struct(type);
    if (found == nullptr) return nullptr;
    auto member = std::ranges::find(found->members, name, &TypeMember::name);
    return member != found->members.end() && types_.kind(member->type) == kind ? &*member : nullptr;
  }

  PageCache& cache_;
  TypeReader& types_;
  const Heap& heap_;
  snapshot::Snapshot& picture_;
  Address at_, type_;  // of the connection that was found
  std::set<ObjectId> seen_;
};

bool is_in_read_loop(const snapshot::Snapshot& picture, const Goroutine& goroutine) {
  return goroutine.wait_kind == snapshot::WaitKind::kSelect &&
         std::ranges::any_of(picture.stacks[goroutine.stack], [&](snapshot::FrameId frame) {
           return picture.strings[picture.stacks.frame(frame).function] == kReadLoop;
         });
}

}  // namespace

void find_http_transports(PageCache& cache, TypeReader& types, const Heap& heap,
                          snapshot::Snapshot& picture) {
  TransportFinder finder(cache, types, heap, picture);
  const std::vector<std::uint32_t>& rows = picture.goroutine_root_rows;
  for (std::size_t i = 0; i < picture.goroutines.size() && i + 1 < rows.size(); ++i)
    if (is_in_read_loop(picture, picture.goroutines[i]))
      finder.find_of(std::span(picture.goroutine_roots).subspan(rows[i], rows[i + 1] - rows[i]));
  std::ranges::sort(picture.contexts, {}, &Context::object);
}

}  // namespace goshawk::goruntime
