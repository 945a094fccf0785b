"""Cards of remedies: one page a variant of the plan, made from what its file declares and what its runs scored."""

from modescope.report.cards.card import Card as Card
from modescope.report.cards.card import build as build
