// Write-ahead log: readers and a writer do not keep each other away, and what was committed is
// there after a kill at any moment (https://sqlite.org/wal.html). synchronous=NORMAL: the machine's
// own end may take the latest commits along, never the file's wholeness.
#include "history/database.h"

#include <fmt/format.h>

#include <utility>

namespace goshawk::history {
namespace {

constexpr int kBusyMs = 2000;  // another watcher writes for a few milliseconds

Error explain(const std::string& path, sqlite3* database, int code) {
  const char* why = database != nullptr ? ::sqlite3_errmsg(database) : ::sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Malformed{path, 0, why};
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return Denied{fmt::format("may not write {} ({})", path, why),
                    "name another file: --history FILE"};
    case SQLITE_FULL:
      return Missing{fmt::format("no room on the disk of {}", path), "what is sampled is not kept"};
    default:
      return Missing{fmt::format("{}: {}", path, why), ""};
  }
}

}  // namespace

Result<bool> Statement::step() {
  int code = ::sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    ::sqlite3_reset(statement_.get());
    return false;
  }
  Error error = explain(name_, ::sqlite3_db_handle(statement_.get()), code);
  ::sqlite3_reset(statement_.get());
  return fail(std::move(error));
}

Result<void> Statement::run() {
  TRY(step());
  ::sqlite3_reset(statement_.get());
  return {};
}

std::string Statement::text(int column) const {
  const void* bytes = ::sqlite3_column_text(statement_.get(), column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(::sqlite3_column_bytes(statement_.get(), column))};
}

void Statement::bind_one(int at, std::string_view value) {
  ::sqlite3_bind_text64(statement_.get(), at, value.data(), value.size(), SQLITE_TRANSIENT,
                        SQLITE_UTF8);
}

Result<Database> Database::open(const std::string& path, bool writes) {
  int flags = writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  sqlite3* handle = nullptr;
  int code = ::sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(handle, path);
  if (code != SQLITE_OK) return fail(explain(path, handle, code));
  ::sqlite3_extended_result_codes(handle, 1);
  ::sqlite3_busy_timeout(handle, kBusyMs);
  return database;
}

Result<Statement> Database::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  int code = ::sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                  &statement, nullptr);
  if (code != SQLITE_OK) return fail(explain(path_, database_.get(), code));
  return Statement(statement, path_);
}

Result<void> Database::run(const std::string& sql) const {
  int code = ::sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(explain(path_, database_.get(), code));
  return {};
}

bool Database::is_broken() const {
  int code = ::sqlite3_errcode(database_.get()) & 0xff;
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

Result<Transaction> Transaction::begin(const Database& database) {
  TRY_VOID(database.run("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Result<void> Transaction::commit() {
  TRY_VOID(database_->run("COMMIT"));
  database_ = nullptr;
  return {};
}

Transaction::~Transaction() {
  if (database_ != nullptr) [[maybe_unused]]
    auto undone = database_->run("ROLLBACK");
}

}  // namespace goshawk::history
