"""Studies: one question each, answered by a call that returns an object with tables, figures and a report."""
