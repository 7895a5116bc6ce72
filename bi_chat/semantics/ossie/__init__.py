"""In: Apache Ossie files, catalogs and profiles. Out: semantic models with every fault of the file, and files again."""

from bi_chat.semantics.ossie.enrich import enrich
from bi_chat.semantics.ossie.fault import Fault
from bi_chat.semantics.ossie.loading import LoadedModel, load_model, validate
from bi_chat.semantics.ossie.writing import dump_model, write_drafted

__all__ = ["Fault", "LoadedModel", "dump_model", "enrich", "load_model", "validate", "write_drafted"]
