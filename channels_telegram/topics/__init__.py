"""The topics of a group: which conversation has which, and getting something into one."""
