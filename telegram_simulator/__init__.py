"""A local Telegram: Bot API server, forum groups, webhook delivery, people, faults, a page.

Run it with `python -m telegram_simulator`; talk to it with
`telegram_simulator.client`. README.md in this folder lists the control API. Nothing
here imports Django or any other part of the product: the two meet over HTTP only.
"""
