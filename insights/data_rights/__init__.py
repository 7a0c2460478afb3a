"""What a person may ask of us: see all that is kept about them, and have it go; and the rules by which old words go."""
