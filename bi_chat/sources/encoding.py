"""In: a text file in any encoding, with any line ends. Out: a UTF-8 file that fast readers take, and what was done."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from bi_chat.errors import SourceError
from bi_chat.sources.report import CHANGED, DOUBT, Message, name_lines

_CHUNK = 4 << 20
_SAMPLE = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte order mark"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_LATIN_USUAL = set("éèêëàâäáãåæçñíìîïóòôöõøúùûüßýÿœÉÈÊÀÂÄÁÅÆÇÑÍÓÖØÚÜŒ€£¥©®°²³§«»–—‘’“”•…·½¼¾ªº¿¡ \xa0")


_COMMON_HANZI = set(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民"
    "得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义"
    "事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题"
    "期区金额销售客户单价姓名编号类型总计华东西南北京海广州深市省店品门店收入成本订租购買賣額區華東臺灣銷單價類總計"
)
_COMMON_HANGUL = set(
    "이다의에는을를가고은하지로사기자어리한도시대인정서그나해부일과원아수보전장성제주구비상유국지역날짜금액매출고객명번호"
    "종류합계서울산광대천남북동경강점품가격단수량입용무공조분학교월년세부터까운중생모여만라데스개안요신화무들라치마계"
)


@dataclass(frozen=True, slots=True)
class DecodedText:
    """`path` is UTF-8 with one kind of line end; `lines` counts them; `quotes`: a double quote occurs."""

    path: Path
    encoding: str
    lines: int
    quotes: bool
    messages: tuple[Message, ...]


@dataclass(slots=True)
class _Scan:
    size: int = 0
    lf: int = 0
    cr: int = 0
    crlf: int = 0
    quotes: bool = False
    nul: int = 0
    control: int = 0
    valid: bool = True
    blank: bool = True
    ends_open: bool = False


def decode_text(path: Path, workdir: Path) -> DecodedText:
    """Check a text file and, only where needed, write a cleaned copy under `workdir`.

    Raises SourceError when the file is empty, holds no text, or its encoding can't be told.
    """
    scan = _scan(path)
    if scan.size == 0 or scan.blank:
        raise SourceError(f"{path.name} is empty: there is no header and no row in it.")
    encoding, messages = _choose(path, scan)
    uniform = scan.cr == 0 or (scan.cr == scan.crlf == scan.lf)
    if encoding == "utf-8" and scan.valid and uniform and not scan.nul:
        return DecodedText(path, encoding, scan.lf + scan.ends_open, scan.quotes, messages)
    target = workdir / f"{path.stem[:40]}.utf8"
    nul_lines, bad_lines = _rewrite(path, target, encoding)
    if nul_lines:
        text = f"NUL characters in {name_lines(nul_lines)} were taken out; the values there may be damaged."
        messages += (Message(DOUBT, "nul_bytes", text, line=nul_lines[0]),)
    if bad_lines:
        text = f"Bytes that are not {encoding.upper()} in {name_lines(bad_lines)} show as \ufffd."
        messages += (Message(DOUBT, "undecodable_bytes", text, line=bad_lines[0]),)
    clean = _scan(target)
    return DecodedText(target, encoding, clean.lf + clean.ends_open, clean.quotes, messages)


def _scan(path: Path) -> _Scan:
    scan = _Scan()
    decoder = codecs.getincrementaldecoder("utf-8")()
    tail = b""
    controls = bytes(range(9)) + bytes(range(14, 32))
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            scan.size += len(chunk)
            scan.lf += chunk.count(b"\n")
            scan.cr += chunk.count(b"\r")
            scan.crlf += chunk.count(b"\r\n") + (tail == b"\r" and chunk[:1] == b"\n")
            scan.quotes = scan.quotes or b'"' in chunk
            scan.nul += chunk.count(b"\0")
            scan.control += len(chunk) - len(chunk.translate(None, controls))
            scan.blank = scan.blank and not chunk.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
            scan.valid = scan.valid and _decodes(decoder, chunk)
            tail = chunk[-1:]
    scan.valid = scan.valid and _decodes(decoder, b"", final=True)
    scan.ends_open = tail not in (b"\n", b"\r")
    return scan


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _choose(path: Path, scan: _Scan) -> tuple[str, tuple[Message, ...]]:
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    for mark, codec, label in _BOMS:
        if sample.startswith(mark):
            return codec, () if codec == "utf-8-sig" else (_changed(label),)
    if scan.nul > scan.size * 0.2:
        return _wide(sample, path)
    if scan.control > max(2, scan.size * 0.01):
        raise SourceError(f"{path.name} is a binary file, not a table. Point at a CSV, XLSX, Parquet or JSON file.")
    if scan.valid:
        return "utf-8", ()
    if _mostly_utf8(_telling(path)):
        return "utf-8", ()
    codec, sure = guess_encoding(_telling(path))
    messages: tuple[Message, ...] = (_changed(codec.upper()),)
    if not sure:
        text = (
            f"The encoding is not stated and could not be told for certain; read as {codec.upper()}. Check the letters."
        )
        messages = (Message(DOUBT, "encoding_guessed", text),)
    return codec, messages


def _telling(path: Path) -> bytes:
    """Up to a megabyte from the first line that is not plain ASCII: what comes before tells nothing."""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found = re.search(rb"[\x80-\xff]", chunk)
            if found:
                start = chunk.rfind(b"\n", 0, found.start()) + 1
                return chunk[start : start + _SAMPLE] + file.read(max(0, _SAMPLE - len(chunk) + start))
    return b""


def _changed(label: str) -> Message:
    return Message(CHANGED, "encoding", f"The text is encoded in {label}; it was turned into UTF-8.")


def _wide(sample: bytes, path: Path) -> tuple[str, tuple[Message, ...]]:
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    codec = "utf-16-le" if odd > even else "utf-16-be"
    if min(even, odd) > 0.1 * max(even, odd):
        raise SourceError(f"{path.name} is a binary file, not a table. Point at a CSV, XLSX, Parquet or JSON file.")
    return codec, (_changed("UTF-16"),)


def guess_encoding(sample: bytes) -> tuple[str, bool]:
    """(codec, certain) of bytes that are not UTF-8.

    Bytes above 127 stand alone in Western text and in pairs in Chinese, Japanese and Korean; among the double-byte
    sets the one whose characters are the everyday ones wins. The rest is left to charset-normalizer, with a doubt.
    """
    runs = [len(m) for m in re.findall(rb"[\x80-\xff]+", sample)]
    alone = sum(1 for r in runs if r == 1) / max(1, len(runs))
    if alone > 0.6:
        return _western(sample)
    scores = {codec: _everyday(sample, codec) for codec in ("gb18030", "big5", "cp932", "euc_jp", "cp949")}
    best = max(scores.values())
    if best > 0.8:
        rivals = [c for c, score in scores.items() if score > best - 0.1]
        return _most_common(sample, rivals)
    # Western letters seldom stand in a row, Cyrillic or Greek ones make whole words
    if sum(runs) < 1.7 * len(runs):
        return _western(sample)
    from charset_normalizer import from_bytes

    match = from_bytes(sample).best()
    return (match.encoding, False) if match else ("cp1252", False)


def _most_common(sample: bytes, rivals: list[str]) -> tuple[str, bool]:
    """Chinese and Korean bytes often decode as each other: the reading with more of its everyday characters wins."""
    if len(rivals) == 1:
        return rivals[0], True
    shares = []
    for codec in rivals:
        foreign = [c for c in codecs.getincrementaldecoder(codec)().decode(sample) if ord(c) > 127]
        common = _COMMON_HANGUL if codec == "cp949" else _COMMON_HANZI
        shares.append((sum(c in common for c in foreign) / max(1, len(foreign)), codec))
    shares.sort(key=lambda pair: -pair[0])
    return shares[0][1], shares[0][0] > 2 * shares[1][0]


def _western(sample: bytes) -> tuple[str, bool]:
    codec = "latin-1" if set(sample) & {0x81, 0x8D, 0x8F, 0x90, 0x9D} else "cp1252"
    letters = [c for c in sample.decode(codec) if ord(c) > 127]
    usual = sum(1 for c in letters if c in _LATIN_USUAL)
    return codec, usual >= 0.95 * len(letters)


def _everyday(sample: bytes, codec: str) -> float:
    try:
        text = codecs.getincrementaldecoder(codec)().decode(sample)
    except UnicodeDecodeError:
        return 0.0
    foreign = [c for c in text if ord(c) > 127]
    return sum(_is_everyday(c, codec) for c in foreign) / max(1, len(foreign))


def _is_everyday(char: str, codec: str) -> float:
    code = ord(char)
    if code in range(0x3000, 0x3040) or code in range(0xFF00, 0xFF66) or char in "￥¥€£·—…“”‘’°×":
        return 1.0
    if codec in ("cp932", "euc_jp"):
        return 1.0 if 0x3040 <= code < 0x3100 else 0.75 * (0x4E00 <= code < 0xA000)
    # the older, narrower sets hold the everyday characters; what only the wider ones know is a sign of misreading
    try:
        raw = char.encode({"gb18030": "gb2312", "cp949": "euc_kr"}.get(codec, codec))
    except UnicodeEncodeError:
        return 0.0
    # level 1 of both sets holds the characters in daily use
    if codec == "cp949":
        # rare syllables are spelt out in eight bytes
        return float(0xAC00 <= code < 0xD7A4 and len(raw) == 2)
    return float(0xB0 <= raw[0] <= 0xD7) if codec == "gb18030" else 0.95 * (0xA4 <= raw[0] <= 0xC6)


def _mostly_utf8(sample: bytes) -> bool:
    text = sample.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return sum(1 for c in text if ord(c) > 127) - bad > 10 * bad


def _rewrite(path: Path, target: Path, encoding: str) -> tuple[list[int], list[int]]:
    """Write UTF-8 with LF line ends and no NUL; lines (from 1) that held a NUL, and lines with undecodable bytes."""
    line = 1
    nul_lines: list[int] = []
    bad_lines: list[int] = []
    # newline=None turns CRLF and CR into LF, inside quoted cells as well
    with (
        path.open("r", encoding=encoding, errors="replace", newline=None) as source,
        target.open("w", encoding="utf-8", newline="\n") as out,
    ):
        while block := source.read(_CHUNK):
            _note_lines(block, "\0", line, nul_lines)
            _note_lines(block, "\ufffd", line, bad_lines)
            line += block.count("\n")
            out.write(block.replace("\0", ""))
    return nul_lines, bad_lines


def _note_lines(block: str, char: str, first: int, lines: list[int], limit: int = 1000) -> None:
    if char not in block:
        return
    for match in re.finditer(re.escape(char), block):
        if len(lines) >= limit:
            return
        number = first + block.count("\n", 0, match.start())
        if number not in lines[-1:]:
            lines.append(number)
