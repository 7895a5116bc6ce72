"""The engines: each folder or file wraps one database engine behind `ports.Engine`."""
