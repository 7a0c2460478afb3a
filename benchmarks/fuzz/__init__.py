"""Bad input by the hundred thousand: what reads it must end in words, soon, and within bounds."""
