"""Rules run over a whole release."""
