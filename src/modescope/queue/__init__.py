"""The queue: which training runs when and where. Nothing here changes a result."""
