// What a program that we start must find as we have found it: signals that we ignore for ourselves.
#pragma once

namespace goshawk::target {

// Before anything is ignored: once, at our start.
void remember_inherited_signals();
// As they were then, in a child before its exec, or before our own. Allocates nothing.
void restore_inherited_signals();

}  // namespace goshawk::target
