"""In: a plan, or SQL that somebody wrote. Out: a sqlglot tree that means it, and the guard's word that it may run."""
