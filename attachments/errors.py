"""What can be refused about files."""

from kernel.errors import BadRequest, DomainError, Forbidden, NotFound, PayloadTooLarge


class AttachmentsNotAllowed(Forbidden):
    """The tenant takes no files."""

    code = "attachments_not_allowed"
    message = "Files cannot be sent in this chat."


class InvalidAttachment(BadRequest):
    """The body holds no file, several, an empty one, or a picture that cannot be read."""

    code = "invalid_attachment"
    message = "Send one file that is not empty and not damaged."


class AttachmentTooLarge(PayloadTooLarge):
    """The file, or the picture in it, is over the limit."""

    code = "attachment_too_large"
    message = "The file is too large."


class KindNotAllowed(DomainError):
    """The file is, by its content, of a kind that the tenant does not take."""

    code = "attachment_kind_not_allowed"
    http_status = 415
    message = "Files of this kind cannot be sent in this chat."


class AttachmentInfected(DomainError):
    """The virus scanner has found something."""

    code = "attachment_infected"
    http_status = 422
    message = "The virus scanner refuses this file."


class NoRoomForAttachment(DomainError):
    """The tenant's files of a day, or all of them, fill what it may use."""

    code = "attachments_full"
    http_status = 507
    message = "There is no room for more files at the moment."


class AttachmentNotFound(NotFound):
    """Unknown, erased, or asked for by an address that is forged or has expired."""

    code = "attachment_not_found"
    message = "There is no such file, or its address has expired."


class ScannerAway(DomainError):
    """The virus scanner is configured and does not answer: nothing is taken in unscanned."""

    code = "scanner_unavailable"
    http_status = 503
    message = "Files cannot be checked at the moment. Please try again in a minute."
