// What holds the memory of a process: the balance of all of it, and who holds the heap.
#include "frontends/inspect/heap_command.h"

#include "frontends/inspect/notes.h"
#include "frontends/inspect/progress.h"
#include "inspection/inspection.h"
#include "report/heap_json.h"
#include "report/heap_text.h"
#include "report/type_table_text.h"

namespace goshawk::frontends::inspect {
namespace {

Result<ExitCode> inspect_and_show(const HeapRequest& request) {
  inspection::Source source = TRY(parse_target(request.target));
  inspection::HeapInspection heap = TRY([&] {
    Progress progress("reading " + describe_source(source));
    return inspection::inspect_heap(source, request.types);
  }());
  if (request.delivery.verbose) print_notes(heap.picture);
  return deliver(request.delivery, ExitCode::kFine, [&](Destination& destination) {
    if (request.delivery.format == Format::kJson)
      return report::render_heap_json(destination.output(), heap.picture, heap.balance,
                                      heap.holders, heap.types ? &*heap.types : nullptr);
    report::render_heap_text(destination.output(), heap.picture, heap.balance, heap.holders,
                             destination.text_style(request.all), request.dominators);
    if (heap.types)
      report::render_type_table(destination.output(), *heap.types,
                                destination.text_style(request.all));
  });
}

}  // namespace

ExitCode run_heap(const HeapRequest& request) {
  auto code = inspect_and_show(request);
  return code ? *code : report_error(code.error());
}

}  // namespace goshawk::frontends::inspect
