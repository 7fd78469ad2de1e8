"""What an update from Telegram does."""
