"""Tables in text, such as CSV: how one is written is found by trying every way, and refused where two ways remain."""
