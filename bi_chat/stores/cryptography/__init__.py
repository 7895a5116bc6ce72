"""What is kept in cipher: texts of the store (`Seal`), and secrets such as a mail password (`SecretsFile`)."""

from bi_chat.stores.cryptography.sealing import Seal
from bi_chat.stores.cryptography.secrets import SecretsFile

__all__ = ["Seal", "SecretsFile"]
