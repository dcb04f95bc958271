"""The search for good settings of a policy: trials on common worlds, judged on fresh ones."""
