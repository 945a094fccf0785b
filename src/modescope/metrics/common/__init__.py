"""What several metric families share."""
