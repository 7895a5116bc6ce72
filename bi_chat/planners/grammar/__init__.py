"""The embedded planner: reads a question with rules over typed pieces; needs no language model."""
