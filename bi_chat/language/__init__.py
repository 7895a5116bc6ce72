"""What words mean by themselves, without knowing any data; one folder of rules for each language."""
