"""The plan: params.yaml checked against what the code knows, then cut into one page an entry."""
