"""The demo's shop: a made-up potter's page on another origin, with the widget in its corner."""
