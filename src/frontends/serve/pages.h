// What is served where.
#pragma once

#include <functional>
#include <string>

#include "frontends/serve/admission.h"
#include "frontends/serve/process_pictures.h"
#include "frontends/serve/turns.h"
#include "http/server.h"

namespace goshawk::frontends::serve {

class Pages {
 public:
  // Told of each request that was answered, in the thread that did it: one line.
  using Tell = std::function<void(const std::string&)>;

  // `title` names the process: "process 4711 (shop)". All must outlive it, and the server.
  Pages(ProcessPictures& pictures, Turns& turns, Admission admission, std::string title, Tell tell)
      : pictures_(pictures),
        turns_(turns),
        admission_(std::move(admission)),
        title_(std::move(title)),
        tell_(std::move(tell)) {}

  http::Answer answer(const http::Request& request);

 private:
  http::Answer serve_picture(const http::Request& request);
  http::Response take_picture(const http::RequestTarget& target) const;

  ProcessPictures& pictures_;
  Turns& turns_;
  Admission admission_;
  std::string title_;
  Tell tell_;
};

}  // namespace goshawk::frontends::serve
