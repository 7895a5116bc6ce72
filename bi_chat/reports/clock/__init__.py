"""In: when a report is due, in words or as cron. Out: the moments, in its time zone."""
