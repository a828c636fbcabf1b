"""How much of a heap has a type. Where floors lie lower the reason stands beside them. Of a small heap what a stripped program's
goroutines hold on their stacks, and its variables, are much."""

import pytest

import conftest
import go_programs
from goshawk_command import goshawk_json
from running_program import running

# In hundredths of the bytes in use, with debug information and stripped.
FLOORS = {
    "allocations": (99, 90),
    "crowd": (99, 98),
    "held_in_the_heap": (99, 98),
    "subscribers_of_a_hub": (98, 98),  # addresses that point into what the kernel said of them
    "http_handler_timeout": (98, 60),  # a small heap: a hundredth are values of generic functions in net/http and encoding/json
    "signal_notify": (98, 55),
    "held_by_frames": (97, 65),  # nothing but what debug information tells of
    "objects": (98, 58),  # values of two types that begin alike; half of it is led to by variables alone, without headers
}


# Of heaps as small as these a fifth are the runtime's own (runtime.p, of 16 KB each), whose type a stripped program tells at some
# instants only: where less is told than should be, up to so many processes are looked at.
PROCESSES = 3


def look(release, flavour, name):
    with running(name, go_programs.program(name).modes[0], release, flavour) as target:
        report = goshawk_json("heap", target.pid, "--types", "--all")
    typed = sum(row["bytes"] for row in report["types"])
    share = 100 * typed / (typed + sum(row["bytes"] for row in report["unknown_types"]))
    conftest.REMARKS.append(f"of the heap of {name}, {flavour}, {share:.1f} % has a type")
    return share, report["unknown_types"][:5]


@pytest.mark.parametrize("name", FLOORS)
@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
def test_most_of_a_heap_has_a_type(newest, flavour, name):
    floor, seen = FLOORS[name][flavour == "stripped"], []
    while len(seen) < PROCESSES and (not seen or seen[-1][0] < floor):
        seen.append(look(newest, flavour, name))
    assert seen[-1][0] >= floor, seen
