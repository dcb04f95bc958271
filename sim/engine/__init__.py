"""From the model's rules to runs: batches, ``simulate``, tables; ``compiled`` is the same first day and month as machine code."""
