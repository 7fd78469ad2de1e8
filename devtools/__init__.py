"""The local stack behind `./dev`: embedded servers, the supervisor, the daily words.

Stands beside the product, not in it: nothing here is imported by the Django code, and the
supervising process never loads Django.
"""
