"""What everything stands on: declarations, errors, users' own code, paths, intervals, progress."""
