"""How much is tried: a little each time, and all of it with INSIGHTS_THOROUGH=1, which takes longer. Not a test."""

import os

THOROUGH = os.environ.get("INSIGHTS_THOROUGH") == "1"
EXAMPLES = 300 if THOROUGH else 30
"""Of a property, where its test names no number."""
