"""Other tools: Mesa, SALib, EMA Workbench, xarray."""
