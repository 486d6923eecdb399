"""The policy's rules and the states' instruments as dated, cited data with a pure check."""
