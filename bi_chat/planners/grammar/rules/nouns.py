"""Nouns that no other rule took: what is counted, aggregated, shown; and the small words between them."""

from __future__ import annotations

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.scan import Scan
from bi_chat.planners.grammar.sketch import GroupSaid
from bi_chat.semantics.targets import Kind
from bi_chat.values.plan import Fn

STRUCTURE = (
    "moved of in for with from to that is their and or filler show only any all both limit_one per_unit by "
    "order_by as that_ref nth ratio within_group share growth follow instead add remove filter_word just "
    "go_back just_total yes_no eq ne not new by_post to count_suffix verb noun top bottom highest lowest "
    "most least superlative rank drill wise does_each_have compare "
).split()


SAID_OF = ("we", "you", "they", "is", "are", "was", "were")
WHOLE_PART = 0.9
WHOLE_VERB = 0.8  # an everyday verb that only resembles a name is a verb


def leading_number(scan: Scan) -> bool:
    """ "3 accounts with the most events": how many rows of the answer are wanted."""
    piece = scan.piece()
    if piece is None or piece.amount is None or piece.amount.unit or piece.amount.ordinal or piece.period or piece.hits:
        return False
    after = scan.noun(1)
    first = not scan.sketch.mentions and not scan.sketch.conditions
    if (
        not (first or leads_rows(scan))
        or after is None
        or after.hits[0].target.kind is not Kind.DATASET
        or not float(piece.amount.value).is_integer()
    ):
        return False
    scan.sketch.limit = int(piece.amount.value)
    return scan.advance()


def leads_rows(scan: Scan) -> bool:
    """ "the names of the 3 branches that have the most members": how many are ranked, not a name."""
    piece, rows = scan.piece(), scan.noun(1)
    if piece is None or piece.amount is None or rows is None or rows.hits[0].target.kind is not Kind.DATASET:
        return False
    back = -1
    while scan.word(back, "filler"):
        back -= 1
    return bool(scan.word(back, "of", "for")) and any(scan.word(i, *EXTREMES) for i in range(2, len(scan.pieces)))


EXTREMES = ("most", "least", "highest", "lowest", "maximum", "minimum", "superlative", "top", "bottom")
GOT = ("received", "receive", "got")
MEANINGFUL = (
    "top bottom highest lowest most least superlative not ne without never except share growth both only "
    "nth ratio compare within_group eq "
).split()


def noun(scan: Scan) -> bool:
    """A metric, field or dataset: counted or aggregated when such a word waits for it, else shown."""
    piece = scan.noun()
    if piece is None or (piece.word("verb") and piece.hits[0].score < WHOLE_VERB):
        return False
    if described(scan, 0) or _said_of_rows(scan, piece):
        scan.sketch.unused.append(piece)
        return scan.advance()
    owner = _owner_before(scan, piece)
    if scan.pending is not None and owner is None and scan.owns_next():
        scan.last_noun = piece
        return scan.advance()
    if scan.word(-1, "does_each_have") and scan.pending is None and piece.of(Kind.FIELD, Kind.DATASET):
        scan.sketch.groups.append(GroupSaid(scan.at, noun=piece))
        scan.last_noun = piece
        return scan.advance()
    role = "subject" if scan.head_expected else "select"
    made = scan.mention(piece, role)
    made.owner = owner
    made.role_word = _role_before(scan)
    if scan.pending is not None:
        made.role = "count" if Fn.COUNT in scan.pending.fns else "measure"
        made.fns, made.distinct, made.argument = scan.pending.fns, scan.pending.distinct, scan.pending.argument
        made.each = scan.pending.each
        sticky = scan.pending.sticky and scan.word(1, "and") and _aggregates_next(scan)
        if not sticky:
            scan.pending = None
    scan.head_expected = False
    return scan.advance()


def described(scan: Scan, ahead: int) -> int:
    """ "music artists": 1 where a word that is only part of some name, or near to one, just describes the whole name
    after it."""
    piece, after = scan.noun(ahead), scan.noun(ahead + 1)
    if piece is None or after is None or piece.hits[0].score >= WHOLE_PART:
        return 0
    near = piece.hits[0].how == "near" and piece.hits[0].target.kind is Kind.FIELD and bool(after.of(Kind.DATASET))
    if piece.hits[0].how != "part" and not near:
        return 0
    return int(after.hits[0].score >= 0.8)


def _said_of_rows(scan: Scan, piece: Piece) -> bool:
    """ "how many pupils do we teach", "cars that are rusty": what is said of rows is no name, however near some is."""
    before = scan.piece(-1)
    last = before.text.lower().split()[-1] if before is not None and before.word("filler", "that") else ""
    return last in SAID_OF and bool(piece.hits[0].for_word)


def _aggregates_next(scan: Scan) -> bool:
    """ "average age and weight": the second noun shares the aggregate when it is a number too."""
    ahead = 2
    while scan.word(ahead, "filler", "their"):
        ahead += 1
    return scan.noun(ahead) is not None and bool(scan.pieces[scan.at + ahead].of(Kind.FIELD, Kind.METRIC))


def _owner_before(scan: Scan, piece: Piece) -> Piece | None:
    """ "customer's city": a dataset right before a field owns it."""
    before = scan.piece(-1)
    if before is not None and before.of(Kind.DATASET) and piece.of(Kind.FIELD) and before is scan.last_noun:
        return before
    return None


def _role_before(scan: Scan) -> Piece | None:
    before = scan.piece(-1)
    return before if before is not None and _names_role(before) else None


def _names_role(piece: Piece) -> bool:
    """Whether a role is said as surely as anything else: "billing", not the "delivery" of delivery days."""
    roles = piece.of(Kind.ROLE)
    return bool(roles) and roles[0].score >= piece.hits[0].score - 0.2


def role_word(scan: Scan) -> bool:
    """ "home" in "home store": kept by its place for the noun that follows."""
    piece = scan.piece()
    if piece is None or not _names_role(piece) or piece.of(Kind.VALUE):
        return False
    surely = piece.hits[0].target.kind is Kind.ROLE  # "delivered to Japan": the role of the value that follows
    if scan.noun(1) or (surely and scan.value(1)):
        return scan.advance()
    told = scan.word(1, "in", "to", "from") and scan.value(2) is not None and piece.of(Kind.ROLE)[0].how != "part"
    return bool(told) and scan.advance()  # "picked up in Oslo"


def weak_value(scan: Scan) -> bool:
    """A word that is a value and little else."""
    return False


def current(scan: Scan) -> bool:
    """ "current balance": a balance is always today's; of anything else the word is not understood."""
    piece = scan.piece()
    if piece is None or not piece.word("current") or piece.hits:
        return False
    scan.sketch.flags["current"] = scan.at
    return scan.advance()


def structure(scan: Scan) -> bool:
    """Small words that no rule needed."""
    piece = scan.piece()
    if piece is not None and piece.word(*STRUCTURE):
        if piece.text.lower() in ("same", "the same") and len(scan.sketch.mentions) > 1:
            scan.sketch.unused.append(piece)  # "where A and B are the same": no plan was made of it
        if piece.text.lower() in GOT and scan.noun(1) is None and scan.value(1) is None:
            scan.sketch.unused.append(piece)  # "premiums received": somebody got them, which nothing was made of
        if piece.word(*MEANINGFUL):
            scan.sketch.dropped.append(piece)
        if scan.word(0, "that") and scan.head_expected:
            scan.head_expected = False
        return scan.advance()
    return False


NOUN_RULES = (leading_number, role_word, noun, current, structure)
