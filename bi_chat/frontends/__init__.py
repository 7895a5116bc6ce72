"""The doors: command line, web and notebook, each a thin way from a person to `conversation` and back."""
