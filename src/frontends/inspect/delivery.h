// How a command hands over its result: as every way in does.
#pragma once

#include "inspection/delivery.h"

namespace goshawk::frontends::inspect {

using inspection::ColorChoice;
using inspection::deliver;
using inspection::Delivery;
using inspection::Destination;
using inspection::exit_code_of;
using inspection::ExitCode;
using inspection::Format;
using inspection::print;
using inspection::print_note;
using inspection::report_error;

}  // namespace goshawk::frontends::inspect
