"""What stands between the server and the apps: gateway, limits of HTTP, health, metrics."""
