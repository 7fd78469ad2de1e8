"""What calls on Django REST framework have in common: who calls, in whose scope, which shape.

The hot customer calls do without it (`kernel.http`); both answer with the same envelope of errors.
"""
