"""The body of an issue as each tracker takes it, so that no word from outside acts in any. Pure: text in, text out."""
