"""In: values that were computed. Out: sentences about them in the asker's language; no number is made here."""
