"""Customer feedback in, ranked problems with an estimated return out."""

import os

__version__ = "0.1.0"

# Libraries that would write or send figures about their use read these when they are imported.
os.environ.update({"ORT_DISABLE_TELEMETRY": "1", "ANONYMIZED_TELEMETRY": "False"})
