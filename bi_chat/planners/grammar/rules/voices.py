"""Words about what customers say and feel: themes and complaints, sentiment, satisfaction, praise and blame."""

from __future__ import annotations

from bi_chat.planners.grammar.scan import Scan

WHOLE = 0.7  # a name of the model that fits as well as this is meant, whatever else the words say
_TAGS = ("theme", "feeling", "mood", "polarity", "polarity_share")


def voice(scan: Scan) -> bool:
    """ "complain about", "sentiment", "negative": kept with its place; what it is asked of is found by the rest."""
    piece = scan.piece()
    if piece is None or (piece.hits and piece.hits[0].score >= WHOLE and piece.hits[0].how != "part"):
        return False
    tag = next((t for t in _TAGS if scan.word(0, t)), "")
    if not tag:
        return False
    side = scan.arg(0, tag)
    scan.sketch.flags.setdefault(tag, scan.at)
    if side:
        scan.sketch.flags.setdefault(side, scan.at)
    return scan.advance()


VOICE_RULES = (voice,)
