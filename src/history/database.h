// SQLite, as far as the history needs it: a file, statements, errors as values.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace goshawk::history {

struct CloseDatabase {
  void operator()(sqlite3* database) const { ::sqlite3_close_v2(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
};

// A statement with its values, run row by row.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement, std::string name)
      : statement_(statement), name_(std::move(name)) {}

  // In the order of the question marks.
  template <typename... Values>
  Statement& bind(const Values&... values) {
    ::sqlite3_reset(statement_.get());
    int at = 0;
    (bind_one(++at, values), ...);
    return *this;
  }

  // True: there is a row, whose columns can be asked for until the next step.
  Result<bool> step();
  // Of a statement that gives no rows.
  Result<void> run();

  std::int64_t integer(int column) const {
    return ::sqlite3_column_int64(statement_.get(), column);
  }
  double real(int column) const { return ::sqlite3_column_double(statement_.get(), column); }
  std::string text(int column) const;

 private:
  void bind_one(int at, std::int64_t value) { ::sqlite3_bind_int64(statement_.get(), at, value); }
  void bind_one(int at, double value) { ::sqlite3_bind_double(statement_.get(), at, value); }
  void bind_one(int at, std::string_view value);

  std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement_;
  std::string name_;
};

class Database {
 public:
  // Opened for writing, and made if it is not there; or read only.
  static Result<Database> open(const std::string& path, bool writes);

  Result<Statement> prepare(std::string_view sql) const;
  Result<void> run(const std::string& sql) const;  // one or several, without values
  std::int64_t last_row() const { return ::sqlite3_last_insert_rowid(database_.get()); }
  // What the latest error was of: the file is no database, or not a whole one.
  bool is_broken() const;
  const std::string& path() const { return path_; }

 private:
  Database(sqlite3* database, std::string path) : database_(database), path_(std::move(path)) {}

  std::unique_ptr<sqlite3, CloseDatabase> database_;
  std::string path_;
};

// Everything until commit() is done, or nothing: also when we are killed.
class Transaction {
 public:
  static Result<Transaction> begin(const Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(const Database& database) : database_(&database) {}
  const Database* database_;  // null: it is over
};

}  // namespace goshawk::history
