"""In: a policy file, a user, the data's catalog and model. Out: that user's access, and the views that enforce it."""
