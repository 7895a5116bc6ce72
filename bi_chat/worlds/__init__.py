"""In: open data, a policy, a user. Out: what that user can see of them: an engine, a catalog and a model."""
