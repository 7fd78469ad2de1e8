"""Names of workspaces, of people and of keys: one line that shows something."""

from django import forms

from kernel.errors import InvalidParameter
from kernel.text import visible_line

MAX_NAME = 120


def checked_name(name: object, *, field: str = "name", maximum: int = MAX_NAME) -> str:
    """The name as it is kept; raises InvalidParameter naming the field."""
    line = visible_line(name)
    if line is None or len(line) > maximum:
        raise InvalidParameter(
            f"{field}: Use 1 to {maximum} characters in one line, at least one of them visible, "
            "without control characters or overrides of the direction of text.",
            details={"field": field},
        )
    return line


def clean_full_name(form: forms.BaseForm) -> str:
    """The cleaned full name of a form, which may be empty if the form allows that."""
    given = str(form.cleaned_data["full_name"])
    try:
        return checked_name(given, field="full_name") if given else ""
    except InvalidParameter:
        raise forms.ValidationError("Use a name with visible characters in one line.") from None
