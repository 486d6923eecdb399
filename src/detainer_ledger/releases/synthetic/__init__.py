"""Synthetic releases: invented detainers in any layout and format, with the truth beside them.

Nothing in them is a record of a person. They exist so that reading, marking, linking and counting can be checked to
the row, at any size. ``truth.json`` says what a right reading has to find, ``detentions_truth.json`` what a right
linking has to find.
"""

from detainer_ledger.releases.synthetic.detentions import synthesize_detentions
from detainer_ledger.releases.synthetic.release import synthesize

__all__ = ["synthesize", "synthesize_detentions"]
