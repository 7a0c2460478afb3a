"""What the report says beside the digest, one module a language; all have the same keys and placeholders."""
