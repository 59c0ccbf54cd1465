"""USB sticks found among what is mounted; trees like the system's own in place of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devices.sticks import sticks


class Machine:
    """Disks and mounts as Linux shows them."""

    def __init__(self, root: Path) -> None:
        self.root, self.blocks, self.mounts = root, root / "sys" / "block", root / "mounts"
        self.blocks.mkdir(parents=True)
        self.mounts.write_text("proc /proc proc rw 0 0\n/dev/nosuch /var/nosuch ext4 rw 0 0\n", "utf-8")

    def disk(self, name: str, *, removable: bool = False, usb: bool = False, parts: int = 1) -> None:
        """A disk; one on USB is a link into the tree of devices, as the system's are."""
        home = self.root / "sys" / "devices" / ("pci0/usb1/1-2" if usb else "pci0/ata1") / name
        for part in range(1, parts + 1):
            (home / (f"{name}p{part}" if name[-1].isdigit() else f"{name}{part}")).mkdir(parents=True)
        (home / "removable").write_text(f"{int(removable)}\n", "ascii")
        (self.blocks / name).symlink_to(home)

    def mount(self, device: str, name: str) -> str:
        place = self.root / name
        place.mkdir()
        written = str(place).replace("\\", "\\134").replace(" ", "\\040")
        with self.mounts.open("a", encoding="utf-8") as file:
            file.write(f"/dev/{device} {written} vfat rw,relatime 0 0\n")
        return str(place)

    def found(self) -> list[str]:
        return [stick.path for stick in sticks(mounts=self.mounts, blocks=self.blocks)]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_what_can_be_taken_out_is_found_and_the_rest_is_not(machine: Machine) -> None:
    machine.disk("sda", parts=2)
    machine.disk("sdb", removable=True)
    machine.disk("mmcblk0", removable=True)
    machine.disk("sdc", usb=True)
    machine.mount("sda2", "var")
    wanted = [machine.mount(*each) for each in (("mmcblk0p1", "card"), ("sdb1", "stick"), ("sdc", "whole disk on USB"))]
    assert machine.found() == sorted(wanted)


def test_a_name_with_spaces_and_chinese_is_read_as_it_is(machine: Machine) -> None:
    machine.disk("sdb", removable=True)
    place = machine.mount("sdb1", "信息中心 U 盘")
    found = sticks(mounts=machine.mounts, blocks=machine.blocks)
    room = os.statvfs(place)
    assert [(one.path, one.name) for one in found] == [(place, "信息中心 U 盘")]
    assert 0 < found[0].free <= room.f_blocks * room.f_frsize


def test_one_that_was_pulled_is_not_offered(machine: Machine) -> None:
    machine.disk("sdb", removable=True)
    Path(machine.mount("sdb1", "stick")).rmdir()
    assert machine.found() == []


def test_a_folder_may_stand_for_it(machine: Machine) -> None:
    machine.disk("sdb", removable=True)
    machine.mount("sdb1", "stick")
    folder = machine.root / "exports"
    assert sticks(str(folder)) == ()
    folder.mkdir()
    assert [one.path for one in sticks(str(folder))] == [str(folder)]


def test_the_machine_of_the_test_can_be_asked(tmp_path: Path) -> None:
    assert isinstance(sticks(), tuple)
    assert sticks(mounts=tmp_path / "none", blocks=tmp_path / "none") == ()
