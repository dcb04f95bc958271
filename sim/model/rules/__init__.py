"""The submodels: one file each, with parameters, equations and sources; pure functions on arrays."""
