"""How the program does, in figures: gathered once, told as OpenMetrics or by OpenTelemetry. No customer's words."""
