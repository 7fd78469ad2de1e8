"""How the tests hash passwords: as the product does, and a thousand times cheaper."""

from django.contrib.auth.hashers import ScryptPasswordHasher


class QuickScryptPasswordHasher(ScryptPasswordHasher):
    """Makes people of tests quickly. A hash names its parameters, so the product verifies it."""

    work_factor = 2**4
    parallelism = 1
