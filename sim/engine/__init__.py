"""From the model's rules to runs: batches, ``simulate``, tables; ``compiled`` is the same as machine code."""
