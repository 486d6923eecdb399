"""The hold clock: instants, local days, holidays, and the limits of a hold. Pure."""
