"""What is posted in the group: the kinds of outbox items, and the handlers that call Telegram."""
