"""What a search's tables are made of: the policies that ship, and where candidates were judged."""

SHIPPED = ("neutral", "adaptive", "adaptive_tracking")
"""What is compared with; the last is the one to beat."""

TRAINING, TEST, REGION = "training seeds", "test seeds", "plausible region"
