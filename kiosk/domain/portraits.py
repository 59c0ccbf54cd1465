"""The photographs of an enrolment: three poses of one face, and what a person can do for a better picture."""

from __future__ import annotations

from enum import StrEnum

from kiosk.domain.faces import Quality, Sight

STRAIGHT = 0.14
"""Largest turn, to either side, of a face that looks into the camera."""
TURN_LEAST, TURN_MOST = 0.16, 0.35
"""Turns of a pose to the side: less could be a flat photograph held askew, more makes embeddings unsteady."""


class Pose(StrEnum):
    """Sides as the person in front of the camera sees them."""

    FRONT = "front"
    LEFT = "left"
    RIGHT = "right"


POSES = (Pose.FRONT, Pose.LEFT, Pose.RIGHT)


class Hint(StrEnum):
    """One thing to do at a time."""

    NOBODY = "nobody"
    ALONE = "alone"
    CLOSER = "closer"
    CENTRE = "centre"
    DARK = "dark"
    BRIGHT = "bright"
    STILL = "still"
    STRAIGHT = "straight"
    LEFT = "left"
    RIGHT = "right"
    LESS = "less"
    GOOD = "good"


_OF_QUALITY = {
    Quality.FAR: Hint.CLOSER,
    Quality.EDGE: Hint.CENTRE,
    Quality.DARK: Hint.DARK,
    Quality.BRIGHT: Hint.BRIGHT,
    Quality.BLURRED: Hint.STILL,
}


def sideways(pose: Pose, turn: float) -> float:
    """The turn towards the pose's side; for the front, away from straight. `turn` is positive to the picture's right,

    which is the left of the person in it.
    """
    return abs(turn) if pose is Pose.FRONT else turn if pose is Pose.LEFT else -turn


def turned_well(pose: Pose, turn: float) -> bool:
    """Whether a head turned like this has the pose."""
    side = sideways(pose, turn)
    return side <= STRAIGHT if pose is Pose.FRONT else TURN_LEAST <= side <= TURN_MOST


def hint(pose: Pose | None, sight: Sight | None) -> Hint:
    """What to tell the person; GOOD when this picture will do. Without a pose: a look to be recognised."""
    if sight is None:
        return Hint.NOBODY
    if sight.others:
        return Hint.ALONE
    if sight.quality in _OF_QUALITY:
        return _OF_QUALITY[sight.quality]
    if pose is None:
        return Hint.STRAIGHT if sight.quality is Quality.TURNED else Hint.GOOD
    return _pose_hint(pose, sight.turn)


def _pose_hint(pose: Pose, turn: float) -> Hint:
    if turned_well(pose, turn):
        return Hint.GOOD
    if pose is Pose.FRONT:
        return Hint.STRAIGHT
    if sideways(pose, turn) > TURN_MOST:
        return Hint.LESS
    return Hint.LEFT if pose is Pose.LEFT else Hint.RIGHT
