"""What can be refused about plans."""

from kernel.errors import DomainError, NotFound


class PlanNotFound(NotFound):
    """No plan by this code."""

    code = "plan_not_found"
    message = "There is no such plan."


class PlanCodeTaken(DomainError):
    """Another plan has this code."""

    code = "plan_code_taken"
    http_status = 409
    message = "Another plan has this code already."
