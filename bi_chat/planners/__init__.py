"""The planners: each folder turns a question into plans behind `ports.Planner`."""
