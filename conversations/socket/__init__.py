"""The customer's WebSocket: consumer, message feed, protocols, and pushes between processes."""
