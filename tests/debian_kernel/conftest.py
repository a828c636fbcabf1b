"""Tests for a machine of their own: they change what its kernel allows. script/debian-vm makes one; elsewhere they refuse to run."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "end_to_end"))

import go_programs  # noqa: E402  (of end_to_end)


def pytest_configure(config):
    config.addinivalue_line("markers", "until_next_boot: changes the kernel for good; such tests run last")


def pytest_sessionstart(session):
    if "goshawk=session" not in Path("/proc/cmdline").read_text().split():
        pytest.exit("these tests change the kernel's settings: script/debian-vm runs them in a machine of their own", returncode=1)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("until_next_boot") is not None)


@pytest.fixture
def newest():
    return go_programs.releases()[-1]
