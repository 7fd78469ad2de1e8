"""The control API under `/sim/`: what people and test scripts do to the simulated Telegram."""
