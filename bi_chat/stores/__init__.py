"""Where conversations and the audit log are kept."""
