"""What flows from stage to stage: frozen values, no behaviour that reads the world."""
