"""Lists behind the marks as files: short ones while somebody waits, long ones by a worker."""
