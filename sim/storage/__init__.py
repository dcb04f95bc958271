"""Files on disk: atomic writes, tables, sealed files, digests."""
