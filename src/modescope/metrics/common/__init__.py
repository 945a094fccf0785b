"""Code shared by several metric families."""
