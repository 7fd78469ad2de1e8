"""How worker and beat live with their broker."""
