"""A Stripe of our own, for tests and the demo: the calls that the product makes, the pages that it
sends people to, and the events that follow. Everything goes over HTTP; nothing of it is money.
"""
