"""What a workspace stands: killed at every write, a full disk, flipped bits, stopped processes, clocks that jump."""
