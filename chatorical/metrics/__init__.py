"""What is counted, and how the figures of all processes of a machine come together."""
