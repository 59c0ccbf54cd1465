"""Matching of face embeddings: gallery, adapted scores, limits by size, exact search."""

from kiosk.domain.matching.gallery import Gallery
from kiosk.domain.matching.limits import Limits
from kiosk.domain.matching.match import Doubt, Match
from kiosk.domain.matching.matcher import MOST_PROBES, Matcher

__all__ = ["MOST_PROBES", "Doubt", "Gallery", "Limits", "Match", "Matcher"]
