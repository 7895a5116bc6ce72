"""What is kept on disk: conversations and the audit log, an index of the values that questions may mention."""
